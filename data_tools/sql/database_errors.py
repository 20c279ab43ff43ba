"""What an error of the database means for who asked, told by its SQLSTATE."""

from __future__ import annotations

from typing import Literal

import psycopg2
from django.db import DatabaseError, InterfaceError, OperationalError

Meaning = Literal["QUERY_TIMEOUT", "SESSION_TOO_COMPLEX", "DATABASE_UNAVAILABLE"]

_MEANINGS: dict[str, Meaning] = {
    "57014": "QUERY_TIMEOUT",  # query_canceled: statement_timeout
    "55P03": "QUERY_TIMEOUT",  # lock_not_available: lock_timeout
    "RL001": "DATABASE_UNAVAILABLE",  # ours: a row list was removed just now, and comes back
}
_MEANINGS_OF_BEGINNINGS: dict[str, Meaning] = {
    "54": "SESSION_TOO_COMPLEX",  # program_limit_exceeded: too many columns, too deep a stack
    "08": "DATABASE_UNAVAILABLE",  # connection_exception
    "57P0": "DATABASE_UNAVAILABLE",  # shut down, crashed, starting up
}


def meaning_of(exc: Exception) -> Meaning | None:
    """What the error of Django or of psycopg2 means; None for any other error, and for what a
    database that is well says to a mistake of ours.

    An SQLSTATE decides. Without one no server spoke, so it was not there or went away, except
    where psycopg2 itself refused something.
    """
    # Closing a server-side cursor raises psycopg2's errors, not Django's.
    cause = exc.__cause__ if isinstance(exc, DatabaseError | InterfaceError) else exc
    state = getattr(cause, "pgcode", None)
    if state is not None:
        beginnings = (state[:length] for length in (2, 4))
        of_beginning = next(filter(None, map(_MEANINGS_OF_BEGINNINGS.get, beginnings)), None)
        return _MEANINGS.get(state, of_beginning)
    return "DATABASE_UNAVAILABLE" if _is_broken(exc, cause) else None


def _is_broken(exc: Exception, cause: BaseException | None) -> bool:
    """psycopg2 has no class for a server that ends in the middle of an answer: some of those are
    bare `DatabaseError`s ("server closed the connection unexpectedly")."""
    if isinstance(exc, OperationalError | InterfaceError):
        return True
    if isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError):
        return True
    return type(cause) is psycopg2.DatabaseError
