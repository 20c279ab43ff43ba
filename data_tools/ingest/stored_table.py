"""A table whose file was read once, and whose rows lie in a temporary file.

The temporary file has no name: whoever dies, it is gone. The rows lie there as Arrow streams, a
new one each time that new columns appeared.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator

import pyarrow as pa


class StoredTable:
    """The part of a `TableFile` that does not depend on the format. Whoever writes the rows to
    `_rows` sets `names` and `_row_count`."""

    names: tuple[str, ...]

    def __init__(self) -> None:
        self._rows = tempfile.TemporaryFile()
        weakref.finalize(self, self._rows.close)
        self._row_count = 0
        self._rows_read = 0

    @property
    def fraction_read(self) -> float:
        """How much of the table the reading under way has read."""
        return self._rows_read / self._row_count if self._row_count else 1.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in order, from the first."""
        self._rows_read = 0
        end = self._rows.seek(0, os.SEEK_END)
        self._rows.seek(0)
        while self._rows.tell() < end:
            for batch in pa.ipc.open_stream(self._rows):
                self._rows_read += len(batch)
                yield self._widened(batch)

    def _widened(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with the columns that appeared after it, all missing."""
        width = len(self.names)
        missing = [pa.nulls(len(batch), pa.string())] * (width - batch.num_columns)
        if not missing:
            return batch
        return pa.RecordBatch.from_arrays(
            [*batch.columns, *missing], names=[str(position) for position in range(width)]
        )
