"""The commands of the operations guide that back up and restore, typed into a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from data_tools.models import DataRow
from hydroml import embedded_postgres_home
from tests.support.guide_commands import indented_blocks
from tests.support.other_database import drop_database
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import database_url
from tests.support.studios import rename
from tests.support.uploads import open_uploaded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.session_setting]

OWNER = "hydroml_guide"


@pytest.fixture
def new_database() -> Iterator[str]:
    """The URL of the database that the guide makes, whose role it makes as well."""
    name = f"{connection.settings_dict['NAME']}_restored"
    server, _, query = database_url().partition("@")[2].partition("?")
    host = server.rpartition("/")[0]
    yield f"postgres://{OWNER}:a-long-password@{host}/{name}" + (query and f"?{query}")
    drop_database(name)
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS hydroml_guide")


def test_they_back_up_restore_and_verify(user: User, tmp_path: Path, new_database: str) -> None:
    open_uploaded(user, "id,carrier\n1,UA\n2,AA\n").take(rename("carrier", "airline"))
    back_up, restore = indented_blocks(
        "Back up and restore",
        {
            "/var/backups/hydroml": f"{tmp_path}/back-ups",
            "/srv/hydroml": str(settings.BASE_DIR),
            "postgres://hydroml:a-long-password@127.0.0.1/hydroml_restored": f"'{new_database}'",
            # Whoever runs the tests stands for both accounts.
            "runuser -u hydroml -- ": "",
            "runuser -u postgres -- ": "",
            " -o hydroml -g hydroml": "",
        },
    )

    told = typed(back_up + restore, tmp_path)

    assert "rows                        2 examined      0 wrong" in told
    assert "sessions                    1 examined      0 wrong" in told
    assert DataRow.objects.count() == 2  # the database that was backed up is as it was
    assert owner_of(new_database) == OWNER


def owner_of(url: str) -> str:
    name = url.partition("?")[0].rpartition("/")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone()[0]


def typed(commands: str, place: Path) -> str:
    """Return what the commands print, typed where `hydroml` and PostgreSQL's clients are found."""
    to = connection.settings_dict
    programs = embedded_postgres_home.installed_programs() or "/usr/bin"
    own = place / "bin"
    own.mkdir()
    (own / "hydroml").write_text(f'#!/bin/sh\nexec "{sys.executable}" manage.py "$@"\n')
    (own / "hydroml").chmod(0o755)
    clients = {"PGHOST": to["HOST"], "PGPORT": str(to["PORT"]), "PGUSER": to["USER"]}
    done = subprocess.run(
        ["/bin/bash", "-ec", "set -o pipefail\n" + commands],
        cwd=place,
        env={
            **os.environ,
            **{name: value for name, value in clients.items() if value},
            "PGPASSWORD": to["PASSWORD"],
            "PGDATABASE": "postgres",
            "PATH": f"{own}:{programs}:{os.environ['PATH']}",
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
            "CRASH_DIRECTORY": str(place),
            "SECRET_KEY": settings.SECRET_KEY,
        },
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE_SECONDS,  # of six programs
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
