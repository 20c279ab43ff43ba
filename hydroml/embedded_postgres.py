"""A PostgreSQL of the checkout's own, for when DATABASE_URL is unset.

`settings` only computes the address; whoever is about to use the database (`manage.py`, the web
server, a Celery worker, the tests) calls `ensure_configured_database`. The server is started by
the first process that needs it, and stopped by the last one that leaves.

Note [Who stops the server]
    Every process that uses the server holds a shared lock on `<home>.users` for its whole life;
    the kernel takes it away even after a kill -9. A process that leaves tries to get the lock
    alone: if it can, nobody else is left, and it stops the server. Looking, starting and
    stopping happen under a second lock, `<home>.lock`, so that nobody finds a server that is
    just going down. A server whose last user was killed runs on, and the next one finds it.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shlex
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from hydroml import embedded_postgres_home
from hydroml.embedded_postgres_home import Account, EmbeddedPostgresError, digest, server_account

DATABASE = USER = "hydroml"
START_TIMEOUT_SECONDS = 60

# The lock on `<home>.users` that this process holds, by home.
_held: dict[Path, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedPostgres:
    """One embedded server: `home` holds its data and its log, `outside` is where it may move to."""

    home: Path
    outside: Path = embedded_postgres_home.OUTSIDE

    @property
    def socket_directory(self) -> Path:
        """Where the server listens. In `/tmp`, because a socket's path may have 107 bytes at most.

        There is no password: the directory is for the server's account alone (and for root).
        """
        return Path(f"/tmp/hydroml-{server_account(self.home).uid}-{digest(self.home)}")

    @property
    def url(self) -> str:
        """The address of the application's database."""
        return f"postgres://{USER}@/{self.socket_directory}/{DATABASE}"

    def ensure_running(self) -> None:
        """Start the server unless it runs; keep it running for as long as this process lives.

        Raises:
            EmbeddedPostgresError: it cannot be started; the message says where its log is.
        """
        self.home.parent.mkdir(parents=True, exist_ok=True)
        with self._nobody_starts_or_stops():
            account = server_account(self.home)
            home = embedded_postgres_home.settle(self.home, account, outside=self.outside)
            account.own(self.socket_directory)
            if not self._listens(home / "data"):
                self._start(home, account)
            self._make_database(home / "server.log")
            if self.home not in _held:
                lock = _open_lock(self.home.with_name(f"{self.home.name}.users"))
                fcntl.flock(lock, fcntl.LOCK_SH)
                _held[self.home] = lock
                atexit.register(self.leave)

    def leave(self) -> None:
        """Stop using the server, and stop it if nobody else uses it. Runs by itself at exit."""
        lock = _held.pop(self.home, None)
        if lock is None:
            return
        try:
            with self._nobody_starts_or_stops():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()
        except BlockingIOError:
            pass
        finally:
            os.close(lock)

    @contextmanager
    def _nobody_starts_or_stops(self) -> Iterator[None]:
        lock = _open_lock(self.home.with_name(f"{self.home.name}.lock"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _listens(self, data: Path) -> bool:
        """Whether the server runs, be it ready or not yet.

        Raises:
            EmbeddedPostgresError: one does, but its data was removed under it.
        """
        with closing(socket.socket(socket.AF_UNIX)) as client:
            if client.connect_ex(str(self.socket_directory / ".s.PGSQL.5432")) != 0:
                return False
        if not (data / "postmaster.pid").exists():
            raise EmbeddedPostgresError(
                f"An embedded PostgreSQL still runs, but its data, {data}, was removed. "
                "It notices and stops within a minute; try again then."
            )
        return True

    def _start(self, home: Path, account: Account) -> None:
        programs = embedded_postgres_home.binaries(account, outside=self.outside)
        data, log = home / "data", home / "server.log"
        if not data.exists():
            _make_cluster(programs, data, account)
        _forget_recycled_process(data)
        options = ["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"]
        options += ["-k", str(self.socket_directory)]
        # `restart` starts a server that is down, and also mends one whose socket was removed.
        command = [programs / "pg_ctl", "restart", "-D", data, "-l", log, "-m", "fast", "-w"]
        command += ["-t", str(START_TIMEOUT_SECONDS), "-o", shlex.join(options)]
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while (done := account.run(command)).returncode != 0:
            # The children of a killed server hold its memory until they notice.
            if "still in use" not in _tail(log) or time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL did not start: {done.stderr.strip()}\n"
                    f"Its log is {log}, and ends with:\n{_tail(log)}"
                )
            time.sleep(0.2)

    def _make_database(self, log: Path) -> None:
        """Make the application's database unless it is there, when the server lets us in."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                connection = psycopg2.connect(
                    host=str(self.socket_directory), user=USER, dbname="postgres"
                )
                break
            except psycopg2.OperationalError as refusal:
                # It is starting up (its starter was killed meanwhile), or has no free connection.
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(
                        f"The embedded PostgreSQL does not let us in: {refusal}Its log is {log}."
                    ) from refusal
                time.sleep(0.2)
        with closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")

    def _stop(self) -> None:
        account = server_account(self.home)
        home = self.home.resolve()
        if not (home / "data" / "postmaster.pid").exists():
            return
        _forget_recycled_process(home / "data")
        programs = embedded_postgres_home.binaries(account, outside=self.outside)
        account.run([programs / "pg_ctl", "stop", "-D", home / "data", "-m", "fast", "-w"])
        with suppress(OSError):  # not empty: something still listens there
            self.socket_directory.rmdir()


def ensure_configured_database() -> None:
    """Start the embedded server if the settings use it; else leave the database to itself."""
    from django.conf import settings

    if settings.EMBEDDED_POSTGRES is not None:
        settings.EMBEDDED_POSTGRES.ensure_running()


def _make_cluster(programs: Path, data: Path, account: Account) -> None:
    """Make an empty cluster: all of it, or, after a kill in the middle, none."""
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    # The built-in provider sorts by code point as "C" does, and knows upper and lower case beyond
    # ASCII, on every machine alike.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = account.run(
        [programs / "initdb", "-D", unfinished, "-U", USER, "--auth=trust", "-E", "UTF8", *locale]
    )
    if done.returncode != 0:
        raise EmbeddedPostgresError(f"initdb failed:\n{done.stderr}")
    unfinished.rename(data)


def _forget_recycled_process(data: Path) -> None:
    """Remove the note of a killed server's process id if another program has that id by now.

    PostgreSQL would take that program for itself and refuse to start (a common sight after a
    container restarts), and pg_ctl would even send it a signal.
    """
    note = data / "postmaster.pid"
    try:
        process_id = int(note.read_text().split("\n", 1)[0])
        directory = os.readlink(f"/proc/{process_id}/cwd")
    except (OSError, ValueError):
        return
    if directory != str(data.resolve()):
        note.unlink()


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""


def _forget_held_locks() -> None:
    """A forked child does not stop the server when it ends, nor keep its parent's lock alive."""
    while _held:
        os.close(_held.popitem()[1])


os.register_at_fork(after_in_child=_forget_held_locks)
