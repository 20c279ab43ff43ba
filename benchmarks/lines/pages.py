"""W1: a page of 50 rows at a random depth, the whole request in process."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import plots
from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.files import parquet_of
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.peers import selected_pages
from benchmarks.results import Finding, Point, faster, within
from benchmarks.sizes import beside_smallest
from data_tools.models import DataSource

LINE = "W1"
PAGE_ROWS = 50
LARGEST_PEER_ROWS = 1_000_000
OURS, PANDAS, DUCKDB = "ours", "pandas", "DuckDB"
_FASTER = {(PANDAS, "synthetic 100,000"): 10.0, (PANDAS, "synthetic 1,000,000"): 50.0}
_SLOWEST_BY_SIZE = 1.5
_DEPTHS_PERCENT = (0, 25, 50, 75, 100)


def run(client: Client, effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare a page with pandas and DuckDB by size, and the largest dataset with the smallest."""
    duck = selected_pages.DuckDB()
    synthetic = [tables.synthetic(row_count) for row_count in row_counts]
    datasets = [*synthetic, tables.real_flights()]
    works: dict[tuple[str, str], Work] = {}
    for dataset in datasets:
        client.open_anew(dataset.pk)
        works[OURS, dataset.name] = random_page(client, dataset)
        if dataset.row_count <= LARGEST_PEER_ROWS:
            path = parquet_of(dataset)
            works[PANDAS, dataset.name] = _peer_page(selected_pages.pandas_page, path, dataset)
            works[DUCKDB, dataset.name] = _peer_page(duck.page, path, dataset)
    ms = medians_ms(works, effort.share(4 / 3))

    for dataset in datasets:
        for peer in (PANDAS, DUCKDB):
            if (peer, dataset.name) in ms:
                yield faster(
                    LINE,
                    f"page, {tables.label(dataset)}",
                    ms[OURS, dataset.name],
                    peer,
                    ms[peer, dataset.name],
                    at_least=_FASTER.get((peer, dataset.name)),
                )
    smallest = synthetic[0]
    for larger in map(tables.synthetic, beside_smallest(row_counts)):
        yield within(
            LINE,
            f"page, {tables.label(larger)}",
            ms[OURS, larger.name],
            tables.label(smallest),
            ms[OURS, smallest.name],
            at_most=_SLOWEST_BY_SIZE,
        )
    for dataset in synthetic:
        for name in (OURS, PANDAS, DUCKDB):
            if (name, dataset.name) in ms:
                y = ms[name, dataset.name]
                yield Point(plot=plots.PAGE_BY_ROWS.name, curve=name, x=dataset.row_count, y=y)
    yield from _by_depth(client, effort.share(4), synthetic)


def random_page(client: Client, dataset: DataSource) -> Work:
    """Return a work that reads another random page of the dataset each time."""
    choice = random.Random(dataset.row_count)
    pages = dataset.row_count // PAGE_ROWS

    return Work(lambda: client.page(dataset.pk, choice.randint(1, pages), page_size=PAGE_ROWS))


def _by_depth(client: Client, effort: Effort, datasets: list[DataSource]) -> Iterator[Point]:
    """Measure pages at certain depths, each time another one within a hundredth of the rows."""
    choice = random.Random(1)

    def page_at(dataset: DataSource, percent: int) -> Work:
        pages = dataset.row_count // PAGE_ROWS
        first = 1 + round((pages - 1) * 0.99 * percent / 100)
        last = max(first, min(pages, first + pages // 100))
        return Work(
            lambda: client.page(dataset.pk, choice.randint(first, last), page_size=PAGE_ROWS)
        )

    works = {
        (dataset.row_count, percent): page_at(dataset, percent)
        for dataset in datasets
        for percent in _DEPTHS_PERCENT
    }
    for (row_count, percent), ms in medians_ms(works, effort).items():
        curve = f"ours, {row_count:,} rows"
        yield Point(plot=plots.PAGE_BY_DEPTH.name, curve=curve, x=percent, y=ms)


def _peer_page(page: Callable[..., bytes], path: Path, dataset: DataSource) -> Work:
    choice = random.Random(dataset.row_count)
    pages = dataset.row_count // PAGE_ROWS

    return Work(lambda: page(path, offset=PAGE_ROWS * choice.randrange(pages), size=PAGE_ROWS))
