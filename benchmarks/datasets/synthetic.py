"""The data that is measured: 20 columns, 5 % missing, the same on every machine.

12 floats (4 with 2 decimals, 4 with 4, 4 with all digits), 3 integers, 3 texts of few values, 1
text of many, 1 timestamp.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20_130_101
MISSING_SHARE = 0.05
_BATCH_ROWS = 100_000

_FLOAT_DECIMALS = (2, 2, 2, 2, 4, 4, 4, 4, None, None, None, None)
_INTEGER_LIMITS = (100, 10_000, 1_000_000_000)
_FEW_TEXTS = (
    ("north", "east", "south", "west"),
    ("new", "used", "repaired", "returned", "scrapped"),
    tuple(f"category {number}" for number in range(24)),
)
_MANY_TEXTS = 50_000
_FIRST_MOMENT_US = 1_356_998_400_000_000  # 2013-01-01T00:00:00
_YEAR_US = 365 * 24 * 3_600 * 1_000_000


def parquet_file(directory: Path, row_count: int) -> Path:
    """Return the Parquet file of `row_count` rows in `directory`, made there on first use."""
    path = directory / f"synthetic-{row_count}.parquet"
    if path.exists():
        return path
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    batches = _batches(row_count)
    first = next(batches)
    with pq.ParquetWriter(unfinished, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)
    unfinished.rename(path)
    return path


def _batches(row_count: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, row_count, _BATCH_ROWS):
        numbers = np.random.default_rng([SEED, start])
        yield _batch(numbers, min(_BATCH_ROWS, row_count - start))


def _batch(numbers: np.random.Generator, rows: int) -> pa.RecordBatch:
    columns: dict[str, pa.Array] = {}

    def add(name: str, values: np.ndarray) -> None:
        columns[name] = pa.array(values, mask=numbers.random(rows) < MISSING_SHARE)

    for place, decimals in enumerate(_FLOAT_DECIMALS, start=1):
        values = numbers.normal(loc=100.0 * place, scale=25.0 * place, size=rows)
        add(f"float_{place}", values if decimals is None else values.round(decimals))
    for place, limit in enumerate(_INTEGER_LIMITS, start=1):
        add(f"integer_{place}", numbers.integers(limit, size=rows))
    for place, texts in enumerate(_FEW_TEXTS, start=1):
        add(f"few_{place}", np.array(texts, dtype=object)[numbers.integers(len(texts), size=rows)])
    many = numbers.integers(_MANY_TEXTS, size=rows)
    add("many", np.array([f"customer {number:05d}" for number in many], dtype=object))
    moments = _FIRST_MOMENT_US + numbers.integers(_YEAR_US, size=rows)
    add("moment", moments.astype("datetime64[us]"))
    return pa.RecordBatch.from_pydict(columns)
