"""The headers `Server-Timing` and `X-Response-Time`: what a request cost.

Source: W3C Server Timing; `dur` is in milliseconds. `X-Response-Time` is in seconds. Existing
clients get it on five endpoints (`tells_response_time`), even while the feature is off.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from data_tools.features import Feature, is_on
from data_tools.observing.activity import require_current


class PerformanceHeadersMiddleware:
    """Tells how long the answer took, and how much of that the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        done = require_current()
        is_shown = is_on(Feature.PERFORMANCE_HEADERS)
        if is_shown:
            response["Server-Timing"] = (
                f"total;dur={done.seconds * 1000:.1f}, db;dur={done.db_seconds * 1000:.1f}"
                f';desc="{done.query_count} queries"'
            )
        if is_shown or _always_tells(request):
            response["X-Response-Time"] = f"{done.seconds:.3f}s"
        return response


def _always_tells(request: HttpRequest) -> bool:
    match = request.resolver_match
    view = getattr(match.func, "cls", None) if match else None
    return getattr(view, "tells_response_time", False)
