"""What a read that a replica may answer does when the replica does not, or is no replica.

The database of the tests plays the replica, too. It is no standby, so most tests leave that check
out; `processes/test_replica.py` has a real one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from data_tools.column_blocks.reading import read_column
from data_tools.column_blocks.storage import ColumnKey
from data_tools.columns import ColumnType
from data_tools.observing.metrics import REPLICA_READS
from data_tools.replica import reading
from data_tools.replica.pause import PAUSE_SECONDS, Pause
from data_tools.replica.reading import REPLICA, fault, read_on_replica
from data_tools.services import health_service
from data_tools.sql.postgres.silence import SILENCE
from data_tools.under_way.requests import under_way
from hydroml import checks
from hydroml.database_limits import Difference
from tests.support.studio_client import Studio

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


def histories(
    monkeypatch: pytest.MonkeyPatch,
    replica: BaseDatabaseWrapper,
    of_primary: str,
    of_replica: str,
) -> None:
    """Have other statements read the histories of the two servers."""
    real = reading._history

    def history(of: BaseDatabaseWrapper) -> tuple[bool, int, int]:
        monkeypatch.setattr(reading, "_HISTORY", of_replica if of is replica else of_primary)
        return real(of)

    monkeypatch.setattr(reading, "_history", history)


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
    assert not reading.is_known_to_fail()


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("42883", "lacking"),  # a function of a migration that is not replayed
        ("0A000", "lacking"),  # an unlogged table
        ("25006", "lacking"),  # a statement that writes
        ("40001", "conflict"),  # with recovery
        ("57014", "slow"),  # somebody canceled the query
    ],
)
def test_an_error_of_one_statement_leaves_the_replica_in_use(
    standby: BaseDatabaseWrapper, state: str, outcome: str
) -> None:
    before = counted(outcome)

    assert read(RAISE % state) is None
    assert counted(outcome) == before + 1
    assert read("SELECT 'found'") == "found"


def test_an_error_of_one_statement_ends_a_pause(standby: BaseDatabaseWrapper, clock: Clock) -> None:
    reading.PAUSE.begin("away")
    clock.now += PAUSE_SECONDS

    assert read(RAISE % "42883") is None
    assert read("SELECT 'found'") == "found"


@pytest.mark.parametrize("state", ["57P03", "53300", "58030", "XX000"])
def test_a_replica_that_fails_is_left_alone_and_then_tried_again(
    standby: BaseDatabaseWrapper, state: str, clock: Clock
) -> None:
    before = counted("failed")

    assert read(RAISE % state) is None
    assert counted("failed") == before + 1
    assert reading.is_known_to_fail()
    assert read("SELECT 'found'") is None
    assert counted("failed") == before + 1

    clock.now += PAUSE_SECONDS
    assert read("SELECT 'found'") == "found"
    assert not reading.is_known_to_fail()


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
    before = counted("slow")

    with under_way(20) as request:
        assert read_on_replica(asks("SELECT pg_sleep(30)::text"), seconds=0.3) is None
        assert request.seconds_left > 0
        assert read_on_replica(asks("SELECT 'found'")) == "found"
    assert counted("slow") == before + 1


def test_the_time_of_a_read_grows_with_what_it_reads(
    opened: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def ask(read: object, *, seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr("data_tools.column_blocks.reading.read_on_replica", ask)
    column = ColumnKey(dataset_id=uuid4(), revision=1, column="b0")
    for row_count, packed_bytes in [(10, 0), (3_000_000, 0), (10, 32 << 20)]:
        read_column(column, ColumnType.TEXT, row_count=row_count, packed_bytes=packed_bytes)
    assert asked == [2, 6, 8]

    asked.clear()
    monkeypatch.setattr("data_tools.rows.pages.read_on_replica", ask)
    monkeypatch.setattr("data_tools.rows.pages._CELLS_OF_A_MOMENT", 2)
    [row, _] = opened.get("data/?page_number=1&page_size=2").body["data"]
    assert asked == [2 * len(row)]


def test_a_large_read_leaves_the_primary_half_of_the_time(standby: BaseDatabaseWrapper) -> None:
    with under_way(2) as request:
        assert read_on_replica(asks("SELECT pg_sleep(30)::text"), seconds=60) is None
        assert request.seconds_left > 0


def test_a_replica_that_answers_nobody_any_more_has_failed(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SHORT_SECONDS", 0.3)

    def freeze(on: BaseDatabaseWrapper) -> str | None:
        histories(monkeypatch, standby, "SELECT false, 1, 1", "SELECT pg_sleep(30)::text, 1, 1")
        return asks("SELECT pg_sleep(30)::text")(on)

    with under_way(20):
        assert read_on_replica(freeze, seconds=0.3) is None
    assert reading.is_known_to_fail()
    assert reading.PAUSE.reason == "it did not answer in time"


def test_what_the_primary_does_is_not_the_replicas_fault(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories(monkeypatch, standby, RAISE % "57P03", "SELECT true, 1, 1")

    with pytest.raises(DatabaseError):
        read("SELECT 'found'")
    with pytest.raises(DatabaseError):
        fault()
    assert not reading.is_known_to_fail()


def test_a_silent_primary_is_not_the_replicas_fault(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall_silent(on: BaseDatabaseWrapper) -> str | None:
        monkeypatch.setattr(SILENCE, "is_silent", True)
        return asks("SELECT 'found'")(on)

    with pytest.raises(DatabaseError), under_way(20):
        read_on_replica(fall_silent)
    monkeypatch.setattr(SILENCE, "is_silent", False)
    assert not reading.is_known_to_fail()


@pytest.mark.parametrize("of", ["primary", "replica"])
def test_a_server_that_does_not_tell_its_history_is_not_read(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    refused, told = RAISE % "42501", "SELECT true, 1, 1"
    statements = (refused, told) if of == "primary" else (told, refused)
    histories(monkeypatch, standby, *statements)

    assert read("SELECT 'found'") is None
    assert reading.is_known_to_fail()
    assert fault()


def test_a_server_that_is_no_standby_is_not_read(replica: BaseDatabaseWrapper) -> None:
    assert read("SELECT 'found'") is None
    assert "no standby of the primary" in reading.PAUSE.reason
    assert "no standby of the primary" in (fault() or "")


@pytest.mark.parametrize("history", ["true, 2, 1", "true, 1, 2", "false, 1, 1"])
def test_a_server_of_another_history_is_not_read(
    replica: BaseDatabaseWrapper, history: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories(monkeypatch, replica, "SELECT false, 1, 1", f"SELECT {history}")

    assert read("SELECT 'found'") is None
    assert "no standby" in (fault() or "")


def test_a_standby_that_was_promoted_is_found_by_the_next_large_read(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read("SELECT 'found'") == "found"
    histories(monkeypatch, standby, "SELECT false, 1, 1", "SELECT false, 1, 1")

    assert read("SELECT 'found'", seconds=4) is None
    assert reading.is_known_to_fail()


def test_the_primary_is_not_taken_for_read_only_because_a_replica_is(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[object] = []
    monkeypatch.setattr("data_tools.sql.postgres.base.note_refused_write", noted.append)

    assert read(RAISE % "25006") is None
    assert noted == []


def test_readiness_tells_what_reads_found(replica: BaseDatabaseWrapper, clock: Clock) -> None:
    assert health_service.degradations() == []

    assert read("SELECT 'found'") is None
    assert health_service.degradations() == ["replica_unused"]

    clock.now += 10 * PAUSE_SECONDS
    assert health_service.degradations() == []


def test_a_check_tells_that_the_replica_has_no_limits(
    standby: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.replica_can_be_used(["default"]) == []

    limit = Difference("statement_timeout", asked="30s", found="0")
    monkeypatch.setattr("hydroml.database_limits.differences", lambda alias: [limit])
    [warning] = checks.replica_can_be_used(["default"])
    assert warning.id == "hydroml.W005"
    assert "statement_timeout" in warning.msg


def test_without_a_replica_nothing_is_asked_or_counted() -> None:
    with under_way(20):
        assert read_on_replica(asks("SELECT 'found'")) is None
    assert fault() is None
