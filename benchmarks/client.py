"""Whole requests in this process: a WSGI environ in, bytes out, through all that a server calls."""

from __future__ import annotations

import io
import uuid
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test.utils import CaptureQueriesContext


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
        query = urlencode({"page_number": page_number, "page_size": page_size, **selection})
        return self._request("GET", dataset_id, "data/", query=query)

    def post(self, dataset_id: uuid.UUID, endpoint: str, body: dict[str, Any] | None = None) -> Any:
        """Return the answer of an endpoint below the dataset."""
        return orjson.loads(
            self._request("POST", dataset_id, endpoint, body=orjson.dumps(body or {}))
        )

    def _request(
        self,
        method: str,
        dataset_id: uuid.UUID,
        endpoint: str,
        *,
        query: str = "",
        body: bytes = b"",
    ) -> bytes:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": f"/api/studio/{dataset_id}/{endpoint}",
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_ACCEPT": "application/json",
            "HTTP_AUTHORIZATION": f"Token {self._token}",
            "HTTP_USER_AGENT": "benchmarks",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json",
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
        content = b"".join(response)
        response.close()
        if not answered[0].startswith("200"):
            raise RuntimeError(f"{method} {endpoint}: {answered[0]} {content[:500]!r}")
        return content


def count_round_trips(request: Any) -> int:
    """Count the statements that `request` sends to the database, except authentication."""
    with CaptureQueriesContext(connection) as captured:
        request()
    return sum("data_tools_apitoken" not in query["sql"] for query in captured.captured_queries)
