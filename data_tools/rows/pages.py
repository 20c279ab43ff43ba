"""Pages of a session's rows: by row number where it shows every row, otherwise by a list.

See Note [Lists of rows] in `row_lists`.
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
from data_tools.rows.lists.sorting import RowNumbers, SortKey, in_order
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions, conditions_on
from data_tools.sql.fragment import Sql, compose, joined, number
from session_events.events import Column

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a session, each a list of values in column order; missing is None.

    `total_rows` are all there are, `filtered_rows` those that the pages go through.
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
    """One page in one query, whose cost does not depend on the page or the number of rows.

    The first page read of a filter or an order computes it for all rows. A page past the end is
    empty. Raises: ColumnNotFound, InvalidFilter, RowsGone, RowsNotReproduced, SessionTooComplex.
    """
    if selection.is_everything:
        found, texts = rows.total_rows, _in_row_order(rows, page)
    else:
        found, texts = read_selected(rows, selection, page.offset, page.page_size)
    if len(texts) != max(0, min(page.page_size, found - page.offset)):
        raise RowsGone
    read = [orjson.loads(text) for text in texts]
    _restore_floats(read, rows.float_positions)
    return Page(
        rows=read,
        page_number=page.page_number,
        page_size=page.page_size,
        total_rows=rows.total_rows,
        filtered_rows=found,
    )


def _in_row_order(rows: SessionRows, page: PageSpec) -> list[str]:
    if page.offset >= rows.total_rows:
        return []
    if not rows.kept:
        query = rows.rows_between(page.offset + 1, page.offset + page.page_size)
        return [text for (text,) in rows.fetch_all(query)]
    list_id = rows.kept[-1].list_id
    listed = _of_list(rows, list_id, page.offset, page.page_size)
    if listed is None:
        rows.require_kept()
        listed = _of_list(rows, list_id, page.offset, page.page_size)
    if listed is None:  # somebody empties the lists all the time
        raise TookTooLong
    return listed[1]


def read_selected(
    rows: SessionRows, selection: Selection, offset: int, size: int
) -> tuple[int, list[str]]:
    """How many rows a filter or an order shows, and at most `size` behind `offset` as JSON texts.

    Computes them for all rows where they are not listed. Raises: as `read_page`.
    """
    found, texts = _selected(rows, selection, offset, size)
    if selection.filter is None and found != rows.total_rows:
        raise RowsGone
    return found, texts


def _selected(
    rows: SessionRows, selection: Selection, offset: int, size: int
) -> tuple[int, list[str]]:
    columns = [require_column(rows.columns, sort.column_name) for sort in selection.sorts]
    conditions = conditions_on(rows.columns, selection.filter) if selection.filter else None
    what = ("view", selection.filter and selection.filter.written, selection.sorts)
    key = rows.list_key(what)
    keeps_views = is_on(Feature.PAGE_CACHE)
    listed = _of_list(rows, key.list_id, offset, size) if keeps_views else None
    if listed is not None:
        return listed
    rows.require_kept()
    numbers = _row_numbers(rows, selection.sorts, columns, conditions)
    if keeps_views:
        try:
            storage.store(key, numbers, is_in_row_order=False)
        except Error as error:  # the page is answered without
            logger.warning("a list of rows was not kept: %s", error)
    shown = page_of_numbers(numbers[offset : offset + size].tolist())
    found = rows.fetch_all(compose(rows.rows_at(shown), " ORDER BY page.at"))
    return len(numbers), [text for text, _ in found]


def _of_list(
    rows: SessionRows, list_id: UUID, offset: int, size: int
) -> tuple[int, list[str]] | None:
    """How many rows the list has, and those asked for; None if there is no such list."""
    places = page_of_list(list_id, offset, size)
    found = rows.fetch_all(with_list(list_id, rows.rows_at(places)))
    if not found:
        return None
    [(row_count, is_long_unused, _), *_] = found
    if is_long_unused:
        storage.note_use([list_id, *(kept.list_id for kept in rows.kept)])
    return row_count, [text for _, _, text in found if text is not None]


def _row_numbers(
    rows: SessionRows,
    sorts: Sequence[SortSpec],
    columns: Sequence[Column],
    conditions: Conditions | None,
) -> RowNumbers:
    """The rows of `conditions`, by the `columns` of `sorts`."""
    keys = [column.key for column in columns] + (conditions.keys if conditions else [])
    with_cells = rows.with_cells([rows.cells[key] for key in keys])
    sort_cells, filter_cells = with_cells.cells[: len(columns)], with_cells.cells[len(columns) :]
    sort_keys = [
        SortKey(cell=cell, type=ColumnType(column.type), descending=sort.descending)
        for sort, column, cell in zip(sorts, columns, sort_cells, strict=True)
    ]
    shown = [compose(key.sql, " AS k", number(at)) for at, key in enumerate(sort_keys)]
    chosen = compose(" AND ", conditions.sql(filter_cells)) if conditions else Sql("")
    cells = compose(
        *("SELECT ", joined(", ", [compose(with_cells.row, ".row_number AS n"), *shown])),
        *(" FROM ", with_cells.source, " WHERE ", with_cells.condition, chosen),
    )
    return in_order(cells, sort_keys)


def _restore_floats(rows: list[list[Any]], positions: Sequence[int]) -> None:
    """jsonb writes 1e16, and a computed 2.0, without a fraction: give them back as floats."""
    for row in rows:
        for at in positions:
            if type(row[at]) is int:
                row[at] = float(row[at])
