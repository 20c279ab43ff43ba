"""A table whose file was read once, with its rows spooled to a temporary file.

The temporary file has no name, so it is gone whichever process dies. It holds the rows as Arrow
streams, a new one each time that new columns appeared.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from data_tools.columns import unique_names
from data_tools.ingest.formats.column_names import renamed_columns


class SpooledTable:
    """The part of a `TableFile` that does not depend on the format.

    A subclass writes the rows to `_spool`, then calls `_describe`.
    """

    def __init__(self) -> None:
        self._spool = tempfile.TemporaryFile()
        weakref.finalize(self, self._spool.close)
        self._rows_read = 0

    def _describe(
        self,
        written_names: Sequence[str],
        *,
        row_count: int,
        facts: dict[str, Any],
        trims_names: bool = False,
    ) -> None:
        """Set what is known after the rows were written; `facts` are for the ingest report.

        `trims_names` leaves out blanks at the ends of the names.
        """
        names = [name.strip() for name in written_names] if trims_names else written_names
        self.names = unique_names(names)
        self._row_count = row_count
        self._facts = facts | {"renamed_columns": renamed_columns(written_names, self.names)}

    @property
    def fraction_read(self) -> float:
        """How much of the table the current pass has read."""
        return self._rows_read / self._row_count if self._row_count else 1.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, from the first."""
        self._rows_read = 0
        end = self._spool.seek(0, os.SEEK_END)
        self._spool.seek(0)
        while self._spool.tell() < end:
            for batch in pa.ipc.open_stream(self._spool):
                self._rows_read += len(batch)
                yield self._widened(batch)

    def facts(self) -> dict[str, Any]:
        """Return what the ingest report says of the file as a whole."""
        return self._facts

    def _widened(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the batch with nulls for the columns that appeared after it."""
        width = len(self.names)
        missing = [pa.nulls(len(batch), pa.string())] * (width - batch.num_columns)
        if not missing:
            return batch
        return pa.RecordBatch.from_arrays(
            [*batch.columns, *missing], names=[str(position) for position in range(width)]
        )
