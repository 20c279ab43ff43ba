"""What an error of the database becomes: its SQLSTATE decides, where it has one.

However the database goes away, it is DATABASE_UNAVAILABLE; a mistake of ours is not.
"""

from __future__ import annotations

from types import SimpleNamespace

import psycopg2
import psycopg2.errorcodes
import psycopg2.errors
import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.utils import ProgrammingError
from django.http import HttpRequest

from data_tools.http.errors import error_from
from data_tools.sql import refused_writes
from data_tools.sql.outage import Outage
from data_tools.views import health
from data_tools.views.health import readyz

UNAVAILABLE = [
    *("08000", "08001", "08003", "08004", "08006", "08007", "08P01", "28000", "28P01", "3D000"),
    *("42501", "57000", "57P01", "57P02", "57P03", "57P04", "57P05"),
    *("58000", "58030", "58P01", "58P02", "F0000", "F0001"),
]
# The classes that tell of a server's condition, where others tell of a statement's faults.
CONDITIONS = ("08", "28", "3D", "40", "53", "54", "55", "57", "58", "F0")


def of_server(state: str) -> psycopg2.Error:
    """An error that the server named, of the class that psycopg2 has for it."""
    known = psycopg2.errors.lookup(state)
    error: psycopg2.Error = type(known.__name__, (known,), {"pgcode": state})("the server said so")
    return error


def is_a_condition(state: object) -> bool:
    return (
        isinstance(state, str)
        and len(state) == 5
        and state.startswith(CONDITIONS)
        and state not in ("55P02", "55P04")  # a setting or an enumeration misused: faults of ours
    )


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
        (OperationalError, of_server("XX001")),
        (OperationalError, of_server("25P02")),
        (OperationalError, of_server("42P01")),
        (OperationalError, of_server("0A000")),
        (OperationalError, of_server("55P02")),
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
        ("40003", "OUTCOME_UNKNOWN", 503),
        ("55P03", "QUERY_TIMEOUT", 503),
        ("25P03", "QUERY_TIMEOUT", 503),
        ("25P04", "QUERY_TIMEOUT", 503),
        *((state, "DATABASE_UNAVAILABLE", 503) for state in UNAVAILABLE),
        ("25006", "DATABASE_READ_ONLY", 503),
        ("53100", "DATABASE_FULL", 503),
        ("53000", "DATABASE_OVERLOADED", 503),
        ("53200", "DATABASE_OVERLOADED", 503),
        ("53300", "DATABASE_OVERLOADED", 503),
        ("53400", "DATABASE_OVERLOADED", 503),
        ("40000", "DATABASE_BUSY", 503),
        ("40001", "DATABASE_BUSY", 503),
        ("40002", "DATABASE_BUSY", 503),
        ("40P01", "DATABASE_BUSY", 503),
        ("55000", "DATABASE_BUSY", 503),
        ("55006", "DATABASE_BUSY", 503),
        ("72000", "DATABASE_BUSY", 503),
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


@pytest.mark.parametrize(
    "state",
    sorted(state for state in psycopg2.errorcodes.__dict__.values() if is_a_condition(state)),
)
def test_no_condition_of_a_server_is_taken_for_a_fault_of_ours(state: str) -> None:
    assert error_from(of_server(state)).code != "INTERNAL_ERROR"


@pytest.mark.parametrize(
    ("state", "function", "code"),
    [
        ("0A000", "get_relation_info", "DATABASE_READ_ONLY"),
        ("0A000", "RevalidateCachedQuery", "INTERNAL_ERROR"),
        ("55000", "LockAcquireExtended", "DATABASE_READ_ONLY"),
        ("55000", "currval_oid", "DATABASE_BUSY"),
        ("54000", "GetNewTransactionId", "DATABASE_READ_ONLY"),
        ("54000", "GetNewMultiXactId", "DATABASE_READ_ONLY"),
        ("54000", "stack_is_too_deep", "SESSION_TOO_COMPLEX"),
    ],
)
def test_where_a_state_means_two_things_the_function_of_the_server_decides(
    state: str, function: str, code: str
) -> None:
    diag = SimpleNamespace(source_function=function)
    error = type("Told", (type(of_server(state)),), {"diag": diag})("in any language")

    assert error_from(error).code == code


@pytest.mark.parametrize(
    ("state", "seconds"), [("57P01", 5), ("25006", 5), ("53100", 60), ("53200", 5), ("40P01", 1)]
)
def test_where_only_time_helps_the_client_is_told_how_long_to_wait(
    state: str, seconds: int
) -> None:
    error = error_from(of_server(state))

    assert error.headers == {"Retry-After": str(seconds)}
    assert error.details == {"suggested_action": "retry_later"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT " + ", ".join(["1"] * 1665), "SESSION_TOO_COMPLEX"),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)", "QUERY_TIMEOUT"),
        ("SELECT 1 / 0", "INTERNAL_ERROR"),
        ("SET TRANSACTION READ ONLY; CREATE TABLE never (a int)", "DATABASE_READ_ONLY"),
        (
            "SET LOCAL temp_file_limit = 64; SET LOCAL work_mem = 64; SELECT count(*) FROM"
            " (SELECT i::text FROM generate_series(1, 100000) i ORDER BY 1) AS sorted",
            "DATABASE_OVERLOADED",
        ),
        ("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", "DATABASE_BUSY"),
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", "DATABASE_FULL"),
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


@pytest.mark.django_db
def test_a_database_that_takes_no_changes_is_not_ready() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        answer = readyz(HttpRequest())
        transaction.set_rollback(True)

    assert (answer.status_code, answer.content) == (503, b'{"status": "database read-only"}')
    assert readyz(HttpRequest()).status_code == 200


@pytest.mark.django_db
def test_a_database_that_had_no_room_is_ready_once_it_has_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "OUTAGE", Outage(["DATABASE_FULL"]))
    health.OUTAGE.is_full = True

    def find_none() -> None:
        raise wrapped(OperationalError("full"), of_server("53100"))

    with monkeypatch.context() as patch:
        patch.setattr(health, "_take_room", find_none)
        answers = [readyz(HttpRequest()) for _ in range(2)]
    ready = readyz(HttpRequest())

    assert [answer.content for answer in answers] == [b'{"status": "database full"}'] * 2
    assert {answer.status_code for answer in answers} == {503}
    assert ready.status_code == 200
    assert not health.OUTAGE.is_full


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "is_full"), [("53100", True), ("53200", False)])
def test_a_write_that_finds_no_room_is_remembered(
    monkeypatch: pytest.MonkeyPatch, state: str, is_full: bool
) -> None:
    monkeypatch.setattr(refused_writes, "OUTAGE", Outage(["DATABASE_FULL"]))

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")

    assert refused_writes.OUTAGE.is_full is is_full


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "is_closed"), [("25006", True), ("53100", False)])
def test_a_connection_that_takes_no_changes_is_closed_after_the_request(
    monkeypatch: pytest.MonkeyPatch, state: str, is_closed: bool
) -> None:
    monkeypatch.setattr(refused_writes, "OUTAGE", Outage(["DATABASE_FULL"]))
    monkeypatch.setattr(connections["default"], "close_at", None)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")

    assert (connection.close_at == 0) is is_closed


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_a_database_that_does_not_answer_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def cursor() -> None:
        raise error("connection already closed")

    monkeypatch.setattr(connection, "cursor", cursor)

    assert readyz(HttpRequest()).status_code == 503
