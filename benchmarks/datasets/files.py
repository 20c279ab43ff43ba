"""The datasets as the files that other software reads, made on first use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from pyarrow import csv

from benchmarks.datasets.synthetic import SEED, parquet_file
from data_tools.models import DataSource
from hydroml import flights

_ROWS_AT_ONCE = 500


def parquet_of(dataset: DataSource) -> Path:
    """Return the rows of a dataset of `tables` as a Parquet file."""
    if dataset.name.startswith("synthetic"):
        return parquet_file(settings.BENCH_DIR, dataset.row_count)
    return _made(settings.BENCH_DIR / f"{dataset.name}.parquet", _write_flights)


def synthetic_csv(row_count: int) -> Path:
    """Return the synthetic rows as a CSV file; a missing value is an empty field."""

    def write(path: Path) -> None:
        rows = pq.ParquetFile(parquet_file(settings.BENCH_DIR, row_count))
        with csv.CSVWriter(path, rows.schema_arrow) as writer:
            for batch in rows.iter_batches():
                writer.write_batch(batch)

    return _made(settings.BENCH_DIR / f"synthetic-{row_count}.csv", write)


def wide_csv(*, columns: int, rows: int) -> Path:
    """Return a CSV file of numbers with many columns, 5 % of them missing."""

    def write(path: Path) -> None:
        numbers = np.random.default_rng(SEED)
        schema = pa.schema([(f"column_{place}", pa.float64()) for place in range(columns)])
        with csv.CSVWriter(path, schema) as writer:
            for start in range(0, rows, _ROWS_AT_ONCE):
                shape = (columns, min(_ROWS_AT_ONCE, rows - start))
                values = numbers.normal(size=shape).round(3)
                gaps = numbers.random(shape) < 0.05
                arrays = [
                    pa.array(column, mask=gap) for column, gap in zip(values, gaps, strict=True)
                ]
                writer.write_batch(pa.record_batch(arrays, schema=schema))

    return _made(settings.BENCH_DIR / f"wide-{columns}-{rows}.csv", write)


def _write_flights(path: Path) -> None:
    options = csv.ConvertOptions(null_values=["NA"], strings_can_be_null=True)
    unpacked = flights.flights_csv(settings.VAR_DIR / "demo")
    table = csv.read_csv(unpacked, convert_options=options)
    # Without its zone: DuckDB needs one more library to hand such a moment to Python.
    hours = table["time_hour"].cast(pa.timestamp("s"))
    table = table.set_column(table.schema.get_field_index("time_hour"), "time_hour", hours)
    pq.write_table(table, path)


def _made(path: Path, write: Callable[[Path], None]) -> Path:
    """Return the file, written whole before it has its name."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        write(unfinished)
        unfinished.rename(path)
    return path
