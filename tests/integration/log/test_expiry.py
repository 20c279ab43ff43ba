"""The expiry of an idle session is recorded once, on time, and never on top of somebody's work."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import User
from freezegun import freeze_time

from session_events import expiry, heads, loading, removal, services, store, tasks
from session_events.envelope import decode, decode_metadata, expected_hash
from session_events.events import SessionExpired
from session_events.loading import Session, replay_all
from session_events.models import SessionStream
from session_events.recording import Command
from session_events.removal import RemovalReason
from session_events.state import Status
from tests.support.at_once import at_once
from tests.support.log_damage import alter_event
from tests.support.written_sessions import begin, work_on
from tests.unit.session_events.streams import looked_at

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
TIMEOUT = dt.timedelta(hours=4)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def session(user: User) -> Session:
    with freeze_time(NOON):
        return begin(user, events=3)


def head(session: Session) -> heads.StreamHead:
    found = heads.head_by_id(session.head.stream_id)
    assert found is not None
    return found


def expire_at(moment: dt.datetime) -> dict[str, int]:
    with freeze_time(moment):
        return tasks.expire_idle_sessions()


@pytest.mark.parametrize(
    ("after", "expired"), [(TIMEOUT - SECOND, 0), (TIMEOUT, 1), (TIMEOUT + SECOND, 1)]
)
def test_a_session_expires_on_the_second(
    session: Session, after: dt.timedelta, expired: int
) -> None:
    assert expire_at(NOON + after) == {"expired": expired, "skipped": 0}

    assert head(session).status is (Status.EXPIRED if expired else Status.ACTIVE)


def test_the_log_records_since_when_a_session_is_expired_and_who_recorded_it(
    session: Session,
) -> None:
    expire_at(NOON + 10 * TIMEOUT)

    (stored,) = store.read(session.head.stream_id, after=3)
    assert decode(stored).event == SessionExpired(since=NOON + TIMEOUT)
    assert stored.recorded_at == NOON + 10 * TIMEOUT
    assert decode_metadata(stored).actor_id is None
    assert decode_metadata(stored).client_kind == "expiry_sweep"
    assert replay_all(head(session)).defect is None


def test_twice_is_once(session: Session) -> None:
    expire_at(NOON + TIMEOUT)

    assert expire_at(NOON + 2 * TIMEOUT) == {"expired": 0, "skipped": 0}

    assert head(session).position.version == 4


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_runs_expire_a_session_once(user: User) -> None:
    with freeze_time(NOON):
        session = begin(user, events=3)

    with freeze_time(NOON + TIMEOUT):
        outcomes = at_once([lambda: expiry.expire(session.head)] * 2)

    assert sorted(outcomes) == [False, True]
    assert head(session).position.version == 4


def test_paused_ended_and_used_sessions_do_not_expire(user: User) -> None:
    command = Command(actor_id=user.pk)
    with freeze_time(NOON):
        services.pause(begin(user), command=command)
        services.clear(begin(user).head, command=command)
        used = begin(user)
    with freeze_time(NOON + TIMEOUT - SECOND):
        work_on(used, until=2)

    assert expire_at(NOON + TIMEOUT) == {"expired": 0, "skipped": 0}


@pytest.mark.parametrize("is_only_looking", [True, False])
def test_a_session_used_at_the_same_time_is_not_expired(
    session: Session, is_only_looking: bool
) -> None:
    idle = head(session)
    with freeze_time(NOON + TIMEOUT - SECOND):
        if is_only_looking:
            command = Command(actor_id=idle.user_id)
            services.change_view(session, looked_at(2).view, command=command)
        else:
            work_on(session, until=4)
    loading.forget_all()

    with freeze_time(NOON + TIMEOUT):
        assert not expiry.expire(idle)

    assert head(session).status is Status.ACTIVE
    assert head(session).position.version == 4


def test_a_damaged_session_is_skipped_and_marked_as_damaged(session: Session) -> None:
    alter_event(session.head.stream_id, 2, "payload = '{}'")

    assert expire_at(NOON + TIMEOUT) == {"expired": 0, "skipped": 1}
    assert expire_at(NOON + TIMEOUT) == {"expired": 0, "skipped": 0}

    assert SessionStream.objects.get().defect == "hash_mismatch at event 2"
    assert head(session).position.version == 3


def test_a_session_of_a_newer_server_is_skipped(session: Session) -> None:
    alter_event(session.head.stream_id, 3, "wire_name = 'session.dreamed'")
    # as the newer server sealed it
    (stored,) = store.read(session.head.stream_id, after=2)
    previous = store.read(session.head.stream_id, until=2)[-1]
    sealed = expected_hash(stored, previous_hash=previous.hash).hex()
    alter_event(session.head.stream_id, 3, f"hash = decode('{sealed}', 'hex')")
    SessionStream.objects.update(head_hash=bytes.fromhex(sealed))

    assert expire_at(NOON + TIMEOUT) == {"expired": 0, "skipped": 1}

    assert SessionStream.objects.get().defect == ""


def test_a_session_removed_in_the_meantime_is_skipped(session: Session) -> None:
    idle = head(session)
    loading.load(idle)
    removal.remove(idle.stream_id, reason=RemovalReason.ERASED_ON_REQUEST, removed_by="test")

    with freeze_time(NOON + TIMEOUT):
        assert not expiry.expire(idle)


def test_a_run_is_bounded_and_starts_with_the_longest_idle(user: User) -> None:
    with freeze_time(NOON + SECOND):
        younger = begin(user)
    with freeze_time(NOON):
        older = begin(user)

    with freeze_time(NOON + 2 * TIMEOUT):
        assert expiry.expire_idle(limit=1).expired == 1

    assert head(older).status is Status.EXPIRED
    assert head(younger).status is Status.ACTIVE
