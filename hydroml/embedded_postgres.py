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

from hydroml import embedded_postgres_access, embedded_postgres_home
from hydroml.embedded_postgres_home import Account, EmbeddedPostgresError, digest, server_account

DATABASE = USER = "hydroml"
SOCKET = ".s.PGSQL.5432"
START_TIMEOUT_SECONDS = 90
# What PostgreSQL says while an earlier server is still ending: its children live until they notice
# that it was killed, and a server whose data was removed takes a minute to notice.
STILL_ENDING = ("still in use", "already exists", "server does not shut down")

# The lock on `<home>.users` that this process holds, by home.
_held: dict[Path, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedPostgres:
    """One embedded server.

    `home` holds its data and log; `outside` is where they go if its account cannot reach `home`.
    `settings` are PostgreSQL's own, each as ``name=value``, beside those that every one has.
    """

    home: Path
    settings: tuple[str, ...] = ()
    outside: Path = embedded_postgres_home.OUTSIDE

    @property
    def socket_directory(self) -> Path:
        """Where the server listens: in `/tmp`, since a socket's path has at most 107 bytes.

        There is no password: only the server's account (and root) can enter the directory. A
        shared account's directory is root's, so that no other process of that account can have
        laid it out: see Note [Others who are nobody] in `embedded_postgres_home`.
        """
        account = server_account(self.home)
        owner = os.geteuid() if account.is_shared else account.uid
        return Path(f"/tmp/hydroml-{owner}-{digest(self.home)}")

    @property
    def url(self) -> str:
        """The URL of the application's database."""
        return f"postgres://{USER}@/{self.socket_directory}/{DATABASE}"

    def ensure_running(self) -> None:
        """Start the server unless it runs, and keep it running while this process lives.

        Raises:
            EmbeddedPostgresError: it cannot be started; the message says where its log is.
        """
        self.home.parent.mkdir(parents=True, exist_ok=True)
        with self._nobody_starts_or_stops():
            account = server_account(self.home)
            home = embedded_postgres_home.settle(self.home, account, outside=self.outside)
            account.own(self.socket_directory)
            embedded_postgres_access.forget_what_was_logged(home)
            if not self._listens(home / "data"):
                self._start(home, account)
            self._make_database(home / "server.log")
            if self.home not in _held:
                lock = _open_lock(self.home.with_name(f"{self.home.name}.users"))
                fcntl.flock(lock, fcntl.LOCK_SH)
                _held[self.home] = lock
                atexit.register(self.leave)

    def leave(self) -> None:
        """Stop using the server, and stop it if nobody else uses it. Called at exit."""
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
        """Tell whether the server of `data` runs, even if it is not ready yet."""
        with closing(socket.socket(socket.AF_UNIX)) as client:
            if client.connect_ex(str(self.socket_directory / SOCKET)) != 0:
                return False
        return (data / "postmaster.pid").exists()  # otherwise the data was removed under it

    def _start(self, home: Path, account: Account) -> None:
        programs = embedded_postgres_home.binaries(account, outside=self.outside)
        data, log = home / "data", home / "server.log"
        if not data.exists():
            _make_cluster(programs, data, account)
        embedded_postgres_access.write(home, account)
        options = ["-k", str(self.socket_directory)]
        for setting in (*self.settings, *embedded_postgres_access.settings(home)):
            options += ["-c", setting]
        # `restart` starts a server that is down, and repairs one whose socket was removed.
        command = [programs / "pg_ctl", "restart", "-D", data, "-l", log, "-m", "fast", "-w"]
        command += ["-t", str(START_TIMEOUT_SECONDS), "-o", shlex.join(options)]
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            _forget_foreign_process(data / "postmaster.pid", data)
            _forget_foreign_process(self.socket_directory / f"{SOCKET}.lock", data)
            log_size = log.stat().st_size if log.exists() else 0
            attempt = account.run(command)
            if attempt.returncode == 0:
                return
            with log.open(errors="replace") as lines:
                lines.seek(log_size)
                said = attempt.stderr + lines.read()
            if time.monotonic() > deadline or not any(sign in said for sign in STILL_ENDING):
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL did not start. Its log is {log}.\n{said}"
                )
            time.sleep(0.2)

    def _make_database(self, log: Path) -> None:
        """Make the application's database unless it exists, once the server accepts connections."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                connection = psycopg2.connect(
                    host=str(self.socket_directory), user=USER, dbname="postgres"
                )
                break
            except psycopg2.OperationalError as refusal:
                # It is starting up (whoever started it was killed), or has no free connection.
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(
                        f"The embedded PostgreSQL refuses connections: {refusal}Its log is {log}."
                    ) from refusal
                time.sleep(0.2)
        with closing(connection):
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute("CREATE DATABASE hydroml")

    def _stop(self) -> None:
        account = server_account(self.home)
        home = self.home.resolve()
        if not (home / "data" / "postmaster.pid").exists():
            return
        _forget_foreign_process(home / "data" / "postmaster.pid", home / "data")
        programs = embedded_postgres_home.binaries(account, outside=self.outside)
        account.run([programs / "pg_ctl", "stop", "-D", home / "data", "-m", "fast", "-w"])
        with suppress(OSError):  # the directory is not empty: something still listens there
            self.socket_directory.rmdir()


def ensure_configured_database() -> None:
    """Start the embedded server if the settings use it; otherwise do nothing."""
    from django.conf import settings

    if settings.EMBEDDED_POSTGRES is not None:
        settings.EMBEDDED_POSTGRES.ensure_running()


def _make_cluster(programs: Path, data: Path, account: Account) -> None:
    """Make an empty cluster: a kill in the middle leaves none."""
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    # The built-in provider sorts by code point, as "C" does, and knows upper and lower case beyond
    # ASCII, alike on every machine.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = account.run(
        [programs / "initdb", "-D", unfinished, "-U", USER, "--auth=trust", "-E", "UTF8", *locale]
    )
    if done.returncode != 0:
        raise EmbeddedPostgresError(f"initdb failed:\n{done.stderr}")
    unfinished.rename(data)


def _forget_foreign_process(note: Path, data: Path) -> None:
    """Remove a killed server's note of its process id if that id is no longer the server's.

    After a container restarts it may be another program's; where nobody reaps orphans it may be a
    zombie's. PostgreSQL would take either for a running server and refuse to start, and pg_ctl
    would send the program a signal.
    """
    try:
        process_id = int(note.read_text().split("\n", 1)[0])
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
        is_ours = state != "Z" and os.readlink(f"/proc/{process_id}/cwd") == str(data.resolve())
    except (OSError, ValueError):
        return
    if not is_ours:
        note.unlink()


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _forget_held_locks() -> None:
    """Let a forked child neither stop the server when it ends nor hold its parent's lock."""
    while _held:
        os.close(_held.popitem()[1])


os.register_at_fork(after_in_child=_forget_held_locks)
