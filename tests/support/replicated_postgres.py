"""A PostgreSQL of a test's own with a standby that follows it."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from tests.support.archiving_postgres import ArchivingPostgres
from tests.support.patience import eventually
from tests.support.processes import is_running

_LOGGED = "-c log_statement=all -c log_min_duration_statement=-1"


@dataclass(slots=True, kw_only=True)
class ReplicatedPostgres(ArchivingPostgres):
    """A primary, and a standby made of it by pg_basebackup, which logs every statement."""

    def __post_init__(self) -> None:
        ArchivingPostgres.__post_init__(self)
        self.account.own(self._socket)

    @property
    def _socket(self) -> Path:
        return self.directory / "standby-socket"

    @property
    def _standby(self) -> Path:
        return self.directory / "clusters" / "standby"

    @property
    def replica_url(self) -> str:
        return f"postgres://hydroml@/{self._socket}/postgres"

    def make_standby(self) -> None:
        self.run(f"pg_basebackup --pgdata={self._standby} --write-recovery-conf --checkpoint=fast")
        self.start_standby()

    def start_standby(self) -> None:
        options = f"-c unix_socket_directories={self._socket} {_LOGGED}"
        self.run(f"pg_ctl start --wait --pgdata={self._standby} --log={self._log} -o '{options}'")

    def stop_standby(self) -> None:
        self.run(f"pg_ctl stop --wait --mode=fast --pgdata={self._standby}")

    def promote_standby(self) -> None:
        """Let it be a primary of its own, without the checkpoint that follows a promotion."""
        checkpointer = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
        os.kill(self.ask_standby(checkpointer), signal.SIGSTOP)
        self.run(f"pg_ctl promote --wait --pgdata={self._standby}")

    def make_standby_anew(self) -> None:
        self.signal_standby(signal.SIGCONT)
        self.stop_standby()
        self.run(f"rm -r {self._standby}")
        self.make_standby()

    def signal_standby(self, by: signal.Signals) -> None:
        """Send a signal to each of its processes, such as SIGSTOP."""
        first = int((self._standby / "postmaster.pid").read_text().split("\n", 1)[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process_id in [first, *map(int, children)]:
            if is_running(process_id):
                os.kill(process_id, by)

    def ask_standby(self, statement: str) -> Any:
        """Return the one value that the statement returns there."""
        place = {"host": str(self._socket), "user": "hydroml", "dbname": "postgres"}
        with closing(psycopg2.connect(**place)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                [value] = cursor.fetchone()
                return value

    def catch_up(self) -> None:
        """Return once the standby has all that the primary has written."""
        written = self.ask("SELECT pg_current_wal_lsn()")
        eventually(
            lambda: self.ask_standby(f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn")
        )

    def read_by_standby(self, table: str) -> int:
        """Return how many of the logged lines of the standby name a table."""
        return self._log.read_text(errors="replace").count(table)

    @property
    def _log(self) -> Path:
        return self.directory / "clusters" / "standby.log"
