"""A session: its facts, its rows, and its answers to the commands on it.

A missing value is null in rows, and "" in previews as existing clients expect.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from msgspec import Meta
from typing_extensions import TypedDict

from data_tools.answers.shared_values import (
    Cell,
    ColumnTypeName,
    Durable,
    PresentCell,
    Shape,
    Success,
    Summary,
    durable,
    summary,
    taken,
)
from data_tools.rows.on_demand import OnDemand
from data_tools.rows.pages import Page
from data_tools.services.session_data import SessionData
from data_tools.services.time_travel_service import PastData
from session_events.conf import recovery_policy
from session_events.events import Column
from session_events.lifetime import expires_at, retained_until
from session_events.loading import Session
from session_events.recording import current_status
from session_events.state import SessionState, Status

_HISTORY_SHOWN = 10

Row = Annotated[
    dict[str, Cell],
    Meta(description="A row's cells by column name, in column order; a missing one is null."),
]
PreviewRow = Annotated[
    dict[str, PresentCell], Meta(description='A row\'s cells by column name; a missing one is "".')
]


class ColumnNameAndType(TypedDict):
    name: str
    type: ColumnTypeName


class Pagination(TypedDict):
    page_number: int
    page_size: int
    total_rows: int
    filtered_rows: int
    total_pages: int
    has_next: bool
    has_previous: bool


class CutTextMark(TypedDict):
    """A text of which only the beginning is shown; `data/cell/` has all of it.

    `row` is the row's place, from 1, among all rows that are shown, not on the page.
    """

    row: int
    column: str
    characters: int


class Shortened(TypedDict):
    """What was shortened so that the rows fit into an answer; absent if nothing was.

    `rows_left_out` counts the rows left out at the end, if no page was asked for.
    """

    shortened_cells: NotRequired[list[CutTextMark]]
    rows_left_out: NotRequired[int]


class Numbered(TypedDict):
    """The dataset's number of each row shown, for clients with the capability `row-numbers`.

    From 1, in the order of the rows shown. Filters, orders and operations never change it.
    """

    row_numbers: NotRequired[list[int]]


class PageBody(Durable, Shortened, Numbered):
    """One page of rows: the keys that existing clients read, and ours beside them."""

    success: Success
    data: Sequence[Row]
    totalRows: int
    page: int
    pageSize: int
    totalPages: int
    columnDefs: list[str]
    pagination: Pagination
    columns: list[ColumnNameAndType]


class Past(TypedDict):
    """What an answer made of a session's past says besides."""

    session_id: UUID
    latest_version: int
    read_only: bool


class PastPage(PageBody, Past):
    pass


def records(page: Page, columns: tuple[Column, ...]) -> Sequence[Row]:
    """Return the rows as objects by column name, in column order; each is made when it is read."""
    names = [column.name for column in columns]
    return OnDemand(lambda row: dict(zip(names, row, strict=True)), page.rows)


def preview(page: Page, columns: tuple[Column, ...]) -> Sequence[PreviewRow]:
    """Return the rows as `records` does, with "" for a missing value."""
    names = [column.name for column in columns]

    def shown(row: list[Any]) -> PreviewRow:
        values = ("" if value is None else value for value in row)
        return dict(zip(names, values, strict=True))

    return OnDemand(shown, page.rows)


def pagination(page: Page) -> Pagination:
    return taken(Pagination, page)


def shortened(page: Page) -> Shortened:
    said: Shortened = {}
    if page.cut_texts:
        said["shortened_cells"] = [taken(CutTextMark, each) for each in page.cut_texts]
    if page.rows_left_out:
        said["rows_left_out"] = page.rows_left_out
    return said


def numbered(data: SessionData) -> Numbered:
    return {"row_numbers": list(data.page.row_numbers)} if data.numbered else {}


def column_list(columns: tuple[Column, ...]) -> list[ColumnNameAndType]:
    return [{"name": column.name, "type": column.type} for column in columns]


def page_body(data: SessionData) -> PageBody:
    page = data.page
    return {
        "success": True,
        "data": records(page, data.columns),
        "totalRows": page.filtered_rows,
        "page": page.page_number,
        "pageSize": page.page_size,
        "totalPages": page.total_pages,
        "columnDefs": [column.name for column in data.columns],
        "pagination": pagination(page),
        "columns": column_list(data.columns),
        **shortened(page),
        **numbered(data),
        **durable(data.session),
    }


def past_page_body(past: PastData) -> PastPage:
    return {**page_body(past.data), **of_the_past(past)}


def of_the_past(past: PastData) -> Past:
    return {
        "session_id": past.head.stream_id,
        "latest_version": past.head.position.version,
        "read_only": True,
    }


class Step(TypedDict):
    """One operation of the history, counted from 1."""

    step: int
    operation_name: str
    timestamp: dt.datetime
    shape_before: Shape
    shape_after: Shape


