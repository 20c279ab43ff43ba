"""Typed, strict readers of the environment: a wrong value is an error that names its variable.

django-environ reads the `.env` file and parses URLs, but it is lenient where a deployment needs
strictness: it takes ``DEBUG=ture`` for false. An empty variable counts as unset, which is what
``NAME=`` in a compose file or a shell means.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


def read_file(path: Path) -> None:
    """Read `path`, if it exists, into the environment; variables that are already set win."""
    if path.is_file():
        environ.Env.read_env(path)


def require(name: str, *, advised: tuple[str, ...], file: Path) -> None:
    """Check that the variable is set; if not, name the `advised` ones that are unset as well.

    Raises:
        ImproperlyConfigured: it is unset. The message says where variables were looked for.
    """
    if text(name, ""):
        return
    where = f"in {file}" if file.is_file() else f"in {file}, which does not exist"
    unset = [each for each in advised if not text(each, "")]
    trial = f" Without {_listed(unset)} it is a trial on one machine." if unset else ""
    raise ImproperlyConfigured(f"{name} is not set, neither in the environment nor {where}.{trial}")


def text(name: str, default: str | None = None) -> str:
    """Return the variable as text.

    Raises:
        ImproperlyConfigured: it is unset and there is no default.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is required. Set it in the environment or in .env.")
    return default


def boolean(name: str, default: bool) -> bool:
    """Return the variable as a boolean, written as one of `TRUE_WORDS` or `FALSE_WORDS`."""
    value = text(name, "").lower()
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    if value:
        raise _wrong(name, value, "true or false")
    return default


def integer(name: str, default: int, *, minimum: int = 1) -> int:
    """Return the variable as an integer of at least `minimum`."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise _wrong(name, value, "an integer") from None
    if number < minimum:
        raise _wrong(name, value, f"an integer of at least {minimum}")
    return number


def fraction(name: str, default: float) -> float:
    """Return the variable as a number from 0 to 1."""
    value = text(name, str(default))
    try:
        number = float(value)
    except ValueError:
        raise _wrong(name, value, "a number") from None
    if not 0 <= number <= 1:
        raise _wrong(name, value, "a number from 0 to 1")
    return number


def words(name: str, default: list[str]) -> list[str]:
    """Return the variable, words separated by commas, as a list."""
    value = text(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def choice(name: str, default: str, *, among: tuple[str, ...]) -> str:
    """Return the variable, which must be one of the words `among`."""
    value = text(name, default)
    if value not in among:
        raise _wrong(name, value, "one of " + ", ".join(among))
    return value


def url(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """Return the variable, which must be a URL with one of the schemes.

    The error never repeats the value: a URL may hold a password.
    """
    value = text(name, default)
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(
            f"{name} must be a URL that begins with " + " or ".join(f"{s}://" for s in schemes)
        )
    return value


def postgres(name: str, default: str) -> dict[str, Any]:
    """Return the variable, a ``postgres://`` URL, as the start of a Django database setting."""
    value = url(name, default, schemes=("postgres", "postgresql"))
    try:
        return dict(environ.Env.db_url_config(value))
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} must look like postgres://user:password@host:5432/database"
        ) from None


def _listed(names: list[str]) -> str:
    """Return the names as "A", "A and B", or "A, B and C"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _wrong(name: str, value: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} must be {expected}, but is {value!r}")
