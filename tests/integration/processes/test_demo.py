"""`make run` as a newcomer meets it: one signs in as it says, and data is kept."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db import connection

from data_tools.models import DataSource
from hydroml.management.commands import run_demo
from tests.support.patience import PATIENCE_SECONDS
from tests.support.pooler import lift_time_limits
from tests.support.processes import database_url
from tests.support.serving import free_port


@pytest.fixture
def demo_database(transactional_db: None) -> Iterator[str]:
    """A new database beside the tests' own."""
    own = connection.settings_dict["NAME"]
    new = f"{own}_demo"
    with connection.cursor() as cursor:
        lift_time_limits(cursor)
        cursor.execute(f"DROP DATABASE IF EXISTS {new} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {new} TEMPLATE template0")
    yield database_url().replace(own, new)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {new} WITH (FORCE)")
    connection.close()


@contextmanager
def running_demo(address: str, log: Path) -> Iterator[list[str]]:
    """The demo on a free port; yields the lines it printed, from `ready` on."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "hydroml.settings_demo",
        "DATABASE_URL": address,
        "PORT": str(free_port()),
    }
    environment.pop("SECRET_KEY", None)
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "manage.py", "run_demo"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                if lines or line.startswith("ready "):
                    lines.append(line.rstrip("\n"))
                if "Ctrl-C" in line:
                    break
            assert lines, log.read_text()
            yield lines
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def datasets_page(lines: list[str]) -> str:
    """Do what the demo says: open the address and sign in. Returns the page that this leads to."""
    said = re.search(r"Open (http\S+) and sign in as (\w+), password (\w+)\.", "\n".join(lines))
    assert said is not None, lines
    address, user_name, password = said.groups()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(address, timeout=PATIENCE_SECONDS) as form:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.read().decode())
    assert token is not None
    fields = {"username": user_name, "password": password, "csrfmiddlewaretoken": token[1]}
    content = urllib.parse.urlencode(fields).encode()
    with browser.open(form.url, content, timeout=PATIENCE_SECONDS) as page:
        return page.read().decode()


def test_flights_that_cannot_be_loaded_stop_the_demo_with_the_reason(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "flights.csv"
    broken.write_text("a,b\n1,2\n3\n")
    monkeypatch.setattr(run_demo, "flights_csv", lambda folder: broken)

    with pytest.raises(CommandError, match="The flights were not loaded: 1 line does not have"):
        run_demo.load_flights(owner=user)


def test_NA_is_missing_also_in_columns_of_text(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "flights.csv"
    file.write_text("tailnum,delay\nN14228,2\nNA,NA\n")
    monkeypatch.setattr(run_demo, "flights_csv", lambda folder: file)

    run_demo.load_flights(owner=user)

    columns = DataSource.objects.get(owner=user).ingest_report["columns"]
    assert [(each["name"], each["missing_count"]) for each in columns] == [
        ("tailnum", 1),
        ("delay", 1),
    ]


def test_whoever_signs_in_as_it_says_finds_the_flights_and_finds_them_again(
    demo_database: str, tmp_path: Path
) -> None:
    flights = re.compile(r'<a href="/studio/([0-9a-f-]+)/">flights</a>')
    with running_demo(demo_database, tmp_path / "first.log") as lines:
        assert lines[0].startswith("ready http://127.0.0.1:")
        page = datasets_page(lines)
    assert "336,776 rows" in page

    with running_demo(demo_database, tmp_path / "second.log") as again:
        # The address has another port; the dataset is the one that was loaded before.
        assert flights.findall(datasets_page(again)) == flights.findall(page)
    assert "Loading" not in (tmp_path / "second.log").read_text()
