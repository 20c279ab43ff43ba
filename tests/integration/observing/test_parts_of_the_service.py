"""Metrics and readiness of a real server with several processes, a worker and a beat."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from prometheus_client.parser import text_string_to_metric_families

from data_tools.models import SignOfLife
from tests.crash.victims import OwnRedis
from tests.support.celery_processes import celery
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

SIGN_SECONDS = 1


@pytest.fixture(scope="module")
def parts(
    django_db_setup: None, module_redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parts]:
    with ExitStack() as running:
        yield Parts(module_redis, tmp_path_factory.mktemp("parts"), running)


class Parts:
    """The service's processes, which share a folder of metrics."""

    def __init__(self, redis: OwnRedis, directory: Path, running: ExitStack) -> None:
        self._redis, self._directory = redis, directory
        self._environment = {
            "METRICS_DIR": str(directory / "metrics"),
            "SIGN_OF_LIFE_SECONDS": str(SIGN_SECONDS),
            "INGEST_CHECK_SECONDS": "2",
        }
        self.server = running.enter_context(
            Server(
                log=directory / "server.log",
                workers=2,
                redis_url=redis.url,
                environment=self._environment,
            )
        )

    @contextmanager
    def celery(self, *arguments: str) -> Iterator[Path]:
        with celery(
            *arguments,
            broker_url=self._redis.url,
            log=self._directory / f"{arguments[0]}.log",
            environment=self._environment,
        ) as log:
            yield log

    @contextmanager
    def worker(self) -> Iterator[int]:
        """Run a worker with one process for jobs, and yield the id of its main process."""
        file = self._directory / "worker.pid"
        with self.celery("worker", "--concurrency=1", f"--pidfile={file}"):
            eventually(lambda: file.exists() and file.read_text().strip())
            yield int(file.read_text())

    def readiness(self) -> dict[str, Any]:
        answer = self.server.transport.send("GET", "/readyz", content=b"", headers={})
        return {"http": answer.status, **orjson.loads(answer.content)}


def figures(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return every sample of `/metrics` by its name and labels."""
    answer = server.transport.send("GET", "/metrics", content=b"", headers={})
    assert answer.status == 200, answer.content
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def value(server: Server, name: str, **labels: str) -> float:
    return figures(server).get((name, frozenset(labels.items())), 0.0)


def becomes(parts: Parts, http: int, status: str, *reasons: str) -> None:
    """Wait until the server says this of itself."""
    expected = {"http": http, "status": status} | ({"reasons": [*reasons]} if reasons else {})
    eventually(lambda: parts.readiness() == expected, lambda: str(parts.readiness()))


def test_metrics_add_up_what_all_processes_did(parts: Parts, user: User) -> None:
    route = "/api/studio/<uuid:datasource_id>/data/"
    studio = open_studio(user, publish(user), transport=parts.server.transport)
    before = value(parts.server, "hydroml_requests_total", route=route, method="GET", status="200")

    for _ in range(20):  # each on a connection of its own, so that both processes get some
        assert studio.get("data/").status == 200

    after = figures(parts.server)
    labels = frozenset({("route", route), ("method", "GET"), ("status", "200")})
    assert after["hydroml_requests_total", labels] - before == 20
    processes = [labels for name, labels in after if name == "hydroml_process_resident_bytes"]
    assert len(processes) == 2
    assert after["hydroml_database_up", frozenset()] == 1
    assert after["hydroml_appends_total", frozenset({("outcome", "appended")})] >= 1


def test_a_job_that_never_failed_is_known_to_have_failed_zero_times(parts: Parts) -> None:
    """Otherwise Prometheus would see no growth in its first failure."""
    labels = {"task": "data_tools.tasks.ingest_dataset", "outcome": "failed"}

    assert figures(parts.server)["hydroml_job_runs_total", frozenset(labels.items())] == 0


def test_counts_stay_when_a_process_is_killed_and_its_memory_goes(parts: Parts) -> None:
    labels = {"route": "/readyz", "method": "GET", "status": "200"}
    parts.readiness()
    before = value(parts.server, "hydroml_requests_total", **labels)
    processes = resident(parts.server)

    os.kill(int(dict(processes.pop())["pid"]), signal.SIGKILL)

    eventually(lambda: len(resident(parts.server) - processes) == 1, lambda: "no new process")
    assert value(parts.server, "hydroml_requests_total", **labels) >= before > 0


def resident(server: Server) -> set[frozenset[tuple[str, str]]]:
    return {labels for name, labels in figures(server) if name == "hydroml_process_resident_bytes"}


def test_a_missing_part_is_told_and_goes_away_when_it_is_back(parts: Parts) -> None:
    SignOfLife.objects.all().delete()
    becomes(parts, 200, "degraded", "beat_absent", "worker_absent")

    with parts.celery("beat"):
        becomes(parts, 200, "degraded", "worker_absent")
        with parts.worker() as worker_id:
            becomes(parts, 200, "ready")
            runs = {"task": "data_tools.tasks.fail_interrupted_ingests", "outcome": "done"}
            eventually(lambda: value(parts.server, "hydroml_job_runs_total", **runs) > 0)
            is_seen_while_its_processes_do_nothing(worker_id)
            memory_of_a_killed_process_goes(parts, worker_id)
    becomes(parts, 200, "degraded", "beat_absent", "worker_absent")


def is_seen_while_its_processes_do_nothing(worker_id: int) -> None:
    """Freeze the processes that do the jobs, as if each had a job without end."""
    [process_id] = children(worker_id)
    os.kill(process_id, signal.SIGSTOP)
    try:
        SignOfLife.objects.filter(name="worker").delete()
        eventually(SignOfLife.objects.filter(name="worker").exists)
    finally:
        os.kill(process_id, signal.SIGCONT)


def memory_of_a_killed_process_goes(parts: Parts, worker_id: int) -> None:
    [process_id] = children(worker_id)
    eventually(lambda: {str(process_id), str(worker_id)} <= measured(parts.server))
    os.kill(process_id, signal.SIGKILL)
    eventually(lambda: str(process_id) not in measured(parts.server))
    assert str(worker_id) in measured(parts.server)


def measured(server: Server) -> set[str]:
    return {dict(labels)["pid"] for labels in resident(server)}


def children(process_id: int) -> list[int]:
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in path.read_text().split()]
