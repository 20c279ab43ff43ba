"""The base columns of a revision, written in the transaction that publishes its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import pyarrow as pa

from data_tools.column_blocks.cutting import BlockCutter, Cut
from data_tools.column_blocks.storage import insert_blocks
from data_tools.columns import ColumnType
from data_tools.models import ColumnBlock, StoredColumn
from session_events.events import Column


class BaseColumnsWriter:
    """Writes the blocks of a revision's columns, in bounded memory, as its rows come.

    Everything happens in the caller's transaction, and nothing is read by anybody before `finish`.
    """

    def __init__(self, dataset_id: UUID, revision: int, columns: Sequence[Column]) -> None:
        self._dataset_id = dataset_id
        self._revision = revision
        self._keys = [column.key for column in columns]
        self.cutter = BlockCutter([ColumnType(column.type) for column in columns])
        self._blocks: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def add(self, columns: Sequence[pa.StringArray]) -> None:
        """Take the next rows as JSON texts, as `BlockCutter.add`."""
        self.write(self.cutter.add(columns))

    def write(self, cuts: Iterable[Cut]) -> None:
        """Write cuts that `cutter` made, in order."""
        for cut in cuts:
            blocks = (
                (self._keys[position], cut.block, values) for position, values in cut.columns()
            )
            self._bytes += insert_blocks(self._dataset_id, self._revision, blocks)
            self._blocks.update(self._keys[position] for position in cut.pieces)

    def finish(self) -> None:
        """Write the last rows, and make the columns known, those without blocks as well."""
        self.write(self.cutter.rest())
        without_blocks = {self._keys[position] for position in self.cutter.without_blocks}
        ColumnBlock.objects.filter(
            dataset_id=self._dataset_id, revision=self._revision, column__in=without_blocks
        ).delete()
        StoredColumn.objects.bulk_create(
            StoredColumn(
                dataset_id=self._dataset_id,
                revision=self._revision,
                column=key,
                row_count=self.cutter.row_count,
                block_count=0 if key in without_blocks else self._blocks[key],
                packed_bytes=0 if key in without_blocks else self._bytes[key],
            )
            for key in self._keys
        )
