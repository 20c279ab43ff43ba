"""Columns of a session's rows as packed values, read from column blocks.

See Note [Column blocks] in `column_blocks`. A column that no operation touched is the dataset's
own, also under another name or after other rows were removed. Any other is computed by the
database once, and kept: see `computed_columns`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
from django.utils import timezone

from data_tools.column_blocks import storage
from data_tools.column_blocks.reading import read_column
from data_tools.column_blocks.storage import ColumnKey
from data_tools.columns import ColumnType
from data_tools.exceptions import TookTooLong
from data_tools.features import Feature, is_on
from data_tools.models import StoredColumn
from data_tools.operations.column_lookup import require_column_with_key
from data_tools.rows.column_digest import digest_of_column
from data_tools.rows.computed_columns import compute
from data_tools.rows.lists.reading import numbers_of_list
from data_tools.rows.lists.sorting import RowNumbers
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored
from data_tools.under_way.requests import require_time
from session_events.events import Column

# Of the columns that are in memory together.
MOST_BYTES = 256 << 20
# A pass that computes a column takes almost twice as long as one that answers a question, which has
# to fit into the time of a request.
MOST_COMPUTED_ROWS = 5_000_000
_NUMBER_BYTES = 8  # or fewer: numbers, days and instants
_VERSION = 1  # of what computed columns are kept as
_USE_IS_NOTED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedColumn:
    """The values of one column of a session's rows, in row order; null is missing.

    Chunks are of any length. The Arrow types are those of `column_blocks.json_values.values_of`.
    Each chunk of texts has a dictionary in code-point order, which may hold texts that no row has.
    """

    type: ColumnType
    values: pa.ChunkedArray


class PackedRows:
    """A session's rows, read a column at a time.

    Lists of kept rows must exist: see `SessionRows.require_kept`.
    """

    def __init__(self, rows: SessionRows) -> None:
        self._rows = rows

    @functools.cached_property
    def numbers(self) -> RowNumbers | None:
        """The dataset's number of each row, in row order; None if they are 1, 2, 3 …

        Raises:
            TookTooLong: the list of kept rows was removed again.
        """
        if not self._rows.kept:
            return None
        kept = self._rows.kept[-1]
        numbers = numbers_of_list(kept.list_id)
        if len(numbers) != kept.count:  # lists are removed as fast as they are made
            raise TookTooLong
        return numbers

    def columns(self, keys: Sequence[str]) -> list[PackedColumn] | None:
        """Return columns by their keys, in that order; None if the rows have to answer instead.

        That is so if one of the columns has no blocks, or all together take more than MOST_BYTES.
        Computes columns that are not kept yet, by a pass over the rows for each, unless there are
        more than MOST_COMPUTED_ROWS.

        Raises:
            TookTooLong: the request's time is over, or the list of kept rows was removed again.
        """
        rows = self._rows
        if not rows.total_rows or not is_on(Feature.COLUMN_BLOCKS):
            return None
        wanted = {key: _Wanted.of(rows, key) for key in keys}
        of_known_size = {each.stored_as for each in wanted.values() if each.is_of_known_size}
        looked_up = {each for each in wanted.values() if not each.is_of_known_size}
        known = _known(rows, {each.stored_as for each in looked_up}) if looked_up else {}
        if not all(self._may_be_read(each, known) for each in looked_up):
            return None
        packed_bytes = sum(column.packed_bytes for column in known.values())
        if packed_bytes + len(of_known_size) * rows.row_count * _NUMBER_BYTES > MOST_BYTES:
            return None
        read: dict[str, PackedColumn] = {}
        for each in wanted.values():
            if each.stored_as not in read:
                require_time()
                values = self._values(each, is_known=each.stored_as in known)
                if values is None:
                    return None
                read[each.stored_as] = PackedColumn(type=each.type, values=values)
        _note_use(rows, known)
        return [read[wanted[key].stored_as] for key in keys]

    def _may_be_read(self, wanted: _Wanted, known: Mapping[str, StoredColumn]) -> bool:
        """Tell whether a column has blocks, or can get them."""
        if stored := known.get(wanted.stored_as):
            return stored.block_count > 0
        return not wanted.is_base and self._rows.total_rows <= MOST_COMPUTED_ROWS

    def _values(self, wanted: _Wanted, *, is_known: bool) -> pa.ChunkedArray | None:
        rows = self._rows
        key = ColumnKey(dataset_id=rows.dataset_id, revision=rows.revision, column=wanted.stored_as)
        if wanted.is_base:
            values = read_column(key, wanted.type, row_count=rows.row_count)
            return values if values is None or self.numbers is None else taken(values, self.numbers)
        if is_known:
            return read_column(key, wanted.type, row_count=rows.total_rows)
        return compute(rows, wanted.column, key)


def packed_columns(rows: SessionRows, keys: Sequence[str]) -> list[PackedColumn] | None:
    """Return columns as `PackedRows.columns` does."""
    return PackedRows(rows).columns(keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A column, and the name under which its blocks are stored."""

    column: Column
    stored_as: str
    is_base: bool

    @classmethod
    def of(cls, rows: SessionRows, key: str) -> _Wanted:
        column = require_column_with_key(rows.columns, key)
        cell = rows.cells[key]
        if isinstance(cell, Stored):
            return cls(column=column, stored_as=f"b{cell.position}", is_base=True)
        stored_as = digest_of_column(rows, column, _VERSION)
        return cls(column=column, stored_as=stored_as, is_base=False)

    @property
    def type(self) -> ColumnType:
        return ColumnType(self.column.type)

    @property
    def is_of_known_size(self) -> bool:
        """Whether the number of rows says how much memory it takes: no need to look it up."""
        return self.is_base and self.type is not ColumnType.TEXT


def _known(rows: SessionRows, names: set[str]) -> dict[str, StoredColumn]:
    stored = StoredColumn.objects.filter(
        dataset_id=rows.dataset_id, revision=rows.revision, column__in=names
    )
    return {column.column: column for column in stored}


def _note_use(rows: SessionRows, known: Mapping[str, StoredColumn]) -> None:
    long_ago = timezone.now() - _USE_IS_NOTED_AFTER
    unnoted = [
        name for name, column in known.items() if column.used_at and column.used_at < long_ago
    ]
    if unnoted:
        storage.note_use(rows.dataset_id, rows.revision, unnoted)


def taken(values: pa.ChunkedArray, numbers: RowNumbers) -> pa.ChunkedArray:
    """Return the values of the rows with these numbers, which are in row order."""
    ends = np.cumsum([len(chunk) for chunk in values.chunks])
    cuts = [0, *np.searchsorted(numbers, ends, side="right")]
    pieces = [
        chunk.take(pa.array(numbers[first:last] - (end - len(chunk)) - 1))
        for chunk, end, first, last in zip(values.chunks, ends, cuts, cuts[1:], strict=False)
    ]
    return pa.chunked_array(pieces, values.type)
