"""Operations that a browser sent without getting an answer, applied in order after a recovery."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from django.conf import settings
from django.db import Error

from data_tools.exceptions import RequestRejected, TookTooLong
from data_tools.operations.declaration import event_of
from data_tools.quotas.events import require_events
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.database_errors import is_too_long
from data_tools.under_way.requests import seconds_left
from session_events.events import OperationApplied
from session_events.exceptions import SessionEventsError
from session_events.loading import Session
from session_events.pending import apply_once
from session_events.recording import Command
from session_events.state import SessionState

# The share of the request's time that is kept for reading the rows at the end.
_KEPT_FOR_THE_ROWS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOperation:
    """An operation by its name in the log, with the parameters and the id it was sent with."""

    client_operation_id: uuid.UUID
    operation: str
    parameters: Mapping[str, Any]


class PendingStatus(StrEnum):
    APPLIED = "applied"
    ALREADY_APPLIED = "already_applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOutcome:
    """The outcome of one pending operation.

    `session_id` and `version` say where it was applied, `error` why it was refused. An operation
    that had been applied before may be in a session that the user has left since.
    """

    client_operation_id: uuid.UUID
    status: PendingStatus
    session_id: uuid.UUID | None = None
    version: int | None = None
    error: Exception | None = None


def apply_pending(
    session: Session,
    pending: Iterable[PendingOperation],
    *,
    command: Command,
    stops_at_refused: bool = False,
) -> tuple[Session, tuple[PendingOutcome, ...]]:
    """Apply each operation that still fits; return the session after them, and their outcomes.

    Each is durable before the next is tried, and a refused one does not affect the others; with
    `stops_at_refused` the operations after it are not tried. When the request's time is over, the
    remaining operations are not tried and have no outcome. An unexpected error ends the list, and
    what was applied stays. In both cases, sending the same list again continues.
    """
    outcomes: list[PendingOutcome] = []
    for operation in pending:
        if seconds_left() < settings.REQUEST_SECONDS * _KEPT_FOR_THE_ROWS:
            break
        own_command = replace(
            command,
            client_operation_id=operation.client_operation_id,
            expected_version=None,
            expected_session_id=None,
        )
        try:
            applied = apply_once(
                session,
                partial(_event, command.actor_id, operation),
                operation=operation.operation,
                command=own_command.asking([operation.operation, operation.parameters]),
            )
        except (
            RequestRejected,
            SessionEventsError,
            QuotaExceeded,
            TookTooLong,
            Error,
        ) as error:
            if isinstance(error, Error) and not is_too_long(error):
                raise
            if is_too_long(error) and outcomes and seconds_left() <= 0:
                break  # it may have enough time as the first of another request
            outcome = PendingOutcome(
                client_operation_id=operation.client_operation_id,
                status=PendingStatus.REFUSED,
                error=error,
            )
        else:
            session = applied.session
            outcome = PendingOutcome(
                client_operation_id=operation.client_operation_id,
                status=(
                    PendingStatus.ALREADY_APPLIED if applied.is_repeat else PendingStatus.APPLIED
                ),
                session_id=applied.session_id,
                version=applied.version,
            )
        outcomes.append(outcome)
        if stops_at_refused and outcome.status is PendingStatus.REFUSED:
            break
    return session, tuple(outcomes)


def _event(user_id: int, pending: PendingOperation, state: SessionState) -> OperationApplied:
    require_events(user_id)
    return event_of(SessionRows.of(state).prepare(pending.operation, pending.parameters))
