"""The demo's user, whose password everybody knows, and who can sign in nowhere but in the demo.

Note [The demo's mark]
    A production database may have begun as a demo's, or the demo may be started on it. So the demo
    puts a mark into the hash of its user's password, in the salt, which is random otherwise. Under
    other settings, an account with the mark cannot sign in: not by password, token or login
    session. A new password has no mark, and turns it into an account like any other.

    Older demos left no mark. Their name and password are always refused, whatever is stored.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.utils.crypto import get_random_string

OLD_NAME = "demo"  # of the user of older demos; the password was the same

_MARK = "-demo-only-"  # random salts and hashes have no hyphens


def prepare(name: str) -> User:
    """Return the demo's user, whose password is the name. Creates it on first use.

    An existing user of that name with another password is somebody else's, and stays as it is. So
    does one that has the mark: a new hash would sign everybody out at each start.
    """
    user, is_new = User.objects.get_or_create(username=name)
    if is_new or (_MARK not in user.password and check_password(name, user.password)):
        salt = get_random_string(22) + _MARK
        user.password = make_password(name, salt=salt)
        user.save(update_fields=["password"])
    return user


def is_refused(user: User) -> bool:
    """Tell whether the account is a demo's, and this is not the demo."""
    return settings.DEMO_USER is None and _MARK in user.password


def are_refused(username: str, password: str) -> bool:
    """Tell whether these are the credentials of an older demo, and this is not the demo."""
    return settings.DEMO_USER is None and username == password == OLD_NAME


def refused_accounts() -> list[str]:
    """Return the names of all accounts that are a demo's. Hashes one password at most."""
    if settings.DEMO_USER is not None:
        return []
    marked = User.objects.filter(password__contains=_MARK).values_list("username", flat=True)
    unmarked = User.objects.filter(username=OLD_NAME).exclude(password__contains=_MARK)
    older = [user.username for user in unmarked if check_password(OLD_NAME, user.password)]
    return [*marked, *older]
