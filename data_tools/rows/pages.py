"""Pages of a session's rows: by row number if it shows every row, otherwise by a list.

See Note [Lists of rows] in `rows.lists.storage`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import Error

from data_tools.columns import ColumnType
from data_tools.exceptions import RowsGone, TookTooLong
from data_tools.features import Feature, is_on
from data_tools.filtering import EVERYTHING, PageSpec, Selection, SortSpec
from data_tools.operations.column_lookup import require_column
from data_tools.rows.lists import storage
from data_tools.rows.lists.queries import page_of_list, page_of_numbers, with_list
from data_tools.rows.lists.sorting import SortKey, in_order
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions, conditions_on
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a session, each a list of values in column order; missing is None.

    `total_rows` counts the session's rows, `filtered_rows` those that match the filter.
    """

    rows: list[list[Any]]
    page_number: int
    page_size: int
    total_rows: int
    filtered_rows: int

    @property
    def total_pages(self) -> int:
        return -(-self.filtered_rows // self.page_size)

    @property
    def has_next(self) -> bool:
        return self.page_number < self.total_pages

    @property
    def has_previous(self) -> bool:
        return self.page_number > 1


def read_page(rows: SessionRows, page: PageSpec, selection: Selection = EVERYTHING) -> Page:
    """Read a page in one query, whose cost does not depend on the page or the number of rows.

    The first page of a filter or an order is the exception: it computes the order for all rows. A
    page past the end is empty.

    Raises:
        ColumnNotFound: the order names a column that does not exist.
        InvalidFilter: the filter does not suit the columns.
        RowsGone: not all rows of the page were there.
        RowsNotReproduced: as `SessionRows.require_kept`.
        SessionTooComplex: fills search inside of fills too deep or too often.
        TookTooLong: the list of the kept rows was removed again while the page was read.
    """
    row_count, texts = read_rows(rows, selection, page.offset, page.page_size)
    if len(texts) != max(0, min(page.page_size, row_count - page.offset)):
        raise RowsGone
    values = [orjson.loads(text) for text in texts]
    _restore_floats(values, rows.columns)
    return Page(
        rows=values,
        page_number=page.page_number,
        page_size=page.page_size,
        total_rows=rows.total_rows,
        filtered_rows=row_count,
    )


def read_rows(
    rows: SessionRows, selection: Selection, offset: int, size: int
) -> tuple[int, list[str]]:
    """Return how many rows a selection has, and those after the first `offset` as JSON texts.

    At most `size` of them. Computes the order for all rows unless it is listed.

    Raises:
        As `read_page`.
    """
    if selection.is_everything:
        return rows.total_rows, _in_row_order(rows, offset, size)
    columns = [require_column(rows.columns, sort.column_name) for sort in selection.sorts]
    conditions = conditions_on(rows.columns, selection.filter) if selection.filter else None
    key = rows.list_key(("view", selection.filter and selection.filter.written, selection.sorts))
    keeps_views = is_on(Feature.PAGE_CACHE)
    listed = _of_list(rows, key.list_id, offset, size) if keeps_views else None
    if listed is None:
        rows.require_kept()
        numbers = in_order(*order_query(rows, selection.sorts, columns, conditions))
        if keeps_views:
            try:
                storage.store(key, numbers, is_in_row_order=False)
            except Error as error:  # the list only saves time: the page is answered without it
                logger.warning("a list of rows was not kept: %s", error)
        places = page_of_numbers(numbers[offset : offset + size].tolist())
        query = sql("{rows}\nORDER BY page.at", rows=rows.rows_at(places))
        listed = len(numbers), [text for text, _ in rows.fetch_all(query)]
    if selection.filter is None and listed[0] != rows.total_rows:
        raise RowsGone
    return listed


def _in_row_order(rows: SessionRows, offset: int, size: int) -> list[str]:
    if offset >= rows.total_rows:
        return []
    if not rows.kept:
        query = rows.rows_between(offset + 1, offset + size)
        return [text for (text,) in rows.fetch_all(query)]
    list_id = rows.kept[-1].list_id
    listed = _of_list(rows, list_id, offset, size)
    if listed is None:
        rows.require_kept()
        listed = _of_list(rows, list_id, offset, size)
    if listed is None:  # lists are removed as fast as they are made
        raise TookTooLong
    return listed[1]


def _of_list(
    rows: SessionRows, list_id: UUID, offset: int, size: int
) -> tuple[int, list[str]] | None:
    """Read a page of a list, and how many rows the list has; None if the list does not exist."""
    places = page_of_list(list_id, offset, size)
    records = rows.fetch_all(with_list(list_id, rows.rows_at(places)))
    if not records:
        return None
    [(row_count, is_long_unused, _), *_] = records
    if is_long_unused:
        storage.note_use([list_id, *(kept.list_id for kept in rows.kept)])
    return row_count, [text for _, _, text in records if text is not None]


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
        SortKey(cell=cell, type=ColumnType(column.type), descending=sort.descending)
        for sort, column, cell in zip(sorts, columns, sort_cells, strict=True)
    ]
    values = [
        sql("{value} AS k{at}", value=key.ordered_by, at=number(at))
        for at, key in enumerate(sort_keys)
    ]
    number_as_n = sql("{number} AS n", number=with_cells.row_number)
    where = [conditions.sql(filter_cells)] if conditions else []
    return with_cells.select([number_as_n, *values], where=where), sort_keys


def _restore_floats(rows: list[list[Any]], columns: Sequence[Column]) -> None:
    """Make floats of the integers that jsonb writes for 1e16, or for a computed 2.0."""
    positions = [at for at, column in enumerate(columns) if column.type == ColumnType.FLOAT]
    for row in rows:
        for at in positions:
            if type(row[at]) is int:
                row[at] = float(row[at])
