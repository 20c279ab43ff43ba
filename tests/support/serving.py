"""The real server, started as `make serve` does, on the test database and a free local port."""

from __future__ import annotations

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

from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.processes import end, start_module
from tests.support.studio_client import Answer, OverSocket


def free_port() -> int:
    """Return a free port below those that the system gives to clients.

    Among those, a client that calls a server which is down can be given the server's own port, and
    would hold it.
    """
    while True:
        port = random.SystemRandom().randrange(18_000, 32_000)
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(slots=True, kw_only=True)
class Server:
    """gunicorn in a process group of its own; with `with`, it runs during the block.

    `environment` goes over the usual one.
    """

    log: Path
    workers: int = 3
    port: int = field(default_factory=free_port)
    redis_url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    tree: Path | None = None  # of another version
    python: str = sys.executable
    _process: subprocess.Popen[bytes] | None = None

    @property
    def transport(self) -> OverSocket:
        return OverSocket(port=self.port)

    @property
    def process_id(self) -> int:
        """The master, whose children answer the requests."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Return once the server answers.

        Raises:
            AssertionError: it ended, or never answered; with the end of its log.
        """
        self._process = start_module(
            *("gunicorn", "-c", "python:hydroml.gunicorn_conf", "hydroml.wsgi"),
            log=self.log,
            redis_url=self.redis_url,
            environment={
                "BEHIND_TLS_PROXY": "false",
                "PORT": str(self.port),
                "WEB_CONCURRENCY": str(self.workers),
                "RATE_LIMITS": "false",
                "INGEST_CHECK_SECONDS": "86400",  # loads that tests leave are not begun again
                **self.environment,
            },
            tree=self.tree,
            python=self.python,
        )
        try:
            eventually(self._is_ready, told=self._said)
        except AssertionError:
            self.kill()
            raise

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def send_raw(self, content: bytes) -> tuple[Answer, bytes]:
        """Send these bytes and no more; return the first answer, and what came after it."""
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
        """SIGKILL the master and every worker at once, so that none can clean up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        if self._process is not None:
            end(self._process, by)
            self._process = None
