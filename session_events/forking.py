"""A new session that begins with the work of another one, as it stood at one of its versions.

Note [Forked once]
    The open session is put away and the new one begun in one transaction. Of two requests at once
    the second finds the head moved, or another stream open, and looks again: the same request
    then finds what it wrote, another one forks behind it.
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
from session_events.recording import (
    Command,
    Outcome,
    find_repeated,
    require_expected,
    with_retries,
)
from session_events.services import facts_of, start_instead_of
from session_events.time_travel import session_head

ON_REQUEST = "fork"  # the `reason` of a fork that somebody asked for and no recovery made


def fork(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    session_id: uuid.UUID | None,
    past_of: Callable[[StreamHead], Session],
    command: Command,
) -> Outcome:
    """Begin a session with the work of an earlier one. See Note [Forked once].

    `session_id` names the session forked from, which may have ended; without it the open one is
    meant. `past_of` answers that session as it was at the version wanted, or raises where it cannot
    be gone on with; it is not asked for a repeated command. The open session is put away and stays
    recoverable.

    Raises:
        SessionNotFound, and what `past_of` raises: there is no such work.
        SessionConflict: the session forked from is not the expected one at its version.
        ClientOperationIdReused: the command's id belongs to another request.
        Nothing was written in any of these cases.
    """
    return with_retries(
        lambda: _fork(user_id, dataset_id, session_id, past_of, command),
        is_final=command.ends_in_conflict,
    )


def _fork(
    user_id: int,
    dataset_id: uuid.UUID,
    session_id: uuid.UUID | None,
    past_of: Callable[[StreamHead], Session],
    command: Command,
) -> Outcome:
    # Before the look for a repeat: what the same request writes after this read moves this head.
    open_head = heads.open_head(user_id=user_id, dataset_id=dataset_id)
    repeated = find_repeated(command, user_id=user_id, dataset_id=dataset_id)
    if repeated is not None:
        head = session_head(user_id=user_id, dataset_id=dataset_id, session_id=repeated.stream_id)
        return Outcome(session=load(head), recorded=False)
    head = session_head(user_id=user_id, dataset_id=dataset_id, session_id=session_id)
    state = past_of(head).state
    if command.expects:
        require_expected(head, command, state=load(head).state)
    forked = SessionForked(
        from_stream=head.stream_id, from_sequence=state.version, reason=ON_REQUEST, work=state.work
    )
    session = start_instead_of(
        open_head, facts_of(state), reason="forked", command=command, then=[forked]
    )
    return Outcome(session=session, recorded=True)


def came_from(stream_id: uuid.UUID) -> SessionForked | None:
    """Return where the session's work came from; None if from nowhere, or if nothing tells."""
    for stored in store.read(stream_id, after=1, until=2):
        try:
            event = decode(stored).event
        except EventError:
            return None
        return event if isinstance(event, SessionForked) else None
    return None
