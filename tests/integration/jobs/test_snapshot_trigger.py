"""A commit wakes the snapshot job, and no request ever waits for it."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator

import pytest
from celery import Celery
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from session_events import broker, snapshot_trigger, tasks
from session_events.models import SessionSnapshot
from session_events.snapshot_trigger import SnapshotTrigger
from tests.support.dead_redis import DeadRedis
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.written_sessions import begin, work_on


@pytest.fixture
def trigger(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SnapshotTrigger]:
    settings.BACKGROUND_JOBS_ON_COMMIT = True
    settings.SESSION_EVENTS = {"SNAPSHOT_EVERY_EVENTS": 3}
    trigger = SnapshotTrigger()
    monkeypatch.setattr(snapshot_trigger, "_trigger", trigger)
    yield trigger
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)


@pytest.fixture
def asked(trigger: SnapshotTrigger, monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The streams that a snapshot was asked for."""
    asked: list[uuid.UUID] = []
    monkeypatch.setattr(trigger, "request_snapshot", asked.append)
    return asked


@pytest.mark.django_db(transaction=True)
def test_every_so_many_events_a_snapshot_is_taken(user: User, trigger: SnapshotTrigger) -> None:
    session = begin(user, events=2)
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)
    assert not SessionSnapshot.objects.exists()

    work_on(session, until=7)
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)

    assert set(SessionSnapshot.objects.values_list("sequence", flat=True)) <= {3, 6}
    assert SessionSnapshot.objects.filter(sequence=6).exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_before_the_commit_or_without_one(
    user: User, asked: list[uuid.UUID]
) -> None:
    with transaction.atomic():
        begin(user, events=3)
        transaction.set_rollback(True)
    with transaction.atomic():
        session = begin(user, events=3)
        assert asked == []

    assert asked == [session.head.stream_id]


@pytest.mark.django_db(transaction=True)
def test_it_can_be_switched_off(user: User, asked: list[uuid.UUID], settings: Settings) -> None:
    settings.BACKGROUND_JOBS_ON_COMMIT = False

    begin(user, events=3)

    assert asked == []


@pytest.mark.django_db(transaction=True)
def test_the_job_leaves_no_database_connection_behind(user: User, trigger: SnapshotTrigger) -> None:
    before = connected()

    begin(user, events=3)
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)

    eventually(lambda: connected() <= before)  # the database notices a moment later


def connected() -> set[int]:
    """The backends that serve somebody in the tests' database; a server may still run beside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def use_broker(settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Publish the job by an app of its own, since Celery's one reads its settings but once."""
    settings.BACKGROUND_JOBS_USE_BROKER = True
    monkeypatch.setattr(broker, "_silent_until", 0.0)
    app = Celery("trial", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.update(broker_url=url, task_always_eager=False)

    @app.task(name="any.task")
    def take_snapshot(stream_id: str) -> None:
        raise AssertionError("nobody does the job here")

    monkeypatch.setattr(tasks, "take_snapshot", take_snapshot)


def test_a_dead_broker_is_asked_once_and_then_left_alone(
    dead_redis: DeadRedis,
    trigger: SnapshotTrigger,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use_broker(settings, monkeypatch, dead_redis.url)
    for _ in range(2_000):
        trigger.request_snapshot(uuid.uuid4())

    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)

    assert [record.name for record in caplog.records if record.levelname == "WARNING"] == [
        "session_events.broker"
    ]


def test_nobody_who_wakes_waits_for_the_broker(
    trigger: SnapshotTrigger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More ask than the queue holds, while the broker keeps the first of them waiting."""
    settings.BACKGROUND_JOBS_USE_BROKER = True
    answers = threading.Event()
    given: list[str] = []

    def give(job: object, stream_id: str) -> bool:
        assert answers.wait(PATIENCE_SECONDS)
        given.append(stream_id)
        return True

    monkeypatch.setattr(broker, "give", give)

    for _ in range(2_000):
        trigger.request_snapshot(uuid.uuid4())

    assert given == []
    answers.set()
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)
    assert 1_000 <= len(given) <= 1_001


def test_after_its_silence_it_asks_again(
    trigger: SnapshotTrigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def fail_once(stream_id: str) -> None:
        asked.append(stream_id)
        if len(asked) == 1:
            raise DatabaseError("gone")

    monkeypatch.setattr(tasks, "take_snapshot", fail_once)
    for _ in range(3):
        trigger.request_snapshot(uuid.uuid4())
        assert trigger.join(timeout_seconds=PATIENCE_SECONDS)
    assert len(asked) == 1

    monkeypatch.setattr(trigger, "_silent_until", time.monotonic())
    trigger.request_snapshot(uuid.uuid4())
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)

    assert len(asked) == 2


def test_a_broker_that_is_back_is_used_again(
    trigger: SnapshotTrigger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    use_broker(settings, monkeypatch, "memory://")
    monkeypatch.setattr(
        tasks.take_snapshot, "apply_async", lambda arguments, **_: given.extend(arguments)
    )
    stream_id = uuid.uuid4()

    monkeypatch.setattr(broker, "_silent_until", time.monotonic() + 60)
    assert not broker.give(tasks.take_snapshot, "during the silence")
    monkeypatch.setattr(broker, "_silent_until", time.monotonic())
    trigger.request_snapshot(stream_id)
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)

    assert given == [str(stream_id)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_replaced(
    trigger: SnapshotTrigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def die_once(stream_id: str) -> None:
        asked.append(stream_id)
        if len(asked) == 1:
            raise SystemExit

    monkeypatch.setattr(tasks, "take_snapshot", die_once)
    trigger.request_snapshot(uuid.uuid4())
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)
    assert trigger._thread is not None
    trigger._thread.join(PATIENCE_SECONDS)

    trigger.request_snapshot(uuid.uuid4())
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)

    assert len(asked) == 2


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_has_a_thread_of_its_own(
    trigger: SnapshotTrigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "take_snapshot", lambda stream_id: None)
    trigger.request_snapshot(uuid.uuid4())
    assert trigger.join(timeout_seconds=PATIENCE_SECONDS)
    child = os.fork()
    if child == 0:
        is_done = snapshot_trigger._trigger is not trigger
        snapshot_trigger._trigger.request_snapshot(uuid.uuid4())
        assert snapshot_trigger._trigger.join(timeout_seconds=PATIENCE_SECONDS)
        os._exit(0 if is_done else 1)

    signal.alarm(PATIENCE_SECONDS)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)

    assert os.waitstatus_to_exitcode(status) == 0
