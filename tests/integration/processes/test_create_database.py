"""`manage.py create_database`: the role and the database that DATABASE_URL names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from psycopg2 import sql

from hydroml import database_log
from tests.support.processes import PACKAGES, database_url

pytestmark = pytest.mark.django_db(transaction=True)

# What would end a literal, a name, or a line of psql.
ROLE, DATABASE, PASSWORD = 'o\'role "x"', "o'data \\ base", "p'ss\\n \"w\nord"
ADMINISTRATOR = "hydroml_test_administrator"
DROP_DATABASE = sql.SQL("DROP DATABASE IF EXISTS {}")
DROP_ROLE = sql.SQL("DROP ROLE IF EXISTS {}")


@pytest.fixture(autouse=True)
def cleared() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute(DROP_DATABASE.format(sql.Identifier(DATABASE)))
        for role in (ROLE, ADMINISTRATOR):
            cursor.execute(DROP_ROLE.format(sql.Identifier(role)))


def create(*arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    """Run the command as a deployment does, whose DATABASE_URL names what does not exist yet."""
    user, name = quote(ROLE, safe=""), quote(DATABASE, safe="")
    url = f"postgres://{user}:{quote(password, safe='')}@127.0.0.1:1/{name}"
    return subprocess.run(
        [sys.executable, str(PACKAGES / "manage.py"), "create_database", *arguments],
        env={"SECRET_KEY": "any", "DATABASE_URL": url, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def one_row(statement: str, *parameters: object) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()


def settings_of_the_role() -> list[str]:
    """What a connection of the role to its database begins with, as `name=value`."""
    [found] = one_row(
        "SELECT coalesce(array_agg(setting), '{}') FROM pg_db_role_setting"
        " CROSS JOIN unnest(setconfig) AS setting"
        " WHERE setrole = (SELECT oid FROM pg_roles WHERE rolname = %s)"
        " AND setdatabase = (SELECT oid FROM pg_database WHERE datname = %s)",
        *(ROLE, DATABASE),
    )
    return sorted(found)


def verifier() -> str:
    """What the server keeps of the role's password."""
    return one_row("SELECT rolpassword FROM pg_authid WHERE rolname = %s", ROLE)[0]


def is_of(kept: str, password: str) -> bool:
    """Whether a SCRAM verifier is this password's (RFC 5803)."""
    _, iterations, keys = kept.split("$")
    rounds, salt = iterations.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(client_key).digest() == base64.b64decode(keys.split(":")[0])


def test_it_makes_a_role_that_signs_in_and_owns_a_utf8_database() -> None:
    done = create("--as", database_url())

    assert (done.returncode, done.stderr) == (0, "")
    assert one_row("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = %s", ROLE) == (
        True,
        False,
    )
    assert is_of(verifier(), PASSWORD)
    assert one_row(
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database"
        " WHERE datname = %s",
        DATABASE,
    ) == (ROLE, "UTF8")


def test_what_exists_is_left_as_it_is() -> None:
    create("--as", database_url())
    before = verifier()

    done = create("--as", database_url(), password="another")

    assert done.returncode == 0
    assert verifier() == before


def test_a_superuser_keeps_values_out_of_the_servers_log_also_of_a_database_that_exists() -> None:
    create("--as", database_url())
    with connection.cursor() as cursor:
        reset = sql.SQL("ALTER ROLE {} IN DATABASE {} RESET ALL")
        cursor.execute(reset.format(sql.Identifier(ROLE), sql.Identifier(DATABASE)))

    create("--as", database_url())

    quiet = [f"{name}={value}" for name, value in database_log.SETTINGS.items()]
    assert settings_of_the_role() == sorted(quiet)


@pytest.mark.directly
def test_an_administrator_need_not_be_a_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE ROLE hydroml_test_administrator LOGIN CREATEROLE CREATEDB PASSWORD 'any'"
        )
    address = database_url().partition("@")[2]

    done = create("--as", f"postgres://{ADMINISTRATOR}:any@{address}")

    assert (done.returncode, done.stderr) == (0, "")
    assert one_row("SELECT count(*) FROM pg_database WHERE datname = %s", DATABASE) == (1,)
    assert settings_of_the_role() == []  # only a superuser may say what is logged


def test_without_an_administrator_it_writes_what_psql_runs() -> None:
    script = create()
    assert script.stdout.startswith("\\set role 'o''role")

    refused = create("--as", "postgres://nobody@127.0.0.1:1/postgres")

    assert refused.returncode == 1
    assert "Connection refused" in refused.stderr
    assert "Traceback" not in refused.stderr
