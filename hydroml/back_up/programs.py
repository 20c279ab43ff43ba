"""PostgreSQL's `pg_dump` and `pg_restore`: which of those installed is used, and how it is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from hydroml import embedded_postgres_home
from hydroml.back_up.exceptions import BackUpError

# Where Debian and Red Hat keep them. What Debian has in the PATH chooses a version by itself.
_VERSIONED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
_WITH_TRANSACTION_TIMEOUT = 17
_LAST_WORDS = 2_000  # characters of what a failed program said


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An installed program of PostgreSQL. `version` is like ``18.4``, and `major` its 18."""

    path: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def start(self, *arguments: str | Path) -> Running:
        """Start it on the configured database; nobody else may read the files that it makes.

        The password is passed in the environment, which other users of the machine cannot read.
        """
        said = tempfile.TemporaryFile()  # closed by `Running`
        process = subprocess.Popen(
            [self.path, *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            umask=0o077,
        )
        return Running(name=self.path.name, process=process, said=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A program that runs. With `with`, it is ended when the block is left before it is done."""

    name: str
    process: subprocess.Popen[bytes]
    said: IO[bytes]

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.said.close()

    def is_done(self, *, within_seconds: float | None = None) -> bool:
        """Wait at most this long, or as long as it takes, and tell whether it is done.

        Raises:
            BackUpError: it failed; with the end of what it said.
        """
        try:
            status = self.process.wait(within_seconds)
        except subprocess.TimeoutExpired:
            return False
        if status:
            self.said.seek(0)
            words = self.said.read().decode(errors="replace").strip()[-_LAST_WORDS:]
            raise BackUpError(f"{self.name} failed: {words or f'it ended with {status}'}")
        return True


def find_program(name: str, *, server_major: int, dump_major: int = 0) -> Program:
    """Return the installed program for a server, and for a dump, of these major versions.

    It is not older than either; of several that fit, the oldest is taken.

    Raises:
        BackUpError: none that fits is installed.
    """
    installed = list(_installed(name))
    at_least = max(server_major, dump_major)
    fitting = [
        program
        for program in installed
        if program.major >= at_least and _understands(server_major, program)
    ]
    if fitting:
        return min(fitting, key=lambda program: program.major)
    there = ", ".join(f"{program.path} is {program.version}" for program in installed)
    if server_major < _WITH_TRANSACTION_TIMEOUT <= dump_major:
        raise BackUpError(
            f"The back-up was made with pg_dump {dump_major}, and cannot be restored into a server "
            f"older than PostgreSQL {_WITH_TRANSACTION_TIMEOUT}, as this one is. Restore it into "
            f"PostgreSQL {dump_major}."
        )
    is_old = server_major < _WITH_TRANSACTION_TIMEOUT
    or_which = f"to {_WITH_TRANSACTION_TIMEOUT - 1}" if is_old else "or newer"
    raise BackUpError(
        f"{name} of PostgreSQL {at_least} {or_which} is needed, and is not installed"
        f"{f' ({there})' if there else ''}. Install PostgreSQL's client programs of that version, "
        f"on Debian postgresql-client-{at_least}."
    )


def _understands(server_major: int, program: Program) -> bool:
    """Tell whether the server knows what the program sets, or will set when the dump is restored.

    From version 17 on that is `transaction_timeout`, without asking what the server is.
    """
    return not server_major < _WITH_TRANSACTION_TIMEOUT <= program.major


def server_version() -> int:
    """Return the version of the configured database's server, like 180004 for 18.4.

    Raises:
        BackUpError: a pooler stands before it. `pg_dump` and `pg_restore` change settings of their
            connection, such as the search path, which a pooler would give to the service next: it
            would find none of its tables.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, pg_backend_pid()")
        version, process_id = cursor.fetchone()
    if process_id != connection.connection.get_backend_pid():  # a pooler makes one up
        raise BackUpError(
            "A pooler stands between the service and PostgreSQL. Set DATABASE_URL to PostgreSQL "
            "itself for this command, as the service would not work on connections it had used."
        )
    return int(version)


def database() -> str:
    """Return the name of the configured database."""
    return str(connection.settings_dict["NAME"])


def major_of(version: int) -> int:
    """Return the major version of a server's version number."""
    return version // 10_000


def _installed(name: str) -> Iterator[Program]:
    folders: list[Path] = []
    for pattern in _VERSIONED:
        folders += sorted(Path("/").glob(pattern.removeprefix("/")))
    if (embedded := embedded_postgres_home.installed_programs()) is not None:
        folders.append(embedded)
    paths: Sequence[Path] = [folder / name for folder in folders]
    if in_path := shutil.which(name):
        paths = [*paths, Path(in_path)]
    for path in paths:
        if version := _version_of(path):
            yield Program(path=path, version=version)


def _version_of(path: Path) -> str:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    found = re.search(r"\(PostgreSQL\) (\d+[\d.]*)", said.stdout)
    return found[1] if found else ""


def _environment() -> dict[str, str]:
    to = connection.settings_dict
    _, secrets = DatabaseClient.settings_to_cmd_args_env(to, [])
    address = {name: to[key] for name, key in _ADDRESS.items() if to.get(key)}
    given = {**address, **(secrets or {}), "LC_ALL": "C", "PGAPPNAME": "hydroml back-up"}
    return {**os.environ, **{name: str(value) for name, value in given.items()}}


_ADDRESS = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
