"""Whether a session can be recovered, and the recovered session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.error_answers import Refusal, refusal
from data_tools.answers.operation_answers import AppliedOperation, operation_list
from data_tools.answers.session_answers import (
    ColumnNameAndType,
    Numbered,
    PageError,
    Pagination,
    Row,
    SessionInfo,
    Shortened,
    column_list,
    numbered,
    page_error,
    pagination,
    records,
    session_info,
    shortened,
)
from data_tools.answers.shared_values import (
    Durable,
    Success,
    Summary,
    durable,
    summary,
    taken,
)
from data_tools.answers.status_answers import RecordedView, recorded_view
from data_tools.services.pending_operations import PendingOutcome
from data_tools.services.recovery_service import Recovered
from session_events.conf import recovery_policy
from session_events.heads import StreamHead
from session_events.lifetime import kept_if_put_away
from session_events.recovery.service import Validation
from session_events.recovery.verdicts import Action, RecoveryOption, Strategy
from session_events.state import SessionState, state_digest


class RequestToSend(TypedDict):
    """The request that does what was offered, ready to be sent."""

    method: str
    href: str
    body: dict[str, Any]


class OfferedRecovery(TypedDict):
    strategy: Strategy
    to_version: int | None
    operations_back: int
    comes_back: Any
    given_up: Any
    request: RequestToSend


class ReasonInWords(TypedDict):
    code: str
    sentence: str


class EarlierSession(TypedDict):
    session_id: UUID
    status: str
    version: int
    last_activity: dt.datetime | None


class Verdict(TypedDict):
    """The answer of validate. Its first four keys are prescribed; the others explain them."""

    success: Success
    session_valid: bool
    last_activity: dt.datetime | None
    recovery_possible: bool
    suggested_action: Action
    session_id: UUID | None
    version: int | None
    status: str
    expires_at: dt.datetime | None
    kept_until: dt.datetime | None
    state_digest: str | None
    replaced_by: UUID | None
    reasons: list[ReasonInWords]
    recovery_options: list[OfferedRecovery]
    earlier_sessions: list[EarlierSession]


class Restored(TypedDict):
    """How many operations, and how many that can be redone, came back."""

    operations: int
    redo: int


class PendingResult(TypedDict):
    """What became of a pending operation: where it is in the log, or why it was refused."""

    client_operation_id: UUID
    status: str
    error: NotRequired[Refusal]
    session_id: NotRequired[UUID | None]
    version: NotRequired[int | None]


class GivenUpFact(TypedDict):
    version: int
    sentence: str


class RecoveredSession(Summary, Durable, PageError, Shortened, Numbered):
    """The whole session, so that a client needs no second request. Times are in milliseconds.

    `redoable` are the operations that can be redone, the next one first; `forked_from` is the
    session whose work this one began with.
    """

    success: Success
    message: str
    strategy: str
    recovered: bool
    session_info: SessionInfo
    columns: list[ColumnNameAndType]
    operations: list[AppliedOperation]
    redoable: list[AppliedOperation]
    forked_from: UUID | None
    view: RecordedView | None
    data: Sequence[Row]
    pagination: Pagination
    restored: Restored
    pending_operations: list[PendingResult]
    pending_not_tried: list[UUID]
    given_up: list[GivenUpFact]
    events_replayed: int
    snapshot_version: int | None
    duration_ms: float


def verdict(validation: Validation, *, mount: str) -> Verdict:
    """Return the answer of validate. `mount` is the address of the dataset."""
    assessment, head, state = validation.assessment, validation.head, validation.state
    return {
        "success": True,
        "session_valid": assessment.session_valid,
        "last_activity": None if state is None else state.last_activity_at,
        "recovery_possible": assessment.recovery_possible,
        "suggested_action": assessment.suggested_action,
        "session_id": None if head is None else head.stream_id,
        "version": None if head is None else head.position.version,
        "status": assessment.status.value,
        "expires_at": assessment.expires_at,
        "kept_until": _kept_until(state),
        "state_digest": None if state is None else state_digest(state),
        "replaced_by": None if state is None else state.replaced_by,
        "reasons": [taken(ReasonInWords, reason) for reason in assessment.reasons],
        "recovery_options": [_offered(option, head, mount) for option in assessment.options],
        "earlier_sessions": [_earlier(earlier) for earlier in validation.earlier],
    }


def recovered_body(recovered: Recovered) -> RecoveredSession:
    recovery, data = recovered.recovery, recovered.data
    message = "Session recovered" if recovery.recorded else "Nothing to recover"
    if recovery.is_repeat:
        message = "Already recovered"
    assert data.session is not None  # it was just recovered
    brought_back, state = recovery.session.state, data.session.state
    return {
        "success": True,
        "message": message,
        "strategy": recovery.strategy.value,
        "recovered": recovery.recorded,
        "session_info": session_info(data.session, data.datasource.name),
        "columns": column_list(data.columns),
        "operations": operation_list(state.operations),
        "redoable": operation_list(state.redo[::-1]),
        "forked_from": state.forked_from,
        "view": recorded_view(data.session),
        "data": records(data.page, data.columns),
        "pagination": pagination(data.page),
        **page_error(data),
        **shortened(data.page),
        **numbered(data),
        "restored": {
            "operations": len(brought_back.operations),
            "redo": len(brought_back.redo),
        },
        "pending_operations": [_pending_result(outcome) for outcome in recovered.pending],
        "pending_not_tried": [each.client_operation_id for each in recovered.not_tried],
        "given_up": [
            {"version": fact.sequence, "sentence": fact.sentence} for fact in recovery.given_up
        ],
        "events_replayed": recovery.events_replayed,
        "snapshot_version": recovery.snapshot_sequence,
        "duration_ms": round(recovery.duration_ms, 3),
        **summary(data.session),
        **durable(data.session),
    }


def _kept_until(state: SessionState | None) -> dt.datetime | None:
    """Count from the last activity, so that a session that rests is told the same each time."""
    if state is None or state.last_activity_at is None:
        return None
    return kept_if_put_away(state, state.last_activity_at, recovery_policy())


def _offered(option: RecoveryOption, head: StreamHead | None, mount: str) -> OfferedRecovery:
    body: dict[str, Any] = {"strategy": option.strategy}
    if head is not None and option.strategy is not Strategy.START_NEW:
        body["session_id"] = head.stream_id  # so that no other session is recovered
    return {
        "strategy": option.strategy,
        "to_version": option.to_version,
        "operations_back": option.operations_back,
        "comes_back": option.comes_back,
        "given_up": option.given_up,
        "request": {"method": "POST", "href": f"{mount}session/recover/", "body": body},
    }


def _earlier(head: StreamHead) -> EarlierSession:
    return {
        "session_id": head.stream_id,
        "status": head.status.value,
        "version": head.position.version,
        "last_activity": head.last_event_at,
    }


def _pending_result(outcome: PendingOutcome) -> PendingResult:
    result: PendingResult = {
        "client_operation_id": outcome.client_operation_id,
        "status": outcome.status.value,
    }
    if outcome.error is not None:
        return {**result, "error": refusal(outcome.error)}
    return {**result, "session_id": outcome.session_id, "version": outcome.version}
