"""Gives each request its deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from data_tools.under_way.requests import UnderWay, renew, resumed, under_way


class RequestLimitsMiddleware:
    """Gives every request its deadline, and a way to tell whether its client is still there.

    The time counts from `hydroml.arrived_at`, by `time.monotonic()`, if the server sets that: when
    the request was complete, and began to wait for its turn. Such a server also gives two
    functions, by which a request says whose it is, and that its work is no longer light.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_gone = request.META.get("waitress.client_disconnected", lambda: False)
        with under_way(settings.REQUEST_SECONDS, is_gone) as this:
            if arrived_at := request.META.get("hydroml.arrived_at"):
                this.ends_at = arrived_at + settings.REQUEST_SECONDS
            this.give_turn_back = request.META.get("hydroml.give_turn_back", this.give_turn_back)
            this.is_of_user = request.META.get("hydroml.is_of_user", this.is_of_user)
            response = self.get_response(request)
        if response.streaming and getattr(response, "file_to_stream", None) is None:
            _limit_each_piece(response, this)
        return response


def _limit_each_piece(response: StreamingHttpResponse, request: UnderWay) -> None:
    """Give each piece of the answer as much time as a request, since a file may take any time."""
    pieces = iter(response.streaming_content)

    def limited() -> Iterator[bytes]:
        while True:
            with resumed(request):
                renew(settings.REQUEST_SECONDS)
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    response.streaming_content = limited()
