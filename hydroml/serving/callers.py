"""Whose a request is, before the application has looked at it."""

from __future__ import annotations

import threading

from cachetools import TTLCache
from django.conf import settings
from django.http import HttpRequest, parse_cookie

from data_tools.http.address_blocks import block_of_caller
from hydroml.serving.incoming import IncomingRequest

_MOST_REMEMBERED = 10_000
_REMEMBERED_SECONDS = 300.0


class Callers:
    """Knows whose credentials the application has accepted lately, in this process.

    All other requests are those of the address block that they come from, whatever credentials they
    bring: nobody becomes many callers by making tokens up.
    """

    def __init__(self) -> None:
        # By a hash, so that no credentials stay in memory. A mistake would only change the order.
        self._users: TTLCache[int, str] = TTLCache(_MOST_REMEMBERED, ttl=_REMEMBERED_SECONDS)
        self._lock = threading.Lock()

    def caller_of(self, request: IncomingRequest) -> str:
        """Return the name of the request's caller, for comparing."""
        with self._lock:
            user = self._users.get(_credentials(request))
        if user is not None:
            return user
        head = HttpRequest()
        head.META["REMOTE_ADDR"] = request.address
        if forwarded := request.header("X-FORWARDED-FOR"):
            head.META["HTTP_X_FORWARDED_FOR"] = forwarded
        return f"address:{block_of_caller(head)}"

    def remember(self, request: IncomingRequest, user_id: int) -> None:
        """Note that the application found the user in the request's credentials."""
        with self._lock:
            self._users[_credentials(request)] = f"user:{user_id}"


def _credentials(request: IncomingRequest) -> int:
    cookies = parse_cookie(request.header("COOKIE"))
    return hash((request.header("AUTHORIZATION"), cookies.get(settings.SESSION_COOKIE_NAME)))
