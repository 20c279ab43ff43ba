"""A local server that speaks Sentry's envelope protocol, and keeps what it gets.

Source: https://develop.sentry.dev/sdk/data-model/envelopes/
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli

_PLAIN: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,  # what Sentry's library sends where it can
}


@dataclass(slots=True, eq=False)
class Received:
    """What a Sentry server got: whole requests as bytes, undone of compression, and its items."""

    dsn: str
    requests: list[bytes] = field(default_factory=list)
    items: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [item for kind, item in list(self.items) if kind == "event"]

    @property
    def transactions(self) -> list[dict[str, Any]]:
        return [item for kind, item in list(self.items) if kind == "transaction"]

    def errors_with(self, is_meant: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        return [error for error in self.errors if is_meant(error)]

    def add(self, head: bytes, body: bytes) -> None:
        self.requests.append(head + body)
        self.items += _items(body)


@contextmanager
def sentry_server() -> Iterator[Received]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/1/api/7/envelope/"
            assert "sentry_key=public" in self.headers["X-Sentry-Auth"]
            body = _PLAIN[self.headers["Content-Encoding"]](body)
            received.add(f"{self.requestline}\n{self.headers}".encode(), body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Received(dsn=f"http://public@127.0.0.1:{server.server_port}/1/7")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _items(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    _, _, rest = body.partition(b"\n")
    while rest:
        head, _, rest = rest.partition(b"\n")
        about = json.loads(head)
        length = about.get("length", rest.find(b"\n"))
        payload, rest = rest[:length], rest[length + 1 :]
        yield about["type"], json.loads(payload)
