"""Whole requests in this process: a WSGI environ in, bytes out, through all that a server calls."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext

JSON = "application/json"


class NotAnswered(RuntimeError):
    """The service refused a request, or did not get it done in time."""


class Client:
    """A program with a token that calls the WSGI application as a server's worker thread does.

    Each request is authenticated, passes all middleware, and checks its database connection.
    """

    def __init__(self, token: str) -> None:
        self._application = get_wsgi_application()
        self._token = token

    def page(
        self, dataset_id: uuid.UUID, page_number: int, *, page_size: int, **selection: str
    ) -> bytes:
        """Return the body of one page of rows; `selection` may hold a `filter` and a `sort`."""
        query = {"page_number": page_number, "page_size": page_size, **selection}
        return self.get(dataset_id, "data/", query)

    def get(
        self, dataset_id: uuid.UUID, endpoint: str, query: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return the body that an endpoint below the dataset answers with."""
        return self.request("GET", _below(dataset_id, endpoint), query=query)

    def post(self, dataset_id: uuid.UUID, endpoint: str, body: dict[str, Any] | None = None) -> Any:
        """Return the answer of an endpoint below the dataset.

        Raises:
            NotAnswered: the service refused, with whatever status.
        """
        answer = orjson.loads(
            self.request("POST", _below(dataset_id, endpoint), body=orjson.dumps(body or {}))
        )
        if answer.get("success") is False:  # some endpoints refuse with 200
            raise NotAnswered(f"{endpoint} {body}: {answer.get('error')}")
        return answer

    def open_anew(self, dataset_id: uuid.UUID) -> None:
        """Open a session without operations, whatever an earlier line or run left behind."""
        self.post(dataset_id, "session/clear/")
        self.post(dataset_id, "session/initialize/")

    def read_through(
        self, dataset_id: uuid.UUID, endpoint: str, query: Mapping[str, Any] | None = None
    ) -> int:
        """Read an answer piece by piece, keep none of it, and return its length in bytes."""
        length = 0

        def add(piece: bytes) -> None:
            nonlocal length
            length += len(piece)

        self._send("GET", _below(dataset_id, endpoint), query, b"", JSON, add)
        return length

    def request(
        self,
        method: str,
        address: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: bytes = b"",
        content_type: str = JSON,
    ) -> bytes:
        """Return the body of the answer to any request.

        Raises:
            NotAnswered: its status is neither 2xx nor 3xx.
        """
        pieces: list[bytes] = []
        self._send(method, address, query, body, content_type, pieces.append)
        return b"".join(pieces)

    def _send(
        self,
        method: str,
        address: str,
        query: Mapping[str, Any] | None,
        body: bytes,
        content_type: str,
        take: Callable[[bytes], object],
    ) -> None:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": address,
            "QUERY_STRING": urlencode(query or {}),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_ACCEPT": JSON,
            "HTTP_AUTHORIZATION": f"Token {self._token}",
            "HTTP_USER_AGENT": "benchmarks",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        answered: list[str] = []
        response = self._application(environ, lambda status, headers: answered.append(status))
        is_well = answered[0].startswith(("2", "3"))
        said = b""
        try:
            for piece in response:
                if is_well:
                    take(piece)
                else:
                    said += piece
        finally:
            response.close()
        if not is_well:
            raise NotAnswered(f"{method} {address}: {answered[0]} {said[:500]!r}")


def count_round_trips(request: Callable[[], object]) -> int:
    """Count the statements that `request` sends to the database, except authentication."""
    with CaptureQueriesContext(connection) as captured:
        request()
    return sum("data_tools_apitoken" not in query["sql"] for query in captured.captured_queries)


def _below(dataset_id: uuid.UUID, endpoint: str) -> str:
    return f"/api/studio/{dataset_id}/{endpoint}"
