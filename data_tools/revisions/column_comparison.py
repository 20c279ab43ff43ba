"""Compares the column blocks of a revision with its rows."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from django.db import InternalError

from data_tools.column_blocks import storage
from data_tools.column_blocks.json_values import values_of
from data_tools.column_blocks.packing import packed, unpacked
from data_tools.columns import ColumnType
from data_tools.rows.session_rows import SessionRows


class ColumnComparison:
    """Compares the base columns of a revision that is packed with its rows, as they are read.

    `rows` are its rows before any operation. Holds the rows and the blocks of one block number.
    """

    def __init__(self, rows: SessionRows) -> None:
        self._rows = rows
        self._stored = storage.base_columns_of(rows.dataset_id, rows.revision)
        self._block_counts = {
            key: column.block_count for key, column in self._stored.items() if column.block_count
        }
        self._differing = {
            column.key
            for column in rows.base_columns
            if column.key not in self._stored
            or self._stored[column.key].row_count != rows.row_count
        }
        names = [str(position) for position in range(len(rows.base_columns))]
        self._pending = pa.schema([(name, pa.string()) for name in names]).empty_table()
        self._block = 0
        self._found: dict[str, pa.Array | None] | None = None

    def add(self, texts: Sequence[pa.StringArray]) -> None:
        """Take the next rows as JSON texts, a column at a time."""
        self._pending = pa.concat_tables(
            [self._pending, pa.table(list(texts), self._pending.column_names)]
        )
        while self._block < max(self._block_counts.values(), default=0):
            if self._found is None:
                self._found = self._fetched()
            arrays = [values for values in self._found.values() if values is not None]
            count = max(map(len, arrays), default=0)
            if self._pending.num_rows < count:
                return
            self._compare(self._pending.slice(0, count), self._found)
            self._pending = self._pending.slice(count)
            self._block += 1
            self._found = None
        if self._pending.num_rows:
            self._differing |= self._block_counts.keys()  # there are more rows than in the blocks
            self._pending = self._pending.slice(0, 0)

    def differing(self) -> list[str]:
        """Return the keys of the columns that differ from the rows, of which there are no more."""
        if self._block < max(self._block_counts.values(), default=0):
            self._differing |= self._block_counts.keys()
        return [column.key for column in self._rows.base_columns if column.key in self._differing]

    def _fetched(self) -> dict[str, pa.Array | None]:
        try:
            fetched = storage.fetch_block(
                self._rows.dataset_id, self._rows.revision, self._block, self._block_counts.keys()
            )
        except InternalError:  # the database cannot read them
            return {}
        return fetched.values

    def _compare(self, texts: pa.Table, found: dict[str, pa.Array | None]) -> None:
        for column, written in zip(self._rows.base_columns, texts.columns, strict=True):
            if column.key in self._block_counts:
                values = values_of(written.combine_chunks(), ColumnType(column.type))
                stored = found.get(column.key)
                if values is None or stored is None or not unpacked(packed(values)).equals(stored):
                    self._differing.add(column.key)
