"""`python -m tests.pooled [arguments of pytest]`: the suite behind PgBouncer in transaction mode.

Each transaction of the service and of the tests runs on another connection to PostgreSQL. The
limits of connections are defaults of the role, as `manage.py set_database_limits` makes them. Tests
that change a setting of their connection, or have a role or a pooler of their own, are left out
(markers `session_setting` and `directly`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing

import django
import psycopg2
from django.conf import settings

from hydroml.embedded_postgres import USER, EmbeddedPostgres

# Tests commit often, and stop no server whose database they need again.
_MORE_SETTINGS = {"synchronous_commit": "off"}


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings_test")
    django.setup()
    from tests.support.pgbouncer import PgBouncer, let_in

    if PgBouncer.program() is None:
        sys.exit("There is no program `pgbouncer`. On Debian: apt-get install pgbouncer")
    server = EmbeddedPostgres(home=settings.VAR_DIR / "postgres-pooled")
    server.ensure_running()
    _prepare(server)
    keys = {"host": server.socket_directory, "user": USER}
    with PgBouncer(server=keys, account=let_in(server)) as pooler:
        # The databases of the tests were dropped above: a pooler's own connections forbid it later.
        command = [sys.executable, "-m", "pytest", "--reuse-db", *arguments]
        environment = {
            **os.environ,
            "DATABASE_URL": pooler.url("hydroml"),
            "BEHIND_POOLER": str(server.socket_directory),
        }
        return subprocess.run(command, cwd=settings.BASE_DIR, env=environment).returncode


def _prepare(server: EmbeddedPostgres) -> None:
    """Drop the databases of earlier tests, and set the limits for the role in every database."""
    place = {"host": str(server.socket_directory), "user": USER, "dbname": "postgres"}
    with closing(psycopg2.connect(**place)) as superuser:
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'")
            for (database,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
            for name, value in (settings.DATABASE_CONNECTION_SETTINGS | _MORE_SETTINGS).items():
                cursor.execute(f"ALTER ROLE {USER} SET {name} = '{value}'")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
