"""What every event store promises. The tests of a store subclass `EventStoreContract`.

The fixture `event_store` of the subclass yields an empty store.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pytest
from django.db import IntegrityError

from session_events.envelope import EventMetadata, StoredEvent, seal
from session_events.events import Event
from session_events.exceptions import (
    AnotherStreamOpen,
    ClientOperationRepeated,
    LogDamaged,
    SessionConflict,
    SessionNotFound,
)
from session_events.heads import StreamHead
from session_events.replay import START, StreamPosition
from session_events.state import Status
from tests.unit.session_events.streams import DATASET_ID, renamed, started

NOW = dt.datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=dt.UTC)
ANOTHER_DATASET_ID = uuid.UUID(int=3)
SOMEWHERE = StreamPosition(version=1, hash=bytes(32))
REFUSALS = (
    AnotherStreamOpen,
    ClientOperationRepeated,
    LogDamaged,
    SessionConflict,
    SessionNotFound,
    IntegrityError,
)


class EventStore(Protocol):
    """A store with the functions of `session_events.store` and `session_events.heads`."""

    def append(
        self,
        sealed: Sequence[StoredEvent],
        *,
        user_id: int,
        dataset_id: uuid.UUID,
        status: Status,
        is_open: bool,
    ) -> StreamHead: ...

    def read(
        self,
        stream_id: uuid.UUID,
        *,
        after: int = 0,
        until: int | None = None,
        limit: int | None = None,
    ) -> tuple[StoredEvent, ...]: ...

    def first_events(self, stream_ids: Sequence[uuid.UUID]) -> tuple[StoredEvent, ...]: ...

    def find_client_operation(
        self, client_operation_id: uuid.UUID, *, user_id: int, dataset_id: uuid.UUID
    ) -> StoredEvent | None: ...

    def open_head(self, *, user_id: int, dataset_id: uuid.UUID) -> StreamHead | None: ...

    def head_of(
        self, *, user_id: int, dataset_id: uuid.UUID, stream_id: uuid.UUID
    ) -> StreamHead | None: ...


def sealed_behind(
    position: StreamPosition,
    *events: Event,
    stream_id: uuid.UUID,
    client_operation_id: uuid.UUID | None = None,
    recorded_at: dt.datetime = NOW,
) -> tuple[StoredEvent, ...]:
    """Return events sealed in order after a position; the last one carries the id."""
    stream: list[StoredEvent] = []
    for place, event in enumerate(events, start=1):
        operation_id = client_operation_id if place == len(events) else None
        stored = seal(
            event,
            stream_id=stream_id,
            sequence=position.version + 1,
            previous_hash=position.hash,
            recorded_at=recorded_at,
            metadata=EventMetadata(actor_id=1, client_operation_id=operation_id),
        )
        position = StreamPosition(version=stored.sequence, hash=stored.hash)
        stream.append(stored)
    return tuple(stream)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Appends to a store, as one user on one dataset."""

    store: EventStore
    user_id: int
    dataset_id: uuid.UUID = DATASET_ID

    def append(self, sealed: Sequence[StoredEvent], status: Status = Status.ACTIVE) -> StreamHead:
        return self.store.append(
            sealed,
            user_id=self.user_id,
            dataset_id=self.dataset_id,
            status=status,
            is_open=status in (Status.ACTIVE, Status.PAUSED, Status.EXPIRED),
        )

    def begin(self) -> StreamHead:
        """A stream with two events."""
        return self.append(sealed_behind(START, started(), renamed("a"), stream_id=uuid.uuid4()))

    def grow(
        self,
        head: StreamHead,
        *events: Event,
        status: Status = Status.ACTIVE,
        client_operation_id: uuid.UUID | None = None,
    ) -> StreamHead:
        sealed = sealed_behind(
            head.position,
            *events,
            stream_id=head.stream_id,
            client_operation_id=client_operation_id,
        )
        return self.append(sealed, status)

    @property
    def open_head(self) -> StreamHead | None:
        return self.store.open_head(user_id=self.user_id, dataset_id=self.dataset_id)


