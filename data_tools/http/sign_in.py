"""Signing in by name and password, in one place for the API, the form and the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password, verify_password
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import HttpRequest

from data_tools.http.sign_in_limits import SignInAttempt
from data_tools.services import demo_account
from data_tools.under_way.admission import password_check


class SignInBackend(ModelBackend):
    """Django's backend, with limits for failed attempts, and without the demo's user.

    After a successful attempt `request.signed_in_account` is the account's key, for the middleware.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: Any,
    ) -> User | None:
        """Return the active user with that name and password, or None.

        An unknown name takes as long as a wrong password. Without a request, as in commands and
        tests, there are no limits.

        Raises:
            RateLimitExceeded: too many attempts failed. The password was not checked.
            TooMuchAtOnce, ServiceBusy: too many passwords are being checked. This one was not.
        """
        if username is None or password is None:
            return None
        attempt = None if request is None else SignInAttempt.of(request, username)
        if attempt is not None:
            attempt.require_allowed()
        with password_check():
            if attempt is not None:
                attempt.require_allowed()  # others may have failed while this one waited
            user = self._user_with(username, password)
            if attempt is not None and user is None:
                attempt.failed()
        if request is not None and attempt is not None and user is not None:
            attempt.succeeded()
            request.signed_in_account = attempt.account
        return user

    def user_can_authenticate(self, user: User | None) -> bool:
        """Tell whether the account is open; asked at sign-in, and for each login session's user."""
        return super().user_can_authenticate(user) and not (
            user is not None and demo_account.is_refused(user)
        )

    def _user_with(self, username: str, password: str) -> User | None:
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            make_password(password)  # takes as long as a comparison
            return None
        is_right, is_outdated = verify_password(password, user.password)
        if not is_right or not self.user_can_authenticate(user):
            return None
        if demo_account.are_refused(username, password):
            return None
        if is_outdated:
            _hash_anew(user, password)
        return user


def _hash_anew(user: User, password: str) -> None:
    """Replace the hash of the same password by a stronger one, without ending tokens.

    Does nothing if the password has changed meanwhile.
    """
    anew = make_password(password)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL hydroml.same_password = 'on'")
        replaced = User.objects.filter(pk=user.pk, password=user.password).update(password=anew)
        cursor.execute("SET LOCAL hydroml.same_password = 'off'")
    if replaced:
        user.password = anew
