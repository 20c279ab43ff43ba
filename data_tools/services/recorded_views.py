"""Translate between the page a user looks at and the view that the log records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import orjson

from data_tools.columns import ColumnType
from data_tools.features import Feature, is_on
from data_tools.filtering import (
    MAX_SORTS,
    Filter,
    PageSpec,
    Selection,
    SortSpec,
    filter_from_json,
    sort_from_object,
)
from data_tools.filtering.exceptions import InvalidFilter, InvalidSort
from data_tools.sql.conditions import conditions_on
from session_events.events import Column, View


def view_of(page: PageSpec, selection: Selection, *, before: View | None) -> View:
    """Return the view of a page, with the filter as the client sent it.

    How the columns are laid out stays as it was `before`: a page read does not mention it.
    """
    return replace(
        before or View(page_number=1, page_size=1),
        page_number=page.page_number,
        page_size=page.page_size,
        sort=tuple(_spelled(sort) for sort in selection.sorts),
        filters=selection.filter.written if selection.filter else None,
    )


def seen_again(view: View, columns: Iterable[Column]) -> tuple[PageSpec, Selection]:
    """Return the page and the selection of a view, as far as they still suit the columns.

    A sort by a column that is gone is dropped, and so is one by a locale or without case if the
    column is not text; the others stay. A filter that no longer suits the columns is dropped as a
    whole, since half a filter would be another question. Without its filter, also while filters are
    switched off, the view becomes page 1.
    """
    columns = list(columns)
    names = {column.name for column in columns}
    texts = {column.name for column in columns if column.type == ColumnType.TEXT}
    sorts = [
        sort
        for text in view.sort
        if (sort := _read(text, names)) is not None
        and (sort.column_name in texts or not (sort.locale or sort.ignore_case))
    ]
    page = PageSpec(page_number=view.page_number, page_size=view.page_size)
    row_filter = _filter_of(view, columns)
    if view.filters and row_filter is None:
        page = PageSpec(page_size=view.page_size)
    return page, Selection(filter=row_filter, sorts=tuple(sorts[:MAX_SORTS]))


def _filter_of(view: View, columns: list[Column]) -> Filter | None:
    if not view.filters or not is_on(Feature.FILTERS):
        return None
    try:
        row_filter = filter_from_json(view.filters)
        conditions_on(columns, row_filter)
    except InvalidFilter:
        return None
    return row_filter


def _spelled(sort: SortSpec) -> str:
    """Return `-name` or `name`, or `+name` if the name itself begins with one of the signs.

    An order by a locale or without case is the JSON of `SortSpec.as_json`: a reader that does not
    know it takes it for the name of a column that is gone.
    """
    if sort.locale is not None or sort.ignore_case:
        return orjson.dumps(sort.as_json()).decode()
    if sort.descending:
        return f"-{sort.column_name}"
    return f"+{sort.column_name}" if sort.column_name.startswith(("-", "+")) else sort.column_name


def _read(text: str, names: set[str]) -> SortSpec | None:
    """Return the sort, if it is by one of `names`. Older logs have no `+` before any name."""
    if text[:1] in ("-", "+") and text[1:] in names:
        return SortSpec(column_name=text[1:], descending=text.startswith("-"))
    if text in names:
        return SortSpec(column_name=text)
    return _read_object(text, names) if text.startswith("{") else None


def _read_object(text: str, names: set[str]) -> SortSpec | None:
    try:
        written = orjson.loads(text)
        name = written.get("column")
        return sort_from_object(written) if isinstance(name, str) and name in names else None
    except (orjson.JSONDecodeError, InvalidSort):
        return None
