"""Tokens for programs: given for a password, listed, rotated, ended.

Note [Which token goes]
    Older programs ask for a token whenever they start, and give it no name. So when a user would
    have more than `TOKENS_PER_USER`, the longest unused token without a name is ended. A token with
    a name stays until it expires or is ended; if all have names, another one is refused.

Note [A rotation whose answer was lost]
    The old token keeps working for `TOKEN_ROTATION_SECONDS`. Until the new token is used, the
    program may rotate the old one again: the answer was lost, so the token in it is ended. Once the
    new token has been used, the old one can no longer be rotated, so that somebody who copied it
    cannot get a token of their own.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

from cachetools import TTLCache
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from data_tools.exceptions import (
    InvalidCredentials,
    TokenAlreadyRotated,
    TokenNotFound,
    TooManyTokens,
)
from data_tools.jobs.expired_sign_ins import remove_expired_tokens
from data_tools.models import ApiToken

_MOST_REMEMBERED = 10_000  # tokens whose noted use a process remembers

_NOTE_USE = """
UPDATE data_tools_apitoken SET last_used_at = %s WHERE digest = (
    SELECT digest FROM data_tools_apitoken WHERE digest = %s FOR NO KEY UPDATE SKIP LOCKED)
"""


def longest_lifetime() -> timedelta:
    """Return how long a token lasts, at most and by default."""
    return timedelta(days=settings.TOKEN_DAYS)


def issue(user: User, *, name: str = "", lifetime: timedelta | None = None) -> tuple[ApiToken, str]:
    """Give a token to a user who has just proved their password; return it and its text.

    `user.password` is the hash that the password was compared with; if it has changed since, the
    user gets no token. See Note [Which token goes].

    Raises:
        InvalidCredentials: the password has changed since, or the account was closed.
        TooManyTokens: the user has too many, all of them with names.
    """
    with transaction.atomic():
        same = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
        if same.select_for_update(no_key=True).first() is None:
            raise InvalidCredentials
        remove_expired_tokens(user)
        _make_room(user)
        return _create(user, name=name, lifetime=lifetime or longest_lifetime())


def of_user(user: User) -> list[ApiToken]:
    """Return the user's valid tokens, newest first."""
    return list(ApiToken.objects.filter(_works(), user=user))


def rotate(token: ApiToken) -> tuple[ApiToken, str]:
    """Exchange a token for a new one; return the new one and its text.

    It has the name and the lifetime of the old one, which ends after `TOKEN_ROTATION_SECONDS`. See
    Note [A rotation whose answer was lost].

    Raises:
        TokenNotFound: the token was ended meanwhile.
        TokenAlreadyRotated: the token that it was rotated to has been used.
    """
    with transaction.atomic():
        # Lock the user before the token, as a change of password does: otherwise its trigger could
        # miss the new token.
        User.objects.select_for_update(no_key=True).filter(pk=token.user_id).first()
        old = ApiToken.objects.filter(_works(), digest=token.digest).first()
        if old is None:
            raise TokenNotFound
        lifetime = _lifetime(old)
        for lost in ApiToken.objects.filter(user_id=old.user_id, replaces=old.digest):
            if lost.last_used_at is not None:
                raise TokenAlreadyRotated
            lifetime = _lifetime(lost)
            lost.delete()
        overlap_ends = timezone.now() + timedelta(seconds=settings.TOKEN_ROTATION_SECONDS)
        if old.expiry is None or old.expiry > overlap_ends:
            old.expiry = overlap_ends
            old.save(update_fields=["expiry"])
        return _create(old.user, name=old.name, lifetime=lifetime, replaces=old.digest)


def end(user: User, public_id: UUID) -> None:
    """End one of the user's tokens, and the one that it replaced.

    Raises:
        TokenNotFound: the user has no such token.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
        token = ApiToken.objects.filter(user=user, public_id=public_id).first()
        if token is None:
            raise TokenNotFound
        ApiToken.objects.filter(Q(digest=token.digest) | Q(digest=token.replaces)).delete()


def note_use(token: ApiToken) -> None:
    """Note that a token is used now, in each process once in `TOKEN_USE_NOTED_SECONDS` at most.

    Never fails a request: if the database takes no changes, nothing is noted. Does not wait for
    another request that notes the same.
    """
    now = timezone.now()
    interval = timedelta(seconds=settings.TOKEN_USE_NOTED_SECONDS)
    if token.last_used_at is not None and now - token.last_used_at < interval:
        return
    with _noting:
        if token.digest in _noted:
            return
        _noted[token.digest] = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_USE, [now, token.digest])
    except DatabaseError:
        pass  # reported by whatever needs the database for its answer


_noting = threading.Lock()
_noted: TTLCache[str, bool] = TTLCache(_MOST_REMEMBERED, settings.TOKEN_USE_NOTED_SECONDS)


def _works() -> Q:
    return Q(expiry__isnull=True) | Q(expiry__gt=timezone.now())


def _lifetime(token: ApiToken) -> timedelta:
    """Return the token's lifetime in all, within the limit of today's settings."""
    longest = longest_lifetime()
    return longest if token.expiry is None else min(longest, token.expiry - token.created)


def _make_room(user: User) -> None:
    """End tokens without a name until there is room for one more.

    Raises:
        TooManyTokens: too many tokens have names.
    """
    tokens = ApiToken.objects.filter(_works(), user=user)
    surplus = tokens.count() + 1 - settings.TOKENS_PER_USER
    if surplus <= 0:
        return
    unused_first = tokens.filter(name="").order_by(Coalesce("last_used_at", "created"))
    victims = list(unused_first.values_list("digest", flat=True)[:surplus])
    if len(victims) < surplus:
        raise TooManyTokens(most=settings.TOKENS_PER_USER)
    ApiToken.objects.filter(digest__in=victims).delete()


def _create(
    user: User, *, name: str, lifetime: timedelta, replaces: str = ""
) -> tuple[ApiToken, str]:
    digest, text = get_digest_token()
    token = ApiToken(
        digest=digest,
        token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
        user=user,
        expiry=timezone.now() + lifetime,
        name=name,
        replaces=replaces,
    )
    token.save(force_insert=True)
    return token, text
