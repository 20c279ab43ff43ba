"""W1: a page of 50 rows at a random depth, the whole request in process."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from pyarrow import csv

from benchmarks import peers, tables
from benchmarks.client import Client
from benchmarks.measuring import Work, medians_ms
from benchmarks.results import Comparison, milliseconds
from benchmarks.synthetic import parquet_file
from data_tools.models import DataSource

LINE = "W1"
PAGE_ROWS = 50
LARGEST_PEER_ROWS = 1_000_000
OURS, PANDAS, DUCKDB = "ours", "pandas", "DuckDB"
_FASTER = {(PANDAS, "synthetic 100,000"): 10.0, (PANDAS, "synthetic 1,000,000"): 50.0}
_SLOWEST_BY_SIZE = 1.5


def run(client: Client, *, row_counts: list[int], rounds: int) -> list[Comparison]:
    """Compare a page with pandas and DuckDB by size, and the largest dataset with the smallest."""
    duck = peers.DuckDB()
    datasets = [*map(tables.synthetic, row_counts), tables.real_flights()]
    works: dict[tuple[str, str], Work] = {}
    for dataset in datasets:
        client.post(dataset.pk, "session/initialize/")
        works[OURS, dataset.name] = random_page(client, dataset)
        if dataset.row_count <= LARGEST_PEER_ROWS:
            path = parquet_of(dataset)
            works[PANDAS, dataset.name] = _peer_page(peers.pandas_page, path, dataset)
            works[DUCKDB, dataset.name] = _peer_page(duck.page, path, dataset)
    ms = medians_ms(works, rounds=rounds)

    compared = [
        Comparison(
            line=LINE,
            work=f"page, {tables.label(dataset)}",
            ours=milliseconds(ms[OURS, dataset.name]),
            peer=f"{peer} {milliseconds(ms[peer, dataset.name])}",
            ratio=ms[peer, dataset.name] / ms[OURS, dataset.name],
            goal=_FASTER.get((peer, dataset.name)),
            sense="at least",
        )
        for dataset in datasets
        for peer in (PANDAS, DUCKDB)
        if (peer, dataset.name) in ms
    ]
    largest_ms, smallest_ms = (ms[OURS, datasets[at].name] for at in (-2, 0))
    by_size = Comparison(
        line=LINE,
        work=f"page, {tables.label(datasets[-2])}",
        ours=milliseconds(largest_ms),
        peer=f"{tables.label(datasets[0])} {milliseconds(smallest_ms)}",
        ratio=largest_ms / smallest_ms,
        goal=_SLOWEST_BY_SIZE,
    )
    return [*compared, by_size]


def random_page(client: Client, dataset: DataSource) -> Work:
    """Return a work that reads another random page of the dataset each time."""
    choice = random.Random(dataset.row_count)
    pages = dataset.row_count // PAGE_ROWS

    return Work(lambda: client.page(dataset.pk, choice.randint(1, pages), page_size=PAGE_ROWS))


def _peer_page(page: Callable[..., bytes], path: Path, dataset: DataSource) -> Work:
    choice = random.Random(dataset.row_count)
    pages = dataset.row_count // PAGE_ROWS

    return Work(lambda: page(path, offset=PAGE_ROWS * choice.randrange(pages), size=PAGE_ROWS))


def parquet_of(dataset: DataSource) -> Path:
    """Return the dataset's rows as a Parquet file; the flights get theirs on first use."""
    if dataset.name.startswith("synthetic"):
        return parquet_file(settings.BENCH_DIR, dataset.row_count)
    path = settings.BENCH_DIR / f"{dataset.name}.parquet"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        options = csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True)
        table = csv.read_csv(settings.VAR_DIR / "demo" / "flights.csv", convert_options=options)
        # Without its zone: DuckDB needs one more library to hand such a moment to Python.
        hours = table["time_hour"].cast(pa.timestamp("s"))
        table = table.set_column(table.schema.get_field_index("time_hour"), "time_hour", hours)
        pq.write_table(table, unfinished)
        unfinished.rename(path)
    return path
