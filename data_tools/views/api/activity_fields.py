"""A batch of client activity in a request, read strictly: one wrong item rejects the batch."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from msgspec import UNSET

from data_tools.filtering import PageSpec
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.parameters import MOST_COLUMNS
from data_tools.views.api.pending_fields import id_of_entry, reject_other_fields, require_object
from session_events.activity import Reported
from session_events.events import ClientErrorReported, View, ViewChanged

MAX_ITEMS = 100
MAX_SORTS = 10
LONGEST_VIEW_BYTES = 64 * 1024
LONGEST_MESSAGE = 2_000
LONGEST_CONTEXT_BYTES = 8 * 1024
_FIELD = "items"
_FIELDS = {
    "view_changed": ("client_operation_id", "type", "view"),
    "client_error": ("client_operation_id", "type", "message", "context"),
}
NARROWEST_PIXELS, WIDEST_PIXELS = 24, 2_000
_VIEW = (
    *("page_number", "page_size", "sort", "filter"),
    *("hidden_columns", "column_order", "column_widths", "frozen_columns"),
)


def activity_of(value: Any) -> list[Reported]:
    """Return the items of a batch, in order.

    Raises:
        InvalidParameter: the list or an item is malformed, or two items have the same id.
        InvalidPagination: an item's page is not a page.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ITEMS:
        raise InvalidParameter(_FIELD, f"must be a list of 1 to {MAX_ITEMS} items")
    reported = [_item(item, f"{_FIELD}[{at}]") for at, item in enumerate(value)]
    seen: set[uuid.UUID] = set()
    for at, item in enumerate(reported):
        if item.client_operation_id in seen:
            raise InvalidParameter(f"{_FIELD}[{at}].client_operation_id", "is given twice")
        seen.add(item.client_operation_id)
    return reported


def _item(item: Any, path: str) -> Reported:
    require_object(item, path)
    kind = item.get("type")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise InvalidParameter(f"{path}.type", f"must be one of {', '.join(_FIELDS)}")
    reject_other_fields(item, _FIELDS[kind], path)
    return Reported(
        client_operation_id=id_of_entry(item, path),
        event=_view(item.get("view"), f"{path}.view")
        if kind == "view_changed"
        else _error(item, path),
    )


def _view(view: Any, path: str) -> ViewChanged:
    require_object(view, path)
    reject_other_fields(view, _VIEW, path)
    _require_bytes(view, LONGEST_VIEW_BYTES, path)
    page = PageSpec(page_number=view.get("page_number"), page_size=view.get("page_size"))
    filters = view.get("filter")
    if filters is not None and not isinstance(filters, list | dict):
        raise InvalidParameter(f"{path}.filter", "must be a list or an object")
    return ViewChanged(
        view=View(
            page_number=page.page_number,
            page_size=page.page_size,
            sort=_names(view, "sort", path, most=MAX_SORTS),
            filters=filters,
            hidden_columns=_names(view, "hidden_columns", path, most=MOST_COLUMNS),
            column_order=_names(view, "column_order", path, most=MOST_COLUMNS),
            column_widths=_widths(view, path) or UNSET,
            frozen_columns=_frozen(view, path) or UNSET,
        )
    )


def _error(item: dict[str, Any], path: str) -> ClientErrorReported:
    message, context = item.get("message"), item.get("context", {})
    if not isinstance(message, str) or not 1 <= len(message) <= LONGEST_MESSAGE:
        raise InvalidParameter(
            f"{path}.message", f"must be text of 1 to {LONGEST_MESSAGE:,} characters"
        )
    require_object(context, f"{path}.context")
    _require_bytes(context, LONGEST_CONTEXT_BYTES, f"{path}.context")
    return ClientErrorReported(message=message, context=context)


def _names(view: dict[str, Any], field: str, path: str, *, most: int) -> tuple[str, ...]:
    names = view.get(field, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidParameter(f"{path}.{field}", "must be a list of column names")
    if len(names) > most:
        raise InvalidParameter(f"{path}.{field}", f"must name at most {most:,} columns")
    return tuple(names)


def _widths(view: dict[str, Any], path: str) -> dict[str, int]:
    widths: dict[str, int] = view.get("column_widths", {})
    require_object(widths, f"{path}.column_widths")
    if len(widths) > MOST_COLUMNS:
        raise InvalidParameter(
            f"{path}.column_widths", f"must name at most {MOST_COLUMNS:,} columns"
        )
    for name, width in widths.items():
        if type(width) is not int or not NARROWEST_PIXELS <= width <= WIDEST_PIXELS:
            raise InvalidParameter(
                f"{path}.column_widths",
                f"must have whole numbers from {NARROWEST_PIXELS} to {WIDEST_PIXELS:,}",
                column=name,
            )
    return widths


def _frozen(view: dict[str, Any], path: str) -> int:
    count = view.get("frozen_columns", 0)
    if type(count) is not int or not 0 <= count <= MOST_COLUMNS:
        raise InvalidParameter(
            f"{path}.frozen_columns", f"must be a whole number from 0 to {MOST_COLUMNS:,}"
        )
    return count


def _require_bytes(value: Any, most: int, path: str) -> None:
    if len(orjson.dumps(value)) > most:
        raise InvalidParameter(path, f"must take at most {most:,} bytes of JSON")
