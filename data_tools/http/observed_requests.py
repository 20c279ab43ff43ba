"""Begins what is observed of each request: its trace id and its activity. Logs it at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from data_tools.http.errors import ApiError, error_from
from data_tools.observing.activity import Activity, activity, note, resumed
from data_tools.observing.log_lines import route_of
from data_tools.observing.metrics import count_request
from data_tools.observing.request_line import log_request, method_shown
from data_tools.observing.trace import TRACE_HEADER, begin_trace, resumed_trace
from data_tools.sql.postgres.calls import is_of_client_gone
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
            response.streaming_content = _LoggedPieces(
                request, response, this, trace_id=trace_id, queued_ms=queued_ms
            )
            return response
        is_client_gone = request.META.get("waitress.client_disconnected", _never)()
        _count(request, this, status=response.status_code, is_client_gone=is_client_gone)
        _log(
            request,
            this,
            status=response.status_code,
            response_bytes=_length_of(response),
            queued_ms=queued_ms,
            is_client_gone=is_client_gone,
        )
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Note which endpoint it is, for reports that are made before the end."""
        note(method=method_shown(request.method), route=route_of(request))


class _LoggedPieces:
    """The pieces of an answer. The request is logged when they are closed, as Django always does.

    They are closed after the last piece, when the client is gone, or when one cannot be made. By
    then the status was sent, so the request counts by the status that its error has otherwise.
    """

    def __init__(
        self,
        request: HttpRequest,
        response: StreamingHttpResponse,
        done: Activity,
        *,
        trace_id: str,
        queued_ms: float | None,
    ) -> None:
        self._pieces = iter(response.streaming_content)
        self._request, self._status, self._done = request, response.status_code, done
        self._trace_id, self._queued_ms = trace_id, queued_ms
        self._slowest_ms = done.seconds * 1000  # until the first one could be made
        self._bytes = 0
        self._has_all = self._is_logged = False
        self._failure: ApiError | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        began = time.perf_counter()
        try:
            with resumed(self._done), resumed_trace(self._trace_id):
                piece = next(self._pieces)
        except StopIteration:
            self._has_all = True
            raise
        except Exception as error:
            self._failure = None if is_of_client_gone(error) else error_from(error)
            raise
        finally:
            self._slowest_ms = max(self._slowest_ms, (time.perf_counter() - began) * 1000)
        self._bytes += len(piece)
        return piece

    def close(self) -> None:
        if self._is_logged:
            return
        self._is_logged = True
        status = self._status
        if self._failure is not None:
            status = self._failure.kind.status
            self._done.facts["error_code"] = self._failure.code
        is_client_gone = not self._has_all and self._failure is None
        _count(self._request, self._done, status=status, is_client_gone=is_client_gone)
        with resumed_trace(self._trace_id):
            _log(
                self._request,
                self._done,
                status=self._status,
                response_bytes=self._bytes,
                queued_ms=self._queued_ms,
                slowest_piece_ms=self._slowest_ms,
                is_cut_off=not self._has_all,
            )


def _count(request: HttpRequest, done: Activity, *, status: int, is_client_gone: bool) -> None:
    unfailing.call(
        count_request,
        route_of(request),
        method_shown(request.method),
        status,
        done,
        is_client_gone=is_client_gone,
    )


def _log(request: HttpRequest, done: Activity, **measured: Any) -> None:
    unfailing.call(log_request, request, done, **measured)


def _never() -> bool:
    return False


def _length_of(response: HttpResponse) -> int:
    if not response.streaming:
        return len(response.content)
    return int(response.headers.get("Content-Length", 0))  # a file of a page
