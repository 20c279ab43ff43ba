"""A Parquet file as a stream of record batches.

A file of some hundred bytes can repeat four megabytes a million times: by number, as a prefix, or
packed. So how much memory it takes is known only by reading it.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from data_tools.sandbox.bounded_stream import BoundedStream
from data_tools.sandbox.limits import ReadingLimits, refuse_names
from data_tools.sandbox.parquet_cells import ColumnConverter
from data_tools.sandbox.parquet_int96 import has_int96, int96_unit
from data_tools.sandbox.parquet_types import is_storable
from data_tools.sandbox.refusal import Code, Refusal

_BATCH_BYTES = 4 << 20
_LARGEST_BATCH_ROWS = 8_192
# In memory; a column that repeats one value takes next to nothing in the file.
_SMALLEST_CELL_BYTES = 8
# The size of a batch where batches of the usual size take too much memory.
_SMALL_BATCH_ROWS = 16
# Of all columns together: each is read through a buffer of its own.
_BUFFER_BYTES = 64 << 20
_LARGEST_BUFFER_BYTES, _SMALLEST_BUFFER_BYTES = 1 << 18, 1 << 12


def write_table(path: Path, *, limits: ReadingLimits, out: IO[bytes]) -> dict[str, Any]:
    """Write the file's rows to `out` in order, in the types that `parquet_types` names.

    Returns `row_count`, `written_names`: the column names as the file has them, the `format`, and
    for each column that is `nested` how many of its floats became null, else None.

    Raises:
        Refusal: the file is damaged, encrypted, too large, or has a column of an unsupported type.
    """
    with _open(path) as file:
        _refuse_unsuitable(file, limits)
        names = file.schema_arrow.names
        intervals = _interval_columns(file)
        converters = [
            ColumnConverter(field.name, field.type, is_interval=field.name in intervals)
            for field in file.schema_arrow
        ]
        schema = pa.schema(
            [(str(position), one.plain_type) for position, one in enumerate(converters)]
        )
        expanded_bytes = 0
        with closing(BoundedStream(out, schema, names)) as stream:
            for batch in _batches(file, converters, schema):
                expanded_bytes += batch.nbytes
                if expanded_bytes > limits.unpacked_bytes:
                    raise Refusal(
                        Code.UNFOLDS_TOO_LARGE,
                        f"The Parquet file expands to more than {limits.unpacked_bytes >> 20:,} "
                        f"MiB, in row {stream.row_count + 1:,} or shortly after it.",
                    )
                stream.write(batch)
        if stream.row_count != file.metadata.num_rows:
            raise Refusal(Code.BROKEN_PARQUET)
    return {
        "written_names": names,
        "row_count": stream.row_count,
        "format": "parquet",
        "nested": [converter.facts() for converter in converters],
    }


def _interval_columns(file: parquet.ParquetFile) -> set[str]:
    """Return the names of the columns of months, days and milliseconds."""
    columns = [file.schema.column(position) for position in range(len(file.schema))]
    return {column.path for column in columns if column.converted_type == "INTERVAL"}


@contextmanager
def _refusing_broken() -> Iterator[None]:
    """Turn Arrow's errors into refusals: the file is damaged, or encrypted."""
    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if "decrypt" in str(error).lower():
            raise Refusal(
                Code.ENCRYPTED, "The Parquet file is encrypted. Save it without a key."
            ) from error
        raise Refusal(Code.BROKEN_PARQUET) from error


def _open(path: Path) -> parquet.ParquetFile:
    """Open the file. Timestamps of 96 bits are read in the unit that keeps them all."""
    with _refusing_broken():
        file = _opened(path, "ns")
        if not has_int96(file):
            return file
        microseconds = _opened(path, "us")
        return microseconds if int96_unit(file, microseconds) == "us" else file


def _opened(path: Path, int96_unit: str) -> parquet.ParquetFile:
    width = parquet.read_metadata(path).num_columns
    buffer_bytes = _BUFFER_BYTES // max(1, width)
    return parquet.ParquetFile(
        path,
        buffer_size=min(_LARGEST_BUFFER_BYTES, max(_SMALLEST_BUFFER_BYTES, buffer_bytes)),
        pre_buffer=False,
        memory_map=False,
        page_checksum_verification=True,
        coerce_int96_timestamp_unit=int96_unit,
    )


