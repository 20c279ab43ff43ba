"""When the service counts as degraded, and what is told while that cannot be found out."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import AlwaysEagerIgnored
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from redis import Redis

from data_tools import tasks
from data_tools.jobs import signs_of_life
from data_tools.models import DataSource, SignOfLife
from data_tools.observing import linked_jobs
from data_tools.services import health_service
from session_events import broker
from session_events.models import SessionStream
from tests.crash.victims import OwnRedis
from tests.support.small_datasets import publish
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

TASK = "data_tools.tasks.fail_interrupted_ingests"


@pytest.fixture(autouse=True)
def queues(
    module_redis: OwnRedis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Redis]:
    """The empty queues of a service with a broker, whose beat and worker were just seen."""
    settings.BACKGROUND_JOBS_USE_BROKER = True
    monkeypatch.setattr(current_app.conf, "broker_read_url", module_redis.url)
    signs_of_life.note("beat")
    signs_of_life.note("worker")
    health_service._DEGRADATIONS.forget()
    health_service._FIGURES.forget()
    with Redis.from_url(module_redis.url) as redis:
        redis.flushall()
        yield redis
    health_service._DEGRADATIONS.forget()
    health_service._FIGURES.forget()


def send(redis: OwnRedis, queue: str) -> None:
    with current_app.connection(redis.url) as to, pytest.warns(AlwaysEagerIgnored):
        current_app.send_task(TASK, queue=queue, connection=to)


def readiness() -> dict[str, Any]:
    answer = Client().get("/readyz")
    return {"http": answer.status_code, **answer.json()}


def samples() -> dict[tuple[str, str], float]:
    """Return what `/metrics` says, by name and by the value of its only label."""
    content = Client().get("/metrics").content.decode()
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(content)
        for sample in family.samples
    }


READY = {"http": 200, "status": "ready"}


def degraded(*reasons: str) -> dict[str, Any]:
    return {"http": 200, "status": "degraded", "reasons": [*reasons]}


@pytest.mark.parametrize(
    ("queue", "seconds", "expected"),
    [
        ("celery", 50, READY),
        ("celery", 70, degraded("queue_lag")),
        ("housekeeping", 70, degraded("queue_lag")),
        ("large", 500, READY),
        ("large", 700, degraded("load_lag")),
    ],
)
def test_a_job_that_waits_too_long_is_told(
    module_redis: OwnRedis,
    monkeypatch: pytest.MonkeyPatch,
    queue: str,
    seconds: int,
    expected: dict[str, Any],
) -> None:
    sent_at = time.time() - seconds
    with monkeypatch.context() as earlier:
        earlier.setattr(linked_jobs.time, "time", lambda: sent_at)
        send(module_redis, queue)
    send(module_redis, queue)  # behind it

    ages = broker.queue_ages()

    assert ages is not None
    assert seconds <= ages.pop(queue) < seconds + 10
    assert set(ages.values()) == {0.0}
    assert readiness() == expected
    assert samples()["hydroml_queue_age_seconds", queue] >= seconds


@pytest.mark.parametrize("entry", ["older version", "not a job", "no JSON"])
def test_a_queue_whose_next_job_does_not_say_when_it_was_sent_is_unknown(
    module_redis: OwnRedis, queues: Redis, entry: str
) -> None:
    send(module_redis, "celery")
    message = json.loads(queues.lpop("celery"))
    del message["headers"]["sent_at"]
    entries = {"older version": json.dumps(message), "not a job": "[1]", "no JSON": "{"}
    queues.lpush("celery", entries[entry])

    assert broker.queue_ages() == {"large": 0.0, "housekeeping": 0.0}
    assert readiness() == READY


def test_an_upload_that_waits_too_long_is_told(user: User) -> None:
    dataset = publish(user)
    DataSource.objects.filter(pk=dataset.pk).update(
        status=DataSource.Status.UPLOADING,
        updated_at=timezone.now() - dt.timedelta(seconds=700),
    )

    assert readiness() == degraded("load_lag")


@pytest.mark.usefixtures("media")
@pytest.mark.parametrize("field", ["file", "reupload_file"])
def test_an_upload_that_somebody_looks_at_has_waited_since_its_file_was_stored(
    user: User, field: str
) -> None:
    """Whoever looks at it has a job sent again, which the row notes."""
    dataset = publish(user)
    getattr(dataset, field).save("f.csv", ContentFile(b"a\n1\n"), save=False)
    dataset.status = DataSource.Status.UPLOADING
    dataset.save()
    assert readiness() == READY

    stored_at = time.time() - 700
    os.utime(getattr(dataset, field).path, (stored_at, stored_at))
    health_service._DEGRADATIONS.forget()
    health_service._FIGURES.forget()

    assert readiness() == degraded("load_lag")
    assert 700 <= samples()["hydroml_oldest_waiting_load_seconds", ""] < 760


def test_many_sessions_without_a_recent_snapshot_are_told(settings: Settings, user: User) -> None:
    settings.HEALTH = settings.HEALTH | {"DUE_SNAPSHOTS": 1}
    settings.SESSION_EVENTS = settings.SESSION_EVENTS | {"SNAPSHOT_EVERY_EVENTS": 1}
    assert readiness() == READY

    open_studio(user)
    SessionStream.objects.update(version=5)
    health_service._DEGRADATIONS.forget()

    assert readiness() == degraded("snapshot_lag")


def test_a_part_that_was_never_seen_is_infinitely_old() -> None:
    SignOfLife.objects.all().delete()

    assert readiness() == degraded("beat_absent", "worker_absent")
    ages = samples()
    assert ages["hydroml_part_age_seconds", "beat"] == float("inf")
    assert ages["hydroml_part_age_seconds", "worker"] == float("inf")


def test_old_sessions_of_which_none_was_verified_are_told(user: User) -> None:
    open_studio(user)
    assert ("hydroml_last_verification_age_seconds", "") not in samples()

    SessionStream.objects.update(started_at=timezone.now() - dt.timedelta(hours=1))
    health_service._FIGURES.forget()
    assert samples()["hydroml_last_verification_age_seconds", ""] == float("inf")

    SessionStream.objects.update(verified_at=timezone.now() - dt.timedelta(minutes=1))
    health_service._FIGURES.forget()
    assert 60 <= samples()["hydroml_last_verification_age_seconds", ""] < 120


def test_a_count_that_takes_too_long_is_no_outage(
    monkeypatch: pytest.MonkeyPatch, user: User
) -> None:
    SignOfLife.objects.filter(name="beat").delete()
    assert readiness() == degraded("beat_absent")

    def count_slowly(*, limit: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")
        return 0

    monkeypatch.setattr(health_service.snapshot_jobs, "count_due", count_slowly)
    monkeypatch.setattr(health_service, "_LONGEST_FIGURE_SECONDS", 0.2)
    monkeypatch.setattr(health_service, "_LONGEST_LOOK_SECONDS", 0.2)
    health_service._DEGRADATIONS.forget()
    health_service._FIGURES.forget()

    assert readiness() == degraded("beat_absent")  # as it was last
    told = samples()
    assert told["hydroml_database_up", ""] == 1
    assert ("hydroml_due_snapshots", "") not in told
    assert ("hydroml_part_age_seconds", "worker") in told
    assert ("hydroml_damaged_sessions", "") in told


def test_which_jobs_wait_is_unknown_when_more_do_than_are_read(
    module_redis: OwnRedis, queues: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "_MOST_QUEUED", 2)
    send(module_redis, "celery")
    send(module_redis, "celery")

    assert len(broker.queued() or []) == 2

    send(module_redis, "celery")

    assert broker.queued() is None


def test_a_waiting_entry_that_only_looks_like_a_job_on_a_dataset_names_none(queues: Redis) -> None:
    dataset = uuid.uuid4()
    for argument in (f"{dataset}", "-" * 36, "0" * 36):
        queues.rpush("celery", f"('{argument}',)")

    assert tasks._queued_datasets() == {dataset}
