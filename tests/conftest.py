"""What every test may use: a running database, users, the real flights, and Redis if there."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import factory
import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.db.backends.postgresql.operations import DatabaseOperations

from hydroml import flights
from hydroml.embedded_postgres import ensure_configured_database
from tests.serving import Server


class UserFactory(factory.django.DjangoModelFactory):
    """A user whose password is `password`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user{number}")
    password = factory.django.Password("password")


@pytest.fixture
def user(db: None) -> User:
    return UserFactory()


@pytest.fixture
def other_user(db: None) -> User:
    return UserFactory()


@pytest.fixture(scope="session")
def flights_csv() -> Path:
    """All 336,776 flights as a CSV file."""
    return flights.flights_csv(settings.VAR_DIR / "demo")


@pytest.fixture
def redis_url() -> str:
    """The address of a Redis that answers."""
    url = os.environ.get("REDIS_URL")
    if not url:
        part_is_missing("Redis: REDIS_URL is not set")
    with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as client:
        try:
            client.ping()
        except redis.ConnectionError as error:
            part_is_missing(f"Redis: {error}")
    return url


@pytest.fixture(scope="session")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server on the test database; what it shall see has to be committed."""
    running = Server(log=tmp_path_factory.mktemp("server") / "log")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def chromium() -> str:
    """The path of a Chromium that Playwright can drive."""
    if importlib.util.find_spec("playwright") is None:
        part_is_missing("Playwright: install requirements-dev.txt")
    path = shutil.which("chromium")
    if path is None:
        part_is_missing("Chromium: there is no program `chromium`")
    return path


def part_is_missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where every part has to be there (REQUIRE_PARTS=1, `.ci/run`)."""
    if os.environ.get("REQUIRE_PARTS") == "1":
        pytest.fail(f"a part this test needs is missing: {reason}")
    pytest.skip(f"needs {reason}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Before the first test that needs a database, start the server that holds it."""
    ensure_configured_database()


@pytest.fixture(scope="session", autouse=True)
def _flush_empties_append_only_tables() -> Iterator[None]:
    """Let Django empty the tables after a test with `transaction=True`.

    It does so by TRUNCATE, which the event log refuses by triggers that fire ALWAYS: no session
    setting switches those off. Only the tables' owner may, so the flush takes them off and puts
    them back in its one transaction; a test never sees them off.
    """
    execute_sql_flush = DatabaseOperations.execute_sql_flush

    def flush(operations: DatabaseOperations, statements: list[str]) -> None:
        with operations.connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger"
                " WHERE tgenabled = 'A' AND NOT tgisinternal"
            )
            triggers = cursor.fetchall()
        off = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in triggers]
        on = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table, name in triggers]
        execute_sql_flush(operations, [*off, *statements, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield
