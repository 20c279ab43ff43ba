"""Snapshots are taken once, by whoever comes first, and pruned to the newest few."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from freezegun import freeze_time
from pytest_django import Settings

from session_events import integrity, removal, snapshot_jobs, snapshots, tasks
from session_events.frozen_state import FOLD_VERSION, thaw
from session_events.loading import HeadReplay, Session, replay_all, replay_from_snapshot
from session_events.models import SessionSnapshot, SessionStream
from session_events.removal import RemovalReason
from session_events.snapshot_jobs import SnapshotOutcome
from tests.support.at_once import at_once
from tests.support.log_damage import alter_event
from tests.support.written_sessions import begin, work_on

RETENTION = dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def _every_four_events(settings: Settings) -> None:
    settings.SESSION_EVENTS = {"SNAPSHOT_EVERY_EVENTS": 4, "SNAPSHOTS_KEPT": 2}


@pytest.fixture
def session(user: User) -> Session:
    return begin(user, events=6)


def sequences() -> list[int]:
    return sorted(SessionSnapshot.objects.values_list("sequence", flat=True))


def test_a_snapshot_stands_on_the_last_multiple(session: Session) -> None:
    assert snapshot_jobs.take_due(session.head.stream_id) is SnapshotOutcome.TAKEN

    (row,) = SessionSnapshot.objects.all()
    assert row.sequence == 4
    assert thaw(row.state) == replay_all(session.head, until=4).state


def test_twice_is_once(session: Session) -> None:
    stream_id = str(session.head.stream_id)

    assert tasks.take_snapshot(stream_id) == {"outcome": "taken"}
    work_on(session, until=7)
    assert tasks.take_snapshot(stream_id) == {"outcome": "not_needed"}

    assert sequences() == [4]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_one(user: User) -> None:
    session = begin(user, events=6)

    outcomes = at_once([lambda: snapshot_jobs.take_due(session.head.stream_id)] * 2)

    assert sorted(outcomes) == [SnapshotOutcome.NOT_NEEDED, SnapshotOutcome.TAKEN]
    assert sequences() == [4]


def test_a_session_too_young_and_one_that_is_gone_get_none(user: User) -> None:
    young = begin(user, events=3)

    assert snapshot_jobs.take_due(young.head.stream_id) is SnapshotOutcome.NOT_NEEDED
    assert snapshot_jobs.take_due(uuid.uuid4()) is SnapshotOutcome.NO_STREAM


def test_the_sweep_finds_what_nobody_was_woken_for(session: Session, user: User) -> None:
    begin(user, events=3)
    begin(user, events=9)

    assert tasks.sweep_snapshots() == {"due": 2, "taken": 2}
    assert tasks.sweep_snapshots() == {"due": 0, "taken": 0}

    assert sequences() == [4, 8]


def test_a_run_is_bounded_and_the_next_goes_on(user: User) -> None:
    for _ in range(3):
        last = begin(user, events=4)

    assert [snapshot_jobs.sweep(limit=2).taken for _ in range(3)] == [2, 1, 0]
    SessionSnapshot.objects.all().delete()
    snapshot_jobs.sweep(limit=1)
    assert SessionSnapshot.objects.get().stream_id == last.head.stream_id  # the one in use now


@pytest.mark.django_db(transaction=True)
def test_a_session_removed_while_it_is_read_gets_none(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begin(user, events=6)

    def read_and_lose(*args: Any, **options: Any) -> HeadReplay:
        found = replay_from_snapshot(*args, **options)
        removal.remove(
            session.head.stream_id, reason=RemovalReason.ERASED_ON_REQUEST, removed_by="test"
        )
        return found

    monkeypatch.setattr(snapshot_jobs, "replay_from_snapshot", read_and_lose)

    assert snapshot_jobs.take_due(session.head.stream_id) is SnapshotOutcome.NO_STREAM


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_take_each_snapshot_once(user: User) -> None:
    for _ in range(4):
        begin(user, events=4)

    sweeps = at_once([lambda: snapshot_jobs.sweep(limit=10)] * 2)

    assert sum(sweep.taken for sweep in sweeps) == 4
    assert sequences() == [4] * 4


def test_a_damaged_session_is_known_after_the_first_sweep_and_stops_nobody(
    session: Session, user: User
) -> None:
    alter_event(session.head.stream_id, 2, "payload = '{}'")
    begin(user, events=4)

    assert tasks.sweep_snapshots() == {"due": 2, "taken": 1}
    assert tasks.sweep_snapshots() == {"due": 0, "taken": 0}

    assert SessionStream.objects.get(pk=session.head.stream_id).defect == "hash_mismatch at event 2"


def test_a_snapshot_in_quarantine_is_replaced(session: Session) -> None:
    snapshot_jobs.take_due(session.head.stream_id)
    SessionSnapshot.objects.update(state="{}")

    assert snapshot_jobs.take_due(session.head.stream_id) is SnapshotOutcome.TAKEN

    assert replay_from_snapshot(session.head).snapshot_sequence == 4
    reasons = sorted(SessionSnapshot.objects.values_list("quarantine_reason", flat=True))
    assert reasons == ["", "digest_mismatch"]


def snapshots_at(session: Session, *sequences: int) -> None:
    for sequence in sequences:
        replayed = replay_all(session.head, until=sequence)
        assert snapshots.take(replayed, stream_id=session.head.stream_id)


def test_pruning_keeps_the_newest_of_each_session(session: Session, user: User) -> None:
    other = begin(user, events=5)
    snapshots_at(session, 2, 3, 4, 6)
    snapshots_at(other, 1, 2)

    assert tasks.prune_snapshots() == {"removed": 2}
    assert tasks.prune_snapshots() == {"removed": 0}

    assert sequences() == [1, 2, 4, 6]


@pytest.mark.django_db(transaction=True)
def test_two_prunings_at_once_remove_once(user: User) -> None:
    snapshots_at(begin(user, events=6), 2, 3, 4, 6)

    removed = at_once([lambda: snapshot_jobs.prune(limit=10)] * 2)

    assert sum(removed) == 2
    assert sequences() == [4, 6]


@pytest.mark.parametrize(("seconds_after", "removed"), [(-1, 0), (0, 2), (1, 2)])
def test_what_is_out_of_use_is_kept_for_its_retention(
    session: Session, seconds_after: int, removed: int
) -> None:
    snapshots_at(session, 2, 4, 6)
    now = timezone.now()
    SessionSnapshot.objects.filter(sequence=2).update(quarantined_at=now)
    SessionSnapshot.objects.filter(sequence=4).update(fold_version=FOLD_VERSION - 1, taken_at=now)

    with freeze_time(now + RETENTION + dt.timedelta(seconds=seconds_after)):
        assert snapshot_jobs.prune(limit=10) == removed


def test_the_commands_say_what_they_did(
    session: Session, user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    young = begin(user, events=2)

    call_command("take_snapshots")
    call_command("take_snapshots", "--all")
    call_command("take_snapshots", "--stream", str(young.head.stream_id))
    call_command("prune_snapshots", "--all")

    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "1 taken, 0 not needed or not possible",
        "2 taken, 0 not needed or not possible",
        "0 taken, 1 not needed or not possible",
        "0 removed",
    ]
    assert printed.err == "", "no progress bar without a terminal"
    assert sequences() == [2, 4, 6]


def test_a_session_that_cannot_be_read_is_an_error_of_the_command(session: Session) -> None:
    alter_event(session.head.stream_id, 2, "payload = '{}'")

    with pytest.raises(CommandError, match=str(session.head.stream_id)):
        call_command("take_snapshots", "--all")
    with pytest.raises(CommandError, match="There is no session"):
        call_command("take_snapshots", "--stream", str(uuid.uuid4()))


def test_random_streams_are_as_many_as_asked_for_and_never_twice(user: User) -> None:
    begun = {begin(user).head.stream_id for _ in range(5)}

    for _ in range(10):
        chosen = integrity.random_streams(3)
        assert len(chosen) == len(set(chosen)) == 3
        assert set(chosen) <= begun
    assert sorted(integrity.random_streams(9)) == sorted(begun)
