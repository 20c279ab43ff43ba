"""Columns of a session's rows as packed values, read from column blocks.

See Note [Column blocks] in `column_blocks`. A column that no operation touched is the dataset's
own, also under another name or after other rows were removed. Any other is computed in this
process, out of the dataset's own, if all that operations did to it can be done here; or else by the
database, for each distinct value if they are few, or once for every row, and is then kept.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
from django.utils import timezone

from data_tools.column_blocks import storage
from data_tools.column_blocks.reading import read_column, read_columns
from data_tools.column_blocks.storage import ColumnKey
from data_tools.columns import ColumnType
from data_tools.exceptions import TookTooLong
from data_tools.features import Feature, is_on
from data_tools.models import StoredColumn
from data_tools.rows.column_digest import digest_of_column
from data_tools.rows.computed_columns import compute
from data_tools.rows.distinct_values import compute_by_value, only_input
from data_tools.rows.evaluation import evaluate, stored_inputs
from data_tools.rows.lists.packed_filter import mask_where
from data_tools.rows.lists.reading import numbers_of_list
from data_tools.rows.lists.sorting import RowNumbers
from data_tools.rows.revision_rows import RevisionRows
from data_tools.sql.conditions import Conditions
from data_tools.sql.expressions import Expression, Stored, lacking_as
from data_tools.under_way.requests import require_time
from session_events.events import Column

# Of the columns that are in memory together.
MOST_BYTES = 256 << 20
# A pass that computes a column takes almost twice as long as one that answers a question, which has
# to fit into the time of a request.
MOST_COMPUTED_ROWS = 5_000_000
_READ_AHEAD_BYTES = 4 << 20
_NUMBER_BYTES = 8  # or fewer: numbers, days and instants
_CODE_BYTES = 4  # of a text, beside the dictionary
_NOTHING_MADE: Mapping[str, ColumnType] = {}
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
    """A session's rows, read a column at a time; columns of more than `most_bytes` are not read.

    By default that is MOST_BYTES. Nor are texts read whose dictionaries take more than
    `most_dictionary_bytes` together, if that is given. Lists of kept rows must exist: see
    `SessionRows.require_kept`. With `only_gaps`, a column may have the values of any other that is
    missing in the same rows.
    """

    def __init__(
        self,
        rows: RevisionRows,
        *,
        most_bytes: int | None = None,
        most_dictionary_bytes: int | None = None,
        only_gaps: bool = False,
    ) -> None:
        self._rows = rows
        self._only_gaps = only_gaps
        self._most_bytes = MOST_BYTES if most_bytes is None else most_bytes
        self._most_dictionary_bytes = most_dictionary_bytes
        self._found: dict[str, _Wanted] = {}
        self._looked_up: dict[str, StoredColumn | None] = {}
        self._ahead: dict[str, pa.ChunkedArray | None] = {}

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

    def columns(self, keys: Sequence[str], *, may_scan: bool = True) -> list[PackedColumn] | None:
        """Return columns by their keys, in that order; None if the rows have to answer instead.

        That is so if one of the columns has no blocks, or all together take more than `most_bytes`.
        A column that takes a pass over the rows to compute is only computed if `may_scan`, and if
        there are not more than MOST_COMPUTED_ROWS.

        Raises:
            TookTooLong: the request's time is over, or the list of kept rows was removed again.
        """
        rows = self._rows
        if not rows.total_rows or not is_on(Feature.COLUMN_BLOCKS):
            return None
        may_scan = may_scan and rows.total_rows <= MOST_COMPUTED_ROWS
        wanted = {key: self._wanted(key) for key in keys}
        looked_up = _looked_up(wanted.values())
        known = self._known(looked_up)
        if not all(
            _may_be_read(each, known) for each in wanted.values() if each.stored_as in looked_up
        ):
            return None
        cells = [each.cell for each in wanted.values()]
        made = {each.stored_as: each.type for each in wanted.values() if not each.is_stored}
        if not self._fit_together(cells, made):
            return None
        read: dict[str, PackedColumn] = {}
        for each in wanted.values():
            if each.stored_as not in read:
                require_time()
                values = self._values(each, is_known=each.stored_as in known)
                if values is None and may_scan and not each.is_stored:
                    values = compute(
                        rows, each.column, self._key(each.stored_as), most_bytes=MOST_BYTES
                    )
                if values is None:
                    return None
                read[each.stored_as] = PackedColumn(type=each.type, values=values)
        _note_use(rows, known)
        return [read[wanted[key].stored_as] for key in keys]

    def mask_where(
        self, conditions: Conditions, *, may_scan: bool = True
    ) -> pa.ChunkedArray | None:
        """Return for each row whether it meets the conditions; None if the rows have to answer.

        See `packed_filter.mask_where`. The columns are read as `columns` reads them.

        Raises:
            TookTooLong: as `columns`.
        """
        keys = list(dict.fromkeys(conditions.keys))
        columns = self.columns(keys, may_scan=may_scan)
        if columns is None:
            return None
        by_key = {key: column.values for key, column in zip(keys, columns, strict=True)}
        return mask_where(conditions, by_key)

    def in_turn(self, keys: Sequence[str]) -> Iterator[PackedColumn | None]:
        """Yield each column as `columns` returns it alone without a pass over the rows.

        Small ones that no operation touched are read some megabytes at a time.

        Raises:
            TookTooLong: as `columns`.
        """
        wanted = [self._wanted(key) for key in keys]
        known = self._known(_looked_up(wanted))
        for at, (key, each) in enumerate(zip(keys, wanted, strict=True)):
            if each.stored_as not in self._ahead and self._bytes_of(each, known):
                self._read_ahead(wanted[at:], known)
            yield self._alone(key)

    def _alone(self, key: str) -> PackedColumn | None:
        """Return what `in_turn` yields, which does not hold it while the next one is read."""
        found = self.columns([key], may_scan=False)
        return found[0] if found else None

    def _read_ahead(self, wanted: Iterable[_Wanted], known: Mapping[str, StoredColumn]) -> None:
        types: dict[str, ColumnType] = {}
        read_bytes = 0
        for each in wanted:
            read_bytes += self._bytes_of(each, known)
            if read_bytes > _READ_AHEAD_BYTES:
                break
            if self._bytes_of(each, known):
                types[each.stored_as] = each.type
        self._ahead = {}
        if len(types) > 1:
            rows = self._rows
            # None of those that were not found, so that they are not looked for again.
            self._ahead = dict.fromkeys(types) | read_columns(
                rows.dataset_id, rows.revision, types, row_count=rows.row_count
            )

    def _bytes_of(self, wanted: _Wanted, known: Mapping[str, StoredColumn]) -> int:
        """Return about how long the column's own blocks are; 0 if it has none of its own."""
        if not wanted.is_stored:
            return 0
        if wanted.type is not ColumnType.TEXT:
            return self._rows.row_count * _NUMBER_BYTES
        return known[wanted.stored_as].packed_bytes if wanted.stored_as in known else 0

    def have_blocks(self, keys: Sequence[str]) -> bool:
        """Tell by one query whether the columns are kept, of those that no operation touched."""
        names = {each.stored_as for each in map(self._wanted, keys) if each.is_stored}
        known = self._known(names) if is_on(Feature.COLUMN_BLOCKS) else {}
        return sum(column.block_count > 0 for column in known.values()) == len(names)

    def cells(self, expressions: Sequence[Expression]) -> Iterator[list[pa.Array] | None]:
        """Yield the cells of expressions as `evaluate` does; only None if the rows have to answer.

        Raises:
            TookTooLong: the request's time is over, or the list of kept rows was removed again.
        """
        stored = stored_inputs(expressions)
        columns = None if stored is None else self._stored(stored)
        if not columns:
            yield None
        else:
            yield from evaluate(expressions, columns)

    def _wanted(self, key: str) -> _Wanted:
        """Return what is to be read of a column; found out once for each."""
        if key not in self._found:
            column = self._columns[key]
            cell = self._rows.cells[key]
            if self._only_gaps:
                cell = lacking_as(cell) or cell
            if isinstance(cell, Stored):
                name = base_name(cell)
            else:
                name = digest_of_column(self._rows, column, _VERSION)
            self._found[key] = _Wanted(column=column, cell=cell, stored_as=name)
        return self._found[key]

    @functools.cached_property
    def _columns(self) -> dict[str, Column]:
        return {column.key: column for column in self._rows.columns}

    def _values(self, wanted: _Wanted, *, is_known: bool) -> pa.ChunkedArray | None:
        """Return the values as far as they are known without a pass over the rows."""
        if isinstance(wanted.cell, Stored):
            return self._base_values(wanted.cell)
        if is_known:
            return self._read(wanted.stored_as, wanted.type, self._rows.total_rows)
        pieces: list[pa.Array] = []
        for cells in self.cells([wanted.cell]):
            if cells is None:
                return self._by_value(wanted.cell)
            pieces += cells
        return pa.chunked_array(pieces)

    def _by_value(self, cell: Expression) -> pa.ChunkedArray | None:
        """Return what the database makes of the distinct values of the only column it reads."""
        stored = only_input(cell)
        columns = self._stored([stored]) if stored else None
        return compute_by_value(cell, columns[stored.position]) if columns and stored else None

    def _stored(self, cells: Sequence[Stored]) -> dict[int, pa.ChunkedArray] | None:
        """Return columns of the dataset by their positions, of the rows as they are now."""
        if not self._rows.total_rows or not is_on(Feature.COLUMN_BLOCKS):
            return None
        if not self._fit_together(cells):
            return None
        columns: dict[int, pa.ChunkedArray] = {}
        for cell in cells:
            require_time()
            values = self._base_values(cell)
            if values is None:
                return None
            columns[cell.position] = values
        return columns

    def _base_values(self, cell: Stored) -> pa.ChunkedArray | None:
        name = base_name(cell)
        values = self._ahead.pop(name, None)
        if values is None:
            values = self._read(name, cell.type, self._rows.row_count)
        return values if values is None or self.numbers is None else taken(values, self.numbers)

    def _read(self, name: str, column_type: ColumnType, row_count: int) -> pa.ChunkedArray | None:
        known = self._looked_up.get(name)
        packed_bytes = 0 if known is None else known.packed_bytes
        return read_column(
            self._key(name), column_type, row_count=row_count, packed_bytes=packed_bytes
        )

    def _fit_together(
        self, cells: Iterable[Expression], made: Mapping[str, ColumnType] = _NOTHING_MADE
    ) -> bool:
        """Tell whether the stored columns among `cells`, and those of `made`, fit into memory.

        `made` has the names and types of columns that operations made. A value of one that is not
        kept takes as much as a number, or as a code of a text.
        """
        stored = {cell.position: cell for cell in cells if isinstance(cell, Stored)}.values()
        texts = {base_name(cell) for cell in stored if cell.type is ColumnType.TEXT}
        known = self._known(texts | made.keys())
        numbers = (len(stored) - len(texts)) * self._rows.row_count
        numbers += len(made.keys() - known.keys()) * self._rows.total_rows
        known_bytes = sum(column.packed_bytes for column in known.values())
        if numbers * _NUMBER_BYTES + known_bytes > self._most_bytes:
            return False
        texts |= {name for name, type_ in made.items() if type_ is ColumnType.TEXT}
        dictionary_bytes = sum(
            column.packed_bytes - column.row_count * _CODE_BYTES
            for name, column in known.items()
            if name in texts
        )
        most = self._most_dictionary_bytes
        return most is None or dictionary_bytes <= most

    def _known(self, names: set[str]) -> dict[str, StoredColumn]:
        """Return the columns of these names that are stored, or were when they were looked up."""
        unknown = names - self._looked_up.keys()
        if unknown:
            found = _stored_columns(self._rows, unknown)
            self._looked_up |= {name: found.get(name) for name in unknown}
        return {name: column for name in names if (column := self._looked_up[name]) is not None}

    def _key(self, name: str) -> ColumnKey:
        rows = self._rows
        return ColumnKey(dataset_id=rows.dataset_id, revision=rows.revision, column=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A column, and the name under which its blocks are stored."""

    column: Column
    cell: Expression
    stored_as: str

    @property
    def is_stored(self) -> bool:
        """Whether it is the dataset's own."""
        return isinstance(self.cell, Stored)

    @property
    def type(self) -> ColumnType:
        """The type of what is stored under the name."""
        return self.cell.type if isinstance(self.cell, Stored) else ColumnType(self.column.type)


def _may_be_read(wanted: _Wanted, known: Mapping[str, StoredColumn]) -> bool:
    """Tell whether a column that was looked up has blocks, or can get them."""
    stored = known.get(wanted.stored_as)
    return stored.block_count > 0 if stored else not wanted.is_stored


def base_name(cell: Stored) -> str:
    """Return the name under which a column of the dataset is stored."""
    return f"b{cell.position}"


def _looked_up(wanted: Iterable[_Wanted]) -> set[str]:
    """Return the names of the columns to look up: of others the size follows from the rows."""
    return {each.stored_as for each in wanted if each.type is ColumnType.TEXT or not each.is_stored}


def _stored_columns(rows: RevisionRows, names: set[str]) -> dict[str, StoredColumn]:
    stored = StoredColumn.objects.filter(
        dataset_id=rows.dataset_id, revision=rows.revision, column__in=names
    )
    return {column.column: column for column in stored}


def _note_use(rows: RevisionRows, known: Mapping[str, StoredColumn]) -> None:
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
