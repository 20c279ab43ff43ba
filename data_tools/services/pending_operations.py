"""Operations that a browser sent without getting an answer, applied in order after a recovery."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from data_tools.exceptions import RequestRejected
from data_tools.rows.session_rows import SessionRows, event_of
from session_events.events import OperationApplied
from session_events.exceptions import SessionEventsError
from session_events.loading import Session
from session_events.pending import apply_once
from session_events.recording import Command
from session_events.state import SessionState


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
    session: Session, pending: Iterable[PendingOperation], *, command: Command
) -> tuple[Session, tuple[PendingOutcome, ...]]:
    """Apply each operation that still fits; return the session after them, and their outcomes.

    Each is durable before the next is tried, and a refused one does not affect the others. An
    unexpected error ends the list: what was applied stays, and the same list sent again continues
    after it.
    """
    outcomes: list[PendingOutcome] = []
    for operation in pending:
        own_command = replace(
            command,
            client_operation_id=operation.client_operation_id,
            expected_version=None,
            expected_session_id=None,
        )
        try:
            applied = apply_once(
                session,
                partial(_event, operation),
                operation=operation.operation,
                command=own_command.asking([operation.operation, operation.parameters]),
            )
        except (RequestRejected, SessionEventsError) as error:
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
    return session, tuple(outcomes)


def _event(pending: PendingOperation, state: SessionState) -> OperationApplied:
    return event_of(SessionRows.of(state).prepare(pending.operation, pending.parameters))
