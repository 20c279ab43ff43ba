"""Every request has a trace id: in its answer, its log lines and the events it appended."""

from __future__ import annotations

import ast
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from urllib.parse import quote

import psycopg2
import pyarrow
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DataError, connection
from django.test import Client

from data_tools.observing.log_lines import TraceFilter, ValueFreeFormatter
from data_tools.observing.trace import current_trace_id, trace_id_from
from data_tools.services import column_service, session_service
from tests.contract.error_shape import faults
from tests.support import written_log
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED
from tests.support.studios import studio_of

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize(
    "traceparent",
    [f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00", f"cc-{TRACE}-{SPAN}-01-what-comes-later"],
)
def test_a_valid_traceparent_gives_its_trace_id(traceparent: str) -> None:
    assert trace_id_from(traceparent) == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "x",
        TRACE,
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f" 00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}-01\r\nSet-Cookie: a=b",
        "00-" + "<script>alert(1)</script>" + f"-{SPAN}-01",
    ],
)
def test_anything_else_gets_a_fresh_trace_id(traceparent: str) -> None:
    fresh = trace_id_from(traceparent)

    assert fresh != TRACE
    assert len(fresh) == 32
    assert set(fresh) <= set("0123456789abcdef")
    assert trace_id_from(traceparent) != fresh


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/readyz", "/nowhere", "/api/nowhere/", "/accounts/login/"]
)
def test_every_answer_names_its_trace_id(client: Client, path: str) -> None:
    given = client.get(path, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    fresh = [client.get(path)["X-Trace-Id"] for _ in range(2)]

    assert given["X-Trace-Id"] == TRACE
    assert len({*fresh, TRACE}) == 3


@pytest.mark.django_db
def test_an_event_names_the_request_that_appended_it(user: User) -> None:
    datasource = publish(user)
    studio = studio_of(user, datasource)
    sent = {"traceparent": f"00-{TRACE}-{SPAN}-01", "User-Agent": "a browser"}

    opened = studio.post("session/initialize/")
    studio.post("session/rename-column/", {"old_name": "id", "new_name": "key"}, headers=sent)

    events = written_log.events(written_log.head(user.pk, datasource.pk))
    started, renamed = written_log.metadata(events)
    assert started.trace_id == opened.headers["X-Trace-Id"]
    assert (renamed.trace_id, renamed.actor_id, renamed.client_kind) == (
        TRACE,
        user.pk,
        "a browser",
    )


@pytest.mark.django_db
def test_a_browsers_name_of_any_length_fits_into_an_event(user: User) -> None:
    datasource = publish(user)
    studio = studio_of(user, datasource)

    answer = studio.post("session/initialize/", headers={"User-Agent": "é\x01" * 5000})

    assert answer.status == 200
    [metadata] = written_log.metadata(written_log.events(written_log.head(user.pk, datasource.pk)))
    assert len(metadata.client_kind) == 64


@pytest.mark.django_db
def test_an_unexpected_error_tells_its_trace_id_and_nothing_internal(
    user: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(**arguments: object) -> None:
        raise RuntimeError("SELECT secret FROM /etc/passwd")

    monkeypatch.setattr(session_service, "get_session_data", breaks)
    caplog.handler.addFilter(TraceFilter())
    studio = studio_of(user, headers=STRUCTURED)

    answer = studio.get("session/status/")

    assert list(faults(answer, "INTERNAL_ERROR")) == []
    assert b"secret" not in answer.content
    assert b"passwd" not in answer.content
    [record] = [r for r in caplog.records if r.name == "data_tools.errors"]
    assert record.levelno == logging.ERROR
    assert "RuntimeError: SELECT secret" in caplog.text
    assert record.trace_id == answer.headers["X-Trace-Id"] == answer.error["trace_id"]


@pytest.mark.django_db
def test_djangos_line_of_a_failed_request_has_no_name_of_a_column(
    user: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(**arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(column_service, "suggestions", breaks)
    caplog.handler.addFilter(TraceFilter())

    answer = studio_of(user).get(f"columns/{quote('größe')}/values/")

    assert answer.status == 500
    [record] = [r for r in caplog.records if r.name == "django.request"]
    assert record.getMessage().endswith("/columns/<path:column>/values/")


def test_a_log_line_outside_a_request_has_a_trace_id_of_its_own_or_none() -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "x", None, None)

    assert TraceFilter().filter(record) is True
    assert record.trace_id == current_trace_id()


CELL = "a cell of somebody"


def failing_on_a_cell() -> None:
    float(CELL)


def failing_in_the_database() -> None:
    try:
        raise psycopg2.DataError(f"invalid input syntax: {CELL}\nLINE 1: SELECT {CELL}")
    except psycopg2.DataError as error:
        raise DataError(str(error)) from error


def failing_on_a_name() -> None:
    dict[str, int]()[CELL]


@pytest.mark.parametrize("fail", [failing_on_a_cell, failing_in_the_database, failing_on_a_name])
def test_a_logged_error_names_its_type_and_place_and_no_value(fail: Callable[[], None]) -> None:
    with pytest.raises((ValueError, DataError, KeyError)) as raised:
        fail()

    text = ValueFreeFormatter().formatException((raised.type, raised.value, raised.tb))

    assert CELL not in text
    assert f"in {fail.__name__}" in text
    assert "Error: (its message is left out)" in text


FILE = "salaries of somebody.csv"


def opening_a_file() -> None:
    open(FILE).close()


def opening_a_file_with_arrow() -> None:
    pyarrow.OSFile(FILE).close()


@pytest.mark.parametrize("fail", [opening_a_file, opening_a_file_with_arrow])
def test_a_logged_error_of_the_system_says_what_is_wrong_and_names_no_file(
    fail: Callable[[], None],
) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        fail()

    text = ValueFreeFormatter().formatException((raised.type, raised.value, raised.tb))

    assert FILE in str(raised.value)
    assert FILE not in text
    assert text.endswith("FileNotFoundError: [Errno 2] No such file or directory")
    assert a_line("not read: %s", raised.value) == (
        "not read: FileNotFoundError [Errno 2] No such file or directory"
    )


def test_an_error_of_a_file_without_a_number_says_nothing() -> None:
    text = ValueFreeFormatter().formatException((OSError, OSError(f"{FILE} is odd"), None))

    assert text == "OSError: (its message is left out)"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "Connection refused"),
        socket.gaierror(-2, "Name or service not known"),
        ssl.SSLError(1, "[SSL] record layer failure"),
    ],
)
def test_an_error_of_the_network_says_what_is_wrong(error: OSError) -> None:
    assert str(error) in ValueFreeFormatter().formatException((type(error), error, None))
    assert a_line("not sent: %s", error) == f"not sent: {error}"


