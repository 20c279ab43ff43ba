"""What a request does in the database ends with the request, and is written whole or not at all.

The statements are real and the connections are: each test shuts some down.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from data_tools.exceptions import TookTooLong
from data_tools.http.request_limits import RequestLimitsMiddleware
from data_tools.models import DataRow, DataSource
from data_tools.services import dataset_service
from data_tools.sql import refused_writes
from data_tools.sql.database_errors import meaning_of
from data_tools.sql.outage import Outage
from data_tools.under_way.admission import begin_heavy_work, standing
from data_tools.under_way.requests import (
    UnderWay,
    Work,
    at_most,
    current,
    leave_request,
    renew,
    require_time,
    seconds_left,
    under_way,
)
from session_events.durable_writes import durable_write
from session_events.removal import RemovalReason, remove, streams_of_user
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.small_datasets import publish
from tests.support.studios import open_studio

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.session_setting]

LONG = "SELECT pg_sleep(600)"
SHORT = "SELECT pg_sleep(1)"  # and longer than the watchdog lets several looks pass


@pytest.fixture(autouse=True)
def _no_limit_of_the_database() -> Iterator[None]:
    """So that it is never the server that ends a statement."""
    execute("SET statement_timeout = 0")
    yield
    connection.close()


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def meaning(statement: str) -> str | None:
    """Return what the error means that the statement ends in."""
    with pytest.raises(DatabaseError) as raised:
        execute(statement)
    return meaning_of(raised.value)


@contextmanager
def gone_after(seconds: float) -> Iterator[UnderWay]:
    """Answer a request whose client goes away so long after this."""
    leaves_at = time.monotonic() + seconds
    with under_way(PATIENCE_SECONDS, lambda: time.monotonic() > leaves_at) as request:
        yield request


@pytest.fixture
def table() -> Iterator[str]:
    execute("CREATE TABLE deadline_tries (n integer)")
    yield "deadline_tries"
    connection.close()
    execute("DROP TABLE deadline_tries")


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def test_a_statement_ends_with_its_request_and_the_next_request_has_a_connection() -> None:
    with under_way(0.5):
        assert meaning(LONG) == "QUERY_TIMEOUT"
        assert meaning("SELECT 1") == "QUERY_TIMEOUT"  # nothing more is asked
    connection.close_if_unusable_or_obsolete()  # as at the end of a request

    with under_way(PATIENCE_SECONDS):
        assert answers()
    assert answers()


def test_a_statement_ends_when_the_client_is_gone_and_no_other_begins() -> None:
    with gone_after(0.5) as request:
        assert meaning(LONG) == "QUERY_TIMEOUT"
        assert request.is_abandoned
        assert meaning("SELECT 1") == "QUERY_TIMEOUT"
        with pytest.raises(TookTooLong):
            require_time()


def test_abandoned_heavy_work_keeps_its_place_until_the_server_has_ended_it() -> None:
    running = "SELECT count(*) FROM pg_stat_activity WHERE query = %s AND state = 'active'"
    with gone_after(0.5):
        begin_heavy_work()
        assert meaning(LONG) == "QUERY_TIMEOUT"
        leave_request()
        connection.close()  # Django's own: it was shut down
        with connection.cursor() as cursor:
            cursor.execute(running, [LONG])
            assert cursor.fetchone() == (0,)

    assert standing()[Work.HEAVY].running == 0


def test_a_copy_ends_with_its_request() -> None:
    with under_way(0.5), pytest.raises(DatabaseError) as raised, connection.cursor() as cursor:
        with connection.wrap_database_errors:
            cursor.copy_expert(f"COPY ({LONG}) TO STDOUT", _Nowhere())

    assert meaning_of(raised.value) == "QUERY_TIMEOUT"


class _Nowhere:
    def write(self, data: str) -> int:
        return len(data)


def test_rows_that_are_fetched_in_parts_end_with_their_request() -> None:
    with transaction.atomic(), under_way(3), connection.chunked_cursor() as cursor:
        cursor.execute("SELECT n, pg_sleep(n * 600) FROM generate_series(0, 3) AS n")
        with pytest.raises(DatabaseError) as raised:
            cursor.fetchall()
        connection.close()

    assert meaning_of(raised.value) == "QUERY_TIMEOUT"


def test_a_write_that_commits_by_itself_is_not_ended_when_its_client_goes(table: str) -> None:
    with gone_after(0):
        execute(f"INSERT INTO {table} SELECT 1 FROM pg_sleep(1)")
        with durable_write():
            execute(SHORT)

    assert count(table) == 1


def test_the_removal_of_a_session_is_not_ended_when_its_client_goes(user: User) -> None:
    open_studio(user).post("session/clear/")
    [stream_id] = streams_of_user(user.pk)

    def remove_for_nobody() -> None:
        try:
            with gone_after(0), suppress(OperationalError):  # of what it reads afterwards
                remove(stream_id, reason=RemovalReason.ERASED_ON_REQUEST, removed_by="test")
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as pool:
        with nobody_inserts_into("session_events_streamtombstone") as count_waiting:
            removing = pool.submit(remove_for_nobody)
            eventually(lambda: count_waiting() == 1)
            time.sleep(1)  # the watchdog looks several times
        removing.result(PATIENCE_SECONDS)

    assert streams_of_user(user.pk) == []


def test_a_dataset_is_deleted_though_the_time_is_over_and_the_client_is_gone(user: User) -> None:
    dataset = publish(user)

    with gone_after(0) as request:
        request.ends_at = time.monotonic()
        dataset_service.delete(owner=user, datasource_id=dataset.pk)
        assert meaning("SELECT 1") == "QUERY_TIMEOUT"  # nothing else goes on

    assert not DataSource.objects.exists()
    assert not DataRow.objects.exists()


def test_a_write_that_begins_in_time_is_finished(table: str) -> None:
    with under_way(3):
        execute(f"INSERT INTO {table} SELECT 1 FROM pg_sleep(4)")

    assert count(table) == 1


def test_a_write_that_would_begin_too_late_is_not_sent(table: str) -> None:
    with under_way(0):
        assert meaning(f"INSERT INTO {table} VALUES (1)") == "QUERY_TIMEOUT"

    assert count(table) == 0


def test_a_write_that_the_server_never_answers_has_an_unknown_outcome(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_tools.sql.postgres.calls.GRACE_SECONDS", 1)

    with under_way(3):
        assert meaning(f"INSERT INTO {table} SELECT 1 FROM pg_sleep(600)") == "OUTCOME_UNKNOWN"


def test_a_transaction_that_ends_too_late_is_rolled_back(table: str) -> None:
    with under_way(PATIENCE_SECONDS) as request:
        transaction.set_autocommit(False)
        execute(f"INSERT INTO {table} VALUES (1)")
        request.ends_at = time.monotonic()
        with pytest.raises(OperationalError) as raised:
            transaction.commit()
        transaction.rollback()
    connection.close()

    assert meaning_of(raised.value) == "QUERY_TIMEOUT"
    assert count(table) == 0


def test_a_part_of_a_transaction_is_rolled_back_alone_though_the_time_is_over(table: str) -> None:
    with under_way(PATIENCE_SECONDS) as request, transaction.atomic():
        execute(f"INSERT INTO {table} VALUES (1)")
        with suppress(ZeroDivisionError), transaction.atomic():
            execute(f"INSERT INTO {table} VALUES (2)")
            request.ends_at = 0.0
            raise ZeroDivisionError
        renew(PATIENCE_SECONDS)

    assert count(table) == 1


def test_a_part_of_a_request_may_have_less_time_than_the_whole() -> None:
    with under_way(PATIENCE_SECONDS):
        with at_most(0.5):
            assert meaning(LONG) == "QUERY_TIMEOUT"
        assert seconds_left() > 1
        connection.close()
        assert answers()


def test_a_job_has_no_deadline() -> None:
    assert current() is None
    require_time()
    execute(SHORT)


def test_the_next_statement_of_a_connection_is_never_ended_in_place_of_another() -> None:
    """The deadline of each request passes at about the moment when its statement is done."""
    for _ in range(10):
        with under_way(0.25), suppress(OperationalError):
            execute("SELECT pg_sleep(0.25)")
        connection.close_if_unusable_or_obsolete()
        with under_way(PATIENCE_SECONDS):
            assert answers()


def test_a_connection_that_is_not_used_any_more_leaves_no_descriptor_open() -> None:
    before = descriptors()
    for _ in range(5):
        connection.close()
        with under_way(PATIENCE_SECONDS):
            assert answers()
        with under_way(0.3), suppress(OperationalError):
            execute(LONG)
    connection.close()

    assert descriptors() <= before


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_disk_that_is_full_at_the_commit_is_noted(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage(["DATABASE_FULL"])
    monkeypatch.setattr(refused_writes, "OUTAGE", outage)
    execute(
        "CREATE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'no space left'; END $$"
    )
    execute(
        f"CREATE CONSTRAINT TRIGGER full_at_commit AFTER INSERT ON {table}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.full()"
    )

    try:
        with pytest.raises(OperationalError) as raised, transaction.atomic():
            execute(f"INSERT INTO {table} VALUES (1)")

        assert meaning_of(raised.value) == "DATABASE_FULL"
        assert outage.is_full
    finally:
        execute(f"DROP TRIGGER full_at_commit ON {table}")


def test_the_time_that_a_request_waited_for_a_thread_counts(client: Client) -> None:
    a_minute_ago = {"hydroml.arrived_at": time.monotonic() - 60}

    late, in_time = client.get("/readyz", **a_minute_ago), client.get("/readyz")

    assert (late.status_code, in_time.status_code) == (503, 200)


def test_a_file_that_is_sent_in_pieces_has_the_whole_time_for_each(settings: Settings) -> None:
    settings.REQUEST_SECONDS = PATIENCE_SECONDS

    def pieces() -> Iterator[bytes]:
        for _ in range(3):
            request = current()
            assert request is not None
            assert answers()
            request.ends_at -= 0.9 * PATIENCE_SECONDS  # so much later is it now
            assert answers()
            yield b"piece"
        request.ends_at = time.monotonic()
        assert meaning(LONG) == "QUERY_TIMEOUT"

    middleware = RequestLimitsMiddleware(lambda request: StreamingHttpResponse(pieces()))
    response = middleware(RequestFactory().get("/"))

    assert b"".join(response) == b"piece" * 3


def test_one_watchdog_looks_at_all_requests_of_a_process() -> None:
    with under_way(PATIENCE_SECONDS):
        assert answers()

    names = [thread.name for thread in threading.enumerate()]
    assert names.count("watchdog") == 1
