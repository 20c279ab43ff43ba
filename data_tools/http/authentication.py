"""Who sends a request: a token for programs, Django's login session for the browser.

Note [Same origin]
    Some existing pages send no CSRF token. A state-changing request of a login session therefore
    passes with a valid token, or when the browser says that it comes from a page of this site:
    `Sec-Fetch-Site: same-origin`, or an `Origin` that is this host. Scripts cannot forge either.
"""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from data_tools.models import ApiToken
from data_tools.services import demo_account, token_service

PAGE_USER_HEADER = "X-Studio-User"
_TOKEN_AND_USER = """
SELECT auth_user.*, token.digest, token.token_key, token.created, token.expiry, token.public_id,
    token.name, token.last_used_at, token.replaces
FROM data_tools_apitoken AS token JOIN auth_user ON auth_user.id = token.user_id
WHERE token.digest = %s
"""
_OF_TOKEN = (
    "digest",
    "token_key",
    "created",
    "expiry",
    "public_id",
    "name",
    "last_used_at",
    "replaces",
)


class TokenExpired(AuthenticationFailed):
    """The token is genuine, and has expired."""

    default_detail = "This token has expired. Get another one with the user name and the password."


class StudioTokenAuthentication(TokenAuthentication):
    """``Authorization: Token …``. Comes first, so that a failed authentication is 401, not 403."""

    keyword = "Token"  # the OpenAPI document reads it

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        """Return the token's user and the token, and note that it was used.

        The token is found by its hash, so the time that takes tells nothing about other tokens. The
        statement is written out because composing it took the ORM a fifth of the time of a page;
        knox itself runs several statements.

        Raises:
            AuthenticationFailed: no active user has that token.
            TokenExpired: the token has expired.
        """
        try:
            digest = hash_token(token.decode("utf-8"))
        except UnicodeDecodeError:
            raise AuthenticationFailed("Invalid token.") from None
        for user in User.objects.raw(_TOKEN_AND_USER, [digest]):
            found = ApiToken(user=user, **{name: getattr(user, name) for name in _OF_TOKEN})
            if not compare_digest(found.digest, digest):
                continue
            if not user.is_active or demo_account.is_refused(user):
                continue
            if found.expiry is not None and found.expiry <= timezone.now():
                raise TokenExpired
            token_service.note_use(found)
            return user, found
        raise AuthenticationFailed("Invalid token.")


class AnotherUserSignedIn(AuthenticationFailed):
    """A page of one user sent the request, and another one is signed in in that browser by now."""

    default_detail = (
        "Another user is signed in in this browser now. Sign in again to go on as before; what "
        "waits on this device is kept."
    )


class StudioSessionAuthentication(SessionAuthentication):
    """Django's login session, with the CSRF rule of Note [Same origin].

    A page says whose it is with `X-Studio-User`, the user's id. All tabs of a browser have the same
    login session, and what one user began must not be done, or kept, in the account of the next.
    """

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the user of the login session, None without one.

        Raises:
            AnotherUserSignedIn: the page is another user's.
        """
        signed_in = super().authenticate(request)
        page_user = request.headers.get(PAGE_USER_HEADER)
        if signed_in and page_user is not None and page_user != str(signed_in[0].pk):
            raise AnotherUserSignedIn
        return signed_in

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
