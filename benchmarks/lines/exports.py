"""W10: export a session's rows as a file, and save them as a dataset, in a process of its own."""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from benchmarks.child_process import Spent, spent_here, spent_on
from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.synthetic import parquet_file
from benchmarks.lines.pages import PAGE_ROWS
from benchmarks.measuring import Effort
from benchmarks.peers import files
from benchmarks.results import Finding, faster, limited
from data_tools.models import DataSource

LINE = "W10"
LEAST_ROWS, MOST_ROWS = 100_000, 1_000_000
_MOST_GROWN_MB = 150.0
_LEAST_OF_PANDAS = {"csv": 1.0}
_BY_PANDAS: dict[str, Callable[[Path, Path], None]] = {
    "csv": files.parquet_to_csv,
    "parquet": files.parquet_to_parquet,
    "jsonl": files.parquet_to_json_lines,
}
_NAMES = {"csv": "CSV", "parquet": "Parquet", "jsonl": "JSON Lines"}
_RENAME = {"old_name": "few_1", "new_name": "region"}
_LOOKS_EVERY_SECONDS = 0.02
_SAVED = "saved to be measured"


def run(client: Client, token: str, effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare exports with pandas, and say how much memory they and saving take."""
    sizes = [count for count in row_counts if LEAST_ROWS <= count <= MOST_ROWS]
    for row_count in sizes:
        yield from _of(client, token, row_count, effort.share(sum(sizes) / row_count))


def _of(client: Client, token: str, row_count: int, effort: Effort) -> Iterator[Finding]:
    dataset, path = tables.synthetic(row_count), parquet_file(settings.BENCH_DIR, row_count)
    client.open_anew(dataset.pk)
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    grown: dict[str, float] = {}
    ends_at = time.monotonic() + effort.seconds
    with tempfile.TemporaryDirectory(dir=settings.BENCH_DIR) as directory:
        result = Path(directory, "result")
        for _ in range(effort.rounds):
            for extension, write in _BY_PANDAS.items():
                spent: Spent = spent_on(export, token, dataset.pk, extension).result
                ours.setdefault(extension, []).append(spent.ms)
                grown[extension] = max(grown.get(extension, 0.0), spent.grown_mb)
                begun = time.perf_counter()
                write(path, result)
                theirs.setdefault(extension, []).append((time.perf_counter() - begun) * 1000)
            if time.monotonic() > ends_at:
                break
    label = tables.label(dataset)
    for extension, name in _NAMES.items():
        yield faster(
            LINE,
            f"export {name}, {label}",
            statistics.median(ours[extension]),
            "pandas, from Parquet",
            statistics.median(theirs[extension]),
            at_least=_LEAST_OF_PANDAS.get(extension),
        )
        memory = f"export {name}, {label}: memory"
        yield limited(LINE, memory, grown[extension], "MB", at_most=_MOST_GROWN_MB)
    spent = spent_on(save, token, dataset.pk).result
    yield limited(LINE, f"save, {label}", spent.ms, "ms")
    yield limited(LINE, f"save, {label}: memory", spent.grown_mb, "MB", at_most=_MOST_GROWN_MB)
    tables.remove(DataSource.objects.get(pk=spent.result))


def export(token: str, dataset_id: uuid.UUID, extension: str) -> Spent:
    """Export all rows; the result is the length of the file. Runs in a process of its own."""
    client = Client(token)
    client.page(dataset_id, 1, page_size=PAGE_ROWS)  # what the first request of a process loads
    query = {"format": extension}
    return spent_here(lambda: client.read_through(dataset_id, "export/", query))


def save(token: str, dataset_id: uuid.UUID) -> Spent:
    """Save a session with one operation; the result is the dataset, once it has its rows.

    Runs in a process of its own, whose thread also writes the rows.
    """
    client = Client(token)
    client.post(dataset_id, "session/rename-column/", _RENAME)
    return spent_here(lambda: _saved(client, dataset_id))


def _saved(client: Client, dataset_id: uuid.UUID) -> uuid.UUID:
    client.post(dataset_id, "session/save/", {"name": _SAVED})
    saved = DataSource.objects.filter(name=_SAVED).latest("created_at")
    while saved.status != DataSource.Status.READY:
        if saved.status == DataSource.Status.ERROR:
            raise RuntimeError(f"the session was not saved: {saved.error_reason}")
        time.sleep(_LOOKS_EVERY_SECONDS)
        saved.refresh_from_db(fields=["status", "error_reason"])
    return saved.pk
