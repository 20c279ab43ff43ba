"""The jobs that look for work by the clock, on a real worker and a real beat over Redis.

The sessions are written here, where nobody is woken, some of them in the past.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from freezegun import freeze_time

from data_tools.models import DataSource
from session_events import heads, snapshots, store
from session_events.events import SessionExpired
from session_events.frozen_state import freeze, text_digest
from session_events.loading import Session, replay_all
from session_events.models import SessionSnapshot, StreamTombstone
from session_events.state import Status
from tests.crash.victims import OwnRedis
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.celery_processes import celery
from tests.support.patience import eventually
from tests.support.written_sessions import begin

pytestmark = pytest.mark.django_db(transaction=True)

EVERY_SECOND = dict.fromkeys(
    (
        "SIGN_OF_LIFE_SECONDS",
        "SESSION_SNAPSHOT_SWEEP_SECONDS",
        "SESSION_EXPIRY_SWEEP_SECONDS",
        "SESSION_VERIFY_SECONDS",
        "SESSION_SNAPSHOT_PRUNE_SECONDS",
        "SESSION_RETENTION_SWEEP_SECONDS",
        "INGEST_CHECK_SECONDS",
        "OLD_REVISIONS_PRUNE_SECONDS",
        "ROW_LISTS_PRUNE_SECONDS",
        "EXPIRED_SIGN_INS_PRUNE_SECONDS",
        "MEASURE_ROWS_SECONDS",
        "PACK_COLUMNS_SECONDS",
        "MOVE_ROWS_SECONDS",
    ),
    "1",
)
ENVIRONMENT = {
    **EVERY_SECOND,
    "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
    "SESSION_SNAPSHOT_EVERY_EVENTS": "4",
    "SESSION_SNAPSHOTS_KEPT": "2",
    "SESSION_INACTIVITY_TIMEOUT_SECONDS": "3600",
    "SESSION_RETENTION_SECONDS": "86400",
}


@contextmanager
def worker_and_beat(own_redis: OwnRedis, tmp_path: Path) -> Iterator[Path]:
    """Run both during the block, and yield the log of the worker; every job is due each second."""
    schedule = tmp_path / "not there yet" / "schedule"
    of_worker = tmp_path / "worker.log"
    of_beat = tmp_path / "beat.log"
    common = {"broker_url": own_redis.url, "environment": ENVIRONMENT}
    with (
        celery("worker", "--concurrency=2", log=of_worker, **common),
        celery("beat", f"--schedule={schedule}", log=of_beat, **common),
    ):
        yield of_worker


def sequences(session: Session, **which: object) -> list[int]:
    rows = SessionSnapshot.objects.filter(stream_id=session.head.stream_id, **which)
    return sorted(rows.values_list("sequence", flat=True))


def take_at(session: Session, *sequences: int) -> None:
    for sequence in sequences:
        replayed = replay_all(session.head, until=sequence)
        snapshots.take(replayed, stream_id=session.head.stream_id)


def long_ago(**ago: float) -> freeze_time:
    return freeze_time(timezone.now() - dt.timedelta(**ago))


def status(session: Session) -> Status | None:
    """The status that the log has; none if the session is removed."""
    head = heads.head_by_id(session.head.stream_id)
    return None if head is None else head.status


def poison(session: Session, *, at: int) -> None:
    """A snapshot of another state, with its right digest: only a replay can tell."""
    other = freeze(replay_all(session.head, until=1).state)
    SessionSnapshot.objects.filter(stream_id=session.head.stream_id, sequence=at).update(
        state=other, digest=text_digest(other)
    )


def all_are_done(worker: Path) -> bool:
    jobs = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    return jobs <= set(re.findall(r"Task (\S+)\[\S+\] succeeded in ", worker.read_text()))


def test_each_job_by_the_clock_finds_its_work_and_does_it(
    user: User, own_redis: OwnRedis, tmp_path: Path
) -> None:
    # All of it before the jobs run, which would remove a session of the past while it is written,
    # or verify a snapshot before it is poisoned.
    nobody_was_woken = begin(user, events=6)
    in_use = begin(user, events=2)
    has_many_snapshots = begin(user, events=6)
    take_at(has_many_snapshots, 2, 3, 4, 5, 6)
    has_a_wrong_snapshot = begin(user, events=6)
    take_at(has_a_wrong_snapshot, 5)
    poison(has_a_wrong_snapshot, at=5)
    interrupted = DataSource.objects.create(
        owner=user, name="cut off", status=DataSource.Status.PROCESSING
    )
    with long_ago(hours=2):
        idle = begin(user, events=2)
    with long_ago(days=2):
        past_retention = begin(user, events=3)

    def has_failed() -> bool:
        interrupted.refresh_from_db()
        return interrupted.status == DataSource.Status.ERROR

    with worker_and_beat(own_redis, tmp_path) as worker:
        eventually(lambda: sequences(nobody_was_woken) == [4], worker.read_text)
        eventually(lambda: sequences(has_many_snapshots) == [5, 6], worker.read_text)
        eventually(
            lambda: sequences(has_a_wrong_snapshot, quarantine_reason="state_differs") == [5],
            worker.read_text,
        )
        eventually(has_failed, worker.read_text)
        eventually(lambda: status(idle) is Status.EXPIRED, worker.read_text)
        eventually(lambda: status(past_retention) is None, worker.read_text)
        eventually(lambda: all_are_done(worker), worker.read_text)

        assert status(in_use) is Status.ACTIVE
        [expiry] = store.read(idle.head.stream_id, after=2)
        assert expiry.wire_name == SessionExpired.wire_name
        # The same run may have met the session past retention too: expired it, or skipped it
        # because it was being removed.
        trace_id = json.loads(expiry.metadata)["trace_id"]
        of_its_job = re.compile(rf"'expired': [12], 'skipped': [01]}} trace_id={trace_id}")
        eventually(lambda: of_its_job.search(worker.read_text()), worker.read_text)
        assert not store.read(past_retention.head.stream_id)
        tombstone = StreamTombstone.objects.get()
        assert (tombstone.stream_id, tombstone.reason) == (
            past_retention.head.stream_id,
            "past_retention",
        )
        assert interrupted.error_reason


def test_worker_and_beat_go_on_by_themselves_when_redis_was_gone_in_the_middle_of_a_job(
    user: User, own_redis: OwnRedis, tmp_path: Path
) -> None:
    with worker_and_beat(own_redis, tmp_path) as worker:
        begin(user, events=6)
        with nobody_inserts_into(SessionSnapshot._meta.db_table) as waiting:
            eventually(lambda: waiting() > 0, worker.read_text)
            own_redis.stop()
            eventually(lambda: "Connection to broker lost" in worker.read_text(), worker.read_text)
        session = begin(user, events=6)

        own_redis.start()

        eventually(lambda: sequences(session) == [4], worker.read_text)
