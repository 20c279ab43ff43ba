"""An append that PostgreSQL undoes so that another transaction can go on is sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction

from session_events import giving_way
from session_events.giving_way import again_if_it_gave_way
from session_events.models import SessionEvent, SessionStream
from tests.support.patience import eventually
from tests.support.small_datasets import publish
from tests.support.studio_client import InProcess, Studio
from tests.support.studios import open_studio

WAITING = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted"
    " AND relation = 'session_events_sessionevent'::regclass"
)


@pytest.fixture
def studio(transactional_db: None, user: User) -> Studio:
    return open_studio(user, publish(user), transport=InProcess())


@pytest.fixture
def other(studio: Studio) -> Iterator[psycopg2.extensions.cursor]:
    """A transaction of somebody else, which never gives way."""
    with closing(psycopg2.connect(**connection.get_connection_params())) as opened:
        with opened.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '10min'; SET LOCAL lock_timeout = 0")
            yield cursor


def rename(studio: Studio) -> int:
    try:
        renamed = {"old_name": "id", "new_name": "number"}
        return studio.post("session/rename-column/", renamed).status
    finally:
        connections.close_all()


def test_a_command_in_a_deadlock_is_done_once_the_other_transaction_is(
    studio: Studio, other: psycopg2.extensions.cursor
) -> None:
    before = SessionEvent.objects.count()

    with ThreadPoolExecutor(1) as thread:
        other.execute("LOCK TABLE session_events_sessionevent IN SHARE MODE")
        status = thread.submit(rename, studio)
        eventually(lambda: count_waiting(other) == 1)
        # The append holds the stream and waits for us; now we wait for it.
        other.execute("SELECT FROM session_events_sessionstream FOR UPDATE")
        other.connection.rollback()

    assert status.result() == 200
    assert SessionEvent.objects.count() == before + 1
    assert SessionStream.objects.get().version == before + 1


def count_waiting(other: psycopg2.extensions.cursor) -> int:
    other.execute(WAITING)
    return int((other.fetchone() or [0])[0])


def raising(state: str, times: int) -> tuple[list[int], Callable[[], str]]:
    calls: list[int] = []

    def write() -> str:
        calls.append(1)
        if len(calls) <= times:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$")
        return "written"

    return calls, write


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_what_gave_way_is_written_again(state: str) -> None:
    calls, write = raising(state, times=3)

    assert again_if_it_gave_way(write) == "written"
    assert len(calls) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("state", "tries"), [("40001", giving_way._MOST_TRIES), ("53100", 1)])
def test_what_fails_each_time_or_for_another_reason_is_an_error(state: str, tries: int) -> None:
    calls, write = raising(state, times=1_000)

    with pytest.raises(OperationalError):
        again_if_it_gave_way(write)

    assert len(calls) == tries


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_tried_again() -> None:
    calls, write = raising("40001", times=1)

    with pytest.raises(OperationalError), transaction.atomic():
        again_if_it_gave_way(write)

    assert len(calls) == 1
