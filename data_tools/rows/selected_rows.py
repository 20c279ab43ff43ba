"""The rows of a filter and an order: found on packed columns, or else by the database.

Both ways find the same rows in the same order. Their list is stored, so that the next pages need
not find them again: see Note [Lists of rows] in `rows.lists.storage`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from data_tools.columns import ColumnType
from data_tools.features import Feature, is_on
from data_tools.filtering import Selection, SortSpec
from data_tools.filtering.exceptions import InvalidSort
from data_tools.filtering.shapes import shapes
from data_tools.observing import activity
from data_tools.operations.column_lookup import require_column
from data_tools.rows.lists import keeping
from data_tools.rows.lists.found import FilteredRows, FoundRows, ListedRows, OrderedRows, numbered
from data_tools.rows.lists.packed_order import Key, PackedOrder, Places, key_by_locale, key_of
from data_tools.rows.lists.sorting import SortKey, in_order
from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions, conditions_on
from data_tools.sql.fragment import Sql, number, sql
from data_tools.under_way.admission import begin_heavy_work
from session_events.events import Column
from session_events.spans import Step, span


class SelectedRows:
    """The rows of a selection with a filter, an order or both; finds them once, when asked for.

    `list_key` is that of their list. `keeps_list` is whether it is to be stored.

    Raises:
        ColumnNotFound: the order names a column that does not exist.
        InvalidFilter: the filter does not suit the columns.
        InvalidSort: an option of the order does not suit the column.
    """

    def __init__(self, rows: SessionRows, selection: Selection) -> None:
        self._rows = rows
        self._sorts = selection.sorts
        self._columns = [_sorted_by(rows, sort) for sort in selection.sorts]
        self._conditions = (
            conditions_on(rows.columns, selection.filter) if selection.filter else None
        )
        activity.note(**shapes(selection, rows.columns))
        self.list_key = rows.list_key(
            ("view", selection.filter and selection.filter.written, selection.sorts)
        )
        self.keeps_list = is_on(Feature.PAGE_CACHE)

    @property
    def has_all_rows(self) -> bool:
        return self._conditions is None

    @property
    def is_found(self) -> bool:
        return "found" in self.__dict__

    @functools.cached_property
    def found(self) -> FoundRows:
        """The rows in order. Finding them takes a look at the columns, or the cells, of all rows.

        Raises:
            InvalidSort: there are too many texts to order them by a locale.
            RowsNotReproduced: as `SessionRows.require_kept`.
            ServiceBusy, TooMuchAtOnce: as `begin_heavy_work`.
            TookTooLong: the request's time is over.
        """
        begin_heavy_work()
        self._rows.require_kept()
        with span(Step.FILTER, rows_scanned=self._rows.total_rows) as finding:
            found = self._on_packed_columns()
            activity.note(read_from="computed" if found is None else "blocks")
            found = found or self._by_database()
            finding.note(rows_found=found.row_count)
        activity.count(rows_scanned=self._rows.total_rows)
        return found

    def keep_list(self, *, at_once: bool) -> None:
        """Store the list of the rows if they were found, and not read from it.

        Unless `at_once`, a long list is stored later. The rows are not used afterwards.
        """
        if self.is_found and self.keeps_list:
            keeping.keep(self.list_key, self.found, at_once=at_once)

    def _by_database(self) -> FoundRows:
        query = order_query(self._rows, self._sorts, self._columns, self._conditions)
        return ListedRows(in_order(*query))

    def _on_packed_columns(self) -> FoundRows | None:
        """Find the rows without the database, None where it is needed."""
        if any(sort.ignore_case and sort.locale is None for sort in self._sorts):
            return None  # only the database knows what `lower` makes of a text
        rows, places = PackedRows(self._rows), None
        if self._conditions is not None:
            if (mask := rows.mask_where(self._conditions)) is None:
                return None
            filtered = FilteredRows(mask, rows.numbers)
            if not self._sorts:
                return filtered
            places = filtered.places(0, filtered.row_count)
        sort_keys: list[Key] = []
        for sort, column in zip(self._sorts, self._columns, strict=True):  # one in memory at a time
            if (key := _key(rows, column, sort, among=places)) is None:
                return None
            sort_keys.append(key)
        numbers = rows.numbers
        if places is not None:
            numbers = numbered(places, numbers)
        row_count = self._rows.total_rows if numbers is None else len(numbers)
        return OrderedRows(PackedOrder(sort_keys, row_count), numbers)


def _key(rows: PackedRows, column: Column, sort: SortSpec, *, among: Places | None) -> Key | None:
    if (columns := rows.columns([column.key])) is None:
        return None
    values = columns[0].values
    if sort.locale is None:
        key = key_of(values, descending=sort.descending)
    else:
        key = key_by_locale(
            values,
            sort.locale,
            ignore_case=sort.ignore_case,
            descending=sort.descending,
            among=among,
        )
    return key if among is None else key.of(among)


def order_query(
    rows: SessionRows,
    sorts: Sequence[SortSpec],
    columns: Sequence[Column],
    conditions: Conditions | None,
) -> tuple[Sql, list[SortKey]]:
    """Query of the rows that meet `conditions`: `n`, the row number, and k0, k1 … of the sort keys.

    `columns` are those of `sorts`.
    """
    keys = [column.key for column in columns] + (conditions.keys if conditions else [])
    with_cells = rows.with_cells([rows.cells[key] for key in keys])
    sort_cells, filter_cells = with_cells.cells[: len(columns)], with_cells.cells[len(columns) :]
    sort_keys = [
        SortKey(
            cell=cell,
            type=ColumnType(column.type),
            descending=sort.descending,
            locale=sort.locale,
            ignore_case=sort.ignore_case,
        )
        for sort, column, cell in zip(sorts, columns, sort_cells, strict=True)
    ]
    values = [
        sql("{value} AS k{at}", value=key.ordered_by, at=number(at))
        for at, key in enumerate(sort_keys)
    ]
    number_as_n = sql("{number} AS n", number=with_cells.row_number)
    where = [conditions.sql(filter_cells)] if conditions else []
    return with_cells.select([number_as_n, *values], where=where), sort_keys


def _sorted_by(rows: SessionRows, sort: SortSpec) -> Column:
    column = require_column(rows.columns, sort.column_name)
    if column.type != ColumnType.TEXT and (sort.locale is not None or sort.ignore_case):
        option = "ignore_case" if sort.locale is None else "locale"
        raise InvalidSort(
            f'{option} is for text, and "{column.name}" is of {column.type}',
            details={"column": column.name, "option": option},
        )
    return column
