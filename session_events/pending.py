"""Operations that a client sent and never got an answer for: each takes effect once.

Note [Sent again after a recovery]
    The client's id in the log says that an operation took effect, so it is not applied again. The
    one exception is what a recovery gave up on the way to this session, for damage of the log or
    for want of a column: it does not stand anywhere, and is tried anew.
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
    """Where the operation's event stands, and the session now. `is_repeat`: it stood there before.

    `session_id` is another session's when the operation was applied before that one was left.
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
    """Apply what `prepare` makes of the state, unless the command's id says that it was applied.

    An id that applied the same operation counts whatever its parameters: the first request may
    have spelled them otherwise. What others do to the session meanwhile is no reason to refuse.

    Raises:
        ClientOperationIdReused: the id did something else.
        TooManyOperations, SessionConflict, the errors of `require_status`, and what `prepare`
        raises; nothing was written.
    """
    return with_retries(lambda: _apply_once(session, prepare, operation, command))


def _apply_once(
    session: Session,
    prepare: Callable[[SessionState], OperationApplied],
    operation: str,
    command: Command,
) -> AppliedOnce:
    # First the state, then the look for the id: what another tab applies in between is found
    # by the id, and what it applies behind that is a conflict; neither is taken for a misfit.
    session = reload(session)
    stored = _applied_before(session, operation, command)
    if stored is not None:
        return AppliedOnce(
            session=session,
            session_id=stored.stream_id,
            version=stored.sequence,
            is_repeat=True,
        )
    require_status(session.state, frozenset({Status.ACTIVE}))
    require_room(session.state)
    session = record(session, prepare(session.state), command=command)
    return AppliedOnce(
        session=session,
        session_id=session.head.stream_id,
        version=session.head.position.version,
        is_repeat=False,
    )


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
    """Tell whether a recovery gave `stored` up on the way from its session to this one."""
    if stored.stream_id == session.head.stream_id:
        return False
    forked = came_from(session.head.stream_id)
    while forked is not None and forked.from_stream != stored.stream_id:
        forked = came_from(forked.from_stream)
    if forked is None or forked.reason == ON_REQUEST:
        return False
    is_behind_damage = stored.sequence > forked.from_sequence
    return is_behind_damage or any(
        given_up.sequence == stored.sequence for given_up in forked.given_up
    )
