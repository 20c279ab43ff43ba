"""What the real server hands on is done by a real Celery worker over Redis, and once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.contrib.auth.models import User
from django.utils import timezone
from freezegun import freeze_time
from rest_framework.authtoken.models import Token

from data_tools.models import DataRow, DataSource
from session_events.events import SessionExpired
from session_events.models import SessionEvent, SessionSnapshot
from tests.crash.victims import OwnRedis
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.celery_processes import celery
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studios import open_studio
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.written_sessions import begin

TAKE_SNAPSHOT = "session_events.tasks.take_snapshot"
EXPIRE = "session_events.tasks.expire_idle_sessions"
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
    "SESSION_SNAPSHOT_EVERY_EVENTS": "4",
}


@pytest.fixture
def server(transactional_db: None, own_redis: OwnRedis, tmp_path: Path) -> Iterator[Server]:
    log = tmp_path / "server.log"
    with Server(log=log, redis_url=own_redis.url, environment=ENVIRONMENT) as server:
        yield server


@pytest.fixture
def worker(transactional_db: None, own_redis: OwnRedis, tmp_path: Path) -> Iterator[Path]:
    """A worker with the server's settings; yields its log."""
    log = tmp_path / "worker.log"
    with celery(
        *("worker", "--concurrency=2"), broker_url=own_redis.url, log=log, environment=ENVIRONMENT
    ):
        yield log


def deliver_twice(job: str, *arguments: str, broker: OwnRedis) -> None:
    """Two deliveries of one job, as Redis makes them of one that it takes for lost."""
    with Celery(broker=broker.url, set_as_current=False) as app:
        for _ in range(2):
            app.send_task(job, arguments, task_id="the-same")


def answers(job: str, worker: Path) -> list[str]:
    """What the finished runs of the job answered, in order."""
    return re.findall(rf"Task {job}\[\S+\] succeeded in \S+: (.*)", worker.read_text())


def upload(server: Server, token: str, content: bytes) -> str:
    answer = server.transport.send(
        "POST",
        DATASETS,
        content=form(content),
        headers={"Authorization": f"Token {token}", **MULTIPART},
    )
    assert answer.status == 201, answer
    return str(answer.body["datasource"]["id"])


def test_an_uploaded_file_is_loaded_by_the_worker(server: Server, worker: Path, user: User) -> None:
    token = Token.objects.create(user=user).key
    rows = b"".join(b"%d,%d\n" % (number, number * 2) for number in range(20_000))

    datasource_id = upload(server, token, b"a,b\n" + rows)

    eventually(
        lambda: DataSource.objects.get(pk=datasource_id).status == DataSource.Status.READY,
        worker.read_text,
    )
    assert DataRow.objects.filter(dataset_id=datasource_id).count() == 20_000
    # And its transaction seen.
    eventually(lambda: "succeeded" in worker.read_text(), worker.read_text)
    removed = server.transport.send(
        "DELETE",
        f"/api/datasources/{datasource_id}/",
        content=b"",
        headers={"Authorization": f"Token {token}"},
    )
    assert removed.status == 200
    assert DataRow.objects.count() == 0


def test_after_so_many_events_the_worker_takes_a_snapshot(
    server: Server, worker: Path, user: User
) -> None:
    studio = open_studio(user, transport=server.transport)
    for number in range(4):
        renamed = {"old_name": f"id{number or ''}", "new_name": f"id{number + 1}"}
        assert studio.post("session/rename-column/", renamed).status == 200

    eventually(lambda: "{'outcome': 'taken'}" in answers(TAKE_SNAPSHOT, worker), worker.read_text)

    assert list(SessionSnapshot.objects.values_list("sequence", flat=True)) == [4]


def test_a_snapshot_job_delivered_twice_at_once_takes_one_snapshot(
    worker: Path, own_redis: OwnRedis, user: User
) -> None:
    stream_id = str(begin(user, events=6).head.stream_id)

    with nobody_inserts_into(SessionSnapshot._meta.db_table) as waiting:
        deliver_twice(TAKE_SNAPSHOT, stream_id, broker=own_redis)
        eventually(lambda: waiting() == 2, worker.read_text)
    eventually(lambda: len(answers(TAKE_SNAPSHOT, worker)) == 2, worker.read_text)

    assert sorted(answers(TAKE_SNAPSHOT, worker)) == [
        "{'outcome': 'not_needed'}",
        "{'outcome': 'taken'}",
    ]
    assert SessionSnapshot.objects.count() == 1


def test_an_expiry_job_delivered_twice_at_once_expires_once(
    worker: Path, own_redis: OwnRedis, user: User
) -> None:
    with freeze_time(timezone.now() - dt.timedelta(hours=5)):
        begin(user, events=2)

    with nobody_inserts_into(SessionEvent._meta.db_table):
        deliver_twice(EXPIRE, broker=own_redis)
        eventually(
            lambda: answers(EXPIRE, worker) == ["{'expired': 0, 'skipped': 0}"], worker.read_text
        )
    eventually(lambda: len(answers(EXPIRE, worker)) == 2, worker.read_text)

    assert answers(EXPIRE, worker)[1] == "{'expired': 1, 'skipped': 0}"
    assert SessionEvent.objects.filter(wire_name=SessionExpired.wire_name).count() == 1
