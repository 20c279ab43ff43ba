"""Lets requests in: counts them by caller, and takes them through their gates.

See Note [Gates] in `under_way.admission`. The API's views call `let_in` once they know the user;
the middleware counts all other pages by address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from data_tools.exceptions import ServiceBusy, TooMuchAtOnce
from data_tools.http.address_blocks import block_of_caller
from data_tools.http.errors import error_from
from data_tools.observing.activity import note
from data_tools.under_way.admission import begin, count_request
from data_tools.under_way.requests import Work, current


def let_in(*, user_id: int | None, work: Work) -> None:
    """Count this thread's request, and pass the gate for its kind of work, if there is one.

    Raises:
        TooMuchAtOnce, ServiceBusy: there is no room for it now.
    """
    note(work=work.value)
    request = current()
    if request is None:
        return
    request.user_id, request.work = user_id, work
    count_request()
    begin(work)


class AdmissionMiddleware:
    """Counts requests for anything but the API, and answers those that were not let in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (this_request := current()) is not None:
            this_request.address = block_of_caller(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: object
    ) -> HttpResponse | None:
        """Count the request by address, unless it is a probe or its view calls `let_in`."""
        is_counted_later = getattr(getattr(view, "cls", None), "calls_let_in", False)
        if is_counted_later or getattr(view, "is_always_let_in", False):
            return None
        try:
            count_request()
        except TooMuchAtOnce as error:
            return _page(error)
        return None

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        """Answer a request, such as a sign-in by form, that a gate did not let in."""
        return _page(exc) if isinstance(exc, TooMuchAtOnce | ServiceBusy) else None


def _page(exc: Exception) -> HttpResponse:
    error = error_from(exc)
    note(error_code=error.code)
    return HttpResponse(
        error.user_message,
        status=error.kind.status,
        content_type="text/plain; charset=utf-8",
        headers=dict(error.headers),
    )
