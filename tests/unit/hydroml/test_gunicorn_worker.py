"""What the server answers when nobody else could: a mistake of ours is never told as theirs."""

from __future__ import annotations

import logging
import socket
from contextlib import closing
from http.client import HTTPResponse

import orjson
import pytest
from django.db import OperationalError
from gunicorn.config import Config
from gunicorn.http.errors import InvalidChunkSize, InvalidHeader, InvalidResponseHeader

from hydroml.gunicorn_worker import StudioWorker

REQUEST = object()


def written(exc: Exception, *, req: object) -> bytes:
    worker = object.__new__(StudioWorker)
    worker.cfg, worker.log = Config(), logging.getLogger("gunicorn.error")
    ours, theirs = socket.socketpair()
    with closing(theirs):
        with closing(ours):
            worker.handle_error(req, ours, ("127.0.0.1", 1), exc)
        return theirs.makefile("rb").read()


@pytest.mark.parametrize(
    ("exc", "code", "status"),
    [
        (LookupError("a charset, say"), b"INTERNAL_ERROR", 500),
        (InvalidResponseHeader("'X-Ours'"), b"INTERNAL_ERROR", 500),
        (OperationalError("the server went away"), b"DATABASE_UNAVAILABLE", 503),
    ],
)
def test_a_mistake_of_ours_is_answered_and_says_nothing_of_its_inside(
    exc: Exception, code: bytes, status: int
) -> None:
    answer = written(exc, req=REQUEST)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert code in answer
    assert str(exc).encode() not in answer


def test_an_error_keeps_the_headers_it_has() -> None:
    assert b"\r\nRetry-After: 5\r\n" in written(OperationalError("x"), req=None)


def test_nothing_is_answered_twice() -> None:
    assert written(InvalidChunkSize(b"zz"), req=REQUEST) == b""


def test_what_is_sent_is_one_whole_answer() -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        ours.sendall(written(InvalidHeader("X Y: 1"), req=None))
        response = HTTPResponse(theirs)
        response.begin()
        body = orjson.loads(response.read())

    assert body["error"]["code"] == "INVALID_REQUEST"
    assert body["error"]["trace_id"] == response.headers["X-Trace-Id"]
