"""A Sentry that takes connections and never answers holds up no request, and no stop."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.crash.victims import OwnRedis
from tests.support.celery_processes import celery
from tests.support.patience import eventually
from tests.support.refused_rows import rows_are_refused
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of

# A process waits two seconds for its reports. The rest is room for a busy machine, and less than
# the thirty after which the SDK gives a connection up.
SECONDS_TO_STOP = 15


@pytest.mark.django_db(transaction=True)
def test_a_sentry_that_hangs_holds_up_no_request_and_no_end(
    own_redis: OwnRedis, user: User, tmp_path: Path
) -> None:
    with ExitStack() as running, closing(socket.create_server(("127.0.0.1", 0))) as silent:
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.support.faulty_settings",
            "SENTRY_DSN": f"http://public@127.0.0.1:{silent.getsockname()[1]}/7",
            "SENTRY_TRACES_SAMPLE_RATE": "1",
        }
        worker = running.enter_context(ExitStack())
        worker.enter_context(
            celery(
                *("worker", "--concurrency=1"),
                broker_url=own_redis.url,
                log=tmp_path / "worker",
                environment=environment,
            )
        )
        server = Server(
            log=tmp_path / "server", workers=1, redis_url=own_redis.url, environment=environment
        )
        with server:
            client = Studio(token=token_of(user), transport=server.transport, headers=STRUCTURED)
            # More than wait in the SDK's queue.
            answers = [client.request("GET", "/faulty/chained/a/") for _ in range(120)]
            connection, _ = silent.accept()
            assert [answer.status for answer in answers] == [500] * 120
            with rows_are_refused("data_tools_datarow", "refused"):
                content = form(b"a,b\nrefused,1\n")
                answer = client.request("POST", DATASETS, content=content, headers=MULTIPART)
                dataset = DataSource.objects.get(pk=answer.body["datasource"]["id"])
                eventually(lambda: _has_failed(dataset), told=(tmp_path / "worker").read_text)

            assert _seconds_of(server.stop) < SECONDS_TO_STOP
            assert _seconds_of(worker.close) < SECONDS_TO_STOP
        with closing(connection):
            assert b"/api/7/envelope/" in connection.recv(1000)


def _has_failed(dataset: DataSource) -> bool:
    dataset.refresh_from_db()
    return dataset.status == DataSource.Status.ERROR


def _seconds_of(stop: Callable[[], object]) -> float:
    began = time.monotonic()
    stop()
    return time.monotonic() - began
