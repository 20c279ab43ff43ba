"""A Parquet file as a stream of record batches.

A file of some hundred bytes can repeat four megabytes a million times: by number, as a prefix, or
packed. So what it takes is only known by reading it.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from data_tools.sandbox.bounded_stream import BoundedStream
from data_tools.sandbox.limits import ReadingLimits
from data_tools.sandbox.names import refuse_names
from data_tools.sandbox.parquet_types import family_of, plain
from data_tools.sandbox.refusal import (
    BROKEN_PARQUET,
    ENCRYPTED,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
    UNFOLDS_TOO_LARGE,
    UNSUPPORTED_COLUMN,
    Refusal,
)

_BATCH_BYTES = 4 << 20
_LARGEST_BATCH_ROWS = 8_192
# In memory; a column of one value over and over takes next to nothing in the file.
_LEAST_CELL_BYTES = 8
# Where those of the usual size take too much memory.
_FEW_ROWS = 16
# Of all columns together: each is read through a buffer of its own.
_BUFFER_BYTES = 64 << 20
_LARGEST_BUFFER_BYTES, _SMALLEST_BUFFER_BYTES = 1 << 18, 1 << 12


def write_table(path: Path, *, limits: ReadingLimits, out: IO[bytes]) -> dict[str, Any]:
    """Write the file's rows to `out` in order, every text of a dictionary as often as it is there.

    Returns how many there are, and the names of the columns as they are written. Raises `Refusal`.
    """
    with _open(path) as file:
        _refuse_unsuitable(file, limits)
        names = file.schema_arrow.names
        types = map(plain, file.schema_arrow.types)
        schema = pa.schema([(str(position), type_) for position, type_ in enumerate(types)])
        unfolded = 0
        with BoundedStream(out, schema, names) as stream:
            for batch in _batches(file, schema):
                unfolded += batch.nbytes
                if unfolded > limits.unpacked_bytes:
                    raise Refusal(
                        UNFOLDS_TOO_LARGE,
                        f"The Parquet file unfolds to more than {limits.unpacked_bytes >> 20:,} "
                        f"MiB, in row {stream.row_count + 1:,} or one soon after it.",
                    )
                stream.write(batch)
        if stream.row_count != file.metadata.num_rows:
            raise Refusal(BROKEN_PARQUET)
    return {"written_names": names, "row_count": stream.row_count}


@contextmanager
def _refusing_broken() -> Iterator[None]:
    """Say of what Arrow cannot read that it is damaged, or encrypted."""
    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if "decrypt" in str(error).lower():
            raise Refusal(
                ENCRYPTED, "The Parquet file is encrypted. Save it without a key."
            ) from error
        raise Refusal(BROKEN_PARQUET) from error


def _open(path: Path) -> parquet.ParquetFile:
    with _refusing_broken():
        width = parquet.read_metadata(path).num_columns
        buffer_bytes = _BUFFER_BYTES // max(1, width)
        return parquet.ParquetFile(
            path,
            buffer_size=min(_LARGEST_BUFFER_BYTES, max(_SMALLEST_BUFFER_BYTES, buffer_bytes)),
            pre_buffer=False,
            memory_map=False,
            page_checksum_verification=True,
        )


def _refuse_unsuitable(file: parquet.ParquetFile, limits: ReadingLimits) -> None:
    """Raise `Refusal` for what is known before the first row is read."""
    with _refusing_broken():
        schema, row_count = file.schema_arrow, file.metadata.num_rows
    if not schema.names:
        raise Refusal(UNSUPPORTED_COLUMN, "The Parquet file has no columns.")
    if len(schema.names) > limits.columns:
        raise Refusal(
            TOO_MANY_COLUMNS,
            f"The file has {len(schema.names):,} columns; at most {limits.columns:,} are loaded.",
        )
    refuse_names(schema.names, of="column")
    if row_count > limits.rows:
        raise Refusal(
            TOO_MANY_ROWS, f"The file has {row_count:,} rows; at most {limits.rows:,} are loaded."
        )
    for field in schema:
        if family_of(plain(field.type)) is None:
            raise Refusal(
                UNSUPPORTED_COLUMN,
                f"Column “{field.name[:80]}” holds values of the type {field.type}, which a "
                "dataset cannot hold. Turn them into text or numbers, or leave the column out.",
            )


def _batches(file: parquet.ParquetFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The file's rows as batches of that schema: few at a time from where memory runs out on."""
    done = 0
    for batch_rows in (_usual_batch_rows(file.metadata), _FEW_ROWS):
        try:
            for batch in _batches_from(file, done, batch_rows):
                yield _unfolded(batch, schema)
                done += len(batch)
            return
        except MemoryError:
            continue
    raise _too_large(file, done)


def _unfolded(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch as one of that schema, without dictionaries."""
    types = zip(batch.columns, schema.types, strict=True)
    try:
        columns = [values.cast(type_) for values, type_ in types]
    except pa.ArrowInvalid as error:  # a column of more texts than an array can hold
        raise MemoryError from error
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _batches_from(
    file: parquet.ParquetFile, first_row: int, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """The rows from `first_row`, counted from 0, on."""
    group, skipped = _group_of(file.metadata, first_row)
    groups = list(range(group, file.metadata.num_row_groups))
    # A batch goes on into the next group; few rows are of one, so that it can be named.
    together = [groups] if batch_rows > _FEW_ROWS else [[one] for one in groups]
    with _refusing_broken():
        for some in together:
            for batch in file.iter_batches(batch_rows, row_groups=some, use_threads=False):
                if skipped < len(batch):
                    yield batch.slice(skipped)
                skipped = max(0, skipped - len(batch))


def _group_of(metadata: parquet.FileMetaData, row: int) -> tuple[int, int]:
    """The row group that a row is in, from 0, and how many of the group's rows are before it."""
    before = 0
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if row < before + rows:
            return group, row - before
        before += rows
    return metadata.num_row_groups, 0


def _too_large(file: parquet.ParquetFile, row: int) -> Refusal:
    """The refusal for rows that take too much memory even when few are read at a time."""
    group, before = _group_of(file.metadata, row)
    where = f", in column “{name[:80]}”" if (name := _guilty_column(file, group, before)) else ""
    most_bytes, _ = resource.getrlimit(resource.RLIMIT_AS)
    return Refusal(
        UNFOLDS_TOO_LARGE,
        f"Row {row + 1:,} of the Parquet file, or one soon after it, in row group {group + 1:,}"
        f"{where}, takes more than the {most_bytes >> 20:,} MiB of memory that there are.",
    )


def _guilty_column(file: parquet.ParquetFile, group: int, rows_before: int) -> str:
    """The column that takes too much memory even when it is read alone; "" if none does."""
    for name in file.schema_arrow.names:
        batches = file.iter_batches(
            _FEW_ROWS, row_groups=[group], columns=[name], use_threads=False
        )
        try:
            for _ in islice(batches, rows_before // _FEW_ROWS + 1):
                pass
        except MemoryError:
            return name
    return ""


def _usual_batch_rows(metadata: parquet.FileMetaData) -> int:
    """So many rows that a batch takes some megabytes, however wide the rows are."""
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    written_bytes = total // max(1, metadata.num_rows)
    row_bytes = max(written_bytes, metadata.num_columns * _LEAST_CELL_BYTES)
    return max(_FEW_ROWS, min(_LARGEST_BATCH_ROWS, _BATCH_BYTES // row_bytes))
