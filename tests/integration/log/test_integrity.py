"""Verification also finds damage before a snapshot, reports it, and takes nothing away."""

from __future__ import annotations

import datetime as dt
import logging
import uuid

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from freezegun import freeze_time
from pytest_django import Settings

from session_events import integrity, loading, removal, snapshots, store, tasks
from session_events.exceptions import LogDamaged, SessionNotFound
from session_events.frozen_state import freeze, text_digest
from session_events.heads import head_by_id
from session_events.loading import Session, replay_all, replay_from_snapshot
from session_events.models import SessionSnapshot, SessionStream
from session_events.removal import RemovalReason
from tests.support.at_once import at_once
from tests.support.log_damage import alter_event, delete_event, forge_event
from tests.support.written_sessions import begin, work_on

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


def noted(session: Session) -> tuple[int | None, str]:
    stream = SessionStream.objects.get(pk=session.head.stream_id)
    return stream.verified_version, stream.defect


def poison(sequence: int) -> None:
    """A snapshot of another state, with a correct digest: only a replay can tell."""
    row = SessionSnapshot.objects.get(sequence=sequence)
    state = freeze(replay_all(head_by_id(row.stream_id), until=1).state)  # type: ignore[arg-type]
    SessionSnapshot.objects.filter(pk=row.pk).update(state=state, digest=text_digest(state))


def test_an_intact_session_is_marked_as_verified(session: Session) -> None:
    assert SessionStream.objects.get().verified_at is None

    with freeze_time(NOON):
        verification = integrity.verify(session.head.stream_id)

    assert verification is not None
    assert (verification.version, verification.defect, verification.quarantined) == (6, None, {})
    assert noted(session) == (6, "")
    assert SessionStream.objects.get().verified_at == NOON


@pytest.mark.parametrize("batch_events", [1, 2, 3, 4, 1000])
def test_a_poisoned_snapshot_is_quarantined_and_logged(
    session: Session,
    batch_events: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(integrity, "_BATCH_EVENTS", batch_events)
    poison(5)
    assert replay_from_snapshot(session.head).replay.state != session.state

    verification = integrity.verify(session.head.stream_id)

    assert verification is not None
    assert verification.quarantined == {5: "state_differs"}
    assert not verification.is_damaged
    assert replay_from_snapshot(session.head).replay.state == session.state
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert noted(session) == (6, "")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"state": "{}"}, "state_differs"),
        ({"digest": "0" * 64}, "digest_mismatch"),
        ({"event_hash": b"\x00" * 32}, "event_hash_mismatch"),
    ],
)
def test_every_damage_of_a_snapshot_has_its_reason(
    session: Session, damage: dict[str, object], reason: str
) -> None:
    SessionSnapshot.objects.filter(sequence=3).update(**damage)

    verification = integrity.verify(session.head.stream_id)

    assert verification is not None
    assert verification.quarantined == {3: reason}
    assert SessionSnapshot.objects.get(sequence=3).quarantine_reason == reason


def test_damage_before_a_snapshot_is_found(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    alter_event(session.head.stream_id, 2, "payload = '{}'")
    assert replay_from_snapshot(session.head).replay.defect is None

    integrity.verify(session.head.stream_id)

    assert noted(session) == (1, "hash_mismatch at event 2")
    assert [(record.levelno, record.name) for record in caplog.records] == [
        (logging.ERROR, "session_events.integrity")
    ]
    # See Note [Damage in front of a snapshot]: nobody's work is taken away.
    assert replay_from_snapshot(session.head).replay.state == session.state


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        (lambda stream: delete_event(stream, 1), "gap at event 1"),
        (lambda stream: delete_event(stream, 4), "gap at event 4"),
        (lambda stream: delete_event(stream, 5), "gap at event 5"),
        (lambda stream: delete_event(stream, 6), "gap at event 6"),
        (lambda stream: forge_event(stream, 7), "hash_mismatch at event 7"),
        (lambda stream: alter_event(stream, 6, "metadata = '{}'"), "hash_mismatch at event 6"),
    ],
)
def test_every_damage_of_the_log_is_found(session: Session, damage: object, finding: str) -> None:
    damage(session.head.stream_id)  # type: ignore[operator]

    integrity.verify(session.head.stream_id)

    assert noted(session)[1] == finding


def test_a_session_that_moves_on_during_verification_is_not_damaged(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_beyond_head = store.first_beyond_head

    def after_an_append(stream_id: uuid.UUID) -> int | None:
        work_on(session, until=8)
        return first_beyond_head(stream_id)

    monkeypatch.setattr(store, "first_beyond_head", after_an_append)

    integrity.verify(session.head.stream_id)

    assert noted(session) == (6, "")


def test_a_session_removed_during_verification_is_not_damaged(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read = store.read

    def after_a_removal(*args: object, **kwargs: object) -> object:
        removal.remove(
            session.head.stream_id, reason=RemovalReason.ERASED_ON_REQUEST, removed_by="test"
        )
        return read(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "read", after_a_removal)

    assert integrity.verify(session.head.stream_id) is None

    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_the_job_samples_sessions_and_snapshots(session: Session, user: User) -> None:
    begin(user)
    poison(3)

    assert tasks.verify_snapshots() == {"verified": 2, "damaged": 0, "quarantined": 1}
    assert tasks.verify_snapshots() == {"verified": 2, "damaged": 0, "quarantined": 0}


def test_a_sample_is_bounded(user: User, settings: Settings) -> None:
    settings.SESSION_EVENTS = {"VERIFY_SAMPLE": 2}
    for _ in range(5):
        begin(user)

    assert tasks.verify_snapshots()["verified"] == 2


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_verifications_quarantine_once(user: User) -> None:
    session = begin(user, events=4)
    snapshots.take(replay_all(session.head, until=3), stream_id=session.head.stream_id)
    poison(3)

    found = at_once([lambda: integrity.verify(session.head.stream_id)] * 2)

    assert sum(len(verification.quarantined) for verification in found if verification) == 1


def test_the_command_names_the_damage_and_fails(
    session: Session, user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = begin(user, events=3)
    alter_event(damaged.head.stream_id, 2, "payload = '{}'")
    poison(5)

    with pytest.raises(CommandError, match="2 of 2 sessions are damaged") as error:
        call_command("verify_event_log", "--all")

    assert error.value.returncode == 1
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(
        [
            f"{damaged.head.stream_id}: log damaged: hash_mismatch at event 2",
            f"{session.head.stream_id}: snapshot at 5 quarantined: state_differs",
        ]
    )


@pytest.mark.parametrize("options", [[], ["--all"], ["--limit", "5"], ["--stream"]])
def test_the_command_succeeds_on_an_intact_log(
    session: Session, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    if options == ["--stream"]:
        options = ["--stream", str(session.head.stream_id)]

    call_command("verify_event_log", *options)

    assert capsys.readouterr().out == "1 sessions verified, none damaged\n"


def test_the_command_refuses_a_session_that_does_not_exist(db: None) -> None:
    with pytest.raises(CommandError, match="There is no session"):
        call_command("verify_event_log", "--stream", str(uuid.uuid4()))


def test_a_remembered_state_does_not_hide_damage_before_it(session: Session) -> None:
    after = work_on(session, until=7)
    loading.remember(session)
    alter_event(session.head.stream_id, 7, "payload = '{}'")

    with pytest.raises(LogDamaged):
        loading.load(after.head)


def test_a_removed_session_cannot_be_continued(session: Session) -> None:
    removal.remove(session.head.stream_id, reason=RemovalReason.PAST_RETENTION, removed_by="test")

    with pytest.raises(SessionNotFound):
        work_on(session, until=7)
