"""A person's program, as the service sees it: an address, a token, and one connection a request.

An attacker and an honest user are the same kind of client. Each has an address of its own, which
the proxy would report in `X-Forwarded-For`.
"""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import orjson

from tests.support.patience import PATIENCE_SECONDS

DATASETS = "/api/datasources/"
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back. `seconds` is from opening the connection to the answer's last byte."""

    status: int
    content: bytes
    seconds: float
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)

    def __repr__(self) -> str:
        return f"{self.status} after {self.seconds:.2f} s: {self.content[:300]!r}"


@dataclass(slots=True, kw_only=True, eq=False)
class Line:
    """A connection that can be cut while another thread waits for its answer.

    `began` is when its request was sent, by `time.monotonic()`; 0 before that.
    """

    connection: http.client.HTTPConnection
    began: float = 0.0

    def cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One account's client of the service at `port`, on `dataset_id` if that is set."""

    port: int
    name: str
    address: str
    token: str = ""
    dataset_id: UUID | str = ""
    timeout_seconds: float = PATIENCE_SECONDS
    headers: Mapping[str, str] = field(default_factory=dict)

    def impatient(self, seconds: float) -> Client:
        """Return this client, which goes away when an answer takes longer."""
        return replace(self, timeout_seconds=seconds)

    def line(self) -> Line:
        return Line(
            connection=http.client.HTTPConnection("127.0.0.1", self.port, self.timeout_seconds)
        )

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def post(self, path: str, body: Body | None = None) -> Reply:
        return self.request("POST", path, content=orjson.dumps(body or {}))

    def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        line: Line | None = None,
    ) -> Reply:
        """Send a request and return its whole answer. `path` is below the dataset without a slash.

        Raises:
            OSError, HTTPException: the connection was cut, or nothing came in time.
        """
        line = line or self.line()
        began = line.began = time.monotonic()
        try:
            line.connection.request(
                method, self.path(path), body=content or None, headers=self.head(content, headers)
            )
            answer = line.connection.getresponse()
            body = answer.read()
            return Reply(
                status=answer.status,
                content=body,
                seconds=time.monotonic() - began,
                headers=dict(answer.getheaders()),
            )
        finally:
            line.connection.close()

    def path(self, path: str) -> str:
        return path if path.startswith("/") else f"/api/studio/{self.dataset_id}/{path}"

    def head(self, content: bytes = b"", more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the headers that this client sends."""
        head = {"X-Forwarded-For": self.address, "Connection": "close", **self.headers}
        if self.token:
            head["Authorization"] = f"Token {self.token}"
        if content:
            head["Content-Type"] = "application/json"
        return {**head, **(more or {})}

    def upload(self, content: bytes, filename: str) -> Reply:
        """Send a file. The answer does not wait until it is loaded."""
        # Imports Django's models, which the process of the honest users does without.
        from tests.support.uploads import MULTIPART, form

        return self.request("POST", DATASETS, content=form(content, filename), headers=MULTIPART)

    def sign_in(self, password: str) -> Reply:
        """Ask for a token."""
        return self.post("/api/auth/token/", {"username": self.name, "password": password})
