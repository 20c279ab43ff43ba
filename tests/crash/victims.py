"""What is killed: processes that this test started, known by their ids, and nothing else."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis
from celery import Celery
from django.conf import settings

from hydroml.embedded_postgres import EmbeddedPostgres
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.processes import is_running


@dataclass(slots=True, kw_only=True)
class OwnPostgres:
    """A PostgreSQL of this test's own, below `directory`."""

    directory: Path
    server: EmbeddedPostgres = field(init=False)

    def __post_init__(self) -> None:
        self.server = EmbeddedPostgres(
            home=self.directory / "postgres", outside=self.directory / "outside"
        )

    @property
    def url(self) -> str:
        return self.server.url

    def start(self) -> None:
        self.server.ensure_running()

    def stop(self) -> None:
        self.server.ensure_running()
        self.server.leave()

    def kill(self) -> None:
        """SIGKILL to the postmaster and all its children; return when all are gone."""
        postmaster = self._postmaster()
        family = [postmaster, *children_of(postmaster)]
        for process_id in family:
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        _wait_until_gone(family)

    def family(self) -> list[int]:
        """Return the ids of the postmaster and all its children, the postmaster first."""
        postmaster = self._postmaster()
        return [postmaster, *children_of(postmaster)]

    def kill_one_backend(self, choice: random.Random) -> None:
        """SIGKILL to one client's backend; the postmaster then ends all and starts them anew."""
        backends = [
            process_id
            for process_id in children_of(self._postmaster())
            if "hydroml" in _command_line(process_id)
        ]
        with suppress(ProcessLookupError):
            os.kill(choice.choice(backends), signal.SIGKILL)

    @property
    def process_id(self) -> int:
        """The postmaster, which is the parent of all others."""
        return self._postmaster()

    def _postmaster(self) -> int:
        data = (self.server.home / "data").resolve()
        process_id = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        assert os.readlink(f"/proc/{process_id}/cwd") == str(data), "not our server"
        return process_id


@dataclass(slots=True, kw_only=True)
class OwnRedis:
    """A Redis of this test's own, on a loopback port; it is not killed."""

    directory: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_there() -> bool:
        return shutil.which("redis-server") is not None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.directory)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        eventually(self._answers)

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client, suppress(redis.RedisError):
            return bool(client.ping())
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE_SECONDS)


@dataclass(slots=True, kw_only=True)
class Worker:
    """A Celery worker, with the beat that schedules its jobs, in a process group of its own."""

    log: Path
    broker_url: str
    environment: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers. Raises: AssertionError, with the end of its log."""
        command = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--beat"]
        command += ["--concurrency", "2", "--loglevel", "WARNING"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        with Celery(broker=self.broker_url, set_as_current=False) as app:
            while not app.control.ping(timeout=0.5):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise AssertionError(self.log.read_text(errors="replace")[-4000:])

    @property
    def process_id(self) -> int:
        """The main process, whose children do the jobs and send those that are due."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL, to the worker and its children at once."""
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=PATIENCE_SECONDS)
        self._process = None


def children_of(process_id: int) -> list[int]:
    """Return the ids of the processes that this one started and that have not been collected."""
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in path.read_text().split()]


def _command_line(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_text()
    except OSError:
        return ""


def _wait_until_gone(process_ids: list[int]) -> None:
    eventually(
        lambda: not any(map(is_running, process_ids)), told=lambda: f"{process_ids} do not end"
    )
