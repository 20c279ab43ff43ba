"""Of two runs of a job at once one does the work, and gives its lock back whatever happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from freezegun import freeze_time
from pytest_django import Settings

from session_events import snapshots, tasks
from session_events.advisory_locks import only_run_of, open_lock_holder
from session_events.loading import replay_all
from tests.support.written_sessions import begin

pytestmark = pytest.mark.django_db

Job = Callable[[], dict[str, int]]


@contextmanager
def elsewhere(job: str) -> Iterator[bool]:
    """Another process that tries to run the job; yields whether it may."""
    with open_lock_holder() as other, other.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('session_events:' || %s, 0))", [job]
        )
        yield cursor.fetchone()[0]


@pytest.mark.parametrize(
    "job",
    [
        tasks.sweep_snapshots,
        tasks.expire_idle_sessions,
        tasks.verify_snapshots,
        tasks.prune_snapshots,
        tasks.remove_past_retention,
    ],
    ids=lambda job: job.__name__,
)
def test_a_job_leaves_its_work_to_the_run_that_has_begun(
    job: Job, user: User, settings: Settings
) -> None:
    settings.SESSION_EVENTS = {"SNAPSHOT_EVERY_EVENTS": 4, "SNAPSHOTS_KEPT": 2}
    session = begin(user, events=8)
    for sequence in (1, 2, 3):
        snapshots.take(replay_all(session.head, until=sequence), stream_id=session.head.stream_id)

    with freeze_time(timezone.now() + dt.timedelta(days=60)):
        with elsewhere(job.__name__) as is_running:
            assert is_running
            assert not any(job().values())
        assert any(job().values())


def test_a_run_that_fails_gives_its_lock_back() -> None:
    def fail() -> None:
        with only_run_of("a job") as is_only, elsewhere("a job") as may_run:
            assert (is_only, may_run) == (True, False)
            raise OSError("the job fails")

    with pytest.raises(OSError, match="the job fails"):
        fail()

    with elsewhere("a job") as may_run:
        assert may_run
