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

from data_tools.models import DataRow, DataSource
from session_events.events import SessionExpired
from session_events.models import SessionEvent, SessionSnapshot
from tests.crash.victims import OwnRedis
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.celery_processes import LaterLines, celery
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studios import open_studio
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of
from tests.support.written_sessions import begin

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TAKE_SNAPSHOT = "session_events.tasks.take_snapshot"
EXPIRE = "session_events.tasks.expire_idle_sessions"
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
    "SESSION_SNAPSHOT_EVERY_EVENTS": "4",
}


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, module_redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    redis_url = module_redis.url
    with Server(log=log, workers=1, redis_url=redis_url, environment=ENVIRONMENT) as server:
        yield server


@pytest.fixture(scope="module")
def workers_log(
    django_db_setup: None, module_redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    log = tmp_path_factory.mktemp("worker") / "log"
    with celery(
        *("worker", "--concurrency=2"),
        broker_url=module_redis.url,
        log=log,
        environment=ENVIRONMENT,
    ):
        yield log


@pytest.fixture
def worker(transactional_db: None, workers_log: Path) -> Iterator[LaterLines]:
    """A worker with the server's settings; yields its log. The tables stay until it is idle."""
    log = LaterLines(workers_log)
    yield log
    eventually(lambda: ended(log) == log.read_text().count("] received"), log.read_text)


def ended(worker: LaterLines) -> int:
    """How many runs of jobs have ended."""
    return len(re.findall(r"Task \S+\[\S+\] (?:succeeded|raised)", worker.read_text()))


def deliver_twice(job: str, *arguments: str, broker: OwnRedis) -> None:
    """Two deliveries of one job, as Redis makes them of one that it takes for lost."""
    with Celery(broker=broker.url, set_as_current=False) as app:
        for _ in range(2):
            app.send_task(job, arguments, task_id="the-same")


def traces_of(job: str, worker: LaterLines) -> list[str]:
    """The trace ids of the finished runs of the job, in order."""
    return re.findall(rf"Task {job}\[\S+\] succeeded in .* trace_id=(\w*)", worker.read_text())


def answers(job: str, worker: LaterLines) -> list[str]:
    """What the finished runs of the job answered, in order."""
    return re.findall(rf"Task {job}\[\S+\] succeeded in \S+: (\{{.*?\}})", worker.read_text())


def upload(server: Server, token: str, content: bytes, **headers: str) -> str:
    answer = server.transport.send(
        "POST",
        DATASETS,
        content=form(content),
        headers={"Authorization": f"Token {token}", **MULTIPART, **headers},
    )
    assert answer.status == 201, answer
    return str(answer.body["datasource"]["id"])


def test_an_uploaded_file_is_loaded_by_the_worker(
    server: Server, worker: LaterLines, user: User
) -> None:
    token = token_of(user)
    rows = b"".join(b"%d,%d\n" % (number, number * 2) for number in range(20_000))

    datasource_id = upload(server, token, b"a,b\n" + rows, traceparent=f"00-{TRACE}-{'1' * 16}-01")

    eventually(
        lambda: DataSource.objects.get(pk=datasource_id).status == DataSource.Status.READY,
        worker.read_text,
    )
    assert DataRow.objects.filter(dataset_id=datasource_id).count() == 20_000
    # And its transaction seen.
    ingest = "data_tools.tasks.ingest_dataset"
    eventually(lambda: bool(answers(ingest, worker)), worker.read_text)
    assert traces_of(ingest, worker) == [TRACE]
    removed = server.transport.send(
        "DELETE",
        f"/api/datasources/{datasource_id}/",
        content=b"",
        headers={"Authorization": f"Token {token}"},
    )
    assert removed.status == 200
    assert DataRow.objects.count() == 0


def test_after_so_many_events_the_worker_takes_a_snapshot(
    server: Server, worker: LaterLines, user: User
) -> None:
    studio = open_studio(user, transport=server.transport)
    traces: list[str] = []
    for number in range(4):
        renamed = {"old_name": f"id{number or ''}", "new_name": f"id{number + 1}"}
        answer = studio.post("session/rename-column/", renamed)
        assert answer.status == 200
        traces.append(answer.headers["X-Trace-Id"])

    eventually(lambda: "{'outcome': 'taken'}" in answers(TAKE_SNAPSHOT, worker), worker.read_text)

    assert list(SessionSnapshot.objects.values_list("sequence", flat=True)) == [4]
    assert set(traces_of(TAKE_SNAPSHOT, worker)) <= set(traces)


def test_a_snapshot_job_delivered_twice_at_once_takes_one_snapshot(
    worker: LaterLines, module_redis: OwnRedis, user: User
) -> None:
    stream_id = str(begin(user, events=6).head.stream_id)

    with nobody_inserts_into(SessionSnapshot._meta.db_table) as waiting:
        deliver_twice(TAKE_SNAPSHOT, stream_id, broker=module_redis)
        eventually(lambda: waiting() == 2, worker.read_text)
    eventually(lambda: len(answers(TAKE_SNAPSHOT, worker)) == 2, worker.read_text)

    assert sorted(answers(TAKE_SNAPSHOT, worker)) == [
        "{'outcome': 'not_needed'}",
        "{'outcome': 'taken'}",
    ]
    assert SessionSnapshot.objects.count() == 1


def test_an_expiry_job_delivered_twice_at_once_expires_once(
    worker: LaterLines, module_redis: OwnRedis, user: User
) -> None:
    with freeze_time(timezone.now() - dt.timedelta(hours=5)):
        begin(user, events=2)

    with nobody_inserts_into(SessionEvent._meta.db_table):
        deliver_twice(EXPIRE, broker=module_redis)
        eventually(
            lambda: answers(EXPIRE, worker) == ["{'expired': 0, 'skipped': 0}"], worker.read_text
        )
    eventually(lambda: len(answers(EXPIRE, worker)) == 2, worker.read_text)

    assert answers(EXPIRE, worker)[1] == "{'expired': 1, 'skipped': 0}"
    assert SessionEvent.objects.filter(wire_name=SessionExpired.wire_name).count() == 1
