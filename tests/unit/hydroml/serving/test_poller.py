"""What the poller listens for when a thread finishes an answer at the worst moment."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from hydroml.serving.poller import Poller


class Answering:
    """A connection whose answer a thread finishes as soon as the poller has asked `moment`."""

    has_input_ended = False

    def __init__(self, sock: socket.socket, moment: str) -> None:
        self.socket = sock
        self._fileno = sock.fileno()
        self._moment = moment
        self._is_answered = False
        self.read: list[bytes] = []

    def _asked(self, what: str) -> bool:
        before = self._is_answered
        if what == self._moment:
            self._is_answered = True
        return before

    @property
    def is_settled(self) -> bool:
        return self._asked("is_settled")

    def readable(self) -> bool:
        return self._asked("readable")

    def writable(self) -> bool:
        return not self._asked("writable")

    def handle_read_event(self) -> None:
        self.read.append(self.socket.recv(100))

    def handle_write_event(self) -> None:
        """Nothing is left to write."""


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    server, client = socket.socketpair()
    with server, client:
        yield server, client


@pytest.mark.parametrize("moment", ["is_settled", "readable", "writable"])
def test_the_next_request_is_read_whenever_the_answer_before_it_ends(
    pair: tuple[socket.socket, socket.socket], moment: str
) -> None:
    server, client = pair
    connection = Answering(server, moment)
    map: dict[int, Any] = {server.fileno(): connection}
    poller = Poller(map)
    poller.watch(connection)
    poller.wait(0)

    assert poller.listens_for_input(connection)
    client.sendall(b"next")
    poller.wait(1)

    assert connection.read == [b"next"]
    poller.close()


def test_an_answer_that_is_not_finished_is_asked_about_again(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    server, _ = pair
    connection = Answering(server, moment="never")
    poller = Poller({server.fileno(): connection})
    poller.watch(connection)

    poller.wait(0)

    assert poller.unsettled == (connection,)
    assert not poller.listens_for_input(connection)  # so the thread that answers wakes the loop
    poller.close()
