"""Fixtures for every test: a database, users, a small dataset, the flights, servers, a clock."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

import freezegun
import hypothesis
import pytest
from coverage import Coverage
from django.conf import settings
from django.contrib.auth.models import User
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.test import TestCase
from hypothesis import HealthCheck
from hypothesis.internal.conjecture import providers
from pytest_django import DjangoDbBlocker

from data_tools import features
from data_tools.features import Feature
from data_tools.ingest.formats import sandbox_process
from data_tools.models import DataSource
from hydroml import flights
from hydroml.embedded_postgres import ensure_configured_database
from tests.crash.victims import OwnRedis
from tests.support import pooler, stored_rows
from tests.support.chromium import Chromium
from tests.support.clock import Clock
from tests.support.dataset_rule import watched_statements
from tests.support.dead_redis import DeadRedis, dead_redis
from tests.support.flushing import flush_quickly
from tests.support.processes import PACKAGES, WITHOUT_PANDAS
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

# What freezegun need not look through for clocks, hundreds of modules each time it stops one.
freezegun.configure(
    extend_ignore_list=[
        *("numpy", "pandas", "scipy", "sklearn", "statsmodels", "feature_engine", "joblib"),
        *("faker", "openpyxl", "playwright", "pyarrow", "drf_spectacular"),
    ]
)

# Looking for circles of objects took a quarter of the suite's time: each look went through all that
# is imported, and a test makes many objects. A test that looks for them calls `gc.collect`.
gc.set_threshold(100_000, 50, 1_000)

# They come first, so that neither of two processes of tests is left with a long file at the end.
SLOWEST_FILES = (
    "contract/test_schemathesis.py",
    "integration/attacks/",
    "integration/processes/",
    "integration/jobs/",
    "integration/observing/",
    "integration/back_up/",
    "browser/",
    "integration/api/test_bad_input.py",
    "integration/api/test_hostile_names.py",
    "integration/ingest/",
    "integration/recovery/",
)


# Coverage adds two thirds to the time of what it watches. The hundredth case of a test runs lines
# that the first ones have run, and so do most fixtures: it watches those of each file's first test.
WATCHED_CASES = 2
NOT_POOLED = {  # the markers of tests that no pooler may come between
    "session_setting": "changes a setting of its connection, which others share",
    "directly": "has a role or a pooler of its own, and needs the server itself behind it",
}
_is_watched = pytest.StashKey[bool]()
_fixtures_are_watched = pytest.StashKey[bool]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_is_quick)
    if pooler.IS_THERE:
        for item in items:
            for marker, reason in NOT_POOLED.items():
                if item.get_closest_marker(marker) is not None:
                    item.add_marker(pytest.mark.skip(reason=reason))
    seen: Counter[str] = Counter()
    for item in items:
        function = item.nodeid.partition("[")[0]
        seen.update([function, str(item.path)])
        item.stash[_is_watched] = seen[function] <= WATCHED_CASES and not _makes_examples(item)
        item.stash[_fixtures_are_watched] = seen[str(item.path)] == 1


def pytest_collection_finish() -> None:
    """Leave the modules and the tests themselves out of every later look for circles."""
    gc.freeze()


def _makes_examples(item: pytest.Item) -> bool:
    return item.get_closest_marker("hypothesis") is not None or "property" in item.path.name


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    with _coverage_only_if(item.stash[_fixtures_are_watched]):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    is_left_to_pytest_cov = item.get_closest_marker("no_cover") is not None
    with _coverage_only_if(item.stash[_is_watched] or is_left_to_pytest_cov):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    with _coverage_only_if(False):
        return (yield)


@contextmanager
def _coverage_only_if(is_watched: bool) -> Iterator[None]:
    coverage = Coverage.current()
    if coverage is None or is_watched:
        yield
        return
    coverage.stop()
    try:
        yield
    finally:
        coverage.start()


def _is_quick(item: pytest.Item) -> bool:
    path = item.path.relative_to(Path(__file__).parent).as_posix()
    return not path.startswith(SLOWEST_FILES)


@pytest.fixture(scope="session")
def broken_rules() -> Iterator[list[str]]:
    """What the statements of the test so far break of `dataset_rule`."""
    with watched_statements() as breaches:
        yield breaches


@pytest.fixture(autouse=True)
def _statements_name_their_dataset(broken_rules: list[str]) -> Iterator[None]:
    """Whatever the product sends to the database in a test keeps the rule of `dataset_rule`."""
    yield
    breaches = list(dict.fromkeys(broken_rules))
    broken_rules.clear()
    assert breaches == []


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database that the fixtures of a module's scope may write to, behind the blocker.

    Each test finds what they wrote, and what it writes itself is rolled back as usual; the rest
    goes after the module's last test. Not for modules with `transaction=True`.
    """

    class Module(TestCase):
        pass

    with django_db_blocker.unblock():
        Module.setUpClass()
    yield
    with django_db_blocker.unblock():
        Module.tearDownClass()
        Module.doClassCleanups()


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
    yield from _run_redis(tmp_path)


@pytest.fixture(scope="module")
def module_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    """A Redis that only the tests of this module use."""
    yield from _run_redis(tmp_path_factory.mktemp("redis"))


def _run_redis(directory: Path) -> Iterator[OwnRedis]:
    if not OwnRedis.is_there():
        part_is_missing("Redis: there is no program `redis-server`")
    own = OwnRedis(directory=directory, port=free_port())
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


@pytest.fixture(scope="session", autouse=True)
def _sandbox_has_no_pandas() -> Iterator[None]:
    """Each file of a test is read by a process that starts in half the time without it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sandbox_process._ENVIRONMENT, "PYTHONPATH", WITHOUT_PANDAS)
        yield


@pytest.fixture(autouse=True)
def _unpublished_rows_are_forgotten() -> Iterator[None]:
    yield
    stored_rows.unpublished.close()


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


@pytest.fixture(name="dead_redis", scope="module", params=["refuses", "is silent"])
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
        environment={
            "DJANGO_SETTINGS_MODULE": "tests.support.quick_sign_in_settings",
            "SESSION_VIEW_CHANGE_INTERVAL_SECONDS": "86400",
        },
    ) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """A Chromium that all tests of this process share; each opens a context of its own."""
    if importlib.util.find_spec("playwright") is None:
        part_is_missing("Playwright: install requirements-dev.txt")
    path = shutil.which("chromium")
    if path is None:
        part_is_missing("Chromium: there is no program `chromium`")
    with closing(Chromium(path)) as chromium:
        yield chromium


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js."""
    path = shutil.which("node")
    if path is None:
        part_is_missing("Node.js: there is no program `node`")
    return path


@pytest.fixture(scope="session")
def node_tools(node: str) -> Path:
    """The folder of what package-lock.json installs; `make test` fills it where npm is there."""
    folder = PACKAGES / "node_modules"
    if not folder.is_dir():
        part_is_missing("npm's packages: run `npm ci`")
    return folder


@pytest.fixture(scope="session")
def systemd_analyze() -> str:
    """The path of systemd's own look at its units."""
    path = shutil.which("systemd-analyze")
    if path is None:
        part_is_missing("systemd: there is no program `systemd-analyze`")
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
            pooler.lift_time_limits(cursor)
            yield cursor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseWrapper, "_nodb_cursor", without_limits)
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_is_quick_and_empties_append_only_tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        flush_quickly(patch)
        yield
