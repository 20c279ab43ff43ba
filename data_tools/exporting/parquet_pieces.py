"""Rows as the pieces of a Parquet file, typed, in row groups.

The footer comes last, and only if every row was there: a file that broke off has none, so no reader
takes it for complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
from pyarrow import parquet

from data_tools.columns import ColumnType
from data_tools.exporting.arrow_rows import ARROW_TYPES, parts, plain
from data_tools.exporting.piece_sink import PieceSink
from data_tools.rows.slices import Spellings
from session_events.events import Column

_GROUP_ROWS = 65_536
_GROUP_BYTES = 16 << 20

_TYPES = ARROW_TYPES | {ColumnType.TEXT: pa.string(), ColumnType.DATE: pa.date32()}


def parquet_pieces(
    slices: Iterable[Sequence[pa.Array]],
    columns: Sequence[Column],
    spellings: Mapping[str, Spellings],
) -> Iterator[bytes]:
    """Yield the file, a row group at a time; `slices` are arrays as `arrow_rows` makes them."""
    schema = pa.schema([(column.name, _type(column, spellings)) for column in columns])
    sink = PieceSink()
    writer = parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd")
    yield sink.taken()
    for group in _groups(slices, schema):
        writer.write_table(group)
        del group
        yield sink.taken()
    writer.close()
    yield sink.taken()


def _type(column: Column, spellings: Mapping[str, Spellings]) -> pa.DataType:
    """Return the column's Arrow type.

    Datetimes of which only some have an offset become text: an instant and a local time are not of
    one type.
    """
    column_type = ColumnType(column.type)
    if column_type is not ColumnType.DATETIME:
        return _TYPES[column_type]
    spelling = spellings[column.key]
    if spelling.some_with_zone and spelling.some_without_zone:
        return pa.string()
    unit = "s" if not spelling.fraction_digits else "ms" if spelling.fraction_digits <= 3 else "us"
    return pa.timestamp(unit, "UTC" if spelling.some_with_zone else None)


def _groups(slices: Iterable[Sequence[pa.Array]], schema: pa.Schema) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    rows = size_bytes = 0
    for batch in _batches(slices, schema):
        held.append(batch)
        rows, size_bytes = rows + len(batch), size_bytes + batch.nbytes
        del batch
        if rows >= _GROUP_ROWS or size_bytes >= _GROUP_BYTES:
            table = pa.Table.from_batches(held, schema)
            held, rows, size_bytes = [], 0, 0
            yield table
            del table
    if rows:
        yield pa.Table.from_batches(held, schema)


def _batches(slices: Iterable[Sequence[pa.Array]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    def batch_of(part: Sequence[pa.Array]) -> pa.RecordBatch:
        typed = [_typed(array, field.type) for array, field in zip(part, schema, strict=True)]
        return pa.record_batch(typed, schema=schema)

    for arrays in slices:
        yield from map(batch_of, parts(arrays))
        del arrays


def _typed(values: pa.Array, type_: pa.DataType) -> pa.Array:
    return values if values.type == type_ else plain(values).cast(type_)
