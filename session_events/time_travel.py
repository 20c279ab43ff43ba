"""Load a session as it was at an earlier version: for reading, never to be appended to."""

from __future__ import annotations

import uuid
from dataclasses import replace

from session_events import heads, store
from session_events.exceptions import LogDamaged, SessionNotFound, VersionNotFound
from session_events.heads import StreamHead
from session_events.loading import Session, error_of, load, replay_from_snapshot
from session_events.replay import DefectKind


def session_head(
    *, user_id: int, dataset_id: uuid.UUID, session_id: uuid.UUID | None
) -> StreamHead:
    """Return the head of a session, which may have ended; of the open one if `session_id` is None.

    Raises:
        SessionNotFound: there is none, or it is not this user's on this dataset.
    """
    head = (
        heads.open_head(user_id=user_id, dataset_id=dataset_id)
        if session_id is None
        else heads.head_of(user_id=user_id, dataset_id=dataset_id, stream_id=session_id)
    )
    if head is None:
        raise SessionNotFound
    return head


def session_at(head: StreamHead, version: int | None, *, field: str = "at_version") -> Session:
    """Return the session as it was at `version`; None means its last version.

    The returned head is the one that the stream had at that time, `is_open` and `status` included.
    Damage after that version is not noticed. `field` is the caller's name for the version.

    Raises:
        VersionNotFound: the session has no such version.
        LogDamaged: the log is damaged at that version or before it.
        LogUnreadable: a newer server wrote an event at that version or before it.
    """
    last = head.position.version
    if version is None or version == last:
        return load(head)
    if not 1 <= version <= last:
        raise VersionNotFound(
            f"{field} must be from 1 to {last}", field=field, minimum=1, maximum=last
        )
    replayed = replay_from_snapshot(head, until=version).replay
    if replayed.defect is not None:
        raise error_of(replayed.defect)
    [*_, event] = store.read(head.stream_id, after=version - 1, until=version) or [None]
    if event is None:
        # If the last events of the range are missing, no later event reveals the gap to the replay.
        raise LogDamaged(sequence=replayed.position.version + 1, defect=DefectKind.GAP.value)
    return Session(
        head=replace(
            head,
            position=replayed.position,
            status=replayed.state.status,
            is_open=replayed.state.is_open,
            last_event_at=event.recorded_at,
        ),
        state=replayed.state,
    )
