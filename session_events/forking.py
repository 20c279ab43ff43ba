"""A new session that begins with the work of another one, as it stood at one of its versions.

Note [Forked once]
    The open session is put away and the new one begun in one transaction. Of two requests at once
    the second finds the head moved, or another stream open, and looks again: the same request
    then finds what it wrote, another one forks behind it.
"""

from __future__ import annotations

import uuid

from session_events import heads
from session_events.events import SessionForked
from session_events.loading import load
from session_events.recording import (
    Command,
    Outcome,
    find_repeated,
    require_expected_version,
    with_retries,
)
from session_events.services import facts_of, start_instead_of
from session_events.time_travel import session_at, session_head

ON_REQUEST = "fork"  # the `reason` of a fork that somebody asked for and no recovery made


def fork(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    from_version: int,
    session_id: uuid.UUID | None,
    command: Command,
) -> Outcome:
    """Begin a session with the work that stood at `from_version`. See Note [Forked once].

    `session_id` names the session forked from, which may have ended; without it the open one is
    meant. The open session is put away and stays recoverable; whether the one forked from can
    still be gone on with is for the caller to find out.

    Raises:
        SessionNotFound, VersionNotFound, LogDamaged, LogUnreadable: there is no such work.
        SessionConflict: the session forked from is not at the expected version.
        ClientOperationIdReused: the command's id belongs to another request.
        Nothing was written in any of these cases.
    """
    return with_retries(
        lambda: _fork(user_id, dataset_id, from_version, session_id, command),
        is_final=command.expected_version is not None,
    )


def _fork(
    user_id: int,
    dataset_id: uuid.UUID,
    from_version: int,
    session_id: uuid.UUID | None,
    command: Command,
) -> Outcome:
    # Before the look for a repeat: what the same request writes after this read moves this head.
    open_head = heads.open_head(user_id=user_id, dataset_id=dataset_id)
    repeated = find_repeated(command, user_id=user_id, dataset_id=dataset_id)
    if repeated is not None:
        head = session_head(user_id=user_id, dataset_id=dataset_id, session_id=repeated.stream_id)
        return Outcome(session=load(head), recorded=False)
    head = session_head(user_id=user_id, dataset_id=dataset_id, session_id=session_id)
    state = session_at(head, from_version, field="from_version").state
    if command.expected_version is not None:
        require_expected_version(load(head).state, command)
    forked = SessionForked(
        from_stream=head.stream_id, from_sequence=from_version, reason=ON_REQUEST, work=state.work
    )
    session = start_instead_of(
        open_head, facts_of(state), reason="forked", command=command, then=[forked]
    )
    return Outcome(session=session, recorded=True)
