"""The loop that serves, in a thread of this process, with an application of the test's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

from gunicorn.config import Config

from hydroml import gunicorn_conf
from hydroml.serving.limits import Limits
from hydroml.serving.listener import Loop
from tests.support.patience import PATIENCE_SECONDS

Application = Callable[[dict[str, Any], Any], Any]

# As in production, but nothing runs out while a test looks, and no request waits for its turn.
PATIENT: dict[str, float] = {
    "connections": 1_000,
    "light_requests": 1_000,
    "header_seconds": PATIENCE_SECONDS,
    "body_seconds": PATIENCE_SECONDS,
    "read_seconds": PATIENCE_SECONDS,
    "least_bytes_per_second": 1_000,
    "answer_bytes": 1 << 30,
    "answers_bytes": 4 << 30,
    "answer_wait_seconds": PATIENCE_SECONDS,
    "bodies_bytes": 4 << 30,
    "keepalive_seconds": PATIENCE_SECONDS,
}


class Client(socket.socket):
    """A connection from which answers are read one after another."""

    _answers: Any = None

    def answers(self) -> Any:
        """Return what reads them, always the same: it may have read ahead."""
        if self._answers is None:
            self._answers = _KeptOpen(self)
        return self._answers

    def close(self) -> None:
        if self._answers is not None:
            self._answers.file.close()
        super().close()


class _KeptOpen:
    def __init__(self, connection: socket.socket) -> None:
        self.file = connection.makefile("rb")

    def makefile(self, mode: str) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def close(self) -> None:
        """The next answer is read from it, too."""


@dataclass(frozen=True, slots=True)
class Served:
    """`loop` belongs to its thread: a test only looks at it."""

    port: int
    loop: Loop

    def connect(self, *, receive_bytes: int | None = None) -> Client:
        """Return a connection, whose system takes about `receive_bytes` before they are read."""
        connection = Client()
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def exchange(self, content: bytes) -> bytes:
        """Send these bytes and no more; return all that comes until the connection ends."""
        with closing(self.connect()) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            return received(connection)


def received(connection: socket.socket) -> bytes:
    """Return all that comes until the connection ends, in whatever way."""
    content = b""
    try:
        while piece := connection.recv(1 << 20):
            content += piece
    except ConnectionError:
        pass
    return content


def answer_on(connection: Client) -> tuple[HTTPResponse, bytes]:
    """Read the next answer."""
    response = HTTPResponse(connection.answers())
    response.begin()
    return response, response.read()


def request(path: str = "/", *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def served(application: Application, *, threads: int = 2, **limits: float) -> Iterator[Served]:
    """Serve the application on a port of its own during the block."""
    cfg = Config()
    for name in ("limit_request_line", "forwarder_headers"):
        cfg.set(name, getattr(gunicorn_conf, name))
    with socket.create_server(("127.0.0.1", 0), backlog=2_048) as sock:
        ready, end = threading.Event(), threading.Event()
        loops: list[Loop] = []

        def serve() -> None:
            loop = Loop(limits=Limits(**{**PATIENT, **limits}), thread_count=threads)
            loop.listen([sock], application=application, cfg=cfg)
            loops.append(loop)
            ready.set()
            while not end.is_set():
                loop.turn()
            loop.close()

        thread = threading.Thread(target=serve, name="serving-loop")
        thread.start()
        assert ready.wait(PATIENCE_SECONDS)
        try:
            yield Served(sock.getsockname()[1], loops[0])
        finally:
            end.set()
            with suppress(OSError):  # it may have ended and closed by itself
                loops[0].poller.wake()
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