def _refuse_unsuitable(file: parquet.ParquetFile, limits: ReadingLimits) -> None:
    """Raise `Refusal` for whatever is known before the first row is read."""
    with _refusing_broken():
        schema, row_count = file.schema_arrow, file.metadata.num_rows
    if not schema.names:
        raise Refusal(Code.UNSUPPORTED_COLUMN, "The Parquet file has no columns.")
    if len(schema.names) > limits.columns:
        raise Refusal(
            Code.TOO_MANY_COLUMNS,
            f"The file has {len(schema.names):,} columns; at most {limits.columns:,} can be "
            "loaded.",
        )
    refuse_names(schema.names, of="column")
    if row_count > limits.rows:
        raise Refusal(
            Code.TOO_MANY_ROWS,
            f"The file has {row_count:,} rows; at most {limits.rows:,} can be loaded.",
        )
    for field in schema:
        if not is_storable(field.type):
            raise Refusal(
                Code.UNSUPPORTED_COLUMN,
                f"Column “{field.name[:80]}” has values of the type {field.type}, which a dataset "
                "cannot store. Convert them to text or numbers, or leave the column out.",
            )


def _batches(
    file: parquet.ParquetFile, converters: Sequence[ColumnConverter], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield the file's rows as batches of this schema; small ones once memory ran out."""
    rows_done = 0
    for batch_rows in (_usual_batch_rows(file.metadata), _SMALL_BATCH_ROWS):
        try:
            for batch in _batches_from(file, rows_done, batch_rows):
                columns = zip(converters, batch.columns, strict=True)
                arrays = [one.converted(values, first_row=rows_done + 1) for one, values in columns]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
                for converter in converters:
                    converter.commit()
                rows_done += len(batch)
            return
        except MemoryError:
            continue
    raise _too_large(file, rows_done)


def _batches_from(
    file: parquet.ParquetFile, first_row: int, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows from `first_row`, which counts from 0, to the last."""
    first_group, rows_to_skip = _group_of(file.metadata, first_row)
    groups = list(range(first_group, file.metadata.num_row_groups))
    # A batch may go on into the next group. A small one must not, so that an error can name its
    # group.
    reads = [groups] if batch_rows > _SMALL_BATCH_ROWS else [[group] for group in groups]
    with _refusing_broken():
        for row_groups in reads:
            for batch in file.iter_batches(batch_rows, row_groups=row_groups, use_threads=False):
                if rows_to_skip < len(batch):
                    yield batch.slice(rows_to_skip)
                rows_to_skip = max(0, rows_to_skip - len(batch))


def _group_of(metadata: parquet.FileMetaData, row: int) -> tuple[int, int]:
    """Return the row group that contains the row, from 0, and the row's offset in the group."""
    rows_before = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if row < rows_before + rows:
            return group, row - rows_before
        rows_before += rows
    return metadata.num_row_groups, 0


def _too_large(file: parquet.ParquetFile, row: int) -> Refusal:
    """Return the refusal for rows that take too much memory even in small batches."""
    group, offset = _group_of(file.metadata, row)
    column = _column_too_large(file, group, offset)
    place = f", in column “{column[:80]}”" if column else ""
    most_bytes, _ = resource.getrlimit(resource.RLIMIT_AS)
    return Refusal(
        Code.UNFOLDS_TOO_LARGE,
        f"Row {row + 1:,} of the Parquet file, or one shortly after it, in row group "
        f"{group + 1:,}{place}, takes more than the {most_bytes >> 20:,} MiB of memory allowed.",
    )


def _column_too_large(file: parquet.ParquetFile, group: int, rows_before: int) -> str:
    """Return the column that takes too much memory even when it is read alone; "" if none does."""
    for name in file.schema_arrow.names:
        batches = file.iter_batches(
            _SMALL_BATCH_ROWS, row_groups=[group], columns=[name], use_threads=False
        )
        try:
            for _ in islice(batches, rows_before // _SMALL_BATCH_ROWS + 1):
                pass
        except MemoryError:
            return name
    return ""


def _usual_batch_rows(metadata: parquet.FileMetaData) -> int:
    """Return how many rows make a batch of some megabytes, however wide the rows are."""
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    written_bytes = total // max(1, metadata.num_rows)
    row_bytes = max(written_bytes, metadata.num_columns * _SMALLEST_CELL_BYTES)
    return max(_SMALL_BATCH_ROWS, min(_LARGEST_BATCH_ROWS, _BATCH_BYTES // row_bytes))
