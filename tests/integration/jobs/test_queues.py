"""Real workers: jobs begin again that were killed or lost, and small ones wait for no large one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import redis
from django.contrib.auth.models import User

from data_tools.jobs.connections import second_connection
from data_tools.models import DataRow, DataSource
from tests.crash.victims import OwnRedis
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.celery_processes import celery
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.processes import end, start_module
from tests.support.serving import Server
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of

pytestmark = pytest.mark.django_db(transaction=True)

Status = DataSource.Status
LARGE_BYTES = 1_000
SMALL_FILE = b"a,b\n1,2\n"
LARGE_FILE = b"a,b\n" + b"1,2\n" * LARGE_BYTES


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.support.hasty_settings",
        "TEST_MEDIA": str(tmp_path_factory.mktemp("media")),
        "LARGE_FILE_BYTES": str(LARGE_BYTES),
        "INGEST_CHECK_SECONDS": "1",
    }


@pytest.fixture(scope="module")
def server(
    django_db_setup: None,
    module_redis: OwnRedis,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    redis_url = module_redis.url
    with Server(log=log, workers=1, redis_url=redis_url, environment=environment) as server:
        yield server


@pytest.fixture
def token(user: User) -> str:
    return token_of(user)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "worker.log").touch()
    return tmp_path / "worker.log"


def upload(server: Server, token: str, content: bytes) -> DataSource:
    headers = {"Authorization": f"Token {token}", **MULTIPART}
    answer = server.transport.send("POST", DATASETS, content=form(content), headers=headers)
    assert answer.status == 201, answer
    return DataSource.objects.get(pk=answer.body["datasource"]["id"])


def is_ready(datasource: DataSource) -> bool:
    datasource.refresh_from_db()
    return datasource.status == Status.READY


@contextmanager
def stuck_at_its_last_row(datasource_id: UUID, row_number: int) -> Iterator[None]:
    """During the block, a load of the dataset waits for us to commit that row, or not."""
    with second_connection() as second:
        second.set_autocommit(False)
        with second.cursor() as cursor:
            cursor.execute(
                "SET LOCAL idle_in_transaction_session_timeout = 0;"
                'INSERT INTO data_tools_datarow (dataset_id, revision, row_number, "values")'
                " VALUES (%s::uuid, 1, %s, '[]')",
                [str(datasource_id), row_number],
            )
        try:
            yield
        finally:
            second.rollback()


def test_a_load_whose_worker_is_killed_in_its_middle_is_ready_without_anybodys_help(
    server: Server, module_redis: OwnRedis, environment: dict[str, str], token: str, log: Path
) -> None:
    def start() -> subprocess.Popen[bytes]:
        return start_module(
            *("celery", "-A", "celery_app", "worker", "--beat", "--concurrency=1"),
            log=log,
            redis_url=module_redis.url,
            environment=environment,
        )

    worker = start()
    with ExitStack() as resources:
        resources.callback(lambda: end(worker))
        with nobody_inserts_into("data_tools_datarow") as count_waiting:
            datasource = upload(server, token, SMALL_FILE)
            eventually(lambda: count_waiting() == 1, log.read_text)
            end(worker, by=signal.SIGKILL)
            eventually(lambda: count_waiting() == 0)
        worker = start()
        eventually(lambda: is_ready(datasource), log.read_text)

    assert (datasource.load_attempts, datasource.ingest_report["restarts"]) == (2, 1)
    assert DataRow.objects.count() == 1


def test_a_server_without_redis_has_the_loads_of_a_killed_one_begin_again(
    environment: dict[str, str], token: str, log: Path
) -> None:
    server = Server(log=log, workers=1, environment=environment)
    server.start()
    try:
        with nobody_inserts_into("data_tools_datarow") as count_waiting:
            datasource = upload(server, token, SMALL_FILE)
            eventually(lambda: count_waiting() == 1, log.read_text)
            server.kill()
            eventually(lambda: count_waiting() == 0)
        server.start()
        eventually(lambda: is_ready(datasource), log.read_text)
    finally:
        server.kill()

    assert datasource.load_attempts == 2


def test_a_worker_that_is_told_to_stop_finishes_its_job_and_leaves_the_next_to_others(
    server: Server, module_redis: OwnRedis, environment: dict[str, str], token: str, log: Path
) -> None:
    worker = start_module(
        *("celery", "-A", "celery_app", "worker", "--concurrency=1"),
        log=log,
        redis_url=module_redis.url,
        environment=environment,
    )
    try:
        with nobody_inserts_into("data_tools_datarow") as count_waiting:
            running = upload(server, token, SMALL_FILE)
            eventually(lambda: count_waiting() == 1, log.read_text)
            waiting = upload(server, token, SMALL_FILE)
            os.kill(worker.pid, signal.SIGTERM)
            eventually(lambda: "Warm shutdown" in log.read_text(), log.read_text)
        assert worker.wait(PATIENCE_SECONDS) == 0, log.read_text()
    finally:
        end(worker)

    assert is_ready(running)
    assert running.load_attempts == 1
    waiting.refresh_from_db()
    assert waiting.status == Status.UPLOADING
    with redis.Redis.from_url(module_redis.url) as client:
        assert any(str(waiting.pk).encode() in each for each in client.lrange("celery", 0, -1))


def test_a_job_that_redis_forgot_is_found(
    server: Server, module_redis: OwnRedis, environment: dict[str, str], token: str, log: Path
) -> None:
    forgotten = upload(server, token, SMALL_FILE)
    with redis.Redis.from_url(module_redis.url) as client:
        assert client.llen("celery") >= 1
        client.flushall()

    with celery(
        *("worker", "--beat", "--concurrency=1"),
        broker_url=module_redis.url,
        log=log,
        environment=environment,
    ):
        eventually(lambda: is_ready(forgotten), log.read_text)

    assert forgotten.load_attempts == 1


def test_small_files_and_housekeeping_are_done_while_large_files_load(
    server: Server, module_redis: OwnRedis, environment: dict[str, str], token: str, log: Path
) -> None:
    def worker(queues: str, *more: str) -> AbstractContextManager[Path]:
        return celery(
            *("worker", *more, "--concurrency=1", f"--queues={queues}", f"--hostname={queues}"),
            broker_url=module_redis.url,
            log=log,
            environment=environment,
        )

    large = [upload(server, token, LARGE_FILE) for _ in range(2)]
    with ExitStack() as stuck:
        for each in large:
            stuck.enter_context(stuck_at_its_last_row(each.pk, LARGE_BYTES))
        # One beat alone may use its file.
        with worker("large"), worker("celery,housekeeping", "--beat"):
            eventually(lambda: Status.PROCESSING in statuses(large), log.read_text)
            sweeps = swept(log)
            small = upload(server, token, SMALL_FILE)
            eventually(lambda: is_ready(small), log.read_text)
            eventually(lambda: swept(log) > sweeps + 3, log.read_text)
            assert sorted(statuses(large)) == [Status.PROCESSING, Status.UPLOADING]
            [waiting] = [each for each in large if statuses([each]) == [Status.UPLOADING]]
            with redis.Redis.from_url(module_redis.url) as client:
                jobs = client.lrange("large", 0, -1)
            # A job that waits is not sent again. One that was taken a moment ago may be.
            assert sum(str(waiting.pk).encode() in job for job in jobs) == 1

            stuck.close()
            eventually(lambda: statuses(large) == [Status.READY] * 2, log.read_text)

    assert "Bad file descriptor" not in log.read_text()  # a beat has no inherited files


def statuses(datasets: list[DataSource]) -> list[str]:
    found = DataSource.objects.filter(pk__in=[each.pk for each in datasets])
    return list(found.values_list("status", flat=True))


def swept(log: Path) -> int:
    """How often the job that looks for interrupted loads has been done."""
    done = r"Task data_tools\.tasks\.fail_interrupted_ingests\[\S+\] succeeded"
    return len(re.findall(done, log.read_text()))
