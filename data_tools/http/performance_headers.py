"""The headers `Server-Timing` and `X-Response-Time`: what a request cost.

Source: W3C Server Timing; `dur` is in milliseconds. `X-Response-Time` is in seconds. Existing
clients get it on five endpoints (`tells_response_time`), even while the feature is off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from data_tools.features import Feature, is_on


class _Queries:
    """Counts and times the statements of one request on this thread's connection."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - started


class PerformanceHeadersMiddleware:
    """Tells how long the answer took, and how much of that the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        queries, started = _Queries(), time.perf_counter()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        seconds = time.perf_counter() - started
        is_shown = is_on(Feature.PERFORMANCE_HEADERS)
        if is_shown:
            response["Server-Timing"] = (
                f"total;dur={seconds * 1000:.1f}, db;dur={queries.seconds * 1000:.1f}"
                f';desc="{queries.count} queries"'
            )
        if is_shown or _always_tells(request):
            response["X-Response-Time"] = f"{seconds:.3f}s"
        return response


def _always_tells(request: HttpRequest) -> bool:
    match = request.resolver_match
    view = getattr(match.func, "cls", None) if match else None
    return getattr(view, "tells_response_time", False)
