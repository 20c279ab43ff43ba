"""Who is asking: a token for programs, Django's login session for the browser.

Note [Same origin]
    Some existing pages send no CSRF token. A state-changing request of a login session therefore
    passes with a valid token, or when the browser itself says that the page it comes from is ours:
    `Sec-Fetch-Site: same-origin`, or an `Origin` that is this host. Scripts cannot forge either.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.request import Request


class StudioTokenAuthentication(TokenAuthentication):
    """``Authorization: Token …``. First in order, so that a refusal is 401 and not 403."""


class StudioSessionAuthentication(SessionAuthentication):
    """Django's login session, with the CSRF rule of Note [Same origin]."""

    def enforce_csrf(self, request: Request) -> None:
        if not _comes_from_our_page(request):
            super().enforce_csrf(request)


def _comes_from_our_page(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if not origin:
        return False
    parts = urlsplit(origin)
    return parts.netloc == request.get_host() and parts.scheme == request.scheme
