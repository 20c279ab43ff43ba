"""The service on the benchmark's database, as `make serve` runs it, and somebody signed in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

SERVE = ("manage.py", "serve")
STARTS_WITHIN_SECONDS = 60.0
ENDS_WITHIN_SECONDS = 20.0


@contextmanager
def running_service(
    environment: Mapping[str, str], command: Sequence[str] = SERVE
) -> Iterator[tuple[str, int]]:
    """Run the service during the block; yield its address and the id of its master process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, **environment, "PORT": str(port)},
        start_new_session=True,
    )
    try:
        _wait_for(address, process)
        yield address, process.pid
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session of its own, by force with its children if it has to be."""
    process.terminate()
    try:
        process.wait(timeout=ENDS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def signed_in(user: User) -> str:
    """Return the cookie of a login session, and leave no connection to the database open."""
    visitor = Client()
    visitor.force_login(user)
    connections.close_all()
    return visitor.cookies[settings.SESSION_COOKIE_NAME].value


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the service ended while it was starting")
        try:
            with urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (OSError, HTTPException):
            time.sleep(0.2)
    raise RuntimeError(f"the service did not answer within {STARTS_WITHIN_SECONDS:.0f} s")