class EventStoreContract:
    """The promises, each a test. `refused` asserts that a refused append changed nothing."""

    @pytest.fixture
    def writer(self, event_store: EventStore, user_id: int) -> Writer:
        return Writer(store=event_store, user_id=user_id)

    @pytest.fixture
    def other_writer(self, event_store: EventStore, other_user_id: int) -> Writer:
        return Writer(store=event_store, user_id=other_user_id)

    @pytest.fixture
    def head(self, writer: Writer) -> StreamHead:
        return writer.begin()

    def test_what_was_appended_is_read_back_to_the_byte(self, writer: Writer) -> None:
        sealed = sealed_behind(
            START,
            started(),
            renamed("ä\x00"),
            stream_id=uuid.uuid4(),
            client_operation_id=uuid.uuid4(),
        )

        head = writer.append(sealed)

        assert writer.store.read(head.stream_id) == sealed

    def test_one_more_event_is_read_back_to_the_byte(
        self, writer: Writer, head: StreamHead
    ) -> None:
        sealed = sealed_behind(
            head.position,
            renamed("b"),
            stream_id=head.stream_id,
            client_operation_id=uuid.uuid4(),
            recorded_at=NOW + dt.timedelta(microseconds=1),
        )

        writer.append(sealed)

        assert writer.store.read(head.stream_id, after=2) == sealed

    @pytest.mark.parametrize(
        ("bounds", "sequences"),
        [
            ({}, [1, 2, 3, 4]),
            ({"after": 0}, [1, 2, 3, 4]),
            ({"after": 2}, [3, 4]),
            ({"after": 4}, []),
            ({"until": 2}, [1, 2]),
            ({"until": 0}, []),
            ({"after": 1, "until": 3}, [2, 3]),
            ({"limit": 3}, [1, 2, 3]),
            ({"after": 1, "until": 4, "limit": 1}, [2]),
        ],
    )
    def test_a_range_is_read_in_order_within_both_bounds(
        self, writer: Writer, head: StreamHead, bounds: dict[str, int], sequences: list[int]
    ) -> None:
        writer.grow(head, renamed("b"), renamed("c"))

        read = writer.store.read(head.stream_id, **bounds)

        assert [stored.sequence for stored in read] == sequences

    def test_a_stream_that_does_not_exist_has_no_events_and_no_head(self, writer: Writer) -> None:
        assert writer.store.read(uuid.uuid4()) == ()
        assert writer.open_head is None

    def test_first_events_are_those_of_the_given_streams(
        self, writer: Writer, other_writer: Writer, head: StreamHead
    ) -> None:
        other_writer.begin()

        first = writer.store.first_events([head.stream_id, uuid.uuid4()])

        assert first == writer.store.read(head.stream_id, until=1)

    def test_the_head_says_where_the_stream_ends_and_its_status(
        self, writer: Writer, head: StreamHead
    ) -> None:
        last = writer.store.read(head.stream_id)[-1]

        assert head.position == StreamPosition(version=2, hash=last.hash)
        assert (head.user_id, head.dataset_id) == (writer.user_id, writer.dataset_id)
        assert (head.status, head.is_open) == (Status.ACTIVE, True)
        assert head.last_event_at == last.recorded_at
        assert writer.open_head == head

    def test_the_head_moves_with_every_append(self, writer: Writer, head: StreamHead) -> None:
        moved = writer.grow(head, renamed("b"), status=Status.PAUSED)

        assert (moved.position.version, moved.status) == (3, Status.PAUSED)
        assert writer.open_head == moved

        moved = writer.grow(moved, renamed("c"), renamed("d"))

        assert (moved.position.version, moved.status) == (5, Status.ACTIVE)
        assert writer.open_head == moved

    @pytest.mark.parametrize("more", [[renamed("b")], [renamed("b"), renamed("c")]])
    @pytest.mark.parametrize("version", [1, 3, 9])
    def test_an_append_after_another_version_is_a_conflict_and_writes_nothing(
        self, writer: Writer, head: StreamHead, version: int, more: list[Event]
    ) -> None:
        at = StreamPosition(version=version, hash=head.position.hash)

        with pytest.raises(SessionConflict) as caught:
            writer.append(sealed_behind(at, *more, stream_id=head.stream_id))

        assert caught.value.details == {"expected_version": version, "current_version": 2}
        self.refused(writer, head)

    @pytest.mark.parametrize("more", [[renamed("b")], [renamed("b"), renamed("c")]])
    def test_a_client_operation_id_writes_once_in_a_stream(
        self, writer: Writer, head: StreamHead, more: list[Event]
    ) -> None:
        operation_id = uuid.uuid4()
        head = writer.grow(head, renamed("b"), client_operation_id=operation_id)

        with pytest.raises(ClientOperationRepeated) as caught:
            writer.grow(head, *more, client_operation_id=operation_id)

        assert caught.value.details["sequence"] == 3
        self.refused(writer, head)

    def test_a_repeat_is_reported_rather_than_a_conflict(
        self, writer: Writer, head: StreamHead
    ) -> None:
        """A client that never got the answer sends the same again, at the version it knew."""
        operation_id = uuid.uuid4()
        moved = writer.grow(head, renamed("b"), client_operation_id=operation_id)

        with pytest.raises(ClientOperationRepeated):
            writer.grow(head, renamed("b"), client_operation_id=operation_id)

        self.refused(writer, moved)

    def test_what_a_client_operation_id_wrote_is_found_by_its_user_on_its_dataset(
        self, writer: Writer, other_writer: Writer, head: StreamHead
    ) -> None:
        operation_id = uuid.uuid4()
        writer.grow(head, renamed("b"), client_operation_id=operation_id)
        find = writer.store.find_client_operation

        found = find(operation_id, user_id=writer.user_id, dataset_id=DATASET_ID)

        assert (found,) == writer.store.read(head.stream_id, after=2)
        assert find(operation_id, user_id=other_writer.user_id, dataset_id=DATASET_ID) is None
        assert find(operation_id, user_id=writer.user_id, dataset_id=ANOTHER_DATASET_ID) is None
        assert find(uuid.uuid4(), user_id=writer.user_id, dataset_id=DATASET_ID) is None

    def test_a_client_operation_id_can_be_used_in_another_stream_and_the_latest_is_found(
        self, writer: Writer, head: StreamHead
    ) -> None:
        operation_id = uuid.uuid4()
        ended = writer.grow(
            head, renamed("b"), client_operation_id=operation_id, status=Status.CLEARED
        )
        again = sealed_behind(
            START,
            started(),
            stream_id=uuid.uuid4(),
            client_operation_id=operation_id,
            recorded_at=NOW + dt.timedelta(seconds=1),
        )

        writer.append(again)

        assert ended.position.version == 3
        assert (
            writer.store.find_client_operation(
                operation_id, user_id=writer.user_id, dataset_id=DATASET_ID
            )
            == again[0]
        )

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_a_batch_is_written_whole_or_not_at_all(
        self, writer: Writer, head: StreamHead, place: int
    ) -> None:
        taken = writer.store.read(head.stream_id)[0].event_id
        sealed = list(
            sealed_behind(
                head.position, renamed("b"), renamed("c"), renamed("d"), stream_id=head.stream_id
            )
        )
        sealed[place] = replace(sealed[place], event_id=taken)

        with pytest.raises(IntegrityError):
            writer.append(sealed)

        self.refused(writer, head)

    def test_an_event_id_is_written_once_for_all_streams(
        self, writer: Writer, other_writer: Writer, head: StreamHead
    ) -> None:
        theirs = other_writer.begin()
        taken = writer.store.read(head.stream_id)[0].event_id
        (one,) = sealed_behind(theirs.position, renamed("b"), stream_id=theirs.stream_id)

        with pytest.raises(IntegrityError):
            other_writer.append([replace(one, event_id=taken)])

        self.refused(other_writer, theirs)

    def test_a_user_has_one_open_stream_on_a_dataset(
        self, writer: Writer, head: StreamHead
    ) -> None:
        sealed = sealed_behind(START, started(), stream_id=uuid.uuid4())

        with pytest.raises(AnotherStreamOpen):
            writer.append(sealed)

        self.refused(writer, head)
        assert writer.store.read(sealed[0].stream_id) == ()

    @pytest.mark.parametrize("more", [[renamed("b")], [renamed("b"), renamed("c")]])
    def test_an_ended_stream_cannot_open_again_beside_another(
        self, writer: Writer, head: StreamHead, more: list[Event]
    ) -> None:
        ended = writer.grow(head, renamed("b"), status=Status.CLEARED)
        fresh = writer.begin()

        with pytest.raises(AnotherStreamOpen):
            writer.grow(ended, *more)

        self.refused(writer, ended)
        assert writer.open_head == fresh

    def test_an_ended_stream_can_open_again_alone(self, writer: Writer, head: StreamHead) -> None:
        ended = writer.grow(head, renamed("b"), status=Status.SAVED)
        assert writer.open_head is None

        again = writer.grow(ended, renamed("c"))

        assert writer.open_head == again

    def test_every_user_and_every_dataset_has_its_own_open_stream(
        self, writer: Writer, other_writer: Writer, head: StreamHead
    ) -> None:
        theirs = other_writer.begin()
        elsewhere = replace(writer, dataset_id=ANOTHER_DATASET_ID).begin()

        assert len({head.stream_id, theirs.stream_id, elsewhere.stream_id}) == 3
        assert writer.open_head == head
        assert other_writer.open_head == theirs
        for other in (theirs, elsewhere):
            assert (
                writer.store.head_of(
                    user_id=writer.user_id, dataset_id=DATASET_ID, stream_id=other.stream_id
                )
                is None
            )

    @pytest.mark.parametrize("more", [[renamed("b")], [renamed("b"), renamed("c")]])
    def test_an_append_to_a_stream_that_does_not_exist_is_reported(
        self, writer: Writer, more: list[Event]
    ) -> None:
        sealed = sealed_behind(SOMEWHERE, *more, stream_id=uuid.uuid4())

        with pytest.raises(SessionNotFound):
            writer.append(sealed)

        assert writer.store.read(sealed[0].stream_id) == ()

    def refused(self, writer: Writer, head: StreamHead) -> None:
        """Assert that the stream is intact and ends where it ended."""
        read = writer.store.read(head.stream_id)
        assert [stored.sequence for stored in read] == list(range(1, head.position.version + 1))
        assert read[-1].hash == head.position.hash
        assert (
            writer.store.head_of(
                user_id=writer.user_id, dataset_id=writer.dataset_id, stream_id=head.stream_id
            )
            == head
        )
