"""Sessions and pages as the API's JSON values. Keys and types of the existing contract are kept.

Times are ISO 8601 in UTC. In rows, a missing value is null; in `data_preview` it is "", as
existing clients expect.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from data_tools.http.errors import refusal
from data_tools.rows.pages import Page
from data_tools.services.pending_operations import PendingOutcome
from data_tools.services.recipe_service import FittedStep
from data_tools.services.session_data import SessionData
from data_tools.services.time_travel_service import Changes, PastData
from session_events.conf import recovery_policy
from session_events.events import Column, GivenUp, Operation
from session_events.heads import StreamHead
from session_events.lifetime import expires_at, retained_until
from session_events.loading import Session
from session_events.recording import current_status
from session_events.recovery.service import Validation
from session_events.recovery.verdicts import Assessment, RecoveryOption, Strategy
from session_events.state import SessionState, Status, state_digest

_HISTORY_SHOWN = 10


def records(page: Page, columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Return the rows as objects by column name, in column order."""
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in page.rows]


def preview(page: Page, columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Return the rows as `records`, with "" for a missing value."""
    return [
        {name: "" if value is None else value for name, value in record.items()}
        for record in records(page, columns)
    ]


def pagination(page: Page) -> dict[str, Any]:
    return {
        "page_number": page.page_number,
        "page_size": page.page_size,
        "total_rows": page.total_rows,
        "filtered_rows": page.filtered_rows,
        "total_pages": page.total_pages,
        "has_next": page.has_next,
        "has_previous": page.has_previous,
    }


def durable(session: Session | None) -> dict[str, Any]:
    """Return the version and time of the last durable event, so that "saved" is never guessed."""
    if session is None:
        return {"version": None, "saved_at": None}
    return {
        "version": session.head.position.version,
        "saved_at": _iso(session.head.last_event_at),
    }


def summary(session: Session | None) -> dict[str, Any]:
    """Return the keys that existing clients read beside `session_info` but were never sent."""
    operations = 0 if session is None else len(session.state.operations)
    return {
        "session_exists": session is not None,
        "operations_count": operations,
        "can_undo": operations > 0,
        "can_redo": session is not None and bool(session.state.redo),
    }


def session_info(session: Session | None, datasource_name: str = "") -> dict[str, Any]:
    """Return the existing `session_info`, and what its clients read but were never sent."""
    if session is None:
        return {"session_exists": False}
    state, policy = session.state, recovery_policy()
    status, end = current_status(state), expires_at(state, policy)
    shapes = _shapes(state)
    history = [
        {
            "step": step,
            "operation_name": operation.operation,
            "timestamp": _iso(operation.applied_at),
            "shape_before": shapes[step - 1],
            "shape_after": shapes[step],
        }
        for step, operation in enumerate(state.operations, start=1)
    ][-_HISTORY_SHOWN:]
    last_activity = _iso(state.last_activity_at)
    return {
        "session_exists": True,
        "session_id": str(session.head.stream_id),
        "user_id": session.head.user_id,
        "datasource_id": str(session.head.dataset_id),
        "created_at": _iso(state.started_at),
        "last_accessed": last_activity,
        "status": status.value,
        "version": state.version,
        "current_shape": shapes[-1],
        "original_shape": shapes[0],
        "current_step": len(state.operations),
        "current_position": len(state.operations),
        "total_operations": len(state.operations) + len(state.redo),
        "history_length": len(state.operations) + len(state.redo),
        "can_undo": bool(state.operations),
        "can_redo": bool(state.redo),
        "operations_history": history,
        "operations": history,
        "metadata": {
            "datasource_name": datasource_name,
            "source_fingerprint": state.source_fingerprint,
        },
        "timeout_minutes": int(policy.inactivity_timeout.total_seconds() // 60),
        # A session that does not expire has an end as well: until then it is kept.
        "expires_at": _iso(end or state.ended_at or retained_until(state, policy)),
        "is_expired": status is Status.EXPIRED,
    }


def full_body(data: SessionData, message: str | None = None, *, paged: bool) -> dict[str, Any]:
    """Return the body that every session endpoint answers with; `pagination` only if asked for."""
    body: dict[str, Any] = {"success": True}
    if message is not None:
        body["message"] = message
    body |= {
        "session_info": session_info(data.session, data.datasource.name),
        "data_preview": _preview_of(data),
        "column_info": None if data.session is None else [c.name for c in data.columns],
        "source_changed": _source_changed(data),
        **summary(data.session),
        **durable(data.session),
    }
    if paged:
        body["pagination"] = pagination(data.page)
    return body | page_error(data)


def page_error(data: SessionData) -> dict[str, str]:
    """Return why there are no rows behind a command that took effect; nothing if there are."""
    return {"page_error": data.page_error} if data.page_error else {}


def _preview_of(data: SessionData) -> list[dict[str, Any]] | None:
    if data.session is None or data.page_error:
        return None
    return preview(data.page, data.columns)


def _source_changed(data: SessionData) -> bool:
    """Whether the session is on other content than the dataset's; validate says what that means."""
    if data.session is None:
        return False
    return data.session.state.source_fingerprint != data.datasource.fingerprint


def as_of_then(body: dict[str, Any], past: PastData) -> dict[str, Any]:
    """Return `body`, made of a session's past, with what that means for its reader.

    Its status is the one it had then: whether it would have expired by now says nothing.
    """
    body = {
        **body,
        "session_id": str(past.head.stream_id),
        "latest_version": past.head.position.version,
        "read_only": True,
    }
    session = past.data.session
    if session is not None and "session_info" in body:
        status = session.state.status
        body["session_info"] = {
            **body["session_info"],
            "status": status.value,
            "is_expired": status is Status.EXPIRED,
        }
    return body


def column_list(columns: tuple[Column, ...]) -> list[dict[str, str]]:
    return [{"name": column.name, "type": column.type} for column in columns]


def operation_list(operations: tuple[Operation, ...]) -> list[dict[str, Any]]:
    return [
        {
            "version": operation.sequence,
            "operation": operation.operation,
            "parameters": operation.parameters,
            "cells_changed": operation.cells_changed,
            "applied_at": _iso(operation.applied_at),
        }
        for operation in operations
    ]


def changes_body(found: Changes) -> dict[str, Any]:
    """Return the body of changes: operations and columns, each in the order they stand in."""
    changed = found.differences
    return {
        "success": True,
        "session_id": str(found.after.head.stream_id),
        "from_version": found.before.head.position.version,
        "to_version": found.after.head.position.version,
        "operations": {
            "added": operation_list(changed.added),
            "taken_back": operation_list(changed.taken_back),
            "restored": operation_list(changed.restored),
        },
        "columns": {
            "added": column_list(changed.columns_added),
            "dropped": column_list(changed.columns_dropped),
            "renamed": [
                {"from": pair.before.name, "to": pair.after.name}
                for pair in changed.columns_renamed
            ],
            "retyped": [
                {"name": pair.after.name, "from": pair.before.type, "to": pair.after.type}
                for pair in changed.columns_retyped
            ],
        },
    }


def view_object(state: SessionState) -> dict[str, Any] | None:
    if state.view is None:
        return None
    return {
        "page_number": state.view.page_number,
        "page_size": state.view.page_size,
        "sort": list(state.view.sort),
        "filter": state.view.filters,
        "hidden_columns": list(state.view.hidden_columns),
        "column_order": list(state.view.column_order),
    }


def given_up_list(given_up: tuple[GivenUp, ...]) -> list[dict[str, Any]]:
    return [{"version": item.sequence, "sentence": item.sentence} for item in given_up]


def pending_list(outcomes: tuple[PendingOutcome, ...]) -> list[dict[str, Any]]:
    """Return what became of each pending operation, in the order they were sent."""
    shown: list[dict[str, Any]] = []
    for outcome in outcomes:
        entry: dict[str, Any] = {
            "client_operation_id": str(outcome.client_operation_id),
            "status": outcome.status.value,
        }
        if outcome.error is not None:
            entry["error"] = refusal(outcome.error)
        else:
            entry |= {"session_id": str(outcome.session_id), "version": outcome.version}
        shown.append(entry)
    return shown


def recipe_report(steps: tuple[FittedStep, ...]) -> list[dict[str, Any]]:
    """Return for each step of a recipe, counted from 1, what it does, or why it does not fit.

    `version` is null where it was not applied.
    """
    report: list[dict[str, Any]] = []
    for number, one in enumerate(steps, start=1):
        entry: dict[str, Any] = {"step": number, "operation": one.step.operation}
        if one.prepared is not None:
            entry |= {
                "fits": True,
                "message": one.prepared.message,
                "cells_changed": one.prepared.cells_changed,
                "version": one.version,
            }
        elif one.error is not None:
            entry |= {"fits": False, "error": refusal(one.error)}
        report.append(entry)
    return report


def verdict(validation: Validation, *, mount: str) -> dict[str, Any]:
    """Return the body of validate: the seed's four fields and what stands behind them."""
    assessment, head, state = validation.assessment, validation.head, validation.state
    return {
        "success": True,
        "session_valid": assessment.session_valid,
        "last_activity": None if state is None else _iso(state.last_activity_at),
        "recovery_possible": assessment.recovery_possible,
        "suggested_action": assessment.suggested_action.value,
        "session_id": None if head is None else str(head.stream_id),
        "version": None if head is None else head.position.version,
        "status": assessment.status.value,
        "expires_at": _iso(assessment.expires_at),
        "state_digest": None if state is None else state_digest(state),
        "replaced_by": str(state.replaced_by) if state and state.replaced_by else None,
        "reasons": [
            {"code": reason.code, "sentence": reason.sentence} for reason in assessment.reasons
        ],
        "recovery_options": _options(assessment, head, mount=mount),
        "earlier_sessions": [_earlier(earlier) for earlier in validation.earlier],
    }


def _earlier(head: StreamHead) -> dict[str, Any]:
    return {
        "session_id": str(head.stream_id),
        "status": head.status.value,
        "version": head.position.version,
        "last_activity": _iso(head.last_event_at),
    }


def _options(
    assessment: Assessment, head: StreamHead | None, *, mount: str
) -> list[dict[str, Any]]:
    return [
        {
            "strategy": option.strategy.value,
            "to_version": option.to_version,
            "comes_back": option.comes_back,
            "given_up": option.given_up,
            "request": {
                "method": "POST",
                "href": f"{mount}session/recover/",
                "body": _recover_body(option, head),
            },
        }
        for option in assessment.options
    ]


def _recover_body(option: RecoveryOption, head: StreamHead | None) -> dict[str, Any]:
    """Return what to send for an option: the session meant is named, so that no other is taken."""
    body: dict[str, Any] = {"strategy": option.strategy.value}
    if head is not None and option.strategy is not Strategy.START_NEW:
        body["session_id"] = str(head.stream_id)
    return body


def _shapes(state: SessionState) -> list[list[int]]:
    """Return [rows, columns] at the beginning and after each operation."""
    columns = len(state.base_columns)
    shapes = [[state.row_count, columns]]
    for operation in state.operations:
        actions = [change.action for change in operation.column_changes]
        columns += actions.count("add") - actions.count("drop")
        shapes.append([operation.rows_after, columns])
    return shapes


def _iso(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(dt.UTC).isoformat()
