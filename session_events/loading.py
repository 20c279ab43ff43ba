"""Load a session: the head of its stream, and the state folded up to there.

Note [Remembered states]
    Events never change, so neither does the state at a (stream, version, hash): a process can
    remember it and never be wrong. Every request still reads the stream's head, which says which
    state is the current one. A stream that has moved on is folded from the remembered state; one
    that has not costs no read of events at all.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cachetools import LRUCache

from session_events import snapshots, store
from session_events.exceptions import LogDamaged, LogUnreadable
from session_events.heads import StreamHead
from session_events.replay import START, Defect, DefectKind, Replay, replay
from session_events.snapshots import Snapshot
from session_events.spans import Step, happened, span
from session_events.state import INITIAL, SessionState

_REMEMBERED_STREAMS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session at one version. `state` is folded from its log up to ``head.position``."""

    head: StreamHead
    state: SessionState


_NOTHING = Snapshot(position=START, state=INITIAL)
_states: LRUCache[uuid.UUID, Snapshot] = LRUCache(_REMEMBERED_STREAMS)
_states_lock = threading.Lock()


def load(head: StreamHead) -> Session:
    """Return the session at `head`. See Note [Remembered states].

    Raises:
        LogDamaged: the log is not whole; `details` name the event and what is wrong with it.
        LogUnreadable: a newer server wrote one of its events.
    """
    tell_session(head)
    return _load(head)


def tell_session(head: StreamHead) -> None:
    """Tell whoever measures which session this is about, and its version."""
    happened("session", session_id=str(head.stream_id), version=head.position.version)


def _load(head: StreamHead) -> Session:
    remembered = _recall(head.stream_id)
    if remembered is not None:
        if remembered.position == head.position:
            return Session(head=head, state=remembered.state)
        if remembered.position.version < head.position.version:
            replayed = _fold(head, until=None, onto=remembered)
            if replayed.defect is None:
                return remember(Session(head=head, state=replayed.state))
    replayed = replay_from_snapshot(head).replay
    if replayed.defect is not None:
        raise error_of(replayed.defect)
    return remember(Session(head=head, state=replayed.state))


def error_of(defect: Defect) -> LogDamaged | LogUnreadable:
    """Return the error for a log that cannot be read past `defect`."""
    error = LogDamaged if defect.is_damage else LogUnreadable
    return error(sequence=defect.sequence, defect=defect.kind.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadReplay:
    """A replay up to a head, and the snapshot it began with.

    `snapshot_sequence` is null if it began with the first event. `distrusted` maps the primary keys
    of snapshots that had to be passed over to the reason.
    """

    replay: Replay
    snapshot_sequence: int | None = None
    distrusted: dict[int, str] = field(default_factory=dict)


def replay_from_snapshot(head: StreamHead, *, until: int | None = None) -> HeadReplay:
    """Fold the stream up to its head, or to `until`, from the newest snapshot that can be trusted.

    Never raises for defects. Ignores what others append after `head` was read. An event after the
    stream's present head was not appended by this service, and is a defect.
    """
    snapshot, distrusted = snapshots.newest(head.stream_id, until=until or head.position.version)
    return HeadReplay(
        replay=_replay(head, until=until, onto=snapshot or _NOTHING),
        snapshot_sequence=None if snapshot is None else snapshot.position.version,
        distrusted=distrusted,
    )


def replay_each(wanted: Sequence[StreamHead]) -> dict[uuid.UUID, Replay]:
    """Return a replay of each stream up to its head, in two queries at most, however many they are.

    It continues from the state that the process remembers, else from the newest snapshot. For
    overviews: unlike `replay_from_snapshot` it does not look for events beyond a head.
    """
    begin = {head.stream_id: found for head in wanted if (found := _recall_up_to(head))}
    others = [head.stream_id for head in wanted if head.stream_id not in begin]
    begin |= snapshots.newest_of_each(others)
    at = {head.stream_id: begin.get(head.stream_id, _NOTHING) for head in wanted}
    missing = {
        head.stream_id: (after.version, head.position.version)
        for head in wanted
        if (after := at[head.stream_id].position).version < head.position.version
    }
    events = store.read_several(missing)
    replays: dict[uuid.UUID, Replay] = {}
    for head in wanted:
        snapshot = at[head.stream_id]
        replayed = replays[head.stream_id] = replay(
            events.get(head.stream_id, ()),
            stream_id=head.stream_id,
            head=head.position,
            initial=snapshot.state,
            position=snapshot.position,
        )
        if replayed.defect is None:
            remember(Session(head=head, state=replayed.state))
    return replays


def replay_on(head: StreamHead, earlier: HeadReplay) -> HeadReplay:
    """Continue a replay of the same stream, which ended early without a defect, up to the head.

    Reads none of its events again, and no snapshots.
    """
    stopped = earlier.replay
    rest = _replay(head, until=None, onto=Snapshot(position=stopped.position, state=stopped.state))
    folded = stopped.events_replayed + rest.events_replayed
    return replace(earlier, replay=replace(rest, events_replayed=folded))


def replay_all(head: StreamHead, *, until: int | None = None) -> Replay:
    """Fold the stream from its first event; otherwise like `replay_from_snapshot`."""
    return _replay(head, until=until, onto=_NOTHING)


def _replay(head: StreamHead, *, until: int | None, onto: Snapshot) -> Replay:
    replayed = _fold(head, until=until, onto=onto)
    if until is None and replayed.defect is None:
        beyond = store.first_beyond_head(head.stream_id)
        if beyond is not None:
            return replace(replayed, defect=Defect(sequence=beyond, kind=DefectKind.HASH_MISMATCH))
    return replayed


def _fold(head: StreamHead, *, until: int | None, onto: Snapshot) -> Replay:
    after = onto.position
    with span(Step.REPLAY, after=after.version) as replaying:
        replayed = replay(
            store.read(head.stream_id, after=after.version, until=until or head.position.version),
            stream_id=head.stream_id,
            head=head.position if until is None else None,
            initial=onto.state,
            position=after,
        )
        replaying.note(events=replayed.events_replayed, is_damaged=replayed.defect is not None)
    return replayed


def remember(session: Session) -> Session:
    """Keep the session's state for the next request, and return the session."""
    with _states_lock:
        _states[session.head.stream_id] = Snapshot(
            position=session.head.position, state=session.state
        )
    return session


def forget_all() -> None:
    """Drop every remembered state, so that the next load reads the log."""
    with _states_lock:
        _states.clear()


def _recall_up_to(head: StreamHead) -> Snapshot | None:
    """Return the remembered state if it is that of the head or of a version before it."""
    remembered = _recall(head.stream_id)
    if remembered is None or remembered.position.version > head.position.version:
        return None
    is_there = remembered.position.version == head.position.version
    return None if is_there and remembered.position != head.position else remembered


def _recall(stream_id: uuid.UUID) -> Snapshot | None:
    with _states_lock:
        return _states.get(stream_id)
