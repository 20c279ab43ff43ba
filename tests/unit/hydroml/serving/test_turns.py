"""Whose request is answered next, and how many at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from rest_framework.settings import api_settings

from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving_loop import Client, Served, answer_on, received, request, served


class Application:
    """Notes what it began, and answers each path once a test lets it."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._answered: dict[str, threading.Event] = {}
        self._is_ending = False
        self._changed = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if environ.get("HTTP_AUTHORIZATION") == "Token good":
            environ["hydroml.is_of_user"](1)
        if path.startswith("/heavy"):
            environ["hydroml.give_turn_back"]()
        self.begun.append(path)
        if path == "/fails":
            raise LookupError
        assert self._event(path).wait(2 * PATIENCE_SECONDS)  # longer than a test waits
        start_response("200 OK", [])
        return [path.encode()]

    def answer(self, *paths: str) -> None:
        for path in paths:
            self._event(path).set()

    def answer_all(self) -> None:
        with self._changed:
            self._is_ending = True
            for event in self._answered.values():
                event.set()

    def _event(self, path: str) -> threading.Event:
        with self._changed:
            event = self._answered.setdefault(path, threading.Event())
            if self._is_ending:
                event.set()
            return event


class Clients(ExitStack):
    """Clients of one server, each with a connection of its own for each request."""

    def __init__(self, server: Served, application: Application) -> None:
        super().__init__()
        self.server = server
        self.application = application

    def send(self, path: str, *headers: str, address: str = "192.0.2.1") -> Client:
        """Send a request, and return once it waits for its turn or has it."""
        before = self.server.loop.request_count
        client = self.enter_context(closing(self.server.connect()))
        client.sendall(request(path, f"X-Forwarded-For: {address}", *headers))
        eventually(lambda: self.server.loop.request_count > before)
        return client

    def begin(self, path: str, *headers: str, address: str = "192.0.2.1") -> Client:
        """Send a request, and return once it is being answered."""
        client = self.send(path, *headers, address=address)
        eventually(lambda: path in self.application.begun)
        return client


@pytest.fixture
def application() -> Iterator[Application]:
    held = Application()
    yield held
    held.answer_all()


@pytest.fixture(autouse=True)
def _behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)


@pytest.fixture(autouse=True)
def _turns_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hydroml.serving.turns.LONGEST_SECONDS", PATIENCE_SECONDS)


def test_only_so_many_requests_have_a_turn_and_the_next_begins_when_one_is_answered(
    application: Application,
) -> None:
    with (
        served(application, threads=8, light_requests=2) as server,
        Clients(server, application) as clients,
    ):
        for number in range(2):
            clients.begin(f"/{number}", address=f"192.0.2.{number}")
        for number in range(2, 4):
            clients.send(f"/{number}", address=f"192.0.2.{number}")
        assert len(application.begun) == 2
        application.answer("/0")
        eventually(lambda: len(application.begun) == 3)

        assert application.begun == ["/0", "/1", "/2"]


def test_one_caller_never_has_every_turn(application: Application) -> None:
    with (
        served(application, threads=8, light_requests=3) as server,
        Clients(server, application) as clients,
    ):
        for number in range(2):
            clients.begin(f"/{number}")
        for number in range(2, 6):
            clients.send(f"/{number}")
        clients.begin("/other", address="192.0.2.2")

        assert application.begun == ["/0", "/1", "/other"]


def test_a_process_with_one_turn_gives_it_to_anybody(application: Application) -> None:
    with (
        served(application, light_requests=1) as server,
        Clients(server, application) as clients,
    ):
        client = clients.send("/0")
        application.answer("/0")

        assert answer_on(client)[1] == b"/0"


def test_the_next_turn_is_of_the_caller_with_the_fewest(application: Application) -> None:
    with (
        served(application, threads=8, light_requests=3) as server,
        Clients(server, application) as clients,
    ):
        for number, caller in enumerate([1, 1, 2]):
            clients.begin(f"/{number}", address=f"192.0.2.{caller}")
        for number, caller in enumerate([1, 2, 3], start=3):
            clients.send(f"/{number}", address=f"192.0.2.{caller}")
        application.answer("/0")
        eventually(lambda: len(application.begun) == 4)

        assert application.begun == ["/0", "/1", "/2", "/5"]


