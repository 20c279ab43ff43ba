"""A session as the services hold it: where its stream ends, and the state there.

Note [Remembered states]
    Events never change, so the state at a (stream, version, hash) never does either: a process
    may remember it without ever being wrong. Every request still reads the stream's head, which
    says which state is the current one. A stream that has moved on is folded from the remembered
    state; one that has not costs no event read at all.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, replace

from cachetools import LRUCache

from session_events import store
from session_events.exceptions import LogDamaged, LogUnreadable
from session_events.heads import StreamHead
from session_events.replay import Defect, DefectKind, Replay, StreamPosition, replay
from session_events.state import SessionState

_REMEMBERED_STREAMS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session at one version. `state` is the fold of its log up to ``head.position``."""

    head: StreamHead
    state: SessionState


_states: LRUCache[uuid.UUID, tuple[StreamPosition, SessionState]] = LRUCache(_REMEMBERED_STREAMS)
_states_lock = threading.Lock()


def load(head: StreamHead) -> Session:
    """Return the session at `head`. See Note [Remembered states].

    Raises:
        LogDamaged: the log is not whole; `details` name the event and what is wrong with it.
        LogUnreadable: a newer server wrote an event of it.
    """
    remembered = _recall(head.stream_id)
    if remembered is not None:
        position, state = remembered
        if position == head.position:
            return Session(head=head, state=state)
        if position.version < head.position.version:
            tail = store.read(head.stream_id, after=position.version, until=head.position.version)
            replayed = replay(
                tail,
                stream_id=head.stream_id,
                head=head.position,
                initial=state,
                position=position,
            )
            if replayed.defect is None:
                return remember(Session(head=head, state=replayed.state))
    replayed = replay_all(head)
    if replayed.defect is not None:
        error = LogDamaged if replayed.defect.is_damage else LogUnreadable
        raise error(sequence=replayed.defect.sequence, defect=replayed.defect.kind.value)
    return remember(Session(head=head, state=replayed.state))


def replay_all(head: StreamHead, *, until: int | None = None) -> Replay:
    """Fold the stream from its first event, trusting nothing remembered; never raises for defects.

    What others append after `head` was read is left alone; an event that stands behind the
    stream's present head was not appended by us, and is a defect. With `until`, only the events
    up to that sequence are folded, whatever comes after.
    """
    if until is not None:
        return replay(store.read(head.stream_id, until=until), stream_id=head.stream_id)
    replayed = replay(
        store.read(head.stream_id, until=head.position.version),
        stream_id=head.stream_id,
        head=head.position,
    )
    if replayed.defect is None:
        beyond = store.first_beyond_head(head.stream_id)
        if beyond is not None:
            return replace(replayed, defect=Defect(sequence=beyond, kind=DefectKind.HASH_MISMATCH))
    return replayed


def remember(session: Session) -> Session:
    """Keep the session's state for the next request, and return the session."""
    with _states_lock:
        _states[session.head.stream_id] = (session.head.position, session.state)
    return session


def forget_all() -> None:
    """Drop every remembered state; the next load reads the log."""
    with _states_lock:
        _states.clear()


def _recall(stream_id: uuid.UUID) -> tuple[StreamPosition, SessionState] | None:
    with _states_lock:
        return _states.get(stream_id)
