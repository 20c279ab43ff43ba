"""The service with all its parts: gunicorn's processes, Redis and a worker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from benchmarks.browser.service import end, running_service
from benchmarks.child_process import megabytes

SETTINGS = "benchmarks.load.settings"
# As `manage.py serve` runs it, without the static files, which nobody asks for.
_GUNICORN = ("-m", "gunicorn", "-c", "python:hydroml.gunicorn_conf", "hydroml.wsgi")
_REDIS_STARTS_WITHIN_SECONDS = 10.0


@contextmanager
def whole_service() -> Iterator[tuple[int, int]]:
    """Run the service during the block; yield its port and the id of gunicorn's master.

    Without a program `redis-server` there is no worker either, and jobs run in the web processes.
    """
    environment = {"DJANGO_SETTINGS_MODULE": SETTINGS}
    with ExitStack() as parts:
        if shutil.which("redis-server"):
            environment["BENCH_REDIS_URL"] = parts.enter_context(_running_redis())
            parts.enter_context(_running([sys.executable, "manage.py", "worker"], environment))
        address, process_id = parts.enter_context(running_service(environment, _GUNICORN))
        yield int(address.rpartition(":")[2]), process_id


@contextmanager
def _running_redis() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", directory, "--save", ""]
        with _running(["redis-server", *options], {}):
            until = time.monotonic() + _REDIS_STARTS_WITHIN_SECONDS
            while not _listens(port):
                if time.monotonic() > until:
                    raise RuntimeError("redis-server did not start")
                time.sleep(0.1)
            yield f"redis://127.0.0.1:{port}/0"


def _listens(port: int) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        end(process)


def memory_mb(master_id: int) -> float:
    """Return the resident memory of gunicorn's worker processes together."""
    return sum(
        megabytes(Path("/proc", child), "VmRSS")
        for listed in Path(f"/proc/{master_id}").glob("task/*/children")
        for child in listed.read_text().split()
    )