def test_among_those_the_one_who_has_been_without_for_longest_is_next(
    application: Application,
) -> None:
    with (
        served(application, threads=8, light_requests=1) as server,
        Clients(server, application) as clients,
    ):
        for number in range(3):
            application.answer(f"/before/{number}")
            answer_on(clients.send(f"/before/{number}", address=f"192.0.2.{number}"))
        clients.begin("/now", address="192.0.2.9")
        for name, caller in (("new", 8), ("last", 2), ("first", 0), ("second", 1)):
            clients.send(f"/{name}", address=f"192.0.2.{caller}")
        application.answer("/now", "/first", "/second", "/last", "/new")
        eventually(lambda: len(application.begun) == 8)

        assert application.begun[4:] == ["/first", "/second", "/last", "/new"]


def test_callers_who_come_anew_all_the_time_do_not_pass_those_who_wait(
    application: Application,
) -> None:
    with (
        served(application, threads=8, light_requests=1) as server,
        Clients(server, application) as clients,
    ):
        application.answer("/known", "/waits")
        answer_on(clients.send("/known", address="192.0.2.1"))
        clients.begin("/0", address="198.51.100.0")
        for number in range(1, 20):
            clients.send(f"/{number}", address=f"198.51.100.{number}")
        client = clients.send("/waits", address="192.0.2.1")
        application.answer("/0")

        assert answer_on(client)[1] == b"/waits"


def test_a_request_that_gives_its_turn_back_keeps_nobody_waiting(application: Application) -> None:
    with (
        served(application, threads=8, light_requests=1) as server,
        Clients(server, application) as clients,
    ):
        for number in range(3):
            clients.begin(f"/heavy/{number}")
        client = clients.begin("/0")
        application.answer("/0")

        assert answer_on(client)[1] == b"/0"


def test_a_request_that_fails_gives_its_turn_to_the_next(application: Application) -> None:
    with (
        served(application, threads=8, light_requests=1) as server,
        Clients(server, application) as clients,
    ):
        application.answer("/0")

        assert answer_on(clients.send("/fails"))[0].status == 500
        assert answer_on(clients.send("/0"))[1] == b"/0"


def test_a_request_that_takes_too_long_keeps_its_turn_from_nobody(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hydroml.serving.turns.LONGEST_SECONDS", 0.05)
    with (
        served(application, threads=8, light_requests=1) as server,
        Clients(server, application) as clients,
    ):
        clients.begin("/0")
        client = clients.begin("/1")
        application.answer("/1")

        assert answer_on(client)[1] == b"/1"


def test_accepted_credentials_are_a_caller_and_others_are_their_address(
    application: Application,
) -> None:
    with (
        served(application, threads=8, light_requests=3) as server,
        Clients(server, application) as clients,
    ):
        application.answer("/known")
        answer_on(clients.send("/known", "Authorization: Token good"))
        for number in range(2):
            clients.begin(f"/{number}", f"Authorization: Token made up {number}")
        clients.send("/2", "Authorization: Token made up 2")
        clients.begin("/other", "Authorization: Token good", "Cookie: any=thing")

        assert application.begun == ["/known", "/0", "/1", "/other"]


def test_a_user_is_one_caller_from_wherever_the_requests_come(application: Application) -> None:
    with (
        served(application, threads=8, light_requests=3) as server,
        Clients(server, application) as clients,
    ):
        application.answer("/known")
        answer_on(clients.send("/known", "Authorization: Token good"))
        for number in range(2):
            address = f"192.0.2.{number}"
            clients.begin(f"/{number}", "Authorization: Token good", address=address)
        clients.send("/2", "Authorization: Token good", address="192.0.2.2")
        clients.begin("/other")

        assert application.begun == ["/known", "/0", "/1", "/other"]


def test_where_all_wait_the_caller_with_the_most_connections_loses_the_newest(
    application: Application,
) -> None:
    with (
        served(application, threads=8, light_requests=3, connections=5) as server,
        Clients(server, application) as clients,
    ):
        sent = [clients.send(f"/{number}") for number in range(5)]
        other = clients.enter_context(closing(server.connect()))
        application.answer("/other")

        assert received(sent[-1]) == b""
        other.sendall(request("/other", "X-Forwarded-For: 192.0.2.2"))
        assert answer_on(other)[1] == b"/other"


def test_a_request_waits_while_the_system_has_no_room_for_a_thread(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter([True, False])
    start = threading.Thread.start

    def start_or_fail(thread: threading.Thread) -> None:
        if thread.name.startswith("web-") and next(refusals):
            raise RuntimeError("can't start new thread")
        start(thread)

    with served(application) as server, Clients(server, application) as clients:
        monkeypatch.setattr(threading.Thread, "start", start_or_fail)
        application.answer("/0")

        assert answer_on(clients.send("/0"))[1] == b"/0"
