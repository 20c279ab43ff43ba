"""Clients that send or read slowly, or hold connections, keep nobody waiting on the real server.

`test_loop` has the details; here are the attacks as they were made, on the service with its
database. Every attack goes on until the honest user has been served.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from data_tools.models import DataSource
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, Studio
from tests.support.studios import open_studio, studio_of
from tests.support.users import UserFactory, token_of

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 2
CONNECTIONS = 300
HOST = b"Host: 127.0.0.1\r\n"
MEGABYTE = 1 << 20
WORST_MEMORY_MB = 500


@pytest.fixture(scope="module")
def slow_server(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One process with two threads, which waits for slow clients longer than any test lasts."""
    seconds = str(PATIENCE_SECONDS)
    with Server(
        log=tmp_path_factory.mktemp("slow") / "log",
        workers=1,
        environment={
            "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
            "REQUEST_SECONDS": seconds,
            "WEB_THREADS": str(THREADS),
            "WEB_CONNECTIONS": str(CONNECTIONS),
            "WEB_HEADER_SECONDS": seconds,
            "WEB_BODY_SECONDS": seconds,
            "WEB_READ_SECONDS": seconds,
        },
    ) as running:
        yield running


@pytest.fixture
def honest(slow_server: Server) -> Studio:
    """Somebody else, with a session."""
    return open_studio(UserFactory(), transport=slow_server.transport)


def is_served(honest: Studio) -> bool:
    """Tell whether the honest user gets a page and the process says that it is alive."""
    alive = honest.request("GET", "/healthz")
    assert alive.body == {"status": "alive"}
    return (alive.status, honest.get("data/").status) == (200, 200)


def connect(server: Server) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
    made.settimeout(PATIENCE_SECONDS)
    made.connect(("127.0.0.1", server.port))
    return made


def is_ended(attack: socket.socket) -> bool:
    """Tell whether the server has closed it. Whatever it sent before stays unread."""
    if not select.select([attack], [], [], 0)[0]:
        return False
    try:
        return attack.recv(1, socket.MSG_PEEK) == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /api/datasources/ HTTP/1.1\r\n" + HOST,
        b"POST /api/auth/token/ HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n{",
        b"POST /api/datasources/ HTTP/1.1\r\nAuthorization: Token x\r\n"
        + HOST
        + b"Content-Length: 1000000000\r\n\r\n",
    ],
    ids=["half a head", "half a body", "half an upload"],
)
def test_half_requests_keep_nobody_waiting(
    slow_server: Server, honest: Studio, begun: bytes
) -> None:
    with ExitStack() as opened:
        attack = [opened.enter_context(closing(connect(slow_server))) for _ in range(50)]
        for each in attack:
            each.sendall(begun)

        assert is_served(honest)
        assert not any(map(is_ended, attack))


def test_idle_connections_keep_nobody_waiting(slow_server: Server, honest: Studio) -> None:
    with ExitStack() as opened:
        attack = [opened.enter_context(closing(connect(slow_server))) for _ in range(900)]

        assert is_served(honest)
        eventually(lambda: sum(map(is_ended, attack)) >= 900 - CONNECTIONS)
        assert not is_ended(attack[-1])
        assert is_served(honest)


@pytest.fixture
def large(user: User) -> DataSource:
    """20 MB, more than the buffers of both systems take."""
    return publish(
        user, [("n", "integer"), ("text", "text")], [[n, "x" * 10_000] for n in range(2_000)]
    )


def test_exports_that_nobody_reads_hold_no_thread_no_connection_and_little_memory(
    slow_server: Server, honest: Studio, large: DataSource
) -> None:
    export = (
        f"GET /api/studio/{large.pk}/export/?format=csv HTTP/1.1\r\n"
        f"Authorization: Token {token_of(large.owner)}\r\n"
    ).encode()
    with ExitStack() as opened:
        attack = [opened.enter_context(closing(connect(slow_server))) for _ in range(8)]
        for each in attack:
            each.sendall(export + HOST + b"\r\n")

        assert is_served(honest)
        eventually(lambda: all_have_begun(attack))
        eventually(no_statement_is_open)
        assert not any(map(is_ended, attack))
        assert worst_memory_mb(slow_server) < WORST_MEMORY_MB
        response = HTTPResponse(attack[-1])
        response.begin()
        assert len(response.read().splitlines()) == 2_001


