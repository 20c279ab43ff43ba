"""Texts that a Parquet file holds once and repeats by number.

A file of some hundred bytes can repeat four megabytes a million times. So such columns are read as
they lie, and unfolded in pieces of bounded size.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from data_tools.ingest.exceptions import RecordTooLong

_PIECE_BYTES = 16 << 20
_LONGEST_ROW_BYTES = 64 << 20


def repeating_columns(metadata: parquet.FileMetaData) -> list[str]:
    """The columns of texts that are to be read as dictionaries."""
    found = set()
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            if column.physical_type == "BYTE_ARRAY" and any(
                "DICTIONARY" in encoding for encoding in column.encodings
            ):
                found.add(column.path_in_schema)
    return sorted(found)


def unfolded_bytes(batch: pa.RecordBatch) -> int:
    """How long the repeated texts of the batch are, each as often as it is there."""
    sizes = _row_bytes(batch)
    return 0 if sizes is None else pc.sum(sizes).as_py() or 0


def pieces(batch: pa.RecordBatch, *, rows_before: int) -> Iterator[pa.RecordBatch]:
    """The batch in pieces, each of some megabytes once its dictionaries are unfolded.

    Raises `RecordTooLong` for a row that alone is too much.
    """
    sizes = _row_bytes(batch)
    if sizes is None or (pc.sum(sizes).as_py() or 0) <= _PIECE_BYTES:
        yield batch
        return
    ends = pc.cumulative_sum(sizes).to_pylist()
    start = before = 0
    while start < len(ends):
        end = max(start + 1, bisect_right(ends, before + _PIECE_BYTES))
        if ends[end - 1] - before > _LONGEST_ROW_BYTES:
            raise RecordTooLong(
                f"Row {rows_before + start + 1:,} is longer than {_LONGEST_ROW_BYTES >> 20} MiB."
            )
        yield batch.slice(start, end - start)
        start, before = end, ends[end - 1]


def _row_bytes(batch: pa.RecordBatch) -> pa.Int64Array | None:
    """How long the repeated texts of each row are; None without such columns."""
    total = None
    for column in batch.columns:
        if not pa.types.is_dictionary(column.type) or not len(column):
            continue
        texts = column.dictionary
        if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
            continue
        lengths = pc.binary_length(texts).cast(pa.int64())
        sizes = pc.fill_null(lengths.take(column.indices), 0)
        total = sizes if total is None else pc.add(total, sizes)
    return total
