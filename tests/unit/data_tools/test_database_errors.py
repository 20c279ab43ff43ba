"""However the database goes away, it is DATABASE_UNAVAILABLE; a mistake of ours is not."""

from __future__ import annotations

import psycopg2
import psycopg2.errors
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.db.utils import ProgrammingError

from data_tools.errors import error_from


class _WithState(psycopg2.DatabaseError):
    """An error that the server named, of no class of its own."""

    pgcode = "XX000"


def wrapped(error: Exception, cause: Exception) -> Exception:
    """As Django wraps psycopg2's errors."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (DatabaseError, psycopg2.DatabaseError("server closed the connection unexpectedly")),
        (DatabaseError, psycopg2.DatabaseError("lost synchronization with server")),
        (OperationalError, psycopg2.OperationalError("server closed the connection unexpectedly")),
        (OperationalError, psycopg2.OperationalError("connection refused")),
        (OperationalError, psycopg2.OperationalError("the database system is starting up")),
        (OperationalError, psycopg2.errors.AdminShutdown("terminating connection")),
        (OperationalError, psycopg2.errors.CrashShutdown("terminating connection")),
        (InterfaceError, psycopg2.InterfaceError("connection already closed")),
    ],
)
def test_a_database_that_went_away_is_unavailable(error: type[Exception], cause: Exception) -> None:
    found = error_from(wrapped(error(str(cause)), cause))

    assert found.code == "DATABASE_UNAVAILABLE"
    assert found.kind.status == 503
    assert found.kind.retryable


@pytest.mark.parametrize(
    "error",
    [
        psycopg2.OperationalError("server closed the connection unexpectedly"),
        psycopg2.DatabaseError("server closed the connection unexpectedly"),
        psycopg2.InterfaceError("connection already closed"),
    ],
)
def test_so_is_one_that_goes_away_while_a_server_side_cursor_is_closed(error: Exception) -> None:
    assert error_from(error).code == "DATABASE_UNAVAILABLE"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (DatabaseError, _WithState("something the server said")),
        (ProgrammingError, psycopg2.ProgrammingError("can't adapt type")),
        (IntegrityError, psycopg2.errors.UniqueViolation("duplicate key")),
    ],
)
def test_what_the_server_refuses_is_an_error_of_ours(
    error: type[Exception], cause: Exception
) -> None:
    assert error_from(wrapped(error(str(cause)), cause)).code == "INTERNAL_ERROR"
