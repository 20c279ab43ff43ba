"""Fixtures for every test: a database, users, a small dataset, the flights, servers, a clock."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.utils import CursorWrapper
from hypothesis import HealthCheck
from hypothesis.internal.conjecture import providers

from data_tools import features
from data_tools.features import Feature
from data_tools.models import DataSource
from hydroml import flights
from hydroml.embedded_postgres import ensure_configured_database
from tests.crash.victims import OwnRedis
from tests.support.clock import Clock
from tests.support.dead_redis import DeadRedis, dead_redis
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import Server, free_port
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studios import open_studio, studio_of
from tests.support.users import UserFactory

# No test fails for being slow: machines are noisy. All examples of a test share its fixtures. The
# suite makes the same examples each time, so that only a change can turn it red; `make explore`
# makes new ones.
hypothesis.settings.register_profile(
    "explore",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis.settings.register_profile(
    "suite", hypothesis.settings.get_profile("explore"), derandomize=True
)
hypothesis.settings.load_profile("suite")

PATIENTLY = [
    f"SET LOCAL {limit} = '{PATIENCE_SECONDS}s'" for limit in ("statement_timeout", "lock_timeout")
]


@pytest.fixture
def user(db: None) -> User:
    return UserFactory()


@pytest.fixture
def other_user(db: None) -> User:
    return UserFactory()


@pytest.fixture
def datasource(user: User) -> DataSource:
    """The user's small dataset."""
    return publish(user)


@pytest.fixture
def studio(user: User, datasource: DataSource) -> Studio:
    """The user's client of the dataset. It names no capability and has no session yet."""
    return studio_of(user, datasource)


@pytest.fixture
def opened(user: User, datasource: DataSource) -> Studio:
    """The same client with a new session."""
    return open_studio(user, datasource)


@pytest.fixture(scope="session")
def flights_csv() -> Path:
    """The path of a CSV file with all 336,776 flights."""
    return flights.flights_csv(settings.VAR_DIR / "demo")


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    """A Redis that only this test uses."""
    if not OwnRedis.is_there():
        part_is_missing("Redis: there is no program `redis-server`")
    own = OwnRedis(directory=tmp_path, port=free_port())
    own.start()
    yield own
    own.stop()


@pytest.fixture(scope="session", autouse=True)
def _same_examples_whatever_is_imported() -> None:
    """Keep Hypothesis from mixing in the constants of the modules that are imported already.

    Which modules these are depends on the tests that the process has run.
    """
    if hypothesis.settings.get_current_profile_name() == "suite":
        providers._get_local_constants = providers.Constants


@pytest.fixture(autouse=True)
def _features_are_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every feature is on, and no request looks up the switches: see `data_tools.features`.

    A test that switches features uses `switch_off`, or does what an administrator does.
    """
    monkeypatch.setattr(features._Remembered, "off", frozenset())
    monkeypatch.setattr(features._Remembered, "until", float("inf"))


@pytest.fixture
def switch_off(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Returns a function that switches features off, as an administrator does, at once."""

    def switch_off(*off: Feature) -> None:
        for feature in off:
            features.switch(feature, on=False)

    return switch_off


@pytest.fixture(name="dead_redis", params=["refuses", "is silent"])
def _dead_redis(request: pytest.FixtureRequest) -> Iterator[DeadRedis]:
    with dead_redis(accepts=request.param == "is silent") as dead:
        yield dead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that gives every event its time. It stands until the test moves it."""
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    return clock


@pytest.fixture(scope="session")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server on the test database, shared by all tests. It sees only what is committed.

    Only the first look at a session is an event, however slow the machine is.
    """
    with Server(
        log=tmp_path_factory.mktemp("server") / "log",
        environment={"SESSION_VIEW_CHANGE_INTERVAL_SECONDS": "86400"},
    ) as running:
        yield running


@pytest.fixture
def chromium() -> str:
    """The path of a Chromium for Playwright."""
    if importlib.util.find_spec("playwright") is None:
        part_is_missing("Playwright: install requirements-dev.txt")
    path = shutil.which("chromium")
    if path is None:
        part_is_missing("Chromium: there is no program `chromium`")
    return path


def part_is_missing(reason: str) -> NoReturn:
    """Skip the test, or fail it if every part is required (REQUIRE_PARTS=1, as in `.ci/run`)."""
    if os.environ.get("REQUIRE_PARTS") == "1":
        pytest.fail(f"a part this test needs is missing: {reason}")
    pytest.skip(f"needs {reason}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    """Start the database server before the first test that needs a database.

    Creating and dropping a whole database is exempt from the time limits of a request.
    """
    ensure_configured_database()
    nodb_cursor = DatabaseWrapper._nodb_cursor

    @contextmanager
    def without_limits(wrapper: DatabaseWrapper) -> Iterator[CursorWrapper]:
        with nodb_cursor(wrapper) as cursor:
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            yield cursor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseWrapper, "_nodb_cursor", without_limits)
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_empties_append_only_tables() -> Iterator[None]:
    """Let Django empty the tables after a test with `transaction=True`.

    It uses TRUNCATE, which the event log refuses with triggers that fire ALWAYS: no session setting
    disables them, only the tables' owner can. The flush disables and enables them in one
    transaction, so that no test ever runs without them.
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
        execute_sql_flush(operations, [*PATIENTLY, *off, *statements, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield
