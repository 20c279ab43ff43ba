"""The meaning of a database error for the client, by its SQLSTATE."""

from __future__ import annotations

from typing import Literal

import psycopg2
from django.db import DatabaseError, InterfaceError, OperationalError

from data_tools.exceptions import TookTooLong

Meaning = Literal[
    "QUERY_TIMEOUT",
    "OUTCOME_UNKNOWN",
    "SESSION_TOO_COMPLEX",
    "DATABASE_UNAVAILABLE",
    "DATABASE_READ_ONLY",
    "DATABASE_FULL",
    "DATABASE_OVERLOADED",
    "DATABASE_BUSY",
]

# A state that is not here, such as a broken constraint or corrupt data, is a fault to be looked at.
_MEANINGS: dict[str, Meaning] = {
    "57014": "QUERY_TIMEOUT",  # query_canceled: statement_timeout
    "55P03": "QUERY_TIMEOUT",  # lock_not_available: lock_timeout
    "25P03": "QUERY_TIMEOUT",  # idle_in_transaction_session_timeout
    "25P04": "QUERY_TIMEOUT",  # transaction_timeout
    "25006": "DATABASE_READ_ONLY",  # read_only_sql_transaction: a standby, or set so
    "53100": "DATABASE_FULL",  # disk_full
    "40003": "OUTCOME_UNKNOWN",  # statement_completion_unknown: also a write that we ended
    "42501": "DATABASE_UNAVAILABLE",  # insufficient_privilege: of the service, or of the files
    "55000": "DATABASE_BUSY",  # object_not_in_prerequisite_state
    "55006": "DATABASE_BUSY",  # object_in_use
    "72000": "DATABASE_BUSY",  # snapshot_too_old
    "RL001": "DATABASE_UNAVAILABLE",  # our own: a row list was just removed; a retry makes it again
    # Classes of errors:
    "08": "DATABASE_UNAVAILABLE",  # connection_exception
    "28": "DATABASE_UNAVAILABLE",  # the service's account is not let in
    "3D": "DATABASE_UNAVAILABLE",  # there is no such database
    "40": "DATABASE_BUSY",  # serialization_failure, deadlock_detected
    "53": "DATABASE_OVERLOADED",  # out of memory, connections or temporary files
    "54": "SESSION_TOO_COMPLEX",  # program_limit_exceeded: too many columns, too deep a stack
    "57": "DATABASE_UNAVAILABLE",  # shut down, crashed, starting up, dropped, idle for too long
    "58": "DATABASE_UNAVAILABLE",  # the system under it fails: input and output, missing files
    "F0": "DATABASE_UNAVAILABLE",  # config_file_error
}

# States that the server also uses for something else, with the function of its own that raised
# them: the message, which is in the server's language, says what it is.
_MEANINGS_BY_FUNCTION: dict[tuple[str, str], Meaning] = {
    # A standby has no unlogged tables, and takes no strong locks.
    ("0A000", "get_relation_info"): "DATABASE_READ_ONLY",
    ("55000", "LockAcquireExtended"): "DATABASE_READ_ONLY",
    # It has used up its transaction numbers and reads on until it is vacuumed.
    ("54000", "GetNewTransactionId"): "DATABASE_READ_ONLY",
    ("54000", "GetNewMultiXactId"): "DATABASE_READ_ONLY",
}


def meaning_of(exc: Exception) -> Meaning | None:
    """Return what an error of Django or of psycopg2 means; None for a fault of our own.

    The SQLSTATE decides. An error without one did not come from a server: it was unreachable or
    went away, unless psycopg2 itself refused something. A server that lets nobody in, because it
    starts up or has no free connection, is told by psycopg2 without a SQLSTATE as well.
    """
    cause = _cause_of(exc)
    state = state_of(exc)
    if state is None:
        return "DATABASE_UNAVAILABLE" if _is_broken(exc, cause) else None
    function = str(getattr(getattr(cause, "diag", None), "source_function", ""))
    if (state, function) in _MEANINGS_BY_FUNCTION:
        return _MEANINGS_BY_FUNCTION[state, function]
    return next((_MEANINGS[prefix] for prefix in (state, state[:2]) if prefix in _MEANINGS), None)


def is_too_long(error: Exception) -> bool:
    """Tell whether the database, or the request's deadline, stopped work that took too long."""
    return isinstance(error, TookTooLong) or (
        isinstance(error, DatabaseError) and meaning_of(error) == TookTooLong.code
    )


def is_unreachable(error: Exception) -> bool:
    """Tell whether the database answers nothing at present, whatever it is asked."""
    return meaning_of(error) == "DATABASE_UNAVAILABLE"


def may_have_taken_effect(error: Exception) -> bool:
    """Tell whether a transaction that ended in this error may be committed all the same.

    True wherever the connection broke: the error does not say whether that was at the COMMIT.
    """
    return meaning_of(error) in ("OUTCOME_UNKNOWN", "DATABASE_UNAVAILABLE")


def state_of(exc: Exception) -> str | None:
    """Return the SQLSTATE of an error of Django or of psycopg2, None if it has none."""
    state: str | None = getattr(_cause_of(exc), "pgcode", None)
    return state


def cause_in_a_line(exc: Exception) -> str:
    """Return what the database said, for the log: its first line alone names no values of rows."""
    return (str(_cause_of(exc)).strip() or type(exc).__name__).splitlines()[0]


def _cause_of(exc: Exception) -> BaseException | None:
    # Closing a server-side cursor raises psycopg2's errors, not Django's.
    if isinstance(exc, DatabaseError | InterfaceError):
        return exc.__cause__ or exc
    return exc


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
