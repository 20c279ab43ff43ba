"""The embedded PostgreSQL, the real one: found again, stopped by its last user, killed, mended."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from hydroml import embedded_postgres_home
from hydroml.embedded_postgres import SOCKET, EmbeddedPostgres
from hydroml.embedded_postgres_home import GROUP, EmbeddedPostgresError, server_account
from tests.support.patience import eventually

IS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root has to run it as somebody else")

PROGRAM = """
import sys
from pathlib import Path
from hydroml.embedded_postgres import EmbeddedPostgres
EmbeddedPostgres(home=Path(sys.argv[1]), outside=Path(sys.argv[2])).ensure_running()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A directory that every account reaches, as a checkout usually is."""
    directory = Path(tempfile.mkdtemp(prefix="hydroml-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def server(checkout: Path) -> Iterator[EmbeddedPostgres]:
    """A server that is down; the tests of this module share its data."""
    server = EmbeddedPostgres(home=checkout / "var" / "postgres", outside=checkout / "outside")
    yield server
    server.ensure_running()
    server.leave()


@pytest.fixture
def program(server: EmbeddedPostgres) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts another program that uses the server until its stdin is closed."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(server.home), str(server.outside)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.communicate()


def test_it_listens_on_a_socket_only_and_is_durable(server: EmbeddedPostgres) -> None:
    server.ensure_running()

    assert setting(server, "listen_addresses") == ""
    assert setting(server, "fsync") == "on"
    assert setting(server, "synchronous_commit") == "on"
    for directory in (server.socket_directory, server.home):
        status = directory.stat()
        assert status.st_mode & 0o007 == 0
        assert status.st_uid == os.geteuid()
        assert not status.st_mode & 0o070 or status.st_gid == GROUP


def test_it_speaks_unicode_and_sorts_by_code_point(server: EmbeddedPostgres) -> None:
    server.ensure_running()

    assert setting(server, "server_encoding") == "UTF8"
    assert query(server, "SELECT upper('é'), 'Z' < 'a', 'z' < 'é'") == ("É", True, True)


def test_its_url_is_understood_by_the_settings(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hydroml import env

    monkeypatch.setenv("URL", server.url)

    assert env.postgres("URL", "")["HOST"] == str(server.socket_directory)


def test_the_last_user_who_leaves_stops_it(
    server: EmbeddedPostgres, program: Callable[[], subprocess.Popen[str]]
) -> None:
    first, second = program(), program()
    is_ready(first), is_ready(second)

    first.communicate()
    running_after_first = postmaster(server) is not None
    second.communicate()

    assert running_after_first
    assert postmaster(server) is None
    assert not server.socket_directory.exists()


def test_programs_that_start_at_once_share_one_server(
    server: EmbeddedPostgres, program: Callable[[], subprocess.Popen[str]]
) -> None:
    programs = [program() for _ in range(4)]

    for each in programs:
        is_ready(each)

    assert query(server, "SELECT 1") == (1,)


def test_a_killed_program_leaves_the_server_for_the_next(
    server: EmbeddedPostgres, program: Callable[[], subprocess.Popen[str]]
) -> None:
    killed = program()
    is_ready(killed)
    before = postmaster(server)
    killed.kill()
    killed.wait()

    server.ensure_running()

    assert postmaster(server) == before
    server.leave()
    assert postmaster(server) is None


def test_a_killed_server_comes_back_with_all_that_was_committed(server: EmbeddedPostgres) -> None:
    server.ensure_running()
    query(server, "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS value; SELECT 1")
    running = postmaster(server)
    assert running is not None  # 0 would be this very process group
    os.kill(running, signal.SIGKILL)

    server.ensure_running()

    assert query(server, "SELECT value FROM kept") == (7,)


def test_another_program_with_the_killed_servers_process_id_is_left_alone(
    server: EmbeddedPostgres,
) -> None:
    server.ensure_running()
    killed = postmaster(server) or 0
    os.kill(killed, signal.SIGKILL)
    account = server_account(server.home)
    switch = {"user": account.uid, "group": account.gid, "extra_groups": []} if IS_ROOT else {}
    with subprocess.Popen(["sleep", "600"], cwd="/", **switch) as bystander:
        notes = [
            server.home / "data" / "postmaster.pid",
            server.socket_directory / f"{SOCKET}.lock",
        ]
        for note in notes:
            note.write_text(note.read_text().replace(str(killed), str(bystander.pid), 1))

        server.ensure_running()

        assert query(server, "SELECT 1") == (1,)
        assert bystander.poll() is None
        bystander.kill()


def test_a_server_whose_socket_was_swept_away_is_mended(server: EmbeddedPostgres) -> None:
    server.ensure_running()
    shutil.rmtree(server.socket_directory)

    server.ensure_running()

    assert query(server, "SELECT 1") == (1,)


def test_a_forked_child_does_not_stop_it(server: EmbeddedPostgres) -> None:
    code = PROGRAM.replace("sys.stdin.read()", "import os; child = os.fork(); child or sys.exit()")
    code += "os.waitpid(child, 0)\nimport os; os.kill(int(sys.argv[3]), 0)\n"
    code += "note = Path(sys.argv[1], 'data', 'postmaster.pid')\nprint(note.exists())"

    done = subprocess.run(
        [sys.executable, "-c", code, str(server.home), str(server.outside), str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["ready", "True"]
    assert postmaster(server) is None


def test_a_server_that_does_not_start_says_where_its_log_is(server: EmbeddedPostgres) -> None:
    server.ensure_running()
    server.leave()
    control = server.home / "data" / "global" / "pg_control"
    hidden = control.with_name("hidden")
    control.rename(hidden)

    with pytest.raises(EmbeddedPostgresError, match="server.log"):
        server.ensure_running()

    hidden.rename(control)


def test_a_socket_directory_that_somebody_else_laid_out_is_refused(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    server.socket_directory.symlink_to(tmp_path)

    with pytest.raises(EmbeddedPostgresError, match="belongs to another user"):
        server.ensure_running()

    server.socket_directory.unlink()


@only_root
def test_a_checkout_that_the_servers_account_cannot_reach_keeps_its_data_outside(
    checkout: Path,
) -> None:
    closed = checkout / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(home=closed / "var" / "postgres", outside=checkout / "outside")

    server.ensure_running()

    assert server.home.is_symlink()
    assert server.home.resolve().parent == checkout / "outside"
    assert closed.stat().st_mode & 0o777 == 0o700
    assert setting(server, "data_directory") == str(server.home.resolve() / "data")
    server.leave()


@only_root
def test_a_copied_checkout_does_not_share_the_originals_data(checkout: Path) -> None:
    copied = checkout / "copied"
    copied.mkdir()
    home = copied / "postgres"
    home.symlink_to(checkout / "outside" / "postgres-of-the-original")

    settled = embedded_postgres_home.settle(
        home, server_account(home), outside=checkout / "outside"
    )

    assert settled == home
    assert not home.is_symlink()


@only_root
def test_root_uses_the_data_of_an_ordinary_user_as_that_user(checkout: Path) -> None:
    home = checkout / "of-a-user"
    home.mkdir()
    os.chown(home, 12345, 12345)

    assert server_account(home).uid == 12345


def test_binaries_out_of_reach_are_copied_and_work(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = server_account(checkout / "nothing")
    monkeypatch.setattr(embedded_postgres_home.Account, "reaches", lambda *_: False)

    programs = embedded_postgres_home.binaries(account, outside=checkout / "outside")

    assert programs.is_relative_to(checkout / "outside")
    assert account.run([programs / "initdb", "--version"]).returncode == 0
    assert account.run([programs / "postgres", "--version"]).returncode == 0


@only_root
@pytest.mark.parametrize("groups", [[], [os.getgid()]], ids=["alone", "in our group"])
def test_another_process_of_nobody_cannot_connect_look_or_trace(
    server: EmbeddedPostgres, groups: list[int]
) -> None:
    server.ensure_running()
    socket_file, data = server.socket_directory / SOCKET, server.home / "data"
    process = f"/proc/{postmaster(server)}"
    acts = (
        lambda: socket.socket(socket.AF_UNIX).connect(str(socket_file)),
        lambda: os.listdir(data),
        lambda: os.listdir(f"{process}/cwd/"),
        lambda: Path(f"{process}/mem").open("rb"),
    )

    said = [as_nobody(act, groups=groups) for act in acts]

    assert [each.split(":")[0] for each in said] == ["PermissionError"] * 4


@only_root
def test_the_server_itself_refuses_nobody_even_with_its_group(server: EmbeddedPostgres) -> None:
    server.ensure_running()
    directory = str(server.socket_directory)

    said = as_nobody(
        lambda: psycopg2.connect(host=directory, user="hydroml", dbname="hydroml"), group=GROUP
    )

    assert "Peer authentication failed" in said


@only_root
def test_data_of_an_earlier_version_is_used_on_and_closed(server: EmbeddedPostgres) -> None:
    """Its home, owned by nobody, let everybody of that name in; its log has what was typed."""
    server.ensure_running()
    query(server, "DROP TABLE IF EXISTS earlier; CREATE TABLE earlier AS SELECT 5 AS v; SELECT 1")
    server.leave()
    nobody = server_account(server.home).uid
    os.chown(server.home, nobody, nobody)
    server.home.chmod(0o700)
    log = server.home / "server.log"
    log.write_text("STATEMENT:  SELECT 'what somebody typed'\n")
    for made in ("access.conf", "accounts.conf", "no-values-logged"):
        (server.home / made).unlink()

    server.ensure_running()

    assert query(server, "SELECT v FROM earlier") == (5,)
    assert (server.home.stat().st_uid, server.home.stat().st_gid) == (0, GROUP)
    assert "typed" not in log.read_text()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'typed by a user' FROM nowhere",
        "SELECT 'typed by a user'::integer",
        "SELECT 1 / 0 WHERE 'typed by a user' <> ''",
        "DO $$ BEGIN RAISE WARNING 'typed by a user'; RAISE LOG 'marked'; END $$",
        "SELECT 'typed by a user', pg_sleep(1)",
    ],
)
def test_its_log_keeps_nothing_that_was_typed(server: EmbeddedPostgres, statement: str) -> None:
    server.ensure_running()
    with suppress(psycopg2.Error):
        query(server, f"SET statement_timeout = 200; {statement}")

    assert "typed" not in (server.home / "server.log").read_text()


def test_a_killed_backend_leaves_no_statement_in_the_log(server: EmbeddedPostgres) -> None:
    server.ensure_running()
    address = {"host": str(server.socket_directory), "user": "hydroml", "dbname": "hydroml"}
    with closing(psycopg2.connect(**address)) as connection:
        process_id = connection.info.backend_pid
        killer = threading.Timer(0.3, os.kill, [process_id, signal.SIGKILL])
        killer.start()
        with connection.cursor() as cursor, pytest.raises(psycopg2.OperationalError):
            cursor.execute("SELECT 'typed by a user', pg_sleep(60)")

    log = server.home / "server.log"  # the server writes it when the client has already noticed
    eventually(lambda: "was terminated by signal 9" in log.read_text(), log.read_text)
    assert "typed" not in log.read_text()


def as_nobody(act: Callable[[], object], *, groups: Sequence[int] = (), group: int = 0) -> str:
    """Do something as another service would that shares the account; return what went wrong."""
    nobody = pwd.getpwnam("nobody")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups(list(groups))
        os.setgid(group or nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        try:
            act()
        except (OSError, psycopg2.Error) as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as said:
        return said.read()


def is_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def query(server: EmbeddedPostgres, statement: str) -> tuple[Any, ...] | None:
    with closing(
        psycopg2.connect(host=str(server.socket_directory), user="hydroml", dbname="hydroml")
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()


def setting(server: EmbeddedPostgres, name: str) -> str:
    row = query(server, f"SHOW {name}")
    assert row is not None
    return row[0]


def postmaster(server: EmbeddedPostgres) -> int | None:
    """The process id of the server that runs or was killed."""
    note = server.home / "data" / "postmaster.pid"
    return int(note.read_text().split()[0]) if note.exists() else None
