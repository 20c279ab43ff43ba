"""Debian's PgBouncer with the configuration of docs/pgbouncer.ini, on the tests' PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from configparser import ConfigParser
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection

from hydroml import embedded_postgres_access
from hydroml.embedded_postgres import EmbeddedPostgres
from hydroml.embedded_postgres_home import Account, server_account
from tests.support.patience import eventually
from tests.support.processes import end

DOCUMENTED = settings.BASE_DIR / "docs" / "pgbouncer.ini"
USER = "hydroml"


@dataclass(slots=True, kw_only=True)
class PgBouncer:
    """Runs during the block. It listens in a directory that only its own account may enter.

    `server` says how it connects to PostgreSQL: the keys of a connection string.
    """

    server: Mapping[str, object]
    account: Account
    ignores_the_limits: bool = True
    _directory: Path = field(init=False)
    _process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def program() -> str | None:
        return shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin")

    def url(self, database: str) -> str:
        return f"postgres://{USER}@/{self._directory}/{database}"

    def __enter__(self) -> PgBouncer:
        program = self.program()
        assert program is not None
        self._directory = Path(tempfile.mkdtemp(prefix="hydroml-pgbouncer-", dir="/tmp"))
        self.account.own(self._directory)
        configuration = self._directory / "pgbouncer.ini"
        with configuration.open("w") as file:
            self._configuration().write(file)
        is_root = os.geteuid() == 0
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, str(configuration)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **({"user": self.account.uid, "group": self.account.gid} if is_root else {}),
            )
        eventually(self._answers, told=self._said)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            end(self._process)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _configuration(self) -> ConfigParser:
        """Return the documented configuration with another place, and without passwords."""
        configuration = ConfigParser(interpolation=None)
        configuration.read(DOCUMENTED)
        server = " ".join(f"{key}='{value}'" for key, value in self.server.items() if value)
        configuration["databases"] = {"*": server}
        pgbouncer = configuration["pgbouncer"]
        assert pgbouncer["pool_mode"] == "transaction"
        if not self.ignores_the_limits:
            del pgbouncer["ignore_startup_parameters"]
        del pgbouncer["auth_file"]
        changed = {
            "listen_addr": "",
            "listen_port": "5432",
            "unix_socket_dir": str(self._directory),
            "auth_type": "any",
            "admin_users": USER,
            # Each transaction runs on another connection to the server, so that nothing that needs
            # the same one goes well.
            "server_round_robin": "1",
        }
        pgbouncer.update(changed)
        return configuration

    def command(self, command: str) -> None:
        """Run a command of its console, such as RECONNECT."""
        place = {"host": str(self._directory), "user": USER, "dbname": "pgbouncer"}
        with closing(psycopg2.connect(**place)) as console:
            console.autocommit = True
            with console.cursor() as cursor:
                cursor.execute(command)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._said()
        try:
            self.command("SHOW VERSION")
        except psycopg2.OperationalError:
            return False
        return True

    def _said(self) -> str:
        return (self._directory / "log").read_text()


def in_front_of(embedded: EmbeddedPostgres | None, **how: Any) -> PgBouncer:
    """Return a PgBouncer in front of the tests' server; `embedded` is that server if it is ours."""
    server = connection.settings_dict
    keys = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return PgBouncer(
        server={key: server[of] for key, of in keys.items()},
        account=let_in(embedded) if embedded else server_account(Path("/nowhere")),
        **how,
    )


def let_in(embedded: EmbeddedPostgres) -> Account:
    """Let the server's own account connect to it, and return that account.

    Root's server lets in only root, as whom PgBouncer refuses to run. It can be reached by the
    account's own group alone, which no other process has.
    """
    account = server_account(embedded.home)
    embedded_postgres_access.write(embedded.home, replace(account, is_shared=False))
    host = str(embedded.socket_directory)
    with closing(psycopg2.connect(host=host, user=USER, dbname="postgres")) as superuser:
        with superuser.cursor() as cursor:
            cursor.execute("SELECT pg_reload_conf()")
    return account
