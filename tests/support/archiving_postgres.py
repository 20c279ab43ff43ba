"""A PostgreSQL of a test's own that archives its log, as the operations guide configures it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from hydroml import embedded_postgres_home
from hydroml.embedded_postgres_home import Account, server_account
from tests.support.patience import eventually


@dataclass(slots=True, kw_only=True)
class ArchivingPostgres:
    """A server whose data, log and back-ups are in `directory`, which its account can reach.

    It listens on a socket there only, which nobody but its account and root reaches.
    """

    directory: Path
    account: Account = field(init=False)
    programs: Path = field(init=False)

    def __post_init__(self) -> None:
        self.account = server_account(self.directory / "none")
        self.programs = embedded_postgres_home.binaries(self.account)
        for name in ("", "socket", "backups", "backups/wal", "clusters"):
            self.account.own(self.directory / name)

    @property
    def url(self) -> str:
        return f"postgres://hydroml@/{self.directory / 'socket'}/postgres"

    def make(self, configuration: str) -> None:
        """Make a cluster with these settings besides its own, and start it."""
        clusters = self.directory / "clusters"
        data = clusters / "main"
        initdb = "initdb --username=hydroml --auth=trust --encoding=UTF8 --locale=C --no-sync"
        self.run(f"{initdb} --pgdata={data}")
        with (data / "postgresql.conf").open("a") as file:
            file.write("listen_addresses = ''\n")
            file.write(f"unix_socket_directories = '{self.directory / 'socket'}'\n")
            file.write(configuration)
        self.run(f"pg_ctl start --wait --pgdata={data} --log={clusters / 'log'}")

    def stop(self) -> None:
        """Stop whichever cluster runs."""
        for note in (self.directory / "clusters").glob("*/postmaster.pid"):
            self.run(f"pg_ctl stop --wait --mode=fast --pgdata={note.parent}")

    def run(self, script: str) -> None:
        """Run a shell script as the server's account, which finds PostgreSQL's programs."""
        environment = f"PATH={self.programs}:$PATH PGUSER=hydroml PGHOST={self.directory}/socket"
        done = self.account.run(["/bin/sh", "-ec", f"export {environment}; {script} >&2"])
        assert done.returncode == 0, f"{script}\n{done.stderr[-4000:]}"

    def ask(self, statement: str) -> Any:
        """Return the one value that the statement returns."""
        with self._cursor() as cursor:
            cursor.execute(statement)
            [value] = cursor.fetchone()
            return value

    def archive_everything(self) -> None:
        """Return once all that was written is in the archive."""
        segment = self.ask("SELECT pg_walfile_name(pg_switch_wal())")
        eventually((self.directory / "backups" / "wal" / segment).exists)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        host = str(self.directory / "socket")
        with closing(psycopg2.connect(host=host, user="hydroml", dbname="postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
