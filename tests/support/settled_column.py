"""Settle one column of texts, as the ingest does with the column of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pyarrow as pa

from data_tools.ingest.options import ColumnOptions, ReadingOptions
from data_tools.ingest.table import ColumnReport
from data_tools.ingest.typed_columns.inferred_column import InferredColumn

Values = Sequence[str | None]


def settle(
    *pieces: Values, asked: ColumnOptions | None = None, **options: Any
) -> tuple[ColumnReport, list[Any]]:
    """Return the report and the stored values of a column that arrives in these pieces."""
    report, texts = settle_as_json(*pieces, asked=asked, **options)
    return report, [None if text is None else orjson.loads(text) for text in texts]


def settle_as_json(
    *pieces: Values, asked: ColumnOptions | None = None, **options: Any
) -> tuple[ColumnReport, list[str | None]]:
    """Return the report and the stored values as they are written in JSON."""
    column = InferredColumn("x")
    if asked or options:
        column.follow(ReadingOptions(**options), asked or ColumnOptions())
    arrays = [pa.array(piece, pa.string()) for piece in pieces]
    for array in arrays:
        column.observe(array)
    column.conclude()
    return column.report, [
        text for array in arrays for text in column.json_texts(array).to_pylist()
    ]
