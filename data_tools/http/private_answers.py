"""No cache keeps an answer, unless the answer says otherwise.

Note [Which answers may be kept]
    ``private, no-store`` is on every answer, so that no browser writes a user's data to its disk,
    where the next person finds it. Two kinds of answer say something else themselves: static files,
    which are the same for everybody, and conditional reads (`views.api.conditional`), which are
    ``private, no-cache``: the client keeps its copy to send its tag, and gets 304 in place of the
    page again. With no-store there would be no copy, and every 304 would be a whole page.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class PrivateAnswersMiddleware:
    """Adds the header. See Note [Which answers may be kept]."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