REFERER = "https://other.example/page?q=typed by somebody"


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Referer": REFERER}, "Forbidden (Referer checking failed - it does not match any "),
        ({"Origin": "https://other.example"}, "Forbidden (Origin checking failed - it does not "),
        ({}, "Forbidden (Referer checking failed - no Referer.): /accounts/login/"),
    ],
)
def test_a_form_from_elsewhere_is_logged_without_the_page_it_came_from(
    db: None, caplog: pytest.LogCaptureFixture, headers: dict[str, str], told: str
) -> None:
    caplog.handler.addFilter(TraceFilter())
    browser = Client(enforce_csrf_checks=True)
    browser.get("/accounts/login/", secure=True)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}

    answer = browser.post("/accounts/login/", token, secure=True, headers=headers)

    assert answer.status_code == 403
    [record] = [each for each in caplog.records if each.name == "django.security.csrf"]
    assert record.getMessage().startswith(told)
    assert "other.example" not in caplog.text


def test_an_error_of_our_own_keeps_its_message() -> None:
    error = RuntimeError("no page behind version 3")

    text = ValueFreeFormatter().formatException((RuntimeError, error, None))

    assert "no page behind version 3" in text


def test_the_services_log_is_written_that_way() -> None:
    [handler] = [each for each in logging.getLogger().handlers if each.name == "stdout"]

    assert isinstance(handler.formatter, ValueFreeFormatter)


def a_line(message: str, *args: object, error: BaseException | None = None) -> str:
    exc_info = None if error is None else (type(error), error, None)
    record = logging.LogRecord("a", logging.INFO, "a.py", 1, message, args, exc_info)
    return ValueFreeFormatter().format(record)


def test_an_error_in_a_line_is_named_by_its_type_and_its_state(db: None) -> None:
    with pytest.raises(DataError) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT %s::text::integer", [CELL])

    assert CELL in str(raised.value)
    assert a_line("not kept: %s", raised.value) == "not kept: DataError 22P02"


def test_the_text_of_a_raised_error_is_left_out_of_its_line() -> None:
    error = ValueError(f"cannot read {CELL}")

    shown = a_line("%(name)s raised %(exc)s", {"name": "a job", "exc": repr(error)}, error=error)

    assert CELL not in shown
    assert shown.startswith("a job raised ValueError\n")


def test_a_line_without_errors_stays_as_it_is() -> None:
    assert a_line("%d of %s", 3, "orders") == "3 of orders"
    assert a_line("100%") == "100%"


def handlers_that_log_their_error() -> Iterator[str]:
    """Yield each `except` of the product whose error is an argument of a logging call in it."""
    for package in ("data_tools", "session_events", "hydroml"):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            for handler in ast.walk(ast.parse(path.read_text())):
                if not isinstance(handler, ast.ExceptHandler) or handler.name is None:
                    continue
                for call in ast.walk(handler):
                    if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("logger."):
                        if any(ast.unparse(each) == handler.name for each in call.args):
                            errors = "" if handler.type is None else ast.unparse(handler.type)
                            yield f"{path.relative_to(settings.BASE_DIR)}: {errors}"


def test_no_line_is_made_of_an_error_that_may_quote_values() -> None:
    """Reports of errors take a line's arguments as they are, before any formatter."""
    assert list(handlers_that_log_their_error()) == [
        "session_events/broker.py: (OperationalError, OSError)",  # kombu's
    ]
