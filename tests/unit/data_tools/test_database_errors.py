"""What an error of the database becomes: its SQLSTATE decides, where it has one.

However the database goes away, it is DATABASE_UNAVAILABLE; a mistake of ours is not.
"""

from __future__ import annotations

import psycopg2
import psycopg2.errors
import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.utils import ProgrammingError
from django.http import HttpRequest

from data_tools.http.errors import error_from
from data_tools.views.health import readyz


def of_server(state: str) -> psycopg2.Error:
    """An error that the server named, of the class that psycopg2 has for it."""
    known = psycopg2.errors.lookup(state)
    error: psycopg2.Error = type(known.__name__, (known,), {"pgcode": state})("the server said so")
    return error


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
def test_a_database_that_went_away_before_a_cursor_was_closed_is_unavailable(
    error: Exception,
) -> None:
    assert error_from(error).code == "DATABASE_UNAVAILABLE"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (DatabaseError, of_server("XX000")),
        (OperationalError, of_server("40P01")),
        (OperationalError, of_server("53100")),
        (OperationalError, of_server("55006")),
        (DataError, of_server("22003")),
        (ProgrammingError, psycopg2.ProgrammingError("can't adapt type")),
        (IntegrityError, psycopg2.errors.UniqueViolation("duplicate key")),
    ],
)
def test_any_other_error_of_the_server_is_internal(
    error: type[Exception], cause: Exception
) -> None:
    assert error_from(wrapped(error(str(cause)), cause)).code == "INTERNAL_ERROR"


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        ("54000", "SESSION_TOO_COMPLEX", 400),
        ("54001", "SESSION_TOO_COMPLEX", 400),
        ("54011", "SESSION_TOO_COMPLEX", 400),
        ("57014", "QUERY_TIMEOUT", 503),
        ("55P03", "QUERY_TIMEOUT", 503),
        ("08006", "DATABASE_UNAVAILABLE", 503),
        ("57P01", "DATABASE_UNAVAILABLE", 503),
        ("57P03", "DATABASE_UNAVAILABLE", 503),
    ],
)
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_the_state_decides_and_not_the_class_or_the_language(
    state: str, code: str, status: int, is_wrapped: bool
) -> None:
    cause = of_server(state)

    found = error_from(wrapped(OperationalError(str(cause)), cause) if is_wrapped else cause)

    assert (found.code, found.kind.status) == (code, status)
    assert found.kind.retryable == (status == 503)
    assert "database" in found.user_message or code == "QUERY_TIMEOUT"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT " + ", ".join(["1"] * 1665), "SESSION_TOO_COMPLEX"),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", "QUERY_TIMEOUT"),
        ("SELECT 1 / 0", "INTERNAL_ERROR"),
    ],
)
def test_errors_of_a_real_server_have_their_code(sql: str, code: str) -> None:
    with (
        pytest.raises(DatabaseError) as raised,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert error_from(raised.value).code == code


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_a_database_that_does_not_answer_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def cursor() -> None:
        raise error("connection already closed")

    monkeypatch.setattr(connection, "cursor", cursor)

    assert readyz(HttpRequest()).status_code == 503
