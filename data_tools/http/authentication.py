"""Who sends a request: a token for programs, Django's login session for the browser.

Note [Same origin]
    Some existing pages send no CSRF token. A state-changing request of a login session therefore
    passes with a valid token, or when the browser says that it comes from a page of this site:
    `Sec-Fetch-Site: same-origin`, or an `Origin` that is this host. Scripts cannot forge either.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth.models import User
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from data_tools.http.addresses import NUL

_TOKEN_AND_USER = """
SELECT auth_user.*, token.key AS token_key, token.created AS token_created
FROM authtoken_token AS token JOIN auth_user ON auth_user.id = token.user_id
WHERE token.key = %s
"""


class StudioTokenAuthentication(TokenAuthentication):
    """``Authorization: Token …``. Comes first, so that a failed authentication is 401, not 403."""

    def authenticate_credentials(self, key: str) -> tuple[User, Token]:
        """Return the token's user and the token, as the base class does.

        The statement is written out, because the ORM spent a fifth of a page read on composing it.

        Raises:
            AuthenticationFailed: no active user has that token.
        """
        owners = [] if NUL in key else User.objects.raw(_TOKEN_AND_USER, [key])
        for user in owners:
            if user.is_active:
                return user, Token(key=user.token_key, created=user.token_created, user=user)
        raise AuthenticationFailed("Invalid token.")


class StudioSessionAuthentication(SessionAuthentication):
    """Django's login session, with the CSRF rule of Note [Same origin]."""

    def enforce_csrf(self, request: Request) -> None:
        if not _comes_from_this_site(request):
            super().enforce_csrf(request)


def _comes_from_this_site(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if not origin:
        return False
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.netloc == request.get_host() and parts.scheme == request.scheme
