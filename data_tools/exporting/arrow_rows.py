"""Rows as Arrow arrays, one for each column, and Arrow arrays as JSON texts.

Note [Plain and packed arrays]
    The arrays of rows that were read as JSON are plain: texts, dates and datetimes are strings.
    Those of column blocks are packed: texts are codes into a dictionary, dates and datetimes of
    Arrow's types. What is written of both is the same, byte by byte. A packed text is looked at
    once for each entry of the dictionary (`each_text`), and packed arrays become plain
    some megabytes at a time (`parts`), because a block may have many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_tools.columns import LARGEST_EXACT_INTEGER, ColumnType
from data_tools.filtering import Selection
from data_tools.ingest.stored_rows import json_texts
from data_tools.observing import activity
from data_tools.rows.packed_slices import packed_slices
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import json_slices
from session_events.events import Column

# Others are text: dates and times stay the ISO 8601 texts that they are stored as.
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
}
_PART_BYTES = 2 << 20
_NUMBER_BYTES = 20  # also of a date and a time
_NULL_BYTES = 4  # with them, and a comma or quotes
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


def array_slices(rows: SessionRows, selection: Selection) -> Iterator[list[pa.Array]]:
    """Yield the rows in order, as plain or packed arrays of the columns.

    Raises:
        As `json_slices`.
    """
    done = 0
    if selection.is_everything:
        for arrays in packed_slices(rows, rows.columns):
            activity.note(read_from="blocks")
            activity.count(rows_scanned=len(arrays[0]), rows_returned=len(arrays[0]))
            done += len(arrays[0])
            yield arrays
            del arrays  # a block may be large, and is not held while the next one comes
    for texts in json_slices(rows, selection, done=done):
        yield arrays_of(texts, rows.columns)


def each_text(texts: pa.Array, change: Callable[[pa.StringArray], pa.StringArray]) -> pa.Array:
    """Return texts as `change` changes each, plain or packed as they are; null stays null."""
    if not pa.types.is_dictionary(texts.type):
        return change(texts)
    return pa.DictionaryArray.from_arrays(texts.indices, change(texts.dictionary))


def plain(values: pa.Array) -> pa.Array:
    """Return plain or packed values as plain ones."""
    if pa.types.is_timestamp(values.type):
        return json_texts.iso_datetimes(values)
    if pa.types.is_dictionary(values.type) or pa.types.is_date(values.type):
        return values.cast(pa.string())
    return values


def parts(arrays: Sequence[pa.Array], *, row_bytes: int = 0) -> Iterator[list[pa.Array]]:
    """Yield rows a part at a time, some megabytes each once they are written.

    `row_bytes` is what a row takes beside its values. A single row may take more.
    """
    sizes = np.full(len(arrays[0]), row_bytes, np.int64)
    for array in arrays:
        sizes += _written_bytes(array)
    ends = np.cumsum(sizes)
    first = bytes_before = 0
    while first < len(sizes):
        last = int(np.searchsorted(ends, bytes_before + _PART_BYTES, side="right"))
        upto = max(first + 1, last)
        yield [array.slice(first, upto - first) for array in arrays]
        first, bytes_before = upto, int(ends[upto - 1])


def plain_parts(slices: Iterable[Sequence[pa.Array]]) -> Iterator[list[pa.Array]]:
    """Yield plain arrays of the same rows, some megabytes at a time."""
    for arrays in slices:
        yield from ([plain(array) for array in part] for part in parts(arrays))
        del arrays


def json_arrays(arrays: Sequence[pa.Array], columns: Sequence[Column]) -> list[pa.StringArray]:
    """Return the arrays as `json_array` does each."""
    return [
        json_array(array, ColumnType(column.type))
        for array, column in zip(arrays, columns, strict=True)
    ]


def json_array(values: pa.Array, column_type: ColumnType) -> pa.StringArray:
    """Return plain values as JSON texts, spelled as ingest spells them; null stays null."""
    return _JSON_TEXTS[column_type](values)


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


def _written_bytes(values: pa.Array) -> int | NDArray[np.int64]:
    """Return about how many bytes a cell takes as text: of all cells alike, or of each."""
    if pa.types.is_dictionary(values.type):
        lengths = pc.binary_length(values.dictionary).take(values.indices)
    elif pa.types.is_string(values.type):
        lengths = pc.binary_length(values)
    else:
        return _NUMBER_BYTES
    of_each: NDArray[np.int64] = lengths.fill_null(0).to_numpy(zero_copy_only=False)
    return of_each.astype(np.int64) + _NULL_BYTES


def _array(cells: Sequence[object], column_type: ColumnType) -> pa.Array:
    if column_type is ColumnType.FLOAT:
        # jsonb writes 1e16 and 2.0 without a fraction, so they are integers to JSON.
        cells = [None if cell is None else float(cell) for cell in cells]  # type: ignore[arg-type]
    return pa.array(cells, ARROW_TYPES.get(column_type, pa.string()))
