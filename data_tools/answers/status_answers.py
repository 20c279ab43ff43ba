"""The status of a session: what stands there now or stood there once, and how it was looked at."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from data_tools.answers.session_answers import Past, SessionBody, of_the_past, session_body
from data_tools.services.session_data import SessionData
from data_tools.services.time_travel_service import PastData
from session_events.loading import Session
from session_events.state import Status


class RecordedView(TypedDict):
    """What the user looked at last: a page of rows, and how its columns were laid out."""

    page_number: int
    page_size: int
    sort: list[str]
    filter: Any
    hidden_columns: list[str]
    column_order: list[str]
    column_widths: dict[str, int]
    frozen_columns: int


class StatusBody(SessionBody):
    view: RecordedView | None


class PastStatus(StatusBody, Past):
    pass


def status_body(data: SessionData, *, paged: bool) -> StatusBody:
    return {**session_body(data, paged=paged), "view": recorded_view(data.session)}


def past_status_body(past: PastData, *, paged: bool) -> PastStatus:
    """Return the session as it stood, with what that means for its reader.

    Its status is the one it had then: whether it would have expired by now says nothing.
    """
    body = status_body(past.data, paged=paged)
    info, session = body["session_info"], past.data.session
    if session is not None and info["session_exists"]:
        status = session.state.status
        body["session_info"] = {**info, "status": status, "is_expired": status is Status.EXPIRED}
    return {**body, **of_the_past(past)}


def recorded_view(session: Session | None) -> RecordedView | None:
    """Return the view that the log has, None if nobody has looked at a page yet."""
    view = None if session is None else session.state.view
    if view is None:
        return None
    return {
        "page_number": view.page_number,
        "page_size": view.page_size,
        "sort": list(view.sort),
        "filter": view.filters,
        "hidden_columns": list(view.hidden_columns),
        "column_order": list(view.column_order),
        "column_widths": view.column_widths or {},
        "frozen_columns": view.frozen_columns or 0,
    }
