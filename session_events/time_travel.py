"""A session as it was at an earlier version. Reads only; what it returns is never written on."""

from __future__ import annotations

import uuid
from dataclasses import replace

from session_events import heads, store
from session_events.exceptions import LogDamaged, LogUnreadable, SessionNotFound, VersionNotFound
from session_events.heads import StreamHead
from session_events.loading import Session, load, replay_from_snapshot
from session_events.replay import DefectKind


def session_head(
    *, user_id: int, dataset_id: uuid.UUID, session_id: uuid.UUID | None
) -> StreamHead:
    """Return the head of the session named, which may have ended; without a name, the open one's.

    Raises:
        SessionNotFound: there is none, or it is not that user's on that dataset.
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
    """Return the session as it was when `version` was its last event; None means its last one.

    The head returned is the one that the stream had then, `is_open` and `status` included. What
    is damaged behind that version is not looked at. `field` is what the caller calls the version.

    Raises:
        VersionNotFound: the session has no such version.
        LogDamaged, LogUnreadable: the log cannot be read as far as that version.
    """
    last = head.position.version
    if version is None or version == last:
        return load(head)
    if not 1 <= version <= last:
        raise VersionNotFound(
            f"{field} must be from 1 to {last}", field=field, minimum=1, maximum=last
        )
    replayed = replay_from_snapshot(head, until=version).replay
    defect = replayed.defect
    if defect is not None:
        error = LogDamaged if defect.is_damage else LogUnreadable
        raise error(sequence=defect.sequence, defect=defect.kind.value)
    [*_, event] = store.read(head.stream_id, after=version - 1, until=version) or [None]
    if event is None:
        # A replay of a part that was cut off at its end has no next event to see the gap by.
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
