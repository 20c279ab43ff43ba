"""The meaning of a database error for the client, by its SQLSTATE."""

from __future__ import annotations

from typing import Literal

import psycopg2
from django.db import DatabaseError, InterfaceError, OperationalError

Meaning = Literal["QUERY_TIMEOUT", "SESSION_TOO_COMPLEX", "DATABASE_UNAVAILABLE"]

_MEANINGS: dict[str, Meaning] = {
    "57014": "QUERY_TIMEOUT",  # query_canceled: statement_timeout
    "55P03": "QUERY_TIMEOUT",  # lock_not_available: lock_timeout
    "RL001": "DATABASE_UNAVAILABLE",  # our own: a row list was just removed; a retry makes it again
    # Classes of errors:
    "54": "SESSION_TOO_COMPLEX",  # program_limit_exceeded: too many columns, too deep a stack
    "08": "DATABASE_UNAVAILABLE",  # connection_exception
    "57P0": "DATABASE_UNAVAILABLE",  # shut down, crashed, starting up
}


def meaning_of(exc: Exception) -> Meaning | None:
    """Return what an error of Django or of psycopg2 means; None for a fault of our own.

    The SQLSTATE decides. An error without one did not come from a server: it was unreachable or
    went away, unless psycopg2 itself refused something.
    """
    # Closing a server-side cursor raises psycopg2's errors, not Django's.
    cause = exc.__cause__ if isinstance(exc, DatabaseError | InterfaceError) else exc
    state: str | None = getattr(cause, "pgcode", None)
    if state is None:
        return "DATABASE_UNAVAILABLE" if _is_broken(exc, cause) else None
    prefixes = (state, state[:4], state[:2])
    return next((_MEANINGS[prefix] for prefix in prefixes if prefix in _MEANINGS), None)


def _is_broken(exc: Exception, cause: BaseException | None) -> bool:
    """Tell whether the connection broke.

    psycopg2 has no class for a server that ends in the middle of an answer: some of those errors
    are bare `DatabaseError`s ("server closed the connection unexpectedly").
    """
    return (
        isinstance(exc, OperationalError | InterfaceError)
        or isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError)
        or type(cause) is psycopg2.DatabaseError
    )
