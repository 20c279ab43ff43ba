"""What the server answers when nobody else could: a mistake of ours is never told as theirs."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.db import OperationalError

from data_tools.sql.postgres.calls import ClientGone
from tests.support.serving_loop import request, served


def answer_of(application: Any) -> bytes:
    with served(application) as server:
        return server.exchange(request("/", "traceparent: 00-" + "a" * 32 + "-" + "b" * 16 + "-01"))


def raising(error: Exception) -> Any:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise error

    return application


def with_header(name: str, value: str) -> Any:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [(name, value)])
        return [b"secret"]

    return application


@pytest.mark.parametrize(
    ("application", "code", "status"),
    [
        (raising(LookupError("secret")), "INTERNAL_ERROR", 500),
        (raising(OperationalError("secret")), "DATABASE_UNAVAILABLE", 503),
        (with_header("X-Ours", "secret\x00"), "INTERNAL_ERROR", 500),
        (with_header("X Ours", "secret"), "INTERNAL_ERROR", 500),
        (with_header("X-Ours", "secret\r\nX-Theirs: 1"), "INTERNAL_ERROR", 500),
    ],
)
def test_a_mistake_of_ours_is_answered_and_says_nothing_of_its_inside(
    application: Any, code: str, status: int
) -> None:
    head, _, body = answer_of(application).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 %d " % status)
    error = orjson.loads(body)["error"]
    assert (error["code"], error["trace_id"]) == (code, "a" * 32)
    assert b"X-Trace-Id: " + b"a" * 32 in head
    assert b"secret" not in head + body


def test_work_that_ended_because_its_client_is_gone_is_no_failure_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = OperationalError("gone")
    gone.__cause__ = ClientGone("gone")

    with caplog.at_level("INFO"):
        answer_of(raising(gone))

    levels = {record.name: record.levelname for record in caplog.records}
    assert levels == {"waitress": "INFO", "hydroml.request": "WARNING"}


def test_an_error_keeps_the_headers_it_has() -> None:
    assert b"\r\nRetry-After: 5\r\n" in answer_of(raising(OperationalError("x")))


def test_the_next_request_finds_a_thread() -> None:
    failed: list[str] = []

    def once(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if not failed:
            failed.append("")
            raise LookupError
        start_response("200 OK", [])
        return [b"served"]

    with served(once, threads=1) as server:
        assert server.exchange(request()).startswith(b"HTTP/1.1 500 ")
        assert server.exchange(request()).endswith(b"served")
