"""A signed cookie that says to which account a browser has signed in before.

OWASP calls it a device cookie. It grants no access: it only gives the browser its own counter of
failed attempts, so that somebody who guesses passwords elsewhere cannot lock its owner out.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

COOKIE = "known_browser"
_SALT = "data_tools.known_browser"


def known_browser(request: HttpRequest, account: str) -> str | None:
    """Return the browser's identifier; None unless it has signed in to the account before."""
    try:
        value = signing.loads(
            request.COOKIES.get(COOKIE, ""),
            salt=_SALT,
            max_age=settings.KNOWN_BROWSER_DAYS * 86_400,
        )
    except signing.BadSignature:
        return None
    return value["browser"] if value["account"] == account else None


def remember_browser(response: HttpResponse, account: str) -> None:
    """Set the cookie of a browser that has just signed in to the account."""
    value = {"account": account, "browser": get_random_string(22)}
    response.set_cookie(
        COOKIE,
        signing.dumps(value, salt=_SALT),
        max_age=settings.KNOWN_BROWSER_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
