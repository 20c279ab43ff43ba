"""Servers stop and are replaced while clients work: nobody is refused, reset or left unanswered."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import orjson
import pytest
from django.contrib.auth.models import User

from tests.conftest import part_is_missing
from tests.crash.victims import children_of
from tests.support.guide_commands import indented_blocks
from tests.support.nginx import NAME, Nginx
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.processes import is_running
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 4
LONGEST_PAUSE_SECONDS = 0.05
ROUND = (("a", "b"), ("b", "a"))


@dataclass(slots=True, kw_only=True)
class Client:
    """Changes its own dataset without a pause worth mentioning, and notes what goes wrong.

    It sends no request twice: whether a change without an answer took effect, it could not know.
    Half of the clients keep their connection until the server ends it, the others never do.
    """

    connect: Callable[[], HTTPConnection]
    address: str
    headers: dict[str, str]
    keeps: bool
    stopping: threading.Event
    answered: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        dice = random.Random(self.address)
        connection = self.connect()
        try:
            for old, new in itertools.cycle(ROUND):
                if self.stopping.wait(dice.uniform(0, LONGEST_PAUSE_SECONDS)):
                    return
                self._send(connection, {"old_name": old, "new_name": new})
                if not self.keeps or connection.sock is None:
                    connection.close()
                    connection = self.connect()
        finally:
            connection.close()

    def _send(self, connection: HTTPConnection, body: dict[str, str]) -> None:
        try:
            connection.request("POST", self.address, orjson.dumps(body), self.headers)
            with connection.getresponse() as response:
                content = response.read()
                if response.status != 200:
                    self.wrong.append(f"{response.status} {content[:200]!r}")
        except (OSError, HTTPException) as error:
            self.wrong.append(repr(error))
            connection.close()
        self.answered += 1


@contextmanager
def clients_at_work(
    server: Server, user: User, connect: Callable[[], HTTPConnection], **headers: str
) -> Iterator[Callable[[], None]]:
    """Yield a function that waits until every client has sent a few more requests."""
    stopping = threading.Event()
    clients = []
    for number in range(CLIENTS):
        dataset = publish(user, [("a", "integer")], [[1], [2]])
        studio = studio_of(user, dataset, transport=server.transport, headers=STRUCTURED)
        assert studio.post("session/initialize/").status == 200
        client = Client(
            connect=connect,
            address=f"/api/studio/{dataset.pk}/session/rename-column/",
            headers={
                "Authorization": f"Token {studio.token}",
                "Content-Type": "application/json",
                **headers,
            },
            keeps=number % 2 == 0,
            stopping=stopping,
        )
        clients.append(client)
    threads = [threading.Thread(target=client.run) for client in clients]

    def work_goes_on() -> None:
        before = [client.answered for client in clients]
        eventually(
            lambda: all(
                client.answered > then + 4 for client, then in zip(clients, before, strict=True)
            ),
            told=server.log.read_text,
        )

    for thread in threads:
        thread.start()
    try:
        yield work_goes_on
    finally:
        stopping.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    assert [client.wrong for client in clients] == [[]] * CLIENTS


def test_workers_and_then_their_master_are_replaced_while_clients_work(
    user: User, tmp_path: Path
) -> None:
    with Server(log=tmp_path / "log", workers=2) as server, ExitStack() as at_the_end:

        def connect() -> HTTPConnection:
            return HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)

        with clients_at_work(server, user, connect) as work_goes_on:
            work_goes_on()
            before = children_of(server.process_id)
            os.kill(server.process_id, signal.SIGHUP)
            eventually(lambda: not any(map(is_running, before)), told=server.log.read_text)
            work_goes_on()

            own = children_of(server.process_id)
            os.kill(server.process_id, signal.SIGUSR2)
            eventually(lambda: len(children_of(server.process_id)) > len(own))
            [successor] = set(children_of(server.process_id)) - set(own)
            at_the_end.callback(stop, successor)
            eventually(lambda: len(children_of(successor)) == 2, told=server.log.read_text)
            os.kill(server.process_id, signal.SIGTERM)
            eventually(lambda: not any(map(is_running, own)), told=server.log.read_text)
            work_goes_on()


def stop(process_id: int) -> None:
    os.kill(process_id, signal.SIGTERM)
    eventually(lambda: not is_running(process_id))


def test_behind_the_proxy_two_servers_are_restarted_in_turn_while_clients_work(
    user: User, tmp_path: Path
) -> None:
    """The second stops as soon as the first is back, which nginx has just found closed."""
    if Nginx.program() is None:
        part_is_missing("nginx: there is no program `nginx`")
    first, second = (
        Server(log=tmp_path / name, workers=1, environment={"ALLOWED_HOSTS": f"{NAME},127.0.0.1"})
        for name in ("first", "second")
    )
    [two] = indented_blocks(
        "Migrate, stop and replace servers",
        {
            "127.0.0.1:8000": f"127.0.0.1:{first.port}",
            "127.0.0.1:8001": f"127.0.0.1:{second.port}",
        },
    )
    with (
        first,
        second,
        Nginx(
            directory=tmp_path,
            service_port=first.port,
            replaced={f"server 127.0.0.1:{first.port};": two},
        ) as nginx,
    ):
        with clients_at_work(second, user, nginx.client, Host=NAME) as work_goes_on:
            work_goes_on()
            first.stop()
            work_goes_on()
            first.start()
            second.stop()
            work_goes_on()
