"""Fork a session: start a new one with the work of another, as of one of its versions.

Note [Forked once]
    One transaction puts the open session away and starts the new one. Of two concurrent requests
    the second finds the head moved, or another stream open, and tries again: if it is the same
    request it then finds what the first one wrote, otherwise it forks after the first.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from session_events import heads, store
from session_events.envelope import decode
from session_events.events import SessionForked
from session_events.exceptions import EventError
from session_events.heads import StreamHead
from session_events.loading import Session, load
from session_events.recording import Command, Outcome, find_repeated, require_expected, with_retries
from session_events.services import facts_of, start_instead_of
from session_events.time_travel import session_head

ON_REQUEST = "fork"  # the `reason` of a fork that a user requested, rather than a recovery


def fork(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    session_id: uuid.UUID | None,
    past_of: Callable[[StreamHead], Session],
    command: Command,
) -> Outcome:
    """Start a session with the work of an earlier one. See Note [Forked once].

    `session_id` names the session to fork from, which may have ended; None means the open one.
    `past_of` returns that session at the requested version, or raises if it cannot be continued; a
    repeated command does not call it. The open session is put away and stays recoverable. An
    error, including any that `past_of` raises, means that nothing was written.

    Raises:
        SessionNotFound: there is no such session.
        SessionConflict: the session to fork from is not the expected one at its version.
        ClientOperationIdReused: the command's id belongs to another request.
    """

    def attempt() -> Outcome:
        # Read before looking for a repeat: if the same request writes after this, this head is
        # outdated and the append conflicts.
        open_head = heads.open_head(user_id=user_id, dataset_id=dataset_id)
        repeated = find_repeated(command, user_id=user_id, dataset_id=dataset_id)
        wanted_id = session_id if repeated is None else repeated.stream_id
        head = session_head(user_id=user_id, dataset_id=dataset_id, session_id=wanted_id)
        if repeated is not None:
            return Outcome(session=load(head), recorded=False)
        state = past_of(head).state
        if command.expects:
            require_expected(head, command, state=load(head).state)
        forked = SessionForked(
            from_stream=head.stream_id,
            from_sequence=state.version,
            reason=ON_REQUEST,
            work=state.work,
        )
        session = start_instead_of(
            open_head, facts_of(state), reason="forked", command=command, then=[forked]
        )
        return Outcome(session=session, recorded=True)

    return with_retries(attempt, is_final=command.ends_in_conflict)


def came_from(stream_id: uuid.UUID) -> SessionForked | None:
    """Return the event that says where the session's work came from, None if there is none.

    None also if that event cannot be read.
    """
    for stored in store.read(stream_id, after=1, until=2):
        try:
            event = decode(stored).event
        except EventError:
            return None
        return event if isinstance(event, SessionForked) else None
    return None
