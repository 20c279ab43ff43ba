"""Apply operations that a client sent and got no answer for, each of them once.

Note [Sent again after a recovery]
    The client's id in the log proves that an operation took effect, so it is not applied again. The
    one exception is an operation that a recovery gave up on the way to this session, because the
    log was damaged or a column missing: no session holds it any longer, so it is tried again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from session_events import store
from session_events.envelope import StoredEvent, decode, decode_metadata
from session_events.events import OperationApplied
from session_events.exceptions import ClientOperationIdReused, EventError
from session_events.forking import ON_REQUEST, came_from
from session_events.loading import Session
from session_events.recording import Command, record, reload, require_status, with_retries
from session_events.services import require_room
from session_events.state import SessionState, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedOnce:
    """Where the operation's event is in the log, and the session after it.

    `is_repeat` if the event was there before. `session_id` is that of an earlier session if the
    operation was applied there.
    """

    session: Session
    session_id: uuid.UUID
    version: int
    is_repeat: bool


def apply_once(
    session: Session,
    prepare: Callable[[SessionState], OperationApplied],
    *,
    operation: str,
    command: Command,
) -> AppliedOnce:
    """Apply the operation that `prepare` returns, unless the command's id was applied before.

    An id that applied the same operation counts as a repeat whatever the parameters: the first
    request may have written them differently. Concurrent work by others is no reason to refuse.
    An error, including any that `prepare` raises, means that nothing was written.

    Raises:
        ClientOperationIdReused: the id stands for something else.
        TooManyOperations: the session is full.
        SessionConflict: others kept writing first.
        SessionPausedError, SessionExpiredError, SessionNotFound: the session is not active.
    """

    def attempt() -> AppliedOnce:
        # Read the state first, then look for the id: if another tab applies the operation in
        # between, the id is found; if it does so later, the append conflicts. Neither looks like a
        # misfit.
        present = reload(session)
        stored = _applied_before(present, operation, command)
        if stored is not None:
            return AppliedOnce(
                session=present,
                session_id=stored.stream_id,
                version=stored.sequence,
                is_repeat=True,
            )
        require_status(present.state, frozenset({Status.ACTIVE}))
        require_room(present.state)
        after = record(present, prepare(present.state), command=command)
        return AppliedOnce(
            session=after,
            session_id=after.head.stream_id,
            version=after.head.position.version,
            is_repeat=False,
        )

    return with_retries(attempt)


def _applied_before(session: Session, operation: str, command: Command) -> StoredEvent | None:
    if command.client_operation_id is None:
        return None
    stored = store.find_client_operation(
        command.client_operation_id,
        user_id=session.head.user_id,
        dataset_id=session.head.dataset_id,
    )
    if stored is None or _was_given_up(stored, session):
        return None
    if _applies(stored, operation) or (
        decode_metadata(stored).request_digest == command.request_digest
    ):
        return stored
    raise ClientOperationIdReused(client_operation_id=str(command.client_operation_id))


def _applies(stored: StoredEvent, operation: str) -> bool:
    try:
        event = decode(stored).event
    except EventError:
        return False
    return isinstance(event, OperationApplied) and event.operation == operation


def _was_given_up(stored: StoredEvent, session: Session) -> bool:
    """Tell whether a recovery gave up `stored` on the way from its session to this one."""
    if stored.stream_id == session.head.stream_id:
        return False
    forked = came_from(session.head.stream_id)
    while forked is not None and forked.from_stream != stored.stream_id:
        forked = came_from(forked.from_stream)
    if forked is None or forked.reason == ON_REQUEST:
        return False
    is_after_damage = stored.sequence > forked.from_sequence
    return is_after_damage or any(
        given_up.sequence == stored.sequence for given_up in forked.given_up
    )
