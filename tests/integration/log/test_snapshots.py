"""Snapshots make a replay shorter, and can never make it wrong."""

from __future__ import annotations

import pytest
from django.utils import timezone

from session_events import snapshots, store
from session_events.frozen_state import FOLD_VERSION, freeze, text_digest
from session_events.loading import Session, replay_all, replay_from_snapshot
from session_events.models import SessionSnapshot
from session_events.replay import DefectKind
from tests.support.log_damage import alter_event, delete_event


def snapshot_at(sequence: int) -> SessionSnapshot:
    return SessionSnapshot.objects.get(sequence=sequence)


def test_a_replay_begins_at_the_newest_snapshot(session: Session) -> None:
    replayed = replay_from_snapshot(session.head)

    assert replayed.snapshot_sequence == 5
    assert replayed.replay.events_replayed == 1
    assert replayed.replay.state == session.state == replay_all(session.head).state
    assert replayed.distrusted == {}


def test_a_replay_to_an_earlier_version_begins_at_a_snapshot_before_it(session: Session) -> None:
    replayed = replay_from_snapshot(session.head, until=4)

    assert replayed.snapshot_sequence == 3
    assert replayed.replay.state == replay_all(session.head, until=4).state


def test_without_snapshots_nothing_is_lost(session: Session) -> None:
    SessionSnapshot.objects.all().delete()

    replayed = replay_from_snapshot(session.head)

    assert replayed.snapshot_sequence is None
    assert replayed.replay.state == session.state


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"state": "{}"}, "digest_mismatch"),
        ({"digest": "0" * 64}, "digest_mismatch"),
        ({"event_hash": b"\x00" * 32}, "event_hash_mismatch"),
        ({"state": "[]", "digest": text_digest("[]")}, "undecodable"),
    ],
)
def test_a_snapshot_that_cannot_be_trusted_is_passed_over_for_the_one_before_it(
    session: Session, damage: dict[str, object], reason: str
) -> None:
    SessionSnapshot.objects.filter(sequence=5).update(**damage)

    replayed = replay_from_snapshot(session.head)

    assert replayed.snapshot_sequence == 3
    assert replayed.replay.state == session.state
    assert replayed.distrusted == {snapshot_at(5).pk: reason}


def test_a_snapshot_of_another_fold_is_ignored(session: Session) -> None:
    SessionSnapshot.objects.filter(sequence=5).update(fold_version=FOLD_VERSION + 1)

    replayed = replay_from_snapshot(session.head)

    assert (replayed.snapshot_sequence, replayed.distrusted) == (3, {})


def test_a_quarantined_snapshot_is_not_used(session: Session) -> None:
    assert snapshots.quarantine({snapshot_at(5).pk: "digest_mismatch"}) == 1
    assert snapshots.quarantine({snapshot_at(5).pk: "digest_mismatch"}) == 0

    assert replay_from_snapshot(session.head).snapshot_sequence == 3
    assert snapshot_at(5).quarantine_reason == "digest_mismatch"


def test_a_snapshot_whose_event_was_altered_is_not_trusted(session: Session) -> None:
    alter_event(session.head.stream_id, 5, "hash = decode(repeat('00', 32), 'hex')")

    replayed = replay_from_snapshot(session.head)

    assert replayed.distrusted == {snapshot_at(5).pk: "event_hash_mismatch"}
    assert replayed.replay.defect is not None
    assert replayed.replay.defect.sequence == 5


def test_a_snapshot_whose_event_is_missing_is_not_trusted(session: Session) -> None:
    delete_event(session.head.stream_id, 5)

    replayed = replay_from_snapshot(session.head)

    assert replayed.distrusted == {snapshot_at(5).pk: "event_hash_mismatch"}
    assert replayed.replay.defect is not None
    assert (replayed.replay.defect.sequence, replayed.replay.defect.kind) == (5, DefectKind.GAP)


def test_a_snapshot_is_taken_once(session: Session) -> None:
    replayed = replay_all(session.head, until=5)

    assert not snapshots.take(replayed, stream_id=session.head.stream_id)
    assert SessionSnapshot.objects.count() == 2


@pytest.mark.parametrize("sequence", [1, 6])
def test_a_damaged_log_gets_no_snapshot(session: Session, sequence: int) -> None:
    SessionSnapshot.objects.all().delete()
    alter_event(session.head.stream_id, sequence, "payload = '{}'")

    assert not snapshots.take(replay_all(session.head), stream_id=session.head.stream_id)


def test_streams_far_behind_their_newest_snapshot_are_found(
    session: Session, settings: object
) -> None:
    settings.SESSION_EVENTS = {"SNAPSHOT_EVERY_EVENTS": 2}  # type: ignore[attr-defined]
    assert snapshots.streams_without_recent(limit=10) == []

    snapshots.quarantine({snapshot_at(5).pk: "digest_mismatch"})

    assert snapshots.streams_without_recent(limit=10) == [session.head.stream_id]


def test_a_snapshot_holds_the_state_as_text(session: Session) -> None:
    row = snapshot_at(5)
    state = replay_all(session.head, until=5).state

    assert row.state == freeze(state)
    assert bytes(row.event_hash) == store.read(session.head.stream_id, after=4)[0].hash
    assert row.taken_at <= timezone.now()
