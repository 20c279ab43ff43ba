"""`make run` as a newcomer meets it: the printed commands do what they say, and data is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db import connection

from hydroml.management.commands import run_demo
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import database_url
from tests.support.serving import free_port


@pytest.fixture
def demo_database(transactional_db: None) -> Iterator[str]:
    """A new database beside the tests' own."""
    own = connection.settings_dict["NAME"]
    new = f"{own}_demo"
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
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
                if lines and "the same rows" in line:
                    break
            assert lines, log.read_text()
            yield lines
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def run_one_by_one(lines: list[str]) -> str:
    """What the printed commands print, in one shell."""
    commands = [line for line in lines[4:] if line and not line.startswith("#")]
    assert len(commands) == 11
    done = subprocess.run(
        ["bash", "-c", "\n".join(commands)],
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_flights_that_cannot_be_loaded_stop_the_demo_with_the_reason(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "flights.csv"
    broken.write_text("a,b\n1,2\n3\n")
    monkeypatch.setattr(run_demo, "flights_csv", lambda folder: broken)

    with pytest.raises(CommandError, match="The flights were not loaded: 1 line does not have"):
        run_demo.load_flights(owner=user)


def test_the_printed_commands_lose_and_recover_a_session_on_all_flights(
    demo_database: str, tmp_path: Path
) -> None:
    with running_demo(demo_database, tmp_path / "first.log") as lines:
        assert lines[0].startswith("ready http://127.0.0.1:")
        said = run_one_by_one(lines)

    assert "Session initialized successfully" in said
    assert "'dep_delay': None" in said
    assert "Filled 8255 missing values using median strategy" in said
    assert "'departure_delay': -2" in said
    assert '"suggested_action":"start_new"' in said
    assert '"recovered":true' in said
    assert said.endswith("the same rows\n")

    with running_demo(demo_database, tmp_path / "second.log") as again:
        # The address has another port; the dataset is the one that was loaded before.
        assert again[2] == lines[2]
    assert "Loading" not in (tmp_path / "second.log").read_text()