def all_have_begun(attack: list[socket.socket]) -> bool:
    return len(select.select(attack, [], [], 0)[0]) == len(attack)


def no_statement_is_open() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() == (0,)


def worst_memory_mb(server: Server) -> float:
    """The most that any process of the server ever had in memory."""
    return max(
        int(line.split()[1]) / 1024
        for process_id in process_ids(server)
        for line in Path(f"/proc/{process_id}/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )


def process_ids(server: Server) -> list[int]:
    """The master's and its workers'."""
    master = server.process_id
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [master, *map(int, children)]


def test_alive_is_said_while_every_thread_hangs(
    slow_server: Server, honest: Studio, user: User
) -> None:
    token = token_of(user)
    with datasets_are_locked(), ExitStack() as opened:
        hanging = [hang(opened, slow_server, token) for _ in range(3 * THREADS)]
        eventually(lambda: waiting_for_the_lock() == THREADS)

        alive = honest.request("GET", "/healthz")
        assert (alive.status, alive.body) == (200, {"status": "alive"})
        assert not any(select.select(hanging, [], [], 0)[0])


@pytest.mark.session_setting  # the server's: it waits long for a lock
def test_a_request_that_runs_when_the_server_is_told_to_stop_is_answered(
    user: User, tmp_path: Path
) -> None:
    server = Server(
        log=tmp_path / "log",
        workers=1,
        environment={"DJANGO_SETTINGS_MODULE": "tests.support.patient_settings"},
    )
    token = token_of(user)
    with server, ExitStack() as opened:
        with datasets_are_locked():
            running = hang(opened, server, token)
            idle = opened.enter_context(closing(connect(server)))
            eventually(lambda: waiting_for_the_lock() == 1)
            os.kill(server.process_id, signal.SIGTERM)
            assert idle.recv(1) == b""  # it stops, and waits for those that have asked
        response = HTTPResponse(running)
        response.begin()
        assert Answer.read(response).status == 200


@contextmanager
def datasets_are_locked() -> Iterator[None]:
    """Nobody reads the table of datasets during the block."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE data_tools_datasource IN ACCESS EXCLUSIVE MODE")
        yield


def waiting_for_the_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(  # not of the databases of other processes of tests
            "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE NOT granted AND d.datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def hang(opened: ExitStack, server: Server, token: str) -> socket.socket:
    """Ask for what is locked, and do not wait for it."""
    made = opened.enter_context(closing(connect(server)))
    made.sendall(f"GET /api/datasources/ HTTP/1.1\r\nAuthorization: Token {token}\r\n".encode())
    made.sendall(HOST + b"\r\n")
    return made


def test_every_slow_client_is_told_or_cut_off_in_time(
    user: User, large: DataSource, tmp_path: Path
) -> None:
    with Server(
        log=tmp_path / "log",
        workers=1,
        environment={
            "WEB_HEADER_SECONDS": "1",
            "WEB_BODY_SECONDS": "1",
            "WEB_READ_SECONDS": "2",
        },
    ) as server:
        studio = studio_of(user, large, transport=server.transport)
        export = f"{studio.mount}{large.pk}/export/?format=csv".encode()
        answers: dict[bytes, bytes] = {}

        def send(begun: bytes) -> None:
            with closing(connect(server)) as slow:
                slow.sendall(begun)
                if export in begun:
                    eventually(lambda: "does not read" in server.log.read_text())
                answers[begun] = all_of(slow)

        head = b"GET / HTTP/1.1\r\n"
        body = b"POST /api/auth/token/ HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n{"
        token = b"Authorization: Token %b\r\n\r\n" % studio.token.encode()
        reader = b"GET " + export + b" HTTP/1.1\r\n" + HOST + token
        threads = [threading.Thread(target=send, args=(each,)) for each in (head, body, reader)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

    for each in (head, body):
        assert answers[each].startswith(b"HTTP/1.1 408 ")
        assert b'"code":"REQUEST_TOO_SLOW"' in answers[each]
    assert not answers[reader].endswith(b"0\r\n\r\n")


def all_of(slow: socket.socket) -> bytes:
    content = b""
    try:
        while piece := slow.recv(MEGABYTE):
            content += piece
    except ConnectionError:
        pass
    return content
