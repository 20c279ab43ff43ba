"""The base columns of a revision, written in the transaction that publishes its rows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import pyarrow as pa

from data_tools.column_blocks.cutting import BlockCutter, Cut
from data_tools.column_blocks.json_values import ColumnReader, floats_of_several
from data_tools.column_blocks.storage import insert_blocks
from data_tools.columns import ColumnType
from data_tools.models import ColumnBlock, StoredColumn
from session_events.events import Column

_VALUES_TOGETHER = 1 << 16


class BaseColumnsWriter:
    """Writes the blocks of a revision's columns, in bounded memory, as its rows come.

    Everything happens in the caller's transaction, and nobody reads anything before `finish`.
    """

    def __init__(self, dataset_id: UUID, revision: int, columns: Sequence[Column]) -> None:
        self._dataset_id = dataset_id
        self._revision = revision
        self._readers = {column.key: ColumnReader(ColumnType(column.type)) for column in columns}
        self.cutter = BlockCutter(len(columns))
        self._blocks: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    def add(self, columns: Sequence[pa.StringArray]) -> None:
        """Take the next rows as JSON texts, as `BlockCutter.add`."""
        self.write(self.cutter.add(columns))

    def write(self, cuts: Iterable[Cut]) -> None:
        """Write cuts that `cutter` made, in order."""
        for cut in cuts:
            self._bytes += insert_blocks(self._dataset_id, self._revision, self._blocks_of(cut))

    def finish(self) -> None:
        """Write the last rows, and make the columns known, those without blocks as well."""
        self.write(self.cutter.rest())
        without_blocks = [key for key, reader in self._readers.items() if not reader.is_readable]
        if without_blocks:
            ColumnBlock.objects.filter(
                dataset_id=self._dataset_id, revision=self._revision, column__in=without_blocks
            ).delete()
            for key in without_blocks:
                self._blocks[key] = self._bytes[key] = 0
        StoredColumn.objects.bulk_create(
            StoredColumn(
                dataset_id=self._dataset_id,
                revision=self._revision,
                column=key,
                row_count=self.cutter.row_count,
                block_count=self._blocks[key],
                packed_bytes=self._bytes[key],
            )
            for key in self._readers
        )

    def _blocks_of(self, cut: Cut) -> Iterator[tuple[str, int, pa.Array]]:
        for key, values in zip(self._readers, self._values_of(cut), strict=True):
            if values is not None:
                self._blocks[key] += 1
                yield key, cut.block, values

    def _values_of(self, cut: Cut) -> Iterator[pa.Array | None]:
        """Yield the values of each column; None if it is not readable.

        Columns of floats are read together: in a wide table, where a block has few values, that
        takes half as long.
        """
        most = max(1, _VALUES_TOGETHER // cut.row_count)
        places = range(len(self._readers))
        readers = list(self._readers.values())
        for are_floats, of_kind in itertools.groupby(places, lambda at: _reads_floats(readers[at])):
            while together := list(itertools.islice(of_kind, most)):
                read: list[pa.Array] | None = None
                if are_floats and len(together) > 1:
                    read = floats_of_several(cut.texts_of(together), cut.row_count)
                if read is None:
                    yield from (readers[at].read(cut.texts_of([at])) for at in together)
                else:
                    yield from read


def _reads_floats(reader: ColumnReader) -> bool:
    return reader.is_readable and reader.column_type is ColumnType.FLOAT
