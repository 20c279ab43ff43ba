"""Two hosts may migrate one database at once: one waits for the other, and both succeed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.pooler import lift_time_limits
from tests.support.processes import database_url, end, start_module

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "empty_for_migrations"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('hydroml.migrate', 0))"
WAITS = "Another process migrates the database: waiting for it."


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a database that has nothing in it."""
    with connection.cursor() as cursor:
        lift_time_limits(cursor)
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME}")
    yield database_url().replace(f"/{connection.settings_dict['NAME']}", f"/{NAME}")
    with connection.cursor() as cursor:
        lift_time_limits(cursor)
        cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def migrate(address: str, log: Path) -> subprocess.Popen[bytes]:
    return start_module(
        *("django", "migrate", "--verbosity=0"),
        log=log,
        redis_url="",
        environment={"DATABASE_URL": address},
    )


def test_of_two_hosts_that_migrate_an_empty_database_one_waits_and_both_succeed(
    empty_database: str, tmp_path: Path
) -> None:
    logs = [tmp_path / "one", tmp_path / "other"]
    held = connection.copy()
    held.settings_dict["NAME"] = NAME
    try:
        held.set_autocommit(False)
        with held.cursor() as cursor:
            cursor.execute(LOCK)
        hosts = [migrate(empty_database, log) for log in logs]
        try:
            eventually(lambda: all(WAITS in log.read_text() for log in logs))
            held.rollback()
            statuses = [host.wait(3 * PATIENCE_SECONDS) for host in hosts]
        finally:
            for host in hosts:
                end(host)
        with held.cursor() as cursor:
            cursor.execute("SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations")
            applied, distinct = cursor.fetchone()
    finally:
        held.close()

    assert statuses == [0, 0], [log.read_text() for log in logs]
    assert applied == distinct > 20
