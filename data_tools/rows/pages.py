"""Pages of a session's rows: by row number if it shows every row, otherwise by a list.

See Note [Lists of rows] in `rows.lists.storage`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from data_tools.exceptions import AnswerTooLarge, RowsGone, TookTooLong
from data_tools.filtering import EVERYTHING, PageSpec, Selection
from data_tools.observing import activity
from data_tools.operations.exceptions import InvalidParameter
from data_tools.replica.reading import SHORT_SECONDS, read_on_replica
from data_tools.rows.answer_room import NO_ROOM, Room
from data_tools.rows.lists import storage
from data_tools.rows.lists.queries import page_of_list, page_of_numbers, with_list
from data_tools.rows.selected_rows import SelectedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.shown_rows import CutText, emptied, row_reader, shown_rows
from data_tools.sql.database_errors import meaning_of
from data_tools.sql.fragment import Sql, sql
from data_tools.under_way.admission import begin_large_answer
from session_events.events import Column
from session_events.spans import Step, span

# Larger answers are made one at a time in a process.
_LARGE_ANSWER_BYTES = 2 << 20
# A page of so many cells is read in a moment; larger ones may take a replica longer.
_CELLS_OF_A_MOMENT = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a session, each a list of values in column order; missing is None.

    See Note [Values on demand] in `on_demand`.

    `total_rows` counts the session's rows, `filtered_rows` those that match the filter.
    `row_numbers` has the dataset's number of each row. `cut_texts` are those that were too long to
    be shown whole, in order of rows and columns. `rows_left_out` counts the rows at the end of the
    page that did not fit into an answer.
    """

    rows: Sequence[list[Any]]
    page_number: int
    page_size: int
    total_rows: int
    filtered_rows: int
    row_numbers: Sequence[int] = ()
    cut_texts: tuple[CutText, ...] = ()
    rows_left_out: int = 0

    @property
    def total_pages(self) -> int:
        return -(-self.filtered_rows // self.page_size)

    @property
    def has_next(self) -> bool:
        return self.page_number < self.total_pages

    @property
    def has_previous(self) -> bool:
        return self.page_number > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRows:
    """How many rows a selection has, and some of them: their numbers and their JSON texts."""

    row_count: int
    numbers: list[int]
    texts: list[str]

    def up_to_the_first_without_room(self) -> ReadRows:
        fit = self.texts.index(NO_ROOM) if NO_ROOM in self.texts else len(self.texts)
        return replace(self, numbers=self.numbers[:fit], texts=self.texts[:fit])


def read_page(
    rows: SessionRows,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    *,
    may_leave_out_rows: bool = False,
) -> Page:
    """Read a page in one query, whose cost does not depend on the page or the number of rows.

    The first page of a filter or an order is the exception: it computes the order for all rows. A
    page past the end is empty. Long texts are cut: see Note [Room for rows] in `answer_room`. With
    `may_leave_out_rows`, a page that is too large ends after the rows that fit.

    Raises:
        AnswerTooLarge: the rows of the page do not fit into an answer.
        ColumnNotFound: the order names a column that does not exist.
        InvalidFilter: the filter does not suit the columns.
        InvalidSort: an option of the order does not suit the column, or not its texts.
        RowsGone: not all rows of the page were there.
        RowsNotReproduced: as `SessionRows.require_kept`.
        ServiceBusy, TooMuchAtOnce: other large pages are being made.
        SessionTooComplex: fills search inside of fills too deep or too often.
        TookTooLong: the list of the kept rows was removed again while the page was read.
    """
    room = Room.of_an_answer(rows.columns)
    with span(Step.PAGE, offset=page.offset, size=page.page_size):
        read = _read_for_answer(rows, selection, page.offset, page.page_size, room)
    activity.note(page_number=page.page_number, page_size=page.page_size)
    wanted = max(0, min(page.page_size, read.row_count - page.offset))
    if len(read.texts) < wanted and not may_leave_out_rows:
        raise AnswerTooLarge.with_room_for(len(read.texts))
    texts = emptied(read.texts)
    shown, cut_texts = shown_rows(texts, rows.columns, room, first_row=page.offset + 1)
    left_out = wanted - len(shown)
    if left_out and not (may_leave_out_rows and shown):
        raise AnswerTooLarge.with_room_for(len(shown))
    activity.count(rows_returned=len(shown))
    return Page(
        rows=shown,
        page_number=page.page_number,
        page_size=page.page_size,
        total_rows=rows.total_rows,
        filtered_rows=read.row_count,
        row_numbers=read.numbers[: len(shown)],
        cut_texts=cut_texts,
        rows_left_out=left_out,
    )


def rows_that_fit(rows: list[list[Any]], columns: Sequence[Column]) -> Page:
    """Return the first page of rows that were read elsewhere: those that fit into an answer.

    Raises:
        AnswerTooLarge: not even one row fits.
    """
    room = Room.of_an_answer(columns)
    texts = (orjson.dumps(row).decode() for row in rows)
    shown, cut_texts = shown_rows(texts, columns, room, first_row=1)
    return Page(
        rows=shown,
        page_number=1,
        page_size=max(1, len(rows)),
        total_rows=len(rows),
        filtered_rows=len(rows),
        cut_texts=cut_texts,
        rows_left_out=len(rows) - len(shown),
    )


def read_cell(rows: SessionRows, selection: Selection, row: int, column: Column) -> Any:
    """Return a whole cell: the value of a column in the selection's row at a place, from 1.

    Raises:
        AnswerTooLarge: the value does not fit into an answer.
        InvalidParameter: the selection has fewer rows.
        And as `read_page`.
    """
    room = Room.of_a_cell()
    read = _read_for_answer(rows, selection, row - 1, 1, room, only=column.key)
    if row > read.row_count:
        raise InvalidParameter("row", f"must be at most {read.row_count:,}", rows=read.row_count)
    if not read.texts:
        raise AnswerTooLarge(
            f"This cell has more than the {room.total_bytes:,} bytes that fit into an answer. "
            "Export the rows.",
            maximum_bytes=settings.BUDGETS["ANSWER_MAX_BYTES"],
            setting="ANSWER_MAX_BYTES",
        )
    [value] = row_reader([column])(read.texts[0])
    return value


def read_rows(
    rows: SessionRows,
    selection: Selection,
    offset: int,
    size: int,
    room: Room,
    *,
    only: str | None = None,
) -> ReadRows:
    """Return the rows of a selection after the first `offset`.

    At most `size` of them, ending before the first that has no room. A row is an array, or an
    object where long texts were cut: see `data_tools_shown_row`. `only` is the key of the one
    column to read. Computes the order for all rows unless a list of it is stored.

    Raises:
        As `read_page`.
    """
    selected = _selected(rows, selection)
    try:
        return _read_within(rows, selected, offset, size, room, only)
    finally:
        if selected is not None:
            selected.keep_list(at_once=True)  # whoever reads without an answer reads on


def _read_for_answer(
    rows: SessionRows,
    selection: Selection,
    offset: int,
    size: int,
    room: Room,
    *,
    only: str | None = None,
) -> ReadRows:
    """Like `read_rows`, with few bytes in memory until this is the process's one large answer.

    `only` is the key of the one column to read.
    """
    if selection.filter is None:  # an order has all rows
        size = max(1, min(size, rows.total_rows - offset))
    selected = _selected(rows, selection)
    try:
        small = room.of_at_most(_LARGE_ANSWER_BYTES)
        if size <= small.most_rows:
            in_shares = partial(small.in_shares, size=size)
            read = _read(rows, selected, offset, size, in_shares, only)
            if 0 < read.texts.count(NO_ROOM) < size:  # some rows are longer than others
                read = _read(rows, selected, offset, size, small.in_order, only)
            if NO_ROOM not in read.texts:
                return read
        begin_large_answer()
        return _read_within(rows, selected, offset, size, room, only)
    finally:
        if selected is not None:
            selected.keep_list(at_once=False)


def _selected(rows: SessionRows, selection: Selection) -> SelectedRows | None:
    return None if selection.is_everything else SelectedRows(rows, selection)


def _read_within(
    rows: SessionRows,
    selected: SelectedRows | None,
    offset: int,
    size: int,
    room: Room,
    only: str | None,
) -> ReadRows:
    size = min(size, room.most_rows + 1)
    in_shares = partial(room.in_shares, size=size)
    read = _read(rows, selected, offset, size, in_shares, only)
    if NO_ROOM in read.texts:
        read = _read(rows, selected, offset, size, room.in_order, only)
    return read.up_to_the_first_without_room()


def _read(
    rows: SessionRows,
    selected: SelectedRows | None,
    offset: int,
    size: int,
    within_room: Callable[[Sql], Sql],
    only: str | None,
) -> ReadRows:
    """Read rows, with NO_ROOM in place of those that `within_room` leaves out.

    Raises:
        RowsGone: not all of them were there.
        And others as `read_page`.
    """

    def rows_at(places: Sql) -> Sql:
        return within_room(rows.rows_at(places, only=only))

    if selected is not None:
        read = _read_selected(rows, selected, offset, size, rows_at)
    elif rows.kept or offset >= rows.total_rows:
        read = _in_row_order(rows, offset, size, rows_at)
    else:
        activity.note(read_from="rows")
        query = within_room(rows.rows_between(offset + 1, offset + size, only=only))
        read = _in_order_of_places(rows, query, offset, size, row_count=rows.total_rows)
    activity.count(rows_scanned=len(read.texts))
    if len(read.texts) != _wanted(offset, size, read.row_count):
        raise RowsGone
    return read


def _read_selected(
    rows: SessionRows,
    selected: SelectedRows,
    offset: int,
    size: int,
    rows_at: Callable[[Sql], Sql],
) -> ReadRows:
    listed = None
    if selected.keeps_list and not selected.is_found:
        try:
            listed = _of_list(rows, selected.list_key.list_id, offset, size, rows_at)
        except Error as error:
            if meaning_of(error) != "DATABASE_READ_ONLY":
                raise
            selected.keeps_list = False  # a standby stores no lists, and needs none
    if listed is None:
        numbers = selected.found.between(offset, offset + size)
        places = page_of_numbers(numbers.tolist())
        row_count = selected.found.row_count
        listed = _in_order_of_places(rows, rows_at(places), offset, size, row_count=row_count)
    else:
        activity.note(read_from="list")
    if selected.has_all_rows and listed.row_count != rows.total_rows:
        raise RowsGone
    return listed


def _in_order_of_places(
    rows: SessionRows, page: Sql, offset: int, size: int, *, row_count: int
) -> ReadRows:
    query = sql("{page}\nORDER BY page.at", page=page)
    wanted = _wanted(offset, size, row_count)

    def all_of_them(replica: BaseDatabaseWrapper) -> list[tuple[Any, ...]] | None:
        with replica.cursor() as cursor:
            cursor.execute(query.text, query.parameters)
            records: list[tuple[Any, ...]] = cursor.fetchall()
        return records if len(records) == wanted else None

    records = None
    if not rows.kept:  # otherwise cells may look into lists, which a replica does not have
        cells = wanted * len(rows.columns)
        seconds = SHORT_SECONDS * max(1.0, cells / _CELLS_OF_A_MOMENT)
        records = read_on_replica(all_of_them, seconds=seconds)
    if records is None:
        records = rows.fetch_all(query)
    return ReadRows(
        row_count=row_count,
        numbers=[row_number for _, row_number, _ in records],
        texts=[text for text, _, _ in records],
    )


def _wanted(offset: int, size: int, row_count: int) -> int:
    return max(0, min(size, row_count - offset))


def _in_row_order(
    rows: SessionRows, offset: int, size: int, rows_at: Callable[[Sql], Sql]
) -> ReadRows:
    if offset >= rows.total_rows:
        return ReadRows(row_count=rows.total_rows, numbers=[], texts=[])
    activity.note(read_from="list")
    list_id = rows.kept[-1].list_id
    listed = _of_list(rows, list_id, offset, size, rows_at)
    if listed is None:
        rows.require_kept()
        listed = _of_list(rows, list_id, offset, size, rows_at)
    if listed is None:  # lists are removed as fast as they are made
        raise TookTooLong
    return replace(listed, row_count=rows.total_rows)


def _of_list(
    rows: SessionRows, list_id: UUID, offset: int, size: int, rows_at: Callable[[Sql], Sql]
) -> ReadRows | None:
    """Read a page of a list, None if the list does not exist."""
    places = page_of_list(list_id, offset, size)
    records = rows.fetch_all(with_list(list_id, rows_at(places)))
    if not records:
        return None
    [(row_count, is_long_unused, *_), *_] = records
    if is_long_unused:
        storage.note_use([list_id, *(kept.list_id for kept in rows.kept)])
    found = [(text, row_number) for _, _, text, row_number in records if text is not None]
    return ReadRows(
        row_count=row_count,
        numbers=[row_number for _, row_number in found],
        texts=[text for text, _ in found],
    )
