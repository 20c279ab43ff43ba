"""What a browser did and never got an answer for, applied behind a recovery, in order."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from data_tools.operations.exceptions import RequestRejected
from data_tools.rows.session_rows import SessionRows, event_of
from session_events.events import OperationApplied
from session_events.exceptions import SessionEventsError
from session_events.loading import Session
from session_events.pending import apply_once
from session_events.recording import Command
from session_events.state import SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOperation:
    """An operation by its name in the log, as it was asked for, under the id it was sent with."""

    client_operation_id: uuid.UUID
    operation: str
    parameters: Mapping[str, Any]


class PendingStatus(StrEnum):
    APPLIED = "applied"
    ALREADY_APPLIED = "already_applied"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOutcome:
    """What became of one. `session_id` and `version` say where it stands, `error` why it does not.

    One that was applied before may stand in a session that was left since.
    """

    client_operation_id: uuid.UUID
    status: PendingStatus
    session_id: uuid.UUID | None = None
    version: int | None = None
    error: Exception | None = None


def apply_pending(
    session: Session, pending: Iterable[PendingOperation], *, command: Command
) -> tuple[Session, tuple[PendingOutcome, ...]]:
    """Apply each operation that still fits, each durable on its own; return the session after all.

    One that is refused costs the others nothing. An unexpected error ends the list there: what was
    applied stays, and the same list sent again goes on behind it.
    """
    outcomes: list[PendingOutcome] = []
    for one in pending:
        try:
            applied = apply_once(
                session,
                lambda state, one=one: _event(one, state),
                operation=one.operation,
                command=replace(
                    command,
                    client_operation_id=one.client_operation_id,
                    expected_version=None,
                    expected_session_id=None,
                ).asking([one.operation, one.parameters]),
            )
        except (RequestRejected, SessionEventsError) as error:
            outcomes.append(
                PendingOutcome(
                    client_operation_id=one.client_operation_id,
                    status=PendingStatus.REFUSED,
                    error=error,
                )
            )
            continue
        session = applied.session
        was_there = PendingStatus.ALREADY_APPLIED if applied.is_repeat else PendingStatus.APPLIED
        outcomes.append(
            PendingOutcome(
                client_operation_id=one.client_operation_id,
                status=was_there,
                session_id=applied.session_id,
                version=applied.version,
            )
        )
    return session, tuple(outcomes)


def _event(pending: PendingOperation, state: SessionState) -> OperationApplied:
    return event_of(SessionRows.of(state).prepare(pending.operation, pending.parameters))
