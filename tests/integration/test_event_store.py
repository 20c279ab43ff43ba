"""The log on a real database: appended whole, in order, once, and never altered."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, connections, transaction

from session_events import heads, store
from session_events.envelope import EventMetadata, StoredEvent
from session_events.events import Event
from session_events.exceptions import (
    AnotherStreamOpen,
    ClientOperationRepeated,
    SessionConflict,
    SessionNotFound,
)
from session_events.heads import StreamHead
from session_events.models import SessionEvent, SessionStream
from session_events.replay import START, StreamPosition
from session_events.state import Status
from session_events.store import NewEvent
from tests.unit.session_events.streams import DATASET_ID, renamed, started

NOW = dt.datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=dt.UTC)


def sealed_behind(
    position: StreamPosition,
    *events: Event,
    stream_id: uuid.UUID,
    client_operation_id: uuid.UUID | None = None,
) -> tuple[StoredEvent, ...]:
    metadata = EventMetadata(actor_id=1, client_operation_id=client_operation_id)
    return store.seal_all(
        [NewEvent(event=event, metadata=metadata) for event in events],
        stream_id=stream_id,
        position=position,
        recorded_at=NOW,
    )


def append(
    user: User, sealed: tuple[StoredEvent, ...], status: Status = Status.ACTIVE
) -> StreamHead:
    return store.append(
        sealed,
        user_id=user.pk,
        dataset_id=DATASET_ID,
        status=status,
        is_open=status is Status.ACTIVE,
    )


@pytest.fixture
def head(user: User) -> StreamHead:
    """A stream with two events."""
    return append(user, sealed_behind(START, started(), renamed("a"), stream_id=uuid.uuid4()))


@pytest.fixture
def committed_head(transactional_db: None, user: User) -> StreamHead:
    return append(user, sealed_behind(START, started(), renamed("a"), stream_id=uuid.uuid4()))


def test_what_was_appended_is_read_back_to_the_byte(user: User) -> None:
    sealed = sealed_behind(START, started(), renamed("a"), stream_id=uuid.uuid4())

    head = append(user, sealed)

    assert store.read(head.stream_id) == sealed
    assert store.read(head.stream_id, after=1) == sealed[1:]
    assert store.read(head.stream_id, until=1) == sealed[:1]


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


def test_an_append_behind_another_version_is_a_conflict_and_writes_nothing(
    user: User, head: StreamHead
) -> None:
    sealed = sealed_behind(
        StreamPosition(version=1, hash=bytes(32)), renamed("b"), stream_id=head.stream_id
    )

    with pytest.raises(SessionConflict) as caught:
        append(user, sealed)

    assert caught.value.details == {"expected_version": 1, "current_version": 2}
    assert heads.open_head(user_id=user.pk, dataset_id=DATASET_ID) == head
    assert len(store.read(head.stream_id)) == 2


def test_a_client_operation_id_writes_once_in_a_stream(user: User, head: StreamHead) -> None:
    first = sealed_behind(
        head.position, renamed("b"), stream_id=head.stream_id, client_operation_id=uuid.UUID(int=1)
    )
    head = append(user, first)
    again = sealed_behind(
        head.position, renamed("b"), stream_id=head.stream_id, client_operation_id=uuid.UUID(int=1)
    )

    with pytest.raises(ClientOperationRepeated) as caught:
        append(user, again)

    assert caught.value.sequence == 3
    assert len(store.read(head.stream_id)) == 3
    assert (
        store.find_client_operation(uuid.UUID(int=1), user_id=user.pk, dataset_id=DATASET_ID)
        == first[0]
    )


def test_a_batch_is_written_whole_or_not_at_all(user: User, head: StreamHead) -> None:
    good, bad = sealed_behind(head.position, renamed("b"), renamed("c"), stream_id=head.stream_id)
    bad = StoredEvent(**{**_fields(bad), "event_id": good.event_id})

    with pytest.raises(DatabaseError), transaction.atomic():
        append(user, (good, bad))

    assert len(store.read(head.stream_id)) == 2
    assert heads.open_head(user_id=user.pk, dataset_id=DATASET_ID) == head


def test_a_user_has_one_open_stream_on_a_dataset(user: User, head: StreamHead) -> None:
    with pytest.raises(AnotherStreamOpen):
        append(user, sealed_behind(START, started(), stream_id=uuid.uuid4()))

    assert SessionStream.objects.count() == 1
    assert SessionEvent.objects.count() == 2


def test_an_ended_stream_cannot_open_again_beside_another(user: User, head: StreamHead) -> None:
    ended = append(
        user,
        sealed_behind(head.position, renamed("b"), stream_id=head.stream_id),
        Status.CLEARED,
    )
    append(user, sealed_behind(START, started(), stream_id=uuid.uuid4()))

    with pytest.raises(AnotherStreamOpen), transaction.atomic():
        append(user, sealed_behind(ended.position, renamed("c"), stream_id=ended.stream_id))


def test_two_users_have_each_their_own(user: User, other_user: User, head: StreamHead) -> None:
    theirs = append(other_user, sealed_behind(START, started(), stream_id=uuid.uuid4()))

    assert theirs.stream_id != head.stream_id
    assert heads.open_head(user_id=user.pk, dataset_id=DATASET_ID) == head
    assert heads.head_of(user_id=user.pk, dataset_id=DATASET_ID, stream_id=theirs.stream_id) is None


def test_a_stream_that_is_not_there_is_said_so(user: User) -> None:
    with pytest.raises(SessionNotFound):
        append(
            user,
            sealed_behind(
                StreamPosition(version=4, hash=bytes(32)), renamed("b"), stream_id=uuid.uuid4()
            ),
        )


REFUSED = {
    "UPDATE": "UPDATE session_events_sessionevent SET payload = '{}'",
    "DELETE": "DELETE FROM session_events_sessionevent",
    "TRUNCATE": "TRUNCATE session_events_sessionevent CASCADE",
    "UPDATE of nothing": "UPDATE session_events_sessionevent SET payload = '' WHERE false",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_alter_events_whoever_asks(
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


def test_a_user_with_a_log_cannot_be_deleted_by_the_way(user: User, head: StreamHead) -> None:
    with pytest.raises(Exception, match="protected"), transaction.atomic():
        user.delete()

    assert len(store.read(head.stream_id)) == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_wins_each_version(
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
                barrier.wait(timeout=30)
                sealed = sealed_behind(
                    head.position, renamed(f"r{racer}"), stream_id=head.stream_id
                )
                try:
                    won.append(append(user, sealed).position.version)
                except SessionConflict:
                    pass
                barrier.wait(timeout=30)
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
def test_many_first_appends_at_once_open_one_stream(user: User) -> None:
    barrier = threading.Barrier(8)

    def open_stream(_: int) -> bool:
        try:
            sealed = sealed_behind(START, started(), stream_id=uuid.uuid4())
            barrier.wait(timeout=30)
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


def _fields(stored: StoredEvent) -> dict[str, object]:
    return {name: getattr(stored, name) for name in StoredEvent.__dataclass_fields__}
