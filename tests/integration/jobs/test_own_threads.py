"""Jobs without a broker: a few run at once, owners take turns, and no waiting job is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from data_tools import tasks
from data_tools.jobs import background
from data_tools.jobs.own_threads import Job, OwnThreads
from data_tools.models import DataSource
from data_tools.observing.trace import begin_trace, current_trace_id
from data_tools.under_way import requests
from data_tools.under_way.requests import under_way
from tests.support.at_once import at_once
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.patience import PATIENCE_SECONDS, eventually, wait_for_ingests
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of


class Bench:
    """Jobs that run until they are told to end, and note that they began."""

    def __init__(self, *, most: int, note_seconds: float = PATIENCE_SECONDS) -> None:
        self.noted: list[set[UUID]] = []
        self.threads = OwnThreads(
            most=lambda: most,
            note_waiting=lambda ids: self.noted.append(set(ids)),
            note_seconds=lambda: note_seconds,
        )
        self.begun: list[str] = []
        self.ending: dict[str, threading.Event] = {}
        self.ids: dict[str, UUID] = {}

    def add(self, *names: str) -> None:
        """Add jobs; each is of the owner whose number it begins with."""
        for name in names:
            self.ending.setdefault(name, threading.Event())
            self.ids.setdefault(name, uuid4())
            self.threads.add(
                Job(
                    name=name,
                    owner_id=int(name[0]),
                    datasource_id=self.ids[name],
                    run=partial(self._run, name),
                )
            )

    def _run(self, name: str) -> None:
        self.begun.append(name)
        self.ending[name].wait(PATIENCE_SECONDS)

    def end(self, name: str) -> None:
        self.ending[name].set()
        eventually(lambda: name not in self.threads.names)

    def has_begun(self, name: str) -> bool:
        return name in self.begun

    def end_all(self) -> None:
        for event in self.ending.values():
            event.set()
        eventually(lambda: not self.threads.names)


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**more: float) -> Bench:
        made.append(Bench(**more))
        return made[-1]

    yield make
    for each in made:
        each.end_all()


def begun(bench: Bench, *names: str) -> None:
    eventually(lambda: len(bench.begun) >= len(names), told=lambda: repr(bench.begun))
    assert bench.begun == [*names]


def test_one_owners_jobs_leave_a_place_for_others(bench: Callable[..., Bench]) -> None:
    jobs = bench(most=2)

    jobs.add("1a", "1b", "1c", "2a")
    eventually(lambda: len(jobs.begun) == 2)

    assert sorted(jobs.begun) == ["1a", "2a"]
    assert len(jobs.threads.names) == 4


def test_owners_take_turns(bench: Callable[..., Bench]) -> None:
    jobs = bench(most=1)
    jobs.add("1a", "1b", "1c", "2a", "3a")

    for name in ("1a", "2a", "3a", "1b"):
        eventually(partial(jobs.has_begun, name))
        jobs.end(name)

    begun(jobs, "1a", "2a", "3a", "1b", "1c")


def test_a_job_that_waits_is_not_added_again(bench: Callable[..., Bench]) -> None:
    jobs = bench(most=1)

    jobs.add("1a", "1b", "1b")

    assert jobs.threads.names == ["1a", "1b"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_fails_makes_room_for_the_next(bench: Callable[..., Bench]) -> None:
    jobs = bench(most=1)

    def fail() -> None:
        raise ValueError("broken")

    jobs.threads.add(Job(name="fails", owner_id=1, datasource_id=uuid4(), run=fail))
    jobs.add("1a")

    begun(jobs, "1a")


def test_waiting_jobs_give_signs_of_life_until_they_begin(bench: Callable[..., Bench]) -> None:
    jobs = bench(most=1, note_seconds=0.02)
    jobs.add("1a", "1b")
    eventually(lambda: len(jobs.noted) > 1)

    assert jobs.noted[0] == {jobs.ids["1b"]}
    jobs.end("1a")
    eventually(lambda: not [t for t in threading.enumerate() if t.name == "waiting-jobs"])


@pytest.mark.django_db(transaction=True)
def test_a_job_is_started_though_its_requests_time_ended_at_the_commit(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the request fails with "nothing was changed", and what it wrote is committed."""
    jobs: list[Job] = []
    monkeypatch.setattr(background, "OWN_THREADS", SimpleNamespace(add=jobs.append))
    dataset = publish(user)

    with under_way(PATIENCE_SECONDS) as request, transaction.atomic():
        transaction.on_commit(lambda: setattr(request, "ends_at", 0.0))
        background.start(tasks.ingest_dataset, dataset.pk)

    assert [(job.datasource_id, job.owner_id) for job in jobs] == [(dataset.pk, user.pk)]


@pytest.mark.django_db(transaction=True)
def test_a_job_has_its_requests_trace_but_not_its_deadline(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, object]] = []
    monkeypatch.setattr(
        background, "_run", lambda *_: seen.append((current_trace_id(), requests.current()))
    )
    dataset = publish(user)
    trace_id = begin_trace()

    with under_way(PATIENCE_SECONDS) as request:
        background.start(tasks.ingest_dataset, dataset.pk)
        eventually(lambda: bool(seen))
        assert requests.current() is request

    assert seen == [(trace_id, None)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("media")
def test_uploads_that_wait_are_not_taken_for_interrupted(
    user: User, other_user: User, settings: Settings
) -> None:
    settings.BACKGROUND_JOB_THREADS, settings.INGEST_HEARTBEAT_SECONDS = 2, 8
    clients = [Studio(token=token_of(owner)) for owner in (user, user, user, other_user)]

    def upload(client: Studio) -> int:
        body = form(b"a\n1\n")
        return client.request("POST", DATASETS, content=body, headers=MULTIPART).status

    with nobody_inserts_into("data_tools_datarow") as count_waiting:
        assert at_once([partial(upload, client) for client in clients]) == [201] * 4
        eventually(lambda: count_waiting() == 2)
        waiting = DataSource.objects.filter(owner=user, status="UPLOADING")
        long_ago = timezone.now() - timedelta(hours=1)
        assert at_once([partial(waiting.update, updated_at=long_ago)]) == [2]
        eventually(lambda: not waiting.filter(updated_at=long_ago).exists())
        assert tasks.resume_or_fail()["failed"] == 0
    wait_for_ingests()

    assert [*DataSource.objects.values_list("status", flat=True)] == ["READY"] * 4
