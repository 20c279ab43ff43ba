"""Rows as Arrow arrays, one for each column, and Arrow arrays as JSON texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import LARGEST_EXACT_INTEGER, ColumnType
from data_tools.ingest.stored_rows import json_texts
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import json_slices
from session_events.events import Column

# Others are text: dates and times stay the ISO 8601 texts that they are stored as.
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
}
_JSON_TEXTS: dict[ColumnType, Callable[[pa.Array], pa.StringArray]] = {
    ColumnType.INTEGER: json_texts.unquoted,
    ColumnType.FLOAT: json_texts.unquoted,
    ColumnType.TEXT: json_texts.of_texts,
    ColumnType.BOOLEAN: json_texts.unquoted,
    ColumnType.DATE: json_texts.quoted,
    ColumnType.DATETIME: json_texts.quoted,
}


def arrays_of(texts: Sequence[str], columns: Sequence[Column]) -> list[pa.Array]:
    """Return one array for each column of rows given as texts of JSON arrays; missing is null."""
    rows = orjson.loads(f"[{','.join(texts)}]")
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return [
        _array(cells, ColumnType(column.type))
        for cells, column in zip(values, columns, strict=True)
    ]


def json_arrays(arrays: Sequence[pa.Array], columns: Sequence[Column]) -> list[pa.StringArray]:
    """Return the arrays as arrays of JSON texts, spelled as ingest spells them; null stays null."""
    return [
        _JSON_TEXTS[ColumnType(column.type)](array)
        for array, column in zip(arrays, columns, strict=True)
    ]


def json_columns(rows: SessionRows) -> Iterator[list[pa.StringArray]]:
    """Yield all rows as columns of JSON texts, spelled as ingest spells them, in bounded memory.

    Raises:
        RowsGone: not all of them were there.
        ValueError, TypeError: a row has other values than its columns say.
    """
    for texts in json_slices(rows):
        yield json_arrays(arrays_of(texts, rows.columns), rows.columns)


def is_exact(integers: pa.Array) -> pa.BooleanArray:
    """Return for each integer whether a double holds it."""
    low, high = -LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER
    return pc.and_(pc.greater_equal(integers, low), pc.less_equal(integers, high))


def _array(cells: Sequence[object], column_type: ColumnType) -> pa.Array:
    if column_type is ColumnType.FLOAT:
        # jsonb writes 1e16 and 2.0 without a fraction, so they are integers to JSON.
        cells = [None if cell is None else float(cell) for cell in cells]  # type: ignore[arg-type]
    return pa.array(cells, ARROW_TYPES.get(column_type, pa.string()))
