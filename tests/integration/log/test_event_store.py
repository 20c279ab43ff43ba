"""What PostgreSQL adds to the contract of a store: one round trip, races, immutable events."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, connections, transaction

from session_events import heads, store
from session_events.envelope import StoredEvent
from session_events.exceptions import (
    AnotherStreamOpen,
    SessionConflict,
)
from session_events.heads import StreamHead
from session_events.models import SessionEvent, SessionStream
from session_events.replay import START
from tests.support.event_store_contract import Writer, sealed_behind
from tests.support.patience import PATIENCE_SECONDS
from tests.unit.session_events.streams import DATASET_ID, renamed, started


def append(user: User, sealed: tuple[StoredEvent, ...]) -> StreamHead:
    return Writer(store=store, user_id=user.pk).append(sealed)  # type: ignore[arg-type]


@pytest.fixture
def head(user: User) -> StreamHead:
    """A stream with two events."""
    return append(user, sealed_behind(START, started(), renamed("a"), stream_id=uuid.uuid4()))


@pytest.fixture
def committed_head(transactional_db: None, user: User) -> StreamHead:
    return append(user, sealed_behind(START, started(), renamed("a"), stream_id=uuid.uuid4()))


def test_the_head_says_where_the_stream_ends(user: User, head: StreamHead) -> None:
    assert heads.open_head(user_id=user.pk, dataset_id=DATASET_ID) == head
    assert heads.latest_head(user_id=user.pk, dataset_id=DATASET_ID) == head
    assert heads.head_of(user_id=user.pk, dataset_id=DATASET_ID, stream_id=head.stream_id) == head
    assert head.position.version == 2


def test_an_append_is_one_round_trip(
    user: User, head: StreamHead, django_assert_num_queries: Callable[..., object]
) -> None:
    sealed = sealed_behind(head.position, renamed("b"), stream_id=head.stream_id)

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        append(user, sealed)


REFUSED = {
    "UPDATE": "UPDATE session_events_sessionevent SET payload = '{}'",
    "DELETE": "DELETE FROM session_events_sessionevent",
    "TRUNCATE": "TRUNCATE session_events_sessionevent CASCADE",
    "UPDATE of nothing": "UPDATE session_events_sessionevent SET payload = '' WHERE false",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_alter_events(
    committed_head: StreamHead, statement: str, role: str
) -> None:
    before = store.read(committed_head.stream_id)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', %s, true)", [role])
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)

    assert store.read(committed_head.stream_id) == before


def _update_all() -> None:
    SessionEvent.objects.update(payload="{}")


def _bulk_update() -> None:
    events = list(SessionEvent.objects.all())
    SessionEvent.objects.bulk_update(events, ["payload"])


def _delete_all() -> None:
    SessionEvent.objects.all().delete()


def _save_one() -> None:
    SessionEvent.objects.first().save()  # type: ignore[union-attr]


def _delete_one() -> None:
    SessionEvent.objects.first().delete()  # type: ignore[union-attr]


@pytest.mark.parametrize("alter", [_update_all, _bulk_update, _delete_all, _save_one, _delete_one])
def test_the_orm_cannot_alter_events_either(head: StreamHead, alter: Callable[[], None]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        alter()

    assert len(store.read(head.stream_id)) == 2


def test_a_user_with_a_log_cannot_be_deleted(user: User, head: StreamHead) -> None:
    with pytest.raises(Exception, match="protected"), transaction.atomic():
        user.delete()

    assert len(store.read(head.stream_id)) == 2


@pytest.mark.django_db(transaction=True)
def test_of_concurrent_appends_exactly_one_wins_each_version(
    user: User, committed_head: StreamHead
) -> None:
    racers, rounds = 8, 12
    barrier = threading.Barrier(racers)

    def race(racer: int) -> list[int]:
        won: list[int] = []
        try:
            for _ in range(rounds):
                head = heads.open_head(user_id=user.pk, dataset_id=DATASET_ID)
                assert head is not None
                barrier.wait(PATIENCE_SECONDS)
                sealed = sealed_behind(
                    head.position, renamed(f"r{racer}"), stream_id=head.stream_id
                )
                try:
                    won.append(append(user, sealed).position.version)
                except SessionConflict:
                    pass
                barrier.wait(PATIENCE_SECONDS)
        finally:
            connections.close_all()
        return won

    with ThreadPoolExecutor(racers) as pool:
        won = [version for versions in pool.map(race, range(racers)) for version in versions]

    assert sorted(won) == list(range(3, 3 + rounds))
    assert [stored.sequence for stored in store.read(committed_head.stream_id)] == list(
        range(1, 3 + rounds)
    )


@pytest.mark.django_db(transaction=True)
def test_concurrent_first_appends_open_one_stream(user: User) -> None:
    barrier = threading.Barrier(8)

    def open_stream(_: int) -> bool:
        try:
            sealed = sealed_behind(START, started(), stream_id=uuid.uuid4())
            barrier.wait(PATIENCE_SECONDS)
            append(user, sealed)
        except AnotherStreamOpen:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(open_stream, range(8)))

    assert opened.count(True) == 1
    assert SessionStream.objects.count() == 1
