"""The API as its clients see it: in this process, or over a socket to a server that runs."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.test import Client
from django.test.client import ClientHandler

from tests.support.patience import PATIENCE_SECONDS

CANONICAL_MOUNT = "/api/studio/"
MOUNTS = (CANONICAL_MOUNT, "/tools/api/studio/", "/data-tools/api/studio/")
STRUCTURED = {"X-Studio-Capabilities": "structured-errors"}

Step = tuple[str, Mapping[str, Any]]  # a command's path below the dataset, and its body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `body` is read by a strict parser, to which a bare NaN is not JSON."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @classmethod
    def read(cls, response: http.client.HTTPResponse) -> Answer:
        # A header that comes more than once, as cookies do, is joined.
        headers = {name: response.getheader(name, "") for name, _ in response.getheaders()}
        return cls(status=response.status, headers=headers, content=response.read())

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)

    @property
    def error(self) -> dict[str, Any]:
        """The error object, in either of the places where an answer carries it."""
        body = self.body
        return body["error_detail"] if isinstance(body["error"], str) else body["error"]

    def __repr__(self) -> str:
        return f"{self.status} {self.content[:300]!r}"


@cache
def _application() -> ClientHandler:
    """Return what every client in this process calls: the middleware, loaded once for all tests.

    A test that changes a setting gets one of its own, as the middleware may have read it.
    """
    return ClientHandler(enforce_csrf_checks=True)


@receiver(setting_changed)
def _load_it_anew(**_: object) -> None:
    _application.cache_clear()


class Transport(Protocol):
    def send(
        self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]
    ) -> Answer: ...


class InProcess:
    """Calls the application in this process. CSRF is checked, and an unexpected error is a 500."""

    def __init__(self, client: Client | None = None) -> None:
        self.client = client or Client(enforce_csrf_checks=True, raise_request_exception=False)
        if self.client.handler.enforce_csrf_checks:
            self.client.handler = _application()

    def send(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        headers = dict(headers)
        content_type = headers.pop("Content-Type", "")
        response = self.client.generic(
            method, path, data=content, content_type=content_type, headers=headers
        )
        content = response.getvalue()
        return Answer(status=response.status_code, headers=dict(response.items()), content=content)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverSocket:
    """Opens a connection for each request, so that every worker gets its share of them.

    Raises:
        OSError, HTTPException: the server went away.
    """

    port: int
    timeout_seconds: float = PATIENCE_SECONDS

    def send(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, self.timeout_seconds)
        try:
            connection.request(method, path, body=content, headers=dict(headers))
            return Answer.read(connection.getresponse())
        finally:
            connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """A client of one dataset, or of none in particular. Every request carries `headers`."""

    datasource_id: UUID | str = ""
    token: str = ""
    mount: str = CANONICAL_MOUNT
    transport: Transport = field(default_factory=InProcess)
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> Studio:
        return replace(self, headers={**self.headers, **headers})

    def take(self, *steps: Step) -> Studio:
        """Post each step, check that it succeeded, and return this client."""
        for path, body in steps:
            answer = self.post(path, body)
            assert (answer.status, answer.body["success"]) == (200, True), (path, answer)
        return self

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        return self.request("GET", path, query=query, **more)

    def post(self, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        return self.request("POST", path, content=orjson.dumps(body or {}), **more)

    def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        query: Mapping[str, Any] | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return its answer.

        `path` is below the dataset, or starts at the root if it begins with a slash.
        """
        address = path if path.startswith("/") else f"{self.mount}{self.datasource_id}/{path}"
        if query:
            address += "?" + (query if isinstance(query, str) else urlencode(query, doseq=True))
        sent = {**self.headers, **(headers or {})}
        if self.token:
            sent.setdefault("Authorization", f"Token {self.token}")
        if content:
            sent.setdefault("Content-Type", "application/json")
        return self.transport.send(method, address, content=content, headers=sent)
