"""Whose request is answered next, and how many at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from rest_framework.settings import api_settings

from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving_loop import Client, Served, answer_on, request, served


class Application:
    """Notes what it began, and answers each path once a test lets it."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.environs: dict[str, dict[str, Any]] = {}
        self._answered: dict[str, threading.Event] = {}
        self._changed = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if environ.get("HTTP_AUTHORIZATION") == "Token good":
            environ["hydroml.is_of_user"](1)
        if path.startswith("/heavy"):
            environ["hydroml.give_turn_back"]()
        self.environs[path] = environ
        self.begun.append(path)
        assert self._event(path).wait(2 * PATIENCE_SECONDS)  # longer than a test waits
        start_response("200 OK", [])
        return [path.encode()]

    def answer(self, *paths: str) -> None:
        for path in paths:
            self._event(path).set()

    def _event(self, path: str) -> threading.Event:
        with self._changed:
            return self._answered.setdefault(path, threading.Event())


class Clients(ExitStack):
    """Clients of one server, each with a connection of its own for each request."""

    def __init__(self, server: Served) -> None:
        super().__init__()
        self.server = server

    def send(self, path: str, *headers: str, address: str = "192.0.2.1") -> Client:
        """Send a request, and return once the server has read it."""
        before = self.server.loop.request_count
        client = self.enter_context(closing(self.server.connect()))
        client.sendall(request(path, f"X-Forwarded-For: {address}", *headers))
        eventually(lambda: self.server.loop.request_count > before)
        return client


@pytest.fixture
def application() -> Iterator[Application]:
    held = Application()
    yield held
    held.answer(*(f"/{each}" for each in range(20)), "/other", *held.environs)


@pytest.fixture(autouse=True)
def _behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)


@pytest.fixture(autouse=True)
def _turns_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hydroml.serving.turns.LONGEST_SECONDS", PATIENCE_SECONDS)


def test_only_so_many_requests_have_a_turn_and_the_next_begins_when_one_is_answered(
    application: Application,
) -> None:
    with served(application, threads=8, light_requests=2) as server, Clients(server) as clients:
        for number in range(4):
            clients.send(f"/{number}", address=f"192.0.2.{number}")
        eventually(lambda: len(application.begun) == 2)
        application.answer("/0")
        eventually(lambda: len(application.begun) == 3)

        assert application.begun == ["/0", "/1", "/2"]


def test_one_caller_never_has_every_turn(application: Application) -> None:
    with served(application, threads=8, light_requests=3) as server, Clients(server) as clients:
        for number in range(6):
            clients.send(f"/{number}")
        eventually(lambda: len(application.begun) == 2)
        clients.send("/other", address="192.0.2.2")
        eventually(lambda: "/other" in application.begun)

        assert application.begun == ["/0", "/1", "/other"]


def test_a_process_with_one_turn_gives_it_to_anybody(application: Application) -> None:
    with served(application, light_requests=1) as server, Clients(server) as clients:
        client = clients.send("/0")
        application.answer("/0")

        assert answer_on(client)[1] == b"/0"


def test_the_next_turn_is_of_the_caller_with_the_fewest_then_of_the_one_who_waited_longest(
    application: Application,
) -> None:
    with served(application, threads=8, light_requests=3) as server, Clients(server) as clients:
        for number, caller in enumerate([1, 1, 2, 1, 2, 3]):
            clients.send(f"/{number}", address=f"192.0.2.{caller}")
        eventually(lambda: len(application.begun) == 3)
        for number, count in ((0, 4), (1, 5), (2, 6)):
            application.answer(f"/{number}")
            eventually(lambda count=count: len(application.begun) == count)

        # 3 has none. Then 1 has none and 2 has one. Then neither has any, and 2 had its turn first.
        assert application.begun == ["/0", "/1", "/2", "/5", "/3", "/4"]


def test_a_request_that_gives_its_turn_back_keeps_nobody_waiting(application: Application) -> None:
    with served(application, threads=8, light_requests=1) as server, Clients(server) as clients:
        for number in range(3):
            application.environs.clear()
            clients.send(f"/heavy/{number}")
        client = clients.send("/0")
        application.answer("/0")

        assert answer_on(client)[1] == b"/0"
        assert application.begun == ["/heavy/0", "/heavy/1", "/heavy/2", "/0"]
        application.answer("/heavy/0", "/heavy/1", "/heavy/2")


def test_a_request_that_takes_too_long_keeps_its_turn_from_nobody(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hydroml.serving.turns.LONGEST_SECONDS", 0.05)
    with served(application, threads=8, light_requests=1) as server, Clients(server) as clients:
        clients.send("/0")
        client = clients.send("/1")
        application.answer("/1")

        assert answer_on(client)[1] == b"/1"
        assert application.begun == ["/0", "/1"]


def test_accepted_credentials_are_a_caller_and_others_are_their_address(
    application: Application,
) -> None:
    with served(application, threads=8, light_requests=3) as server, Clients(server) as clients:
        application.answer("/known")
        answer_on(clients.send("/known", "Authorization: Token good"))
        for number in range(4):
            clients.send(f"/{number}", f"Authorization: Token made up {number}")
        eventually(lambda: len(application.begun) == 3)
        clients.send("/other", "Authorization: Token good", address="192.0.2.9")
        eventually(lambda: "/other" in application.begun)

        assert application.begun == ["/known", "/0", "/1", "/other"]


def test_a_user_is_one_caller_from_wherever_the_requests_come(application: Application) -> None:
    with served(application, threads=8, light_requests=3) as server, Clients(server) as clients:
        application.answer("/known")
        answer_on(clients.send("/known", "Authorization: Token good"))
        for number in range(3):
            address = f"192.0.2.{number}"
            clients.send(f"/{number}", "Authorization: Token good", address=address)
        clients.send("/other")
        eventually(lambda: "/other" in application.begun)

        assert application.begun == ["/known", "/0", "/1", "/other"]
