"""Begins what is observed of each request: its trace id and its activity. Logs it at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from data_tools.observing.activity import Activity, activity, note, resumed
from data_tools.observing.log_lines import route_of
from data_tools.observing.metrics import count_request
from data_tools.observing.request_line import log_request, method_shown
from data_tools.observing.trace import TRACE_HEADER, begin_trace
from session_events import unfailing


class ObservedRequestsMiddleware:
    """Gives every request a trace id, every response the header with it, and the log a line.

    The first of all middlewares, so that it sees every answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trace_id = begin_trace(request.headers.get("traceparent", ""))
        arrived_at = request.META.get("hydroml.arrived_at")  # by the server, if that is ours
        queued_ms = None if arrived_at is None else (time.monotonic() - arrived_at) * 1000
        with activity() as this:
            response = self.get_response(request)
            note(status=response.status_code)
        response[TRACE_HEADER] = trace_id
        if response.streaming and getattr(response, "file_to_stream", None) is None:
            response.streaming_content = _LoggedPieces(request, response, this, queued_ms)
            return response
        _tell(
            request,
            this,
            status=response.status_code,
            response_bytes=_length_of(response),
            queued_ms=queued_ms,
            is_client_gone=request.META.get("waitress.client_disconnected", _never)(),
        )
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Note which endpoint it is, for reports that are made before the end."""
        note(method=method_shown(request.method), route=route_of(request))


class _LoggedPieces:
    """The pieces of an answer. The request is logged when they are closed, as Django always does.

    They are closed after the last piece, or when the client is gone.
    """

    def __init__(
        self,
        request: HttpRequest,
        response: StreamingHttpResponse,
        done: Activity,
        queued_ms: float | None,
    ) -> None:
        self._pieces = iter(response.streaming_content)
        self._request, self._status, self._done = request, response.status_code, done
        self._queued_ms = queued_ms
        self._slowest_ms = done.seconds * 1000  # until the first one could be made
        self._bytes = 0
        self._has_all = self._is_logged = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        began = time.perf_counter()
        try:
            with resumed(self._done):
                piece = next(self._pieces)
        except StopIteration:
            self._has_all = True
            raise
        finally:
            self._slowest_ms = max(self._slowest_ms, (time.perf_counter() - began) * 1000)
        self._bytes += len(piece)
        return piece

    def close(self) -> None:
        if self._is_logged:
            return
        self._is_logged = True
        _tell(
            self._request,
            self._done,
            status=self._status,
            response_bytes=self._bytes,
            queued_ms=self._queued_ms,
            slowest_piece_ms=self._slowest_ms,
            is_cut_off=not self._has_all,
        )


def _tell(request: HttpRequest, done: Activity, *, status: int, **measured: Any) -> None:
    """Log and count a request that has ended."""
    verb = method_shown(request.method)
    unfailing.call(count_request, route_of(request), verb, status, done)
    unfailing.call(log_request, request, done, status=status, **measured)


def _never() -> bool:
    return False


def _length_of(response: HttpResponse) -> int:
    if not response.streaming:
        return len(response.content)
    return int(response.headers.get("Content-Length", 0))  # a file of a page
