"""A replay trusts what the chain proves, and names the first event that it does not prove."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_events.envelope import StoredEvent, expected_hash
from session_events.events import SessionPaused
from session_events.replay import Defect, DefectKind, StreamPosition, replay
from session_events.state import fold
from tests.unit.session_events.streams import (
    STREAM_ID,
    head_of,
    looked_at,
    recorded,
    renamed,
    sealed,
    started,
)

EVENTS = [started(), renamed("a"), looked_at(3), renamed("b"), SessionPaused()]


def resealed(stored: StoredEvent, *, previous_hash: bytes, **changes: object) -> StoredEvent:
    """Return the event as altered by somebody who can compute hashes as well."""
    altered = replace(stored, **changes)  # type: ignore[arg-type]
    return replace(altered, hash=expected_hash(altered, previous_hash=previous_hash))


def test_an_intact_stream_replays_to_the_fold_of_its_events() -> None:
    stream = sealed(EVENTS)

    result = replay(stream, stream_id=STREAM_ID, head=head_of(stream))

    assert result.defect is None
    assert result.state == fold(recorded(EVENTS))
    assert result.position == head_of(stream)
    assert result.events_replayed == 5


def test_an_empty_stream_replays_to_nothing() -> None:
    result = replay([], stream_id=STREAM_ID)

    assert (result.defect, result.events_replayed, result.state.version) == (None, 0, 0)


@given(cut=st.integers(0, 5))
def test_a_replay_can_continue_from_any_cut(cut: int) -> None:
    stream = sealed(EVENTS)
    first = replay(stream[:cut], stream_id=STREAM_ID)

    result = replay(
        stream[cut:],
        stream_id=STREAM_ID,
        head=head_of(stream),
        initial=first.state,
        position=first.position,
    )

    assert result.defect is None
    assert result.state == fold(recorded(EVENTS))
    assert result.events_replayed == 5 - cut


@given(missing=st.integers(0, 3))
def test_a_missing_event_is_a_gap_at_its_place(missing: int) -> None:
    stream = sealed(EVENTS)

    result = replay(
        stream[:missing] + stream[missing + 1 :], stream_id=STREAM_ID, head=head_of(stream)
    )

    assert result.defect is not None
    assert (result.defect.kind, result.defect.sequence) == (DefectKind.GAP, missing + 1)
    assert result.defect.wire_name == ""
    assert result.defect.is_damage
    assert result.state == fold(recorded(EVENTS[:missing]))


def test_a_stream_cut_off_before_its_head_has_a_gap_at_the_end() -> None:
    stream = sealed(EVENTS)

    result = replay(stream[:4], stream_id=STREAM_ID, head=head_of(stream))

    assert result.defect is not None
    assert result.defect == Defect(sequence=5, kind=DefectKind.GAP, wire_name="")
    assert result.state.version == 4


def test_an_event_after_the_head_is_a_defect() -> None:
    stream = sealed(EVENTS)

    result = replay(stream, stream_id=STREAM_ID, head=head_of(stream[:4]))

    assert result.defect is not None
    assert (result.defect.kind, result.defect.sequence) == (DefectKind.HASH_MISMATCH, 5)


def test_a_last_event_that_is_not_the_heads_is_a_mismatch() -> None:
    stream = sealed(EVENTS)

    result = replay(stream, stream_id=STREAM_ID, head=StreamPosition(version=5, hash=b"\x01" * 32))

    assert result.defect is not None
    assert (result.defect.kind, result.defect.sequence) == (DefectKind.HASH_MISMATCH, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": '{"operation":"other"}'},
        {"metadata": "{}"},
        {"event_id": uuid.UUID(int=7)},
        {"wire_name": "session.reset"},
        {"schema_version": 2},
        {"stream_id": uuid.UUID(int=7)},
        {"hash": b"\x00" * 32},
        {"client_operation_id": uuid.UUID(int=7)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_alteration_of_any_part_of_an_event_is_found_and_named(
    change: dict[str, object],
) -> None:
    stream = sealed(EVENTS)
    stream[3] = replace(stream[3], **change)  # type: ignore[arg-type]

    result = replay(stream, stream_id=STREAM_ID, head=head_of(sealed(EVENTS)))

    assert result.defect is not None
    assert (result.defect.kind, result.defect.sequence) == (DefectKind.HASH_MISMATCH, 4)
    assert result.defect.wire_name == stream[3].wire_name
    assert result.state == fold(recorded(EVENTS[:3]))
    assert result.position.version == result.events_replayed == 3


def test_an_altered_time_is_found() -> None:
    stream = sealed(EVENTS)
    stream[1] = replace(stream[1], recorded_at=stream[2].recorded_at)

    result = replay(stream, stream_id=STREAM_ID)

    assert result.defect is not None
    assert result.defect.sequence == 2


def test_an_event_altered_and_hashed_again_breaks_the_chain_after_it() -> None:
    stream = sealed(EVENTS)
    stream[1] = resealed(
        stream[1],
        previous_hash=stream[0].hash,
        payload=stream[1].payload.replace('"a"', '"z"'),
    )

    result = replay(stream, stream_id=STREAM_ID, head=head_of(stream))

    assert result.defect is not None
    assert result.defect.sequence == 3


@pytest.mark.parametrize("payload", ["{", "[]", "null", '{"operation":1}', "{}"])
def test_a_payload_that_is_not_the_events_is_undecodable(payload: str) -> None:
    stream = sealed(EVENTS)
    stream[1] = resealed(stream[1], previous_hash=stream[0].hash, payload=payload)

    result = replay(stream, stream_id=STREAM_ID)

    assert result.defect is not None
    assert (result.defect.kind, result.defect.sequence) == (DefectKind.UNDECODABLE, 2)
    assert result.defect.is_damage


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"wire_name": "session.teleported"}, DefectKind.UNKNOWN_TYPE),
        ({"schema_version": 99}, DefectKind.NEWER_SCHEMA),
    ],
)
def test_an_event_of_a_newer_server_is_reported_and_is_no_damage(
    change: dict[str, object], kind: DefectKind
) -> None:
    stream = sealed(EVENTS)
    stream[1] = resealed(stream[1], previous_hash=stream[0].hash, **change)

    result = replay(stream, stream_id=STREAM_ID)

    assert result.defect is not None
    assert (result.defect.kind, result.defect.sequence) == (kind, 2)
    assert not result.defect.is_damage