class OpenSession(TypedDict):
    """The existing `session_info`, with keys that its clients read but were never sent."""

    session_exists: Literal[True]
    session_id: UUID
    user_id: int
    datasource_id: UUID
    created_at: dt.datetime | None
    last_accessed: dt.datetime | None
    status: Status
    version: int
    current_shape: Shape
    original_shape: Shape
    current_step: int
    current_position: int
    total_operations: int
    history_length: int
    can_undo: bool
    can_redo: bool
    operations_history: list[Step]
    operations: list[Step]
    metadata: dict[str, Any]
    timeout_minutes: int
    expires_at: dt.datetime | None
    is_expired: bool


class NoSession(TypedDict):
    session_exists: Literal[False]


SessionInfo = OpenSession | NoSession


class Message(TypedDict):
    message: NotRequired[str]


class Paging(TypedDict):
    pagination: NotRequired[Pagination]


class PageError(TypedDict):
    """Why a command that took effect is answered without rows."""

    page_error: NotRequired[str]


class SessionBody(Summary, Durable, Message, Paging, PageError, Shortened, Numbered):
    """What most session endpoints answer with. `pagination` is there for clients that asked."""

    success: Success
    session_info: SessionInfo
    data_preview: Sequence[PreviewRow] | None
    column_info: list[str] | None
    source_changed: bool


class Paused(Summary, Durable):
    success: Success
    message: str
    session_info: SessionInfo


class Cleared(Durable):
    success: Success
    message: str


class Forked(SessionBody):
    session_id: UUID
    repeated: bool


def session_info(session: Session | None, datasource_name: str = "") -> SessionInfo:
    if session is None:
        return {"session_exists": False}
    state, policy = session.state, recovery_policy()
    status, end = current_status(state), expires_at(state, policy)
    shapes = _shapes(state)
    history: list[Step] = [
        {
            "step": step,
            "operation_name": operation.operation,
            "timestamp": operation.applied_at,
            "shape_before": shapes[step - 1],
            "shape_after": shapes[step],
        }
        for step, operation in enumerate(state.operations, start=1)
    ]
    return {
        "session_exists": True,
        "session_id": session.head.stream_id,
        "user_id": session.head.user_id,
        "datasource_id": session.head.dataset_id,
        "created_at": state.started_at,
        "last_accessed": state.last_activity_at,
        "status": status,
        "version": state.version,
        "current_shape": shapes[-1],
        "original_shape": shapes[0],
        "current_step": len(state.operations),
        "current_position": len(state.operations),
        "total_operations": len(state.operations) + len(state.redo),
        "history_length": len(state.operations) + len(state.redo),
        "can_undo": bool(state.operations),
        "can_redo": bool(state.redo),
        "operations_history": history[-_HISTORY_SHOWN:],
        "operations": history[-_HISTORY_SHOWN:],
        "metadata": {
            "datasource_name": datasource_name,
            "source_fingerprint": state.source_fingerprint,
        },
        "timeout_minutes": int(policy.inactivity_timeout.total_seconds() // 60),
        # A session that does not expire has an end as well: until then it is kept.
        "expires_at": end or state.ended_at or retained_until(state, policy),
        "is_expired": status is Status.EXPIRED,
    }


def session_body(data: SessionData, message: str | None = None, *, paged: bool) -> SessionBody:
    """Return the session with its first rows; with `paged`, which page of how many they are."""
    said: Message = {} if message is None else {"message": message}
    paging: Paging = {"pagination": pagination(data.page)} if paged else {}
    has_rows = data.session is not None and not data.page_error
    parts: Shortened = shortened(data.page) if has_rows else {}
    numbers: Numbered = numbered(data) if has_rows else {}
    return {
        "success": True,
        **said,
        "session_info": session_info(data.session, data.datasource.name),
        "data_preview": preview(data.page, data.columns) if has_rows else None,
        "column_info": None if data.session is None else [c.name for c in data.columns],
        "source_changed": _has_other_content(data),
        **summary(data.session),
        **durable(data.session),
        **paging,
        **parts,
        **numbers,
        **page_error(data),
    }


def page_error(data: SessionData) -> PageError:
    return {"page_error": data.page_error} if data.page_error else {}


def paused_body(session: Session) -> Paused:
    return {
        "success": True,
        "message": "Session paused",
        "session_info": session_info(session),
        **summary(session),
        **durable(session),
    }


def cleared_body(session: Session | None) -> Cleared:
    return {"success": True, "message": "Session cleared successfully", **durable(session)}


def forked_body(data: SessionData, session: Session, *, is_repeat: bool, paged: bool) -> Forked:
    return {
        **session_body(data, "Session forked", paged=paged),
        "session_id": session.head.stream_id,
        "repeated": is_repeat,
    }


def _has_other_content(data: SessionData) -> bool:
    """Tell whether the session's content is not the dataset's; validate says what that means."""
    if data.session is None:
        return False
    return data.session.state.source_fingerprint != data.datasource.fingerprint


def _shapes(state: SessionState) -> list[Shape]:
    """Return [rows, columns] at the beginning and after each operation."""
    columns = len(state.base_columns)
    shapes = [[state.row_count, columns]]
    for operation in state.operations:
        actions = [change.action for change in operation.column_changes]
        columns += actions.count("add") - actions.count("drop")
        shapes.append([operation.rows_after, columns])
    return shapes
