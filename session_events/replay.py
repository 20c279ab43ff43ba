"""Fold a stream's stored events, and report where they cannot be trusted. Pure.

A replay stops at the first event that is missing, altered or unreadable: the hash chain proves what
comes before it, and nothing after it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from session_events.envelope import (
    GENESIS_HASH,
    StoredEvent,
    decode,
    decode_metadata,
    expected_hash,
)
from session_events.exceptions import NewerSchemaVersion, UndecodablePayload, UnknownEventType
from session_events.state import INITIAL, SessionState, evolve


class DefectKind(StrEnum):
    """Why a replay stopped. The last two are not damage: a newer server can read on."""

    GAP = "gap"
    HASH_MISMATCH = "hash_mismatch"
    UNDECODABLE = "undecodable"
    UNKNOWN_TYPE = "unknown_type"
    NEWER_SCHEMA = "newer_schema"


_FROM_NEWER_SERVER = frozenset({DefectKind.UNKNOWN_TYPE, DefectKind.NEWER_SCHEMA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """The first event that cannot be trusted or read: its sequence, why, and its type if it exists.

    `is_damage` is false if a newer server wrote the event: the log itself is whole.
    """

    sequence: int
    kind: DefectKind
    wire_name: str = ""

    @property
    def is_damage(self) -> bool:
        return self.kind not in _FROM_NEWER_SERVER


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPosition:
    """A place in a stream: the sequence and hash of the last event up to there."""

    version: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The state after the events that can be trusted, and the defect after them, if any.

    `position` is where the trusted part ends. `events_replayed` counts the events folded by this
    replay, not those that its initial state was folded from.
    """

    state: SessionState
    position: StreamPosition
    events_replayed: int
    defect: Defect | None = None


START = StreamPosition(version=0, hash=GENESIS_HASH)


def replay(
    events: Iterable[StoredEvent],
    *,
    stream_id: uuid.UUID,
    head: StreamPosition | None = None,
    initial: SessionState = INITIAL,
    position: StreamPosition = START,
) -> Replay:
    """Fold `events`, which follow `position` in order, onto `initial`, and check each of them.

    `head` is where the stream must end, None if only a part of it is read on purpose. A bad log
    raises nothing; the result's `defect` describes it.
    """
    state, events_replayed = initial, 0
    for stored in events:
        defect = _defect_of(stored, stream_id=stream_id, after=position)
        if defect is None:
            try:
                if decode_metadata(stored).client_operation_id != stored.client_operation_id:
                    defect = DefectKind.HASH_MISMATCH
                recorded = decode(stored)
            except UnknownEventType:
                defect = DefectKind.UNKNOWN_TYPE
            except NewerSchemaVersion:
                defect = DefectKind.NEWER_SCHEMA
            except UndecodablePayload:
                defect = DefectKind.UNDECODABLE
        if defect is not None:
            missing = defect is DefectKind.GAP
            return Replay(
                state=state,
                position=position,
                events_replayed=events_replayed,
                defect=Defect(
                    sequence=position.version + 1,
                    kind=defect,
                    wire_name="" if missing else stored.wire_name,
                ),
            )
        state = evolve(state, recorded)
        position = StreamPosition(version=stored.sequence, hash=stored.hash)
        events_replayed += 1
    return Replay(
        state=state,
        position=position,
        events_replayed=events_replayed,
        defect=_defect_at_end(position, head),
    )


def _defect_of(
    stored: StoredEvent, *, stream_id: uuid.UUID, after: StreamPosition
) -> DefectKind | None:
    if stored.sequence != after.version + 1:
        return DefectKind.GAP
    if stored.stream_id != stream_id:
        return DefectKind.HASH_MISMATCH
    if stored.hash != expected_hash(stored, previous_hash=after.hash):
        return DefectKind.HASH_MISMATCH
    return None


def _defect_at_end(position: StreamPosition, head: StreamPosition | None) -> Defect | None:
    if head is None or position == head:
        return None
    if position.version < head.version:
        return Defect(sequence=position.version + 1, kind=DefectKind.GAP)
    if position.version > head.version:
        return Defect(sequence=head.version + 1, kind=DefectKind.HASH_MISMATCH)
    return Defect(sequence=position.version, kind=DefectKind.HASH_MISMATCH)
