"""A process that stops answers whoever has connected, and then refuses at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from gunicorn.config import Config

from hydroml import gunicorn_conf
from hydroml.serving.limits import Limits
from hydroml.serving.listener import Loop
from tests.support.patience import eventually
from tests.support.serving_loop import PATIENT, Client, answer_on, request


def hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


@pytest.fixture
def loop(listening: socket.socket) -> Iterator[Loop]:
    """A loop that turns only when the test says so."""
    cfg = Config()
    for name in ("limit_request_line", "forwarder_headers"):
        cfg.set(name, getattr(gunicorn_conf, name))
    loop = Loop(limits=Limits(**PATIENT), thread_count=1)
    loop.listen([listening], application=hello, cfg=cfg)
    yield loop
    loop.close()


def connected(listening: socket.socket) -> Client:
    client = Client()
    client.connect(listening.getsockname())
    return client


def turn_until_answered(loop: Loop, count: int) -> None:
    def is_answered() -> bool:
        loop.turn()
        return loop.request_count == count and loop.is_idle

    eventually(is_answered)


def test_a_connection_that_the_system_has_made_is_served_and_the_next_one_refused(
    listening: socket.socket, loop: Loop
) -> None:
    address = listening.getsockname()
    with closing(connected(listening)) as client:
        client.sendall(request())

        loop.stop_accepting()

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
        turn_until_answered(loop, 1)
        response, content = answer_on(client)
    assert (response.status, response.headers["Connection"], content) == (200, "close", b"hello")


def test_an_idle_connection_may_bring_one_more_request(
    listening: socket.socket, loop: Loop
) -> None:
    with closing(connected(listening)) as client:
        client.sendall(request())
        turn_until_answered(loop, 1)
        assert answer_on(client)[0].headers["Connection"] is None

        loop.stop_accepting()
        ends_at = time.monotonic() + 1.0
        while time.monotonic() < ends_at:  # it looks at the clock several times
            loop.turn()
        client.sendall(request())
        turn_until_answered(loop, 2)

        assert answer_on(client)[0].headers["Connection"] == "close"
        eventually(lambda: loop.turn() is None and not loop.connections)
