"""Attacks by connections that stay open: half a request, or an answer that nobody reads."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

from tests.attacks.attack import CUT, END_SECONDS, Attack
from tests.attacks.clients import Client
from tests.attacks.files import many_rows

CONNECT_SECONDS = 2.0


@dataclass(kw_only=True, eq=False)
class HeldConnections(Attack):
    """Keeps `held` connections open, and opens a new one for each that the service closes.

    Every second each of them sends `drip`, if there is one.
    """

    held: int = 50
    drip: ClassVar[bytes] = b""
    reads: ClassVar[bool] = True

    _sockets: dict[socket.socket, bytes] = field(default_factory=dict)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _keeper: threading.Thread | None = None

    def first_bytes(self, number: int) -> bytes:
        """Return what connection `number` sends when it is opened."""
        return b""

    def begin(self) -> None:
        self._keeper = threading.Thread(target=self._keep, name="attacker-keeper")
        self._keeper.start()

    def end(self) -> None:
        self.stopping.set()
        assert self._keeper is not None
        self._keeper.join(END_SECONDS)
        for connection in list(self._sockets):
            self._close(connection)
        self._selector.close()

    def waiting(self) -> int:
        return len(self._sockets)

    def is_on(self) -> bool:
        """Whether all are open, or the service has closed as many."""
        return len(self._sockets) + self.answers.total() >= self.held

    def _keep(self) -> None:
        opened = 0
        while not self.stopping.is_set():
            while len(self._sockets) < self.held and not self.stopping.is_set():
                if not self._open(opened):
                    break
                opened += 1
            for key, _ in self._selector.select(0.2) if self._sockets else ():
                self._look(key.fileobj)  # type: ignore[arg-type]
            if self.drip:
                for connection in list(self._sockets):
                    self._send(connection, self.drip)
            self.stopping.wait(1.0 if self.drip else 0.05)

    def _open(self, number: int) -> bool:
        connection = socket.socket()
        if not self.reads:  # a small window, so that the service's own buffers fill at once
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(("127.0.0.1", self.service.web.port))
            connection.sendall(self.first_bytes(number))
        except OSError:
            self.answers[CUT] += 1
            connection.close()
            return False
        connection.setblocking(False)
        self._sockets[connection] = b""
        self._selector.register(
            connection, selectors.EVENT_READ if self.reads else selectors.EVENT_WRITE
        )
        return True

    def _send(self, connection: socket.socket, content: bytes) -> None:
        try:
            connection.send(content)
        except BlockingIOError:
            pass  # the service reads no more of it
        except OSError:
            self._lose(connection)

    def _look(self, connection: socket.socket) -> None:
        if not self.reads:
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._lose(connection)
            return
        try:
            received = connection.recv(4_096)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if received and not self._sockets[connection]:
            self._sockets[connection] = received
        elif not received:
            self._lose(connection)

    def _lose(self, connection: socket.socket) -> None:
        said = self._sockets.get(connection, b"")[:16].split()
        self.answers[said[1].decode() if len(said) > 1 else CUT] += 1
        self._close(connection)

    def _close(self, connection: socket.socket) -> None:
        self._sockets.pop(connection, None)
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        connection.close()


def _head(client: Client, method: str, path: str, *lines: str) -> bytes:
    headers = {**client.head(), "Host": "127.0.0.1", "Connection": "keep-alive"}
    named = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *named, *lines]).encode()


@dataclass(kw_only=True, eq=False)
class HalfHeaders(HeldConnections):
    """Headers that never end, a line every second."""

    title: ClassVar[str] = "50 half-sent headers"
    accounts: ClassVar[int] = 0
    drip: ClassVar[bytes] = b"X-Slow: a\r\n"

    def first_bytes(self, number: int) -> bytes:
        return _head(self.service.stranger(), "GET", "/readyz") + b"\r\n"


@dataclass(kw_only=True, eq=False)
class ManyHalfHeaders(HalfHeaders):
    title: ClassVar[str] = "1,000 half-sent headers"
    held: int = 1_000


@dataclass(kw_only=True, eq=False)
class HalfBodies(HeldConnections):
    """Bodies of 100 kB of which a tenth was sent, and then nothing."""

    title: ClassVar[str] = "50 half-sent bodies"

    def first_bytes(self, number: int) -> bytes:
        lines = ("Content-Type: application/json", "Content-Length: 100000")
        head = _head(self.attackers[0], "POST", "/api/auth/token/", *lines)
        return head + b"\r\n\r\n" + b'{"username": "' + b"a" * 10_000


@dataclass(kw_only=True, eq=False)
class DrippingBodies(HalfBodies):
    title: ClassVar[str] = "50 bodies sent at a byte a second"
    drip: ClassVar[bytes] = b"a"


@dataclass(kw_only=True, eq=False)
class IdleConnections(HeldConnections):
    title: ClassVar[str] = "2,000 connections that send nothing"
    accounts: ClassVar[int] = 0
    held: int = 2_000


@dataclass(kw_only=True, eq=False)
class UnreadExports(HeldConnections):
    """Exports of some 20 MB that nobody reads."""

    title: ClassVar[str] = "16 exports that are never read"
    held: int = 16
    reads: ClassVar[bool] = False
    rows: int = 200_000

    client: Client | None = None

    def prepare(self) -> None:
        self.client = self.service.with_dataset(self.attackers[0], many_rows(self.rows))

    def first_bytes(self, number: int) -> bytes:
        assert self.client is not None
        path = self.client.path("export/?format=jsonl")
        return _head(self.client, "GET", path) + b"\r\n\r\n"
