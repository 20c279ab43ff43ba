"""`manage.py create_database`: the role and the database that DATABASE_URL names.

Note [A script for psql]
    Administrators reach their server in different ways: as the account `postgres` of the same
    machine, or by a URL. So this writes a script for `psql`, which they run as they always do, and
    runs it itself if it is given a URL. Names and password are variables of the script, which the
    server quotes: no statement is put together here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from argparse import ArgumentParser
from typing import Any

import environ
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.backends.postgresql.client import DatabaseClient

from hydroml import database_log
from hydroml.embedded_postgres_home import own_program

# Only a member of a role, or a superuser, may make a database that the role owns. Only a superuser
# may say what is logged: see Note [No values in the server's log] in `database_log`.
SCRIPT = r"""
\set ON_ERROR_STOP on
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'role', :'password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('GRANT %I TO %I', :'role', current_user)
FROM pg_roles WHERE rolname = current_user AND NOT rolsuper \gexec
SELECT format(
    'CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', :'database', :'role'
)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
SELECT format('ALTER ROLE %I IN DATABASE %I SET %I = %L', :'role', :'database', name, value)
FROM json_each_text(:'log_settings') AS quiet (name, value)
WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \gexec
"""


class Command(BaseCommand):
    help = (
        "Write a script for psql that makes the role and the database of DATABASE_URL; or, with "
        "--as, run it. What exists already is left as it is, except that a superuser keeps what "
        "users type out of PostgreSQL's own log."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as",
            dest="administrator",
            metavar="URL",
            help="a postgres:// URL of a role that may create roles and databases",
        )

    def handle(self, *, administrator: str | None, **_: Any) -> None:
        if settings.EMBEDDED_POSTGRES is not None:
            raise CommandError("DATABASE_URL is not set; the embedded server needs no database.")
        database = settings.DATABASES["default"]
        script = _script(
            role=database["USER"],
            password=database["PASSWORD"],
            database=database["NAME"],
            log_settings=json.dumps(database_log.SETTINGS),
        )
        if administrator is None:
            self.stdout.write(script)
        else:
            _run(script, administrator)
            self.stdout.write(f"The role and the database {database['NAME']} are there.")


def _script(**variables: str) -> str:
    for name, value in variables.items():
        if not value:
            raise CommandError(f"DATABASE_URL names no {name}.")
    lines = [rf"\set {name} {_quoted(value)}" for name, value in variables.items()]
    return "\n".join(lines) + SCRIPT


def _quoted(text: str) -> str:
    r"""Return the text as psql's `\set` reads it."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\n", r"\n")
    return f"'{escaped}'"


def _run(script: str, url: str) -> None:
    """Run the script; the URL's password travels in the environment, which others cannot read."""
    try:
        given = environ.Env.db_url_config(url)
    except ValueError:
        raise CommandError("--as must be a URL like postgres://admin@host:5432/postgres") from None
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
    connection = {names[key]: str(given[key]) for key in names if given.get(key)}
    _, options = DatabaseClient.settings_to_cmd_args_env(
        {"OPTIONS": {}} | given, []
    )  # such as sslmode
    connection |= options or {}
    psql = shutil.which("psql") or str(own_program("psql"))
    done = subprocess.run(
        [psql, "--no-psqlrc", "--quiet", "--dbname", given.get("NAME") or "postgres"],
        input=script,
        env=dict(os.environ) | connection,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CommandError(done.stderr.strip())
