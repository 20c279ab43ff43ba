"""An Arrow stream of batches that fit in memory, however long the texts in them are.

It stays because Arrow splits batches by rows alone (`Table.to_batches(max_chunksize)`), not by
bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.sandbox.refusal import Code, Refusal

_BATCH_BYTES = 16 << 20
LONGEST_ROW_BYTES = 64 << 20
_OF_BYTES = (pa.types.is_string, pa.types.is_large_string, pa.types.is_large_binary)


class BoundedStream:
    """Writes batches in pieces of some megabytes, and counts their rows. Close it after use."""

    def __init__(self, out: IO[bytes], schema: pa.Schema, names: Sequence[str]) -> None:
        """`names` are what a refusal calls the columns."""
        # Two thirds of the disk for hardly more time, and next to none for texts that repeat.
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._writer = pa.ipc.new_stream(out, schema, options=options)
        self._names = names
        self.row_count = 0

    def close(self) -> None:
        self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch.

        Raises:
            Refusal: a single row is too long.
        """
        for piece in self._pieces(batch):
            self._writer.write_batch(piece)
            self.row_count += len(piece)

    def _pieces(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        if batch.nbytes <= _BATCH_BYTES:
            yield batch
            return
        ends = pc.cumulative_sum(_row_bytes(batch)).to_pylist()
        start = bytes_before = 0
        while start < len(ends):
            end = max(start + 1, bisect_right(ends, bytes_before + _BATCH_BYTES))
            if ends[end - 1] - bytes_before > LONGEST_ROW_BYTES:
                raise self._too_long(batch.slice(start, 1))
            yield batch.slice(start, end - start)
            start, bytes_before = end, ends[end - 1]

    def _too_long(self, row: pa.RecordBatch) -> Refusal:
        longest = max(range(row.num_columns), key=lambda position: row.column(position).nbytes)
        return Refusal(
            Code.RECORD_TOO_LONG,
            f"Row {self.row_count + 1:,} is longer than {LONGEST_ROW_BYTES >> 20} MiB; its longest "
            f"cell is in column “{self._names[longest][:80]}”.",
        )


def _row_bytes(batch: pa.RecordBatch) -> pa.Int64Array:
    """Return how many bytes the texts and bytes of each row have."""
    total = pa.repeat(pa.scalar(0, pa.int64()), len(batch))
    for column in batch.columns:
        if any(is_of_bytes(column.type) for is_of_bytes in _OF_BYTES):
            sizes = pc.fill_null(pc.binary_length(column).cast(pa.int64()), 0)
            total = pc.add(total, sizes)
    return total
