"""The three kinds of answer: the application's, an error, and that the process is alive."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn.http.errors import InvalidResponseHeader
from gunicorn.http.message import TOKEN_RE
from gunicorn.http.wsgi import HEADER_VALUE_RE
from waitress.task import Task, WSGITask
from waitress.utilities import build_http_date

from data_tools.answers.error_answers import error_object
from data_tools.http.errors import ApiError
from data_tools.observing.metrics import count_refusal
from data_tools.observing.request_line import log_refusal, method_shown
from data_tools.observing.trace import TRACE_HEADER, begin_trace
from hydroml.serving.turns import Turn

MOST_BYTES_WITH_HEAD = 64 << 10
LIVENESS_PATH = "/healthz"


class _Answer(Task):
    """What all answers share: how the head is written, and that HEAD gets no body."""

    def build_response_header(self) -> bytes:
        """Return the status line and the headers, including those that say where the body ends.

        Keeps the spelling of header names: waitress would turn `ETag` into `Etag`.

        Raises:
            InvalidResponseHeader: a name or a value cannot be sent.
        """
        headers = list(self.response_headers)
        for name, value in headers:
            if not (TOKEN_RE.fullmatch(name) and HEADER_VALUE_RE.fullmatch(value)):
                raise InvalidResponseHeader(repr(name))
        names = {name.lower() for name, _ in headers}
        if not self.has_body:
            headers = [each for each in headers if each[0].lower() != "content-length"]
        elif "content-length" not in names:
            if self.content_length is not None:
                headers.append(("Content-Length", str(self.content_length)))
            elif self.request.command != "HEAD":
                self.chunked_response = self.version == "1.1"
                if self.chunked_response:
                    headers.append(("Transfer-Encoding", "chunked"))
                else:
                    self.close_on_finish = True
        if self.request.ends_connection or self.channel.server.is_stopping:
            self.close_on_finish = True
        if self.close_on_finish:
            headers.append(("Connection", "close"))
        elif self.version == "1.0":
            headers.append(("Connection", "keep-alive"))
        if "date" not in names:
            headers.append(("Date", build_http_date(self.start_time)))
        lines = [f"HTTP/{self.version} {self.status}", *(f"{name}: {v}" for name, v in headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def set_close_on_finish(self) -> None:
        self.close_on_finish = True

    def write(self, data: bytes) -> None:
        """Send the next part of the body; with the first, the head."""
        if self.request.command == "HEAD":
            self.content_bytes_written += len(data)
            data = b""
        if self.wrote_header or not data or len(data) > MOST_BYTES_WITH_HEAD or not self.complete:
            super().write(data)
            return
        head = self.build_response_header()
        if not self.has_body or self.chunked_response or self.content_length != len(data):
            super().write(data)
            return
        self.channel.write_soon(head + data)  # one packet, not two
        self.wrote_header = True
        self.content_bytes_written += len(data)

    def write_json(self, status: HTTPStatus, headers: dict[str, str], content: Any) -> None:
        """Write a whole answer."""
        body = orjson.dumps(content)
        self.complete = True
        self.status = f"{status} {status.phrase}"
        self.response_headers = [
            ("Content-Type", "application/json"),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *headers.items(),
        ]
        self.content_length = len(body)
        self.write(body)


class FromApplication(_Answer, WSGITask):
    """An answer that the application makes. It may give back its turn (see `turns`)."""

    def __init__(self, channel: Any, request: Any, turn: Turn | None) -> None:
        super().__init__(channel, request)
        self._give_turn_back = turn.give_back if turn else lambda: None

    def get_environment(self) -> dict[str, Any]:
        if self.environ is None:
            self.environ = self.request.environ(self.channel.server.address) | {
                "waitress.client_disconnected": self.channel.check_client_disconnected,
                "hydroml.arrived_at": self.request.arrived_at,
                "hydroml.is_of_user": partial(self.channel.server.callers.remember, self.request),
                "hydroml.give_turn_back": self._give_turn_back,
            }
        return self.environ


class Refused(_Answer):
    """An error that the server answers itself, always as the error object.

    The request may be unreadable, so nothing is known about what its client prefers.
    """

    def __init__(self, channel: Any, request: Any, error: ApiError, *, trace_id: str = "") -> None:
        super().__init__(channel, request)
        self._error = error
        self._trace_id = trace_id
        self.set_close_on_finish()

    def execute(self) -> None:
        trace_id = self._trace_id or begin_trace(self.request.header("TRACEPARENT"))
        status = self._error.kind.status
        body = {"success": False, "error": error_object(self._error)}
        self.write_json(status, {TRACE_HEADER: trace_id, **self._error.headers}, body)
        is_client_gone = self.channel.check_client_disconnected()
        count_refusal(method_shown(self.request.command), status, is_client_gone=is_client_gone)
        log_refusal(
            method=self.request.command,
            status=status,
            error_code=self._error.code,
            response_bytes=self.content_bytes_written,
            agent=self.request.header("USER-AGENT"),
            is_client_gone=is_client_gone,
        )


class Alive(_Answer):
    """The answer that the process is alive. Asks neither the application nor the database.

    The loop writes it, so it is answered even while every thread hangs. That is intended: a restart
    would not help whatever the threads wait for.
    """

    def execute(self) -> None:
        trace_id = begin_trace(self.request.header("TRACEPARENT"))
        self.write_json(HTTPStatus.OK, {TRACE_HEADER: trace_id}, {"status": "alive"})


def is_about_liveness(request: Any) -> bool:
    return request.path == LIVENESS_PATH and request.command in ("GET", "HEAD")
