"""What a user looks at, as the log records it, and back."""

from __future__ import annotations

from collections.abc import Iterable

from data_tools.features import Feature, is_on
from data_tools.filtering import MAX_SORTS, Filter, PageSpec, Selection, SortSpec, filter_from_json
from data_tools.filtering.exceptions import InvalidFilter
from data_tools.sql.conditions import conditions_on
from session_events.events import Column, View


def view_of(page: PageSpec, selection: Selection, *, before: View | None) -> View:
    """Return the view of a page; the filter is in it as it was sent.

    Which columns are hidden, and their order, stay as they were `before`: a page read does not say.
    """
    return View(
        page_number=page.page_number,
        page_size=page.page_size,
        sort=tuple(_spelled(sort) for sort in selection.sorts),
        filters=selection.filter.written if selection.filter else None,
        hidden_columns=before.hidden_columns if before else (),
        column_order=before.column_order if before else (),
    )


def seen_again(view: View, columns: Iterable[Column]) -> tuple[PageSpec, Selection]:
    """Return the page and the selection of a view, as far as the columns still have it.

    A sort by a column that is gone falls away, the others stay. A filter that does not suit the
    columns any more falls away whole, since half of it would be another question; then, and while
    filters are switched off, it is page 1 of all rows.
    """
    columns = list(columns)
    names = {column.name for column in columns}
    sorts = [sort for text in view.sort if (sort := _read(text, names)) is not None]
    page = PageSpec(page_number=view.page_number, page_size=view.page_size)
    found = _filter_of(view, columns)
    if view.filters and found is None:
        page = PageSpec(page_size=view.page_size)
    return page, Selection(filter=found, sorts=tuple(sorts[:MAX_SORTS]))


def _filter_of(view: View, columns: list[Column]) -> Filter | None:
    if not view.filters or not is_on(Feature.FILTERS):
        return None
    try:
        found = filter_from_json(view.filters)
        conditions_on(columns, found)
    except InvalidFilter:
        return None
    return found


def _spelled(sort: SortSpec) -> str:
    """`-name` or `name`; `+name` where the name itself begins with one of the signs."""
    if sort.descending:
        return f"-{sort.column_name}"
    return f"+{sort.column_name}" if sort.column_name.startswith(("-", "+")) else sort.column_name


def _read(text: str, names: set[str]) -> SortSpec | None:
    """The sort by a column of `names`; before `+` was written, an ascending name stood as it is."""
    if text[:1] in ("-", "+") and text[1:] in names:
        return SortSpec(column_name=text[1:], descending=text.startswith("-"))
    return SortSpec(column_name=text) if text in names else None
