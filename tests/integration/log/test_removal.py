"""Events leave the log as whole streams, each for a tombstone that proves it, or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from freezegun import freeze_time

from session_events import heads, loading, removal, services, snapshots, store, tasks
from session_events.envelope import expected_hash
from session_events.heads import StreamHead
from session_events.loading import Session, replay_all
from session_events.models import SessionEvent, SessionSnapshot, SessionStream, StreamTombstone
from session_events.recording import Command
from session_events.recovery import service
from session_events.recovery.context import RecoveryContext
from session_events.recovery.verdicts import Action, Source
from session_events.removal import RemovalReason, Removed
from tests.support.at_once import at_once
from tests.support.log_damage import alter_event, delete_event
from tests.support.written_sessions import begin, work_on

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
TIMEOUT = dt.timedelta(hours=4)
RETENTION = dt.timedelta(days=30)
SECOND = dt.timedelta(seconds=1)
TOMBSTONE = """
INSERT INTO session_events_streamtombstone
    (stream_id, user_id, dataset_id, event_count, last_sequence, last_hash, reason, removed_at,
     removed_by)
VALUES (%s, 1, %s, %s, %s, %s, 'test', now(), 'test')
"""


@pytest.fixture
def session(user: User) -> Session:
    with freeze_time(NOON):
        session = begin(user, events=4)
    snapshots.take(replay_all(session.head, until=3), stream_id=session.head.stream_id)
    return session


def remove(session: Session, at_version: int | None = None) -> StreamTombstone | None:
    return removal.remove(
        session.head.stream_id,
        reason=RemovalReason.ERASED_ON_REQUEST,
        removed_by="test",
        at_version=at_version,
    )


def count_of(session: Session) -> tuple[int, int, int]:
    """Count the heads, events and snapshots of the stream."""
    stream_id = session.head.stream_id
    return (
        SessionStream.objects.filter(pk=stream_id).count(),
        SessionEvent.objects.filter(stream_id=stream_id).count(),
        SessionSnapshot.objects.filter(stream_id=stream_id).count(),
    )


def bury(
    session: Session, *, count: int = 4, sequence: int = 4, last_hash: bytes | None = None
) -> None:
    """Write a tombstone by hand: a true one, unless `wrong` says otherwise."""
    last_hash = last_hash or session.head.position.hash
    with connection.cursor() as cursor:
        cursor.execute(
            TOMBSTONE, [session.head.stream_id, uuid.uuid4(), count, sequence, last_hash]
        )


@contextmanager
def refused(match: str = "append-only") -> Iterator[None]:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        yield


def test_a_removed_stream_leaves_a_tombstone_and_nothing_else(session: Session) -> None:
    events = store.read(session.head.stream_id)

    with freeze_time(NOON + SECOND):
        tombstone = remove(session)

    assert tombstone is not None
    assert count_of(session) == (0, 0, 0)
    kept = StreamTombstone.objects.get()
    assert kept.stream_id == session.head.stream_id
    assert kept.user_id == session.head.user_id
    assert kept.dataset_id == session.head.dataset_id
    assert (kept.event_count, kept.last_sequence) == (4, 4)
    assert (kept.reason, kept.removed_by) == ("erased_on_request", "test")
    assert kept.removed_at == NOON + SECOND
    # The chain proves a copy of the events against the tombstone.
    previous = bytes(32)
    for event in events:
        previous = expected_hash(event, previous_hash=previous)
    assert bytes(kept.last_hash) == previous


def test_a_tombstone_must_be_true_at_the_end_of_its_transaction(session: Session) -> None:
    with transaction.atomic():
        remove(session)

    connection.check_constraints()


def test_twice_is_once(session: Session) -> None:
    assert remove(session) is not None
    assert remove(session) is None
    assert StreamTombstone.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_removals_remove_once(user: User) -> None:
    session = begin(user, events=4)

    found = at_once([lambda: remove(session)] * 2)

    assert sorted(tombstone is None for tombstone in found) == [False, True]
    assert count_of(session) == (0, 0, 0)


def test_a_session_that_moved_on_is_not_removed(session: Session) -> None:
    with freeze_time(NOON):
        work_on(session, until=5)

    assert remove(session, at_version=4) is None

    assert count_of(session) == (1, 5, 1)


def test_other_sessions_are_not_removed(session: Session, user: User) -> None:
    other = begin(user, events=2)

    remove(session)

    assert count_of(other) == (1, 2, 0)


@pytest.mark.parametrize("sequence", [1, 3, 4])
def test_a_stream_with_a_gap_can_be_removed(session: Session, sequence: int) -> None:
    delete_event(session.head.stream_id, sequence)

    tombstone = remove(session)

    assert tombstone is not None
    assert tombstone.event_count == 3
    assert tombstone.last_sequence == (3 if sequence == 4 else 4)


def test_nobody_else_deletes_events(session: Session) -> None:
    events = SessionEvent.objects.filter(stream_id=session.head.stream_id)

    with refused():
        events.delete()
    with refused():
        events[0].delete()
    with refused():
        SessionEvent.objects.none().delete()
        events._raw_delete(using="default")
    with refused(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM session_events_sessionevent WHERE false")
    with pytest.raises(ProtectedError):
        SessionStream.objects.filter(pk=session.head.stream_id).delete()

    assert count_of(session) == (1, 4, 1)


def test_with_a_true_tombstone_the_whole_stream_can_be_deleted(session: Session) -> None:
    with transaction.atomic():
        bury(session)
        SessionSnapshot.objects.all().delete()
        SessionEvent.objects.filter(stream_id=session.head.stream_id)._raw_delete(using="default")
        SessionStream.objects.filter(pk=session.head.stream_id)._raw_delete(using="default")
        connection.check_constraints()

    assert count_of(session) == (0, 0, 0)


@pytest.mark.parametrize(
    "lie",
    [{"count": 3}, {"sequence": 5}, {"last_hash": b"\x01" * 32}],
    ids=lambda lie: next(iter(lie)),
)
def test_a_false_tombstone_permits_no_deletion(session: Session, lie: dict[str, object]) -> None:
    with refused("goes whole"):
        bury(session, **lie)  # type: ignore[arg-type]
        SessionEvent.objects.filter(stream_id=session.head.stream_id)._raw_delete(using="default")

    assert count_of(session) == (1, 4, 1)


@pytest.mark.parametrize("kept", [1, 4])
def test_a_stream_is_deleted_whole_or_not_at_all(session: Session, kept: int) -> None:
    last = store.read(session.head.stream_id, until=3)[-1]
    truth = {"last_hash": last.hash, "sequence": 3} if kept == 4 else {}
    with refused("goes whole"):
        bury(session, count=3, **truth)  # type: ignore[arg-type]
        SessionEvent.objects.filter(stream_id=session.head.stream_id).exclude(
            sequence=kept
        )._raw_delete(using="default")

    assert count_of(session) == (1, 4, 1)


def test_one_streams_tombstone_permits_no_deletion_of_another(session: Session, user: User) -> None:
    other = begin(user, events=4)

    with refused("goes whole"):
        bury(session)
        SessionEvent.objects.filter(stream_id=other.head.stream_id)._raw_delete(using="default")
    with refused("goes whole"):
        bury(session)
        SessionEvent.objects.all()._raw_delete(using="default")

    assert count_of(other) == (1, 4, 0)


@pytest.mark.django_db(transaction=True)
def test_a_tombstone_of_another_transaction_permits_no_deletion(user: User) -> None:
    session = begin(user, events=4)

    with pytest.raises(DatabaseError, match="is still there"):
        bury(session)
    assert not StreamTombstone.objects.exists(), "no tombstone stands for a stream that lives"

    removed = begin(user, events=4)
    remove(removed)
    with refused():
        SessionEvent.objects.filter(stream_id=session.head.stream_id)._raw_delete(using="default")

    assert count_of(session) == (1, 4, 0)


def test_a_transaction_id_cannot_be_claimed(session: Session) -> None:
    remove(session)

    with connection.cursor() as cursor:
        cursor.execute(
            TOMBSTONE.replace("removed_by)", "removed_by, transaction_id)").replace(
                "'test')", "'test', 12345)"
            ),
            [uuid.uuid4(), uuid.uuid4(), 1, 1, b"\x00"],
        )

    assert not StreamTombstone.objects.filter(transaction_id=12345).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE session_events_streamtombstone SET removed_by = 'nobody'",
        "DELETE FROM session_events_streamtombstone",
        "TRUNCATE session_events_streamtombstone",
    ],
)
def test_a_tombstone_is_never_altered(session: Session, statement: str) -> None:
    remove(session)
    connection.check_constraints()

    with refused(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE session_events_sessionevent SET payload = '{}'",
        "TRUNCATE session_events_sessionevent CASCADE",
    ],
)
def test_a_tombstone_allows_neither_update_nor_truncate(
    session: Session, user: User, statement: str
) -> None:
    connection.check_constraints()

    with refused(), connection.cursor() as cursor:
        bury(session)
        cursor.execute(statement)


def test_replica_role_does_not_help(session: Session) -> None:
    connection.check_constraints()

    with refused("goes whole"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        bury(session, count=3)
        cursor.execute("DELETE FROM session_events_sessionevent WHERE sequence > 1")


def validate(head: StreamHead, moment: dt.datetime) -> tuple[Action, str]:
    with freeze_time(moment):
        assessment = service.validate(
            user_id=head.user_id,
            dataset_id=head.dataset_id,
            context=RecoveryContext(source=Source.READY, knows_operation=bool),
        ).assessment
    return assessment.suggested_action, assessment.reasons[0].code


def remove_at(moment: dt.datetime) -> dict[str, int]:
    with freeze_time(moment):
        return tasks.remove_past_retention()


def cleared(session: Session) -> Session:
    outcome = services.clear(session.head, command=Command(actor_id=session.head.user_id))
    assert outcome is not None
    return outcome.session


def paused(session: Session) -> Session:
    command = Command(actor_id=session.head.user_id)
    return services.pause(session, command=command).session


@pytest.mark.parametrize(
    ("end", "kept_for"),
    [(lambda s: s, TIMEOUT + RETENTION), (cleared, RETENTION), (paused, RETENTION)],
    ids=["idle", "cleared", "paused"],
)
@pytest.mark.parametrize(("after", "gone"), [(-SECOND, 0), (0 * SECOND, 1), (SECOND, 1)])
def test_a_session_is_removed_when_it_can_no_longer_be_recovered(
    user: User, end: object, kept_for: dt.timedelta, after: dt.timedelta, gone: int
) -> None:
    with freeze_time(NOON):
        session = end(begin(user, events=2))  # type: ignore[operator]
    loading.forget_all()
    moment = NOON + kept_for + after
    assert (validate(session.head, moment)[1] == "past_retention") is bool(gone)

    assert remove_at(moment)["streams"] == gone

    if gone:
        assert validate(session.head, moment) == (Action.INITIALIZE, "never_started")
        assert StreamTombstone.objects.get().reason == "past_retention"
        assert heads.latest_head(user_id=user.pk, dataset_id=session.head.dataset_id) is None


@pytest.mark.parametrize(("after", "gone"), [(-SECOND, 0), (0 * SECOND, 1)])
def test_an_expiry_recorded_late_counts_from_when_it_happened(
    session: Session, after: dt.timedelta, gone: int
) -> None:
    with freeze_time(NOON + dt.timedelta(days=20)):
        assert tasks.expire_idle_sessions()["expired"] == 1

    assert remove_at(NOON + TIMEOUT + RETENTION + after)["streams"] == gone


@pytest.mark.parametrize(("after", "gone"), [(-SECOND, 0), (0 * SECOND, 1)])
def test_a_damaged_log_is_kept_from_its_last_append_on(
    session: Session, after: dt.timedelta, gone: int
) -> None:
    alter_event(session.head.stream_id, 2, "payload = '{}'")
    SessionSnapshot.objects.all().delete()

    assert remove_at(NOON + RETENTION + after)["streams"] == gone


def test_a_log_that_this_server_cannot_read_is_not_removed(session: Session) -> None:
    (stored,) = store.read(session.head.stream_id, after=3)
    previous = store.read(session.head.stream_id, until=3)[-1]
    alter_event(session.head.stream_id, 4, "schema_version = 99")
    (stored,) = store.read(session.head.stream_id, after=3)
    sealed = expected_hash(stored, previous_hash=previous.hash)
    alter_event(session.head.stream_id, 4, f"hash = decode('{sealed.hex()}', 'hex')")
    SessionStream.objects.update(head_hash=sealed)

    assert remove_at(NOON + 10 * RETENTION)["streams"] == 0


def test_a_session_used_while_it_is_examined_is_not_removed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge_slowly(head: StreamHead, now: dt.datetime) -> bool:
        with freeze_time(NOON):  # a request that began while it could be recovered
            work_on(session, until=5)
        return True

    monkeypatch.setattr(removal, "is_past_retention", judge_slowly)

    assert remove_at(NOON + TIMEOUT + RETENTION)["streams"] == 0
    assert count_of(session)[0] == 1


def test_the_job_is_idempotent_and_bounded(user: User) -> None:
    with freeze_time(NOON):
        for _ in range(3):
            begin(user, events=2)

    with freeze_time(NOON + 2 * RETENTION):
        removed = [removal.remove_past_retention(limit=2) for _ in range(3)]

    assert removed == [
        Removed(streams=2, events=4),
        Removed(streams=1, events=2),
        Removed(streams=0, events=0),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_runs_remove_each_stream_once(user: User) -> None:
    with freeze_time(NOON):
        for _ in range(3):
            begin(user, events=2)

    with freeze_time(NOON + 2 * RETENTION):
        runs = at_once([lambda: removal.remove_past_retention(limit=10)] * 2)

    assert sum(run.streams for run in runs) == 3
    assert StreamTombstone.objects.count() == 3


def test_erasing_a_user_removes_nobody_elses_sessions(
    session: Session, user: User, other_user: User
) -> None:
    services.clear(begin(user).head, command=Command(actor_id=user.pk))
    others = begin(other_user, events=2)

    removed = removal.erase_user(user.pk, removed_by="test")

    assert removed == Removed(streams=2, events=6)
    assert removal.erase_user(user.pk, removed_by="test") == Removed()
    assert not SessionStream.objects.filter(user=user).exists()
    assert count_of(others) == (1, 2, 0)
    user_id = user.pk
    user.delete()
    assert StreamTombstone.objects.filter(user_id=user_id).count() == 2


def test_a_session_begun_while_its_user_is_erased_is_erased_too(
    session: Session, user: User
) -> None:
    begun: list[Session] = []

    def begin_another(tombstone: StreamTombstone) -> None:
        if not begun:
            begun.append(begin(user))

    removed = removal.erase_user(user.pk, removed_by="test", on_removed=begin_another)

    assert removed == Removed(streams=2, events=5)
    assert not SessionStream.objects.exists()


def test_sessions_too_young_to_be_removed_are_not_even_read(
    session: Session, user: User, django_assert_num_queries: Any
) -> None:
    with freeze_time(NOON):
        services.clear(begin(user).head, command=Command(actor_id=user.pk))

    with (
        freeze_time(NOON + SECOND),
        django_assert_num_queries(1),
    ):  # look for streams; the lock is taken on a connection of its own
        assert removal.remove_past_retention(limit=10) == Removed()


def test_the_command_requires_yes_and_lists_the_tombstones(
    session: Session, user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="has 1 sessions. Nothing was removed"):
        call_command("erase_user_log", user.username)
    assert count_of(session) == (1, 4, 1)

    call_command("erase_user_log", user.username, "--yes")

    tombstone = StreamTombstone.objects.get()
    assert capsys.readouterr().out.splitlines() == [
        f"{session.head.stream_id}: 4 events, the last with hash "
        f"{bytes(tombstone.last_hash).hex()}",
        "1 sessions removed, with 4 events",
    ]
    assert tombstone.removed_by.startswith("erase_user_log by ")


def test_the_command_refuses_an_unknown_user(db: None) -> None:
    with pytest.raises(CommandError, match="There is no user"):
        call_command("erase_user_log", "nobody", "--yes")
