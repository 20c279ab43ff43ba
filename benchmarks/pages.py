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
_FASTER_THAN_PANDAS = {100_000: 10.0, 1_000_000: 50.0}
_SLOWEST_BY_SIZE = 1.5


def run(client: Client, *, row_counts: list[int], rounds: int) -> list[Comparison]:
    """Compare a page with pandas and DuckDB by size, and the largest dataset with the smallest."""
    duck = peers.DuckDB()
    works: dict[str, Work] = {}
    compared: list[tuple[str, int, bool]] = []
    for dataset in [*map(tables.synthetic, row_counts), tables.real_flights()]:
        client.post(dataset.pk, "session/initialize/")
        works[dataset.name] = random_page(client, dataset)
        has_peers = dataset.row_count <= LARGEST_PEER_ROWS
        compared.append((dataset.name, dataset.row_count, has_peers))
        if has_peers:
            path = _parquet_of(dataset)
            works[f"pandas {dataset.name}"] = _peer_page(peers.pandas_page, path, dataset)
            works[f"DuckDB {dataset.name}"] = _peer_page(duck.page, path, dataset)
    ms = medians_ms(works, rounds=rounds)

    found: list[Comparison] = []
    for name, row_count, has_peers in compared:
        if not has_peers:
            continue
        goal = _FASTER_THAN_PANDAS.get(row_count) if name.startswith("synthetic") else None
        found += [
            _faster(f"page, {name} rows", ms[name], "pandas", ms[f"pandas {name}"], goal),
            _faster(f"page, {name} rows", ms[name], "DuckDB", ms[f"DuckDB {name}"], None),
        ]
    smallest, largest = (f"synthetic {count:,}" for count in (min(row_counts), max(row_counts)))
    found.append(
        Comparison(
            line=LINE,
            work=f"page, {largest} rows against {smallest}",
            ours=milliseconds(ms[largest]),
            peer=milliseconds(ms[smallest]),
            ratio=ms[largest] / ms[smallest],
            goal=_SLOWEST_BY_SIZE,
        )
    )
    return found


def random_page(client: Client, dataset: DataSource) -> Work:
    """Return a work that reads a page of the dataset, another one each time."""
    choice = random.Random(dataset.row_count)
    pages = dataset.row_count // PAGE_ROWS

    return Work(lambda: client.page(dataset.pk, choice.randint(1, pages), page_size=PAGE_ROWS))


def _peer_page(page: Callable[..., bytes], path: Path, dataset: DataSource) -> Work:
    choice = random.Random(dataset.row_count)
    pages = dataset.row_count // PAGE_ROWS

    return Work(lambda: page(path, offset=PAGE_ROWS * choice.randrange(pages), size=PAGE_ROWS))


def _parquet_of(dataset: DataSource) -> Path:
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


def _faster(work: str, ours_ms: float, peer: str, peer_ms: float, goal: float | None) -> Comparison:
    return Comparison(
        line=LINE,
        work=work,
        ours=milliseconds(ours_ms),
        peer=f"{peer} {milliseconds(peer_ms)}",
        ratio=peer_ms / ours_ms,
        goal=goal,
        sense="at least",
    )
