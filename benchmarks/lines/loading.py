"""W9: load a file as a dataset, in a process of its own; and delete the dataset again.

Loading takes seconds to minutes, so each file is loaded a few times at most.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from benchmarks.child_process import spent_on
from benchmarks.datasets import tables
from benchmarks.datasets.files import synthetic_csv
from benchmarks.datasets.synthetic import parquet_file
from benchmarks.measuring import Effort
from benchmarks.peers import files
from benchmarks.results import Finding, faster, limited
from data_tools.models import DataSource

LINE = "W9"
LEAST_ROWS, MOST_ROWS = 100_000, 1_000_000
_MOST_GROWN_MB = 150.0
_LEAST_OF_COPY = 0.5
_LEAST_OF_PANDAS = 1.0
_MOST_DELETING_MS = 2_000.0
_COPY = "COPY of prepared rows"
_CSV_BY_PANDAS = "pandas, CSV to Parquet"
_PARQUET_BY_PANDAS = "pandas, Parquet to Parquet"


def prepare(row_counts: list[int]) -> None:
    """Make the files."""
    for row_count in _sizes(row_counts):
        synthetic_csv(row_count)


def _sizes(row_counts: list[int]) -> list[int]:
    return [count for count in row_counts if LEAST_ROWS <= count <= MOST_ROWS]


def run(effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare loading with COPY and pandas, and say how much memory it takes."""
    sizes = _sizes(row_counts)
    for row_count in sizes:
        yield from _of(row_count, effort.share(1.3 * sum(sizes) / row_count))


def _of(row_count: int, effort: Effort) -> Iterator[Finding]:
    label = f"{row_count:,} rows"
    csv, parquet = synthetic_csv(row_count), parquet_file(settings.BENCH_DIR, row_count)
    taken: dict[str, list[float]] = {}
    deleting: list[float] = []
    grown: dict[str, float] = {}
    helpers: dict[str, float] = {}
    ends_at = time.monotonic() + effort.seconds
    with tempfile.TemporaryDirectory(dir=settings.BENCH_DIR) as directory:
        result = Path(directory, "result")
        prepared = files.prepared_copy(tables.synthetic(row_count), Path(directory, "rows"))
        for _ in range(effort.rounds):
            for name, path in (("CSV", csv), ("Parquet", parquet)):
                spent = spent_on(load, path)
                taken.setdefault(name, []).append(spent.ms)
                grown[name] = max(grown.get(name, 0.0), spent.grown_mb)
                helpers[name] = max(helpers.get(name, 0.0), spent.helpers_mb)
                deleting.append(_delete_ms(spent.result))
            for name, work in (
                (_COPY, lambda: files.copy_ms(prepared)),
                (_CSV_BY_PANDAS, lambda: _timed(files.csv_to_parquet, csv, result)),
                (_PARQUET_BY_PANDAS, lambda: _timed(files.parquet_to_parquet, parquet, result)),
            ):
                taken.setdefault(name, []).append(work())
            if time.monotonic() > ends_at:
                break
    ms = {name: statistics.median(each) for name, each in taken.items()}
    for name, by_pandas in (("CSV", _CSV_BY_PANDAS), ("Parquet", _PARQUET_BY_PANDAS)):
        work = f"load {name}, {label}"
        yield faster(LINE, work, ms[name], _COPY, ms[_COPY], at_least=_LEAST_OF_COPY)
        goal = _LEAST_OF_PANDAS if name == "CSV" else None
        yield faster(LINE, work, ms[name], by_pandas, ms[by_pandas], at_least=goal)
        yield limited(LINE, f"{work}: memory", grown[name], "MB", at_most=_MOST_GROWN_MB)
        if helpers[name]:
            yield limited(LINE, f"{work}: memory of the confined reader", helpers[name], "MB")
    most = _MOST_DELETING_MS if row_count == MOST_ROWS else None
    yield limited(LINE, f"delete {label}", statistics.median(deleting), "ms", at_most=most)


def load(path: Path) -> uuid.UUID:
    """Load a file, and return the id of its dataset. Runs in a process of its own."""
    from data_tools.ingest import load_file

    loaded = load_file(path, owner=tables.owner(), name=NAME)
    if loaded.status != DataSource.Status.READY:
        raise RuntimeError(f"{path.name} was not loaded: {loaded.error_reason}")
    return loaded.pk


NAME = "loaded to be measured"


def _delete_ms(dataset_id: uuid.UUID) -> float:
    return _timed(tables.remove, DataSource.objects.get(pk=dataset_id))


def _timed(work: Callable[..., object], *arguments: object) -> float:
    begun = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - begun) * 1000
