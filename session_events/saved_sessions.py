"""Save a session as a new dataset, and find the dataset again when the command is repeated."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from session_events import heads
from session_events.envelope import decode
from session_events.events import SessionSaved
from session_events.exceptions import ClientOperationIdReused
from session_events.loading import Session
from session_events.recording import Command, Outcome, execute_once, find_repeated
from session_events.state import SessionState
from session_events.time_travel import session_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedBefore:
    """The session as the command saved it when it was first sent, and the dataset it created."""

    session: Session
    new_dataset_id: uuid.UUID


def save(
    session: Session, write: Callable[[SessionState], uuid.UUID], *, command: Command
) -> Outcome:
    """End the session as saved in the dataset whose id `write` returns. It stays recoverable.

    A repeated command does not call `write`. What `write` stores and the event belong to the
    caller's transaction, which the caller must roll back if nothing was recorded.

    Raises:
        SessionEventsError: as `recording.execute_once`.
    """
    return execute_once(
        session, lambda state: [SessionSaved(new_dataset_id=write(state))], command=command
    )


def saved_before(command: Command, *, dataset_id: uuid.UUID) -> SavedBefore | None:
    """Return what the command did when it was sent before, None if it was not.

    Raises:
        ClientOperationIdReused: its id was used for another request.
        LogDamaged, LogUnreadable: the log cannot be read as far as that event.
    """
    stored = find_repeated(command, user_id=command.actor_id, dataset_id=dataset_id)
    if stored is None:
        return None
    event = decode(stored).event
    head = heads.head_of(
        user_id=command.actor_id, dataset_id=dataset_id, stream_id=stored.stream_id
    )
    if head is None or not isinstance(event, SessionSaved):
        raise ClientOperationIdReused(client_operation_id=str(command.client_operation_id))
    return SavedBefore(
        session=session_at(head, stored.sequence), new_dataset_id=event.new_dataset_id
    )
