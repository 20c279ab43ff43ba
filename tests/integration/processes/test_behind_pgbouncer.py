"""The service works behind a PgBouncer in transaction mode, or does not start and says why.

PgBouncer gives each transaction another connection, so that whatever needs a session goes wrong.
`python -m tests.pooled` runs the whole suite behind it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from tests.conftest import part_is_missing
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.pgbouncer import PgBouncer, in_front_of
from tests.support.processes import database_url, start_module
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.directly]

ROWS = [*((n, f"w{n % 7}") for n in range(300)), (300, "slow")]
CSV = "id,word,other\n" + "".join(f"{n},{word},a\n" for n, word in ROWS)
SLOW = ("session/change-column-type/", {"column_name": "word", "new_type": "int"})
RUNNING = """
SELECT count(*) FROM pg_stat_activity
WHERE state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()
"""
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
NO_LIMIT = "ALTER ROLE CURRENT_USER IN DATABASE {} SET statement_timeout = 0"
NO_SETTINGS = "ALTER ROLE CURRENT_USER IN DATABASE {} RESET ALL"
SERVER = ("gunicorn", "-c", "python:hydroml.gunicorn_conf", "hydroml.wsgi")
WORKER = ("celery", "-A", "celery_app", "worker")


def ask(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


@contextmanager
def pooler(**how: Any) -> Iterator[PgBouncer]:
    if PgBouncer.program() is None:
        part_is_missing("PgBouncer: there is no program `pgbouncer`")
    with in_front_of(settings.EMBEDDED_POSTGRES, **how) as running:
        yield running


@contextmanager
def settings_of_the_role(statement: str) -> Iterator[None]:
    """Take back at the end what the block changes."""
    ask(statement.format(connection.settings_dict["NAME"]))
    try:
        yield
    finally:
        ask(NO_SETTINGS.format(connection.settings_dict["NAME"]))


@pytest.mark.parametrize(
    ("ignores_the_limits", "program", "reason"),
    [
        (True, SERVER, "hydroml.E002: The database drops limits"),
        (False, SERVER, "hydroml.E003: A pooler in front of the database refuses"),
        (True, WORKER, "statement_timeout is 0 instead of 30s"),
    ],
    ids=["drops", "refuses", "worker"],
)
def test_nothing_starts_where_a_pooler_drops_the_limits_and_it_says_why(
    ignores_the_limits: bool, program: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    with settings_of_the_role(NO_LIMIT), pooler(ignores_the_limits=ignores_the_limits) as running:
        process = start_module(
            *program,
            log=tmp_path / "log",
            redis_url="",
            environment={"DATABASE_URL": running.url(connection.settings_dict["NAME"])},
        )
        try:
            assert process.wait(PATIENCE_SECONDS) != 0
        finally:
            process.kill()

    said = (tmp_path / "log").read_text()
    assert reason in said
    assert "hydroml set_database_limits" in said
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def pooled_server(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """The real server behind a PgBouncer, after what the operations guide tells to do."""
    with django_db_blocker.unblock(), settings_of_the_role(NO_SETTINGS):
        command = [sys.executable, "manage.py", "set_database_limits"]
        environment = {**os.environ, "DATABASE_URL": database_url()}
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
        with pooler() as running:
            server = Server(
                log=tmp_path_factory.mktemp("pooled") / "log",
                workers=2,
                environment={
                    "DATABASE_URL": running.url(connection.settings_dict["NAME"]),
                    "REQUEST_SECONDS": "15",
                },
            )
            with server:
                yield server


@pytest.fixture
def pooled(pooled_server: Server, user: User) -> Studio:
    """A client of the server behind PgBouncer, of a dataset that it uploaded."""
    nobody = Studio(token=token_of(user), transport=pooled_server.transport, headers=STRUCTURED)
    made = nobody.request("POST", DATASETS, content=form(CSV.encode()), headers=MULTIPART)
    dataset_id = made.body["datasource"]["id"]
    eventually(lambda: b'"READY"' in nobody.get(f"{DATASETS}{dataset_id}/").content)
    studio = Studio(
        datasource_id=dataset_id,
        token=nobody.token,
        transport=nobody.transport,
        headers=STRUCTURED,
    )
    return studio.take(("session/initialize/", {}))


def test_a_back_up_through_a_pooler_is_refused(tmp_path: Path) -> None:
    """It would leave connections on which the service finds no table."""
    with pooler() as running:
        done = subprocess.run(
            [sys.executable, "manage.py", "back_up", str(tmp_path / "back-up")],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": running.url(connection.settings_dict["NAME"])},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )

    assert done.returncode == 1
    assert "A pooler stands between the service and PostgreSQL." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_session_is_worked_on_and_saved(pooled: Studio) -> None:
    pooled.take(
        ("session/rename-column/", {"old_name": "other", "new_name": "letter"}),
        ("transform/columns/", {"operation": "duplicate", "columns": ["word"]}),
        ("session/undo/", {}),
    )
    chosen = '[{"column": "word", "op": "eq", "value": "w3"}]'
    queries = [{"sort": "-word,id"}, {"filter": chosen}, {"sort": "-word,id", "filter": chosen}, {}]

    for query in [each for each in queries for _ in range(3)]:
        rows = pooled.get("data/", {"page_number": 2, "page_size": 20} | query)
        by_word = sorted(ROWS, key=itemgetter(1), reverse=True)
        wanted = by_word if "sort" in query else ROWS
        wanted = [row for row in wanted if row[1] == "w3"] if "filter" in query else wanted
        assert [row["id"] for row in rows.body["data"]] == [row[0] for row in wanted[20:40]], query
    exported = pooled.get("export/", {"format": "csv"})
    assert exported.content.count(b"\n") == len(ROWS) + 1, exported
    saved = pooled.post("session/save/", {"name": "saved"})
    assert saved.status == 200, saved


def test_a_query_ends_with_its_request_and_when_its_client_goes_away(
    pooled: Studio, pooled_server: Server
) -> None:
    before = ask("SELECT pg_get_functiondef('data_tools_text_to_integer(text)'::regprocedure)")
    ask(SLOW_CAST)
    try:
        with ThreadPoolExecutor(1) as other:
            waiting = other.submit(pooled.post, *SLOW)
            gone = send_and_keep(pooled, pooled_server.port)
            eventually(lambda: ask(RUNNING) == 2)

            gone.close()
            eventually(lambda: ask(RUNNING) <= 1)
            answer = waiting.result()
        eventually(lambda: ask(RUNNING) == 0)
    finally:
        ask(before)

    assert (answer.status, answer.error["code"]) == (503, "QUERY_TIMEOUT")
    assert pooled.get("session/validate/").body["version"] == 1
    assert "a client is gone, and its query was ended" in pooled_server.log.read_text()


def test_a_cursor_of_the_server_is_used_in_a_transaction_alone() -> None:
    with connection.chunked_cursor() as cursor:
        assert cursor.cursor.name is None
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        assert cursor.cursor.name is not None


def send_and_keep(studio: Studio, port: int) -> socket.socket:
    """Send a slow request on a connection of its own, and do not wait for the answer."""
    path, body = SLOW
    content = orjson.dumps(body)
    head = (
        f"POST {studio.mount}{studio.datasource_id}/{path} HTTP/1.1\r\n"
        f"Host: 127.0.0.1\r\nAuthorization: Token {studio.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    sent = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
    sent.sendall(head.encode() + content)
    return sent
