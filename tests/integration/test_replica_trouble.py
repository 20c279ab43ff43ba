"""What a read that a replica may answer does when the replica does not, or is no replica.

The database of the tests plays the replica, too. It is no standby, so most tests leave that check
out; `processes/test_replica.py` has a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from data_tools.observing.metrics import REPLICA_READS
from data_tools.replica import reading
from data_tools.replica.pause import PAUSE_SECONDS, Pause
from data_tools.replica.reading import REPLICA, fault, read_on_replica
from data_tools.services import health_service
from data_tools.under_way.requests import under_way

pytestmark = pytest.mark.django_db(transaction=True)

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '%s'; END $$"


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of pauses, which stands until a test moves it."""
    clock = Clock()
    monkeypatch.setattr("data_tools.replica.pause.time", clock)
    return clock


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[BaseDatabaseWrapper]:
    """The replica's connection."""
    monkeypatch.setattr(reading, "PAUSE", Pause())
    monkeypatch.setitem(connections.settings, REPLICA, connections.settings["default"])
    replica = connections.create_connection("default")
    replica.alias = "replica of a test"
    connections[REPLICA] = replica
    yield replica
    replica.close()
    del connections[REPLICA]


@pytest.fixture
def standby(replica: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> BaseDatabaseWrapper:
    """The same, which passes for a standby of the primary."""
    monkeypatch.setattr(reading, "_HISTORY", "SELECT true, 1, 1")
    return replica


def asks(statement: str) -> Callable[[BaseDatabaseWrapper], str | None]:
    def read(on: BaseDatabaseWrapper) -> str | None:
        with on.cursor() as cursor:
            cursor.execute(statement)
            found: str | None = cursor.fetchone()[0]
            return found

    return read


def counted(outcome: str) -> float:
    return REPLICA_READS.labels(outcome)._value.get()


def read(statement: str, **how: float) -> str | None:
    with under_way(20):
        return read_on_replica(asks(statement), **how)


def test_what_is_read_on_the_replica_is_returned(standby: BaseDatabaseWrapper) -> None:
    with under_way(20):
        assert read_on_replica(lambda on: on is standby) is True
    assert fault() is None


def test_only_requests_outside_of_transactions_ask_it(standby: BaseDatabaseWrapper) -> None:
    assert read_on_replica(asks("SELECT 'found'")) is None
    with transaction.atomic():
        assert read("SELECT 'found'") is None


def test_what_is_not_all_there_is_the_primarys_to_answer(standby: BaseDatabaseWrapper) -> None:
    before = counted("lacking")

    assert read("SELECT NULL") is None
    assert counted("lacking") == before + 1
    assert fault() is None


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("42883", "lacking"),  # a function of a migration that is not replayed
        ("0A000", "lacking"),  # an unlogged table
        ("40001", "conflict"),  # with recovery
    ],
)
def test_an_error_of_one_statement_leaves_the_replica_in_use(
    standby: BaseDatabaseWrapper, state: str, outcome: str
) -> None:
    before = counted(outcome)

    assert read(RAISE % state) is None
    assert counted(outcome) == before + 1
    assert read("SELECT 'found'") == "found"


@pytest.mark.parametrize("state", ["57P03", "57014", "53300", "58030", "XX000"])
def test_a_replica_that_fails_is_left_alone_and_then_tried_again(
    standby: BaseDatabaseWrapper, state: str, clock: Clock
) -> None:
    before = counted("failed")

    assert read(RAISE % state) is None
    assert counted("failed") == before + 1
    assert fault()
    assert read("SELECT 'found'") is None
    assert counted("failed") == before + 1

    clock.now += PAUSE_SECONDS
    assert read("SELECT 'found'") == "found"
    assert fault() is None


def test_after_a_pause_one_thread_tries_and_the_others_wait_for_what_it_finds(
    clock: Clock,
) -> None:
    pause = Pause()
    pause.begin("away")
    clock.now += PAUSE_SECONDS

    assert pause.is_over()
    assert not pause.is_over()

    pause.end()
    assert pause.is_over()


def test_connections_from_before_a_failure_are_opened_anew(
    standby: BaseDatabaseWrapper, clock: Clock
) -> None:
    assert read("SELECT 'found'") == "found"
    before = standby.connection
    clock.now += 1
    reading.PAUSE.begin("another thread lost its connection")
    clock.now += PAUSE_SECONDS

    assert read("SELECT 'found'") == "found"
    assert standby.connection is not before


def test_a_read_ends_in_time_and_the_request_goes_on(standby: BaseDatabaseWrapper) -> None:
    with under_way(20) as request:
        assert read_on_replica(asks("SELECT pg_sleep(30)::text"), seconds=0.3) is None
        assert request.seconds_left > 0
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
    assert fault() == "it did not answer in time"


def test_a_server_that_is_no_standby_is_not_read(replica: BaseDatabaseWrapper) -> None:
    assert read("SELECT 'found'") is None
    assert "no standby of the primary" in (fault() or "")


@pytest.mark.parametrize("history", ["true, 2, 1", "true, 1, 2", "false, 1, 1"])
def test_a_server_of_another_history_is_not_read(
    replica: BaseDatabaseWrapper, history: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reading._history

    def histories(of: BaseDatabaseWrapper) -> tuple[bool, int, int]:
        monkeypatch.setattr(
            reading, "_HISTORY", f"SELECT {history if of is replica else 'false, 1, 1'}"
        )
        return real(of)

    monkeypatch.setattr(reading, "_history", histories)

    assert read("SELECT 'found'") is None
    assert "no standby" in (fault() or "")


def test_the_primary_is_not_taken_for_read_only_because_a_replica_is(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[object] = []
    monkeypatch.setattr("data_tools.sql.postgres.base.note_refused_write", noted.append)

    assert read(RAISE % "25006") is None
    assert noted == []


def test_readiness_tells_that_the_replica_is_unused(replica: BaseDatabaseWrapper) -> None:
    health_service._REPLICA.forget()
    try:
        assert health_service.degradations() == ["replica_unused"]
    finally:
        health_service._REPLICA.forget()


def test_without_a_replica_nothing_is_asked_or_counted() -> None:
    with under_way(20):
        assert read_on_replica(asks("SELECT 'found'")) is None
    assert fault() is None
