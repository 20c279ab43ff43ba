"""An upload to the real server, loaded by a real Celery worker over Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token

from data_tools.models import DataRow, DataSource
from tests.serving import Server, database_url

TIMEOUT_SECONDS = 60
BOUNDARY = "boundary-of-the-upload"


@pytest.fixture
def broker(redis_url: str) -> str:
    """A Redis database that no service uses, so that no other worker takes the job."""
    return urlsplit(redis_url)._replace(path="/14").geturl()


@pytest.fixture
def server(transactional_db: None, broker: str, tmp_path: Path) -> Iterator[Server]:
    server = Server(log=tmp_path / "server.log", redis_url=broker)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def worker(transactional_db: None, broker: str, tmp_path: Path) -> Iterator[Path]:
    """A worker with the server's settings; yields its log."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "hydroml.settings",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "REDIS_URL": broker,
        "SENTRY_DSN": "",
    }
    command = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--concurrency=1"]
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--loglevel=INFO"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        yield log
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def upload(server: Server, token: str, content: bytes) -> str:
    body = b"\r\n".join(
        [
            f"--{BOUNDARY}".encode(),
            b'Content-Disposition: form-data; name="file"; filename="table.csv"',
            b"Content-Type: text/csv",
            b"",
            content,
            f"--{BOUNDARY}--".encode(),
            b"",
        ]
    )
    answer = server.transport.send(
        "POST",
        "/api/datasources/",
        content=body,
        headers={
            "Authorization": f"Token {token}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        },
    )
    assert answer.status == 201, answer
    return str(answer.body["datasource"]["id"])


def test_an_uploaded_file_is_loaded_by_the_worker(server: Server, worker: Path, user: User) -> None:
    token = Token.objects.create(user=user).key
    rows = b"".join(b"%d,%d\n" % (number, number * 2) for number in range(20_000))

    datasource_id = upload(server, token, b"a,b\n" + rows)

    deadline = time.monotonic() + TIMEOUT_SECONDS
    while DataSource.objects.get(pk=datasource_id).status != DataSource.Status.READY:
        assert time.monotonic() < deadline, worker.read_text()
        time.sleep(0.1)
    assert DataRow.objects.filter(dataset_id=datasource_id).count() == 20_000
    while "succeeded" not in worker.read_text():  # a moment after its transaction is seen
        assert time.monotonic() < deadline, worker.read_text()
        time.sleep(0.1)
    removed = server.transport.send(
        "DELETE",
        f"/api/datasources/{datasource_id}/",
        content=b"",
        headers={"Authorization": f"Token {token}"},
    )
    assert removed.status == 200
    assert DataRow.objects.count() == 0
