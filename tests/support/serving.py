"""The real server, as `make serve` starts it, on the test database and a free loopback port."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPException, parse_headers
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.studio_client import Answer, OverSocket


def free_port() -> int:
    """A free port below those that the system gives to clients.

    Among those, a client that knocks at a server that is down can be given the server's own port,
    and would hold it.
    """
    while True:
        port = random.SystemRandom().randrange(18_000, 32_000)
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def database_url() -> str:
    """The address of the database that the tests use."""
    configured = os.environ.get("DATABASE_URL") or settings.EMBEDDED_POSTGRES.url
    address, _, query = configured.partition("?")
    server = address.rpartition("/")[0]
    return f"{server}/{connection.settings_dict['NAME']}" + (query and f"?{query}")


@dataclass(slots=True, kw_only=True)
class Server:
    """gunicorn in a process group of its own, which this ends and nothing else.

    `environment` is what differs from the usual one.
    """

    log: Path
    workers: int = 3
    port: int = field(default_factory=free_port)
    redis_url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def transport(self) -> OverSocket:
        return OverSocket(port=self.port)

    def start(self) -> None:
        """Return when the server answers. Raises: AssertionError, with the end of its log."""
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "hydroml.settings",
            "DATABASE_URL": database_url(),
            "SECRET_KEY": settings.SECRET_KEY,
            "BEHIND_TLS_PROXY": "false",
            "REDIS_URL": self.redis_url,
            "SENTRY_DSN": "",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(self.workers),
            "RATE_LIMITS": "false",
            **self.environment,
        }
        command = [sys.executable, "-m", "gunicorn", "-c", "python:hydroml.gunicorn_conf"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "hydroml.wsgi"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            eventually(self._is_ready, told=self._said)
        except AssertionError:
            self.kill()
            raise

    def send_raw(self, content: bytes) -> tuple[Answer, bytes]:
        """Send these bytes and no more; return the first answer, and what came behind it."""
        with closing(
            socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        ) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as received:
                status = int(received.readline().split()[1])
                headers = dict(parse_headers(received).items())
                content = received.read(int(headers["Content-Length"]))
                return Answer(status=status, headers=headers, content=content), received.read()

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._said()
        try:
            return self.transport.send("GET", "/readyz", content=b"", headers={}).status == 200
        except (OSError, HTTPException):
            return False

    def _said(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """SIGKILL, to the master and every worker at once: nobody gets to say good-bye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            os.killpg(self._process.pid, by)
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE_SECONDS)
        self._process = None
