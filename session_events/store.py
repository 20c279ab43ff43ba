"""The only writer of the log, and the reader of its events.

Note [Durable before answered]
    `append` writes with one statement. Outside a transaction that statement commits at once, so the
    events are on disk when `append` returns; inside one, its caller answers only after the commit.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone
from psycopg2 import Binary

from session_events.conf import setting
from session_events.durable_writes import durable_write
from session_events.envelope import EventMetadata, StoredEvent, seal
from session_events.events import Event
from session_events.exceptions import (
    AnotherStreamOpen,
    ClientOperationRepeated,
    LogDamaged,
    SessionConflict,
    SessionNotFound,
)
from session_events.giving_way import again_if_it_gave_way
from session_events.heads import StreamHead
from session_events.models import SessionEvent, SessionStream
from session_events.replay import StreamPosition
from session_events.spans import Step, span
from session_events.state import Status

# Append events to their stream, or begin it: the head, then each event parameter as an array.
_APPEND = """
SELECT outcome, version
FROM session_events_append(
    %s::uuid, %s, %s::uuid, %s, %s, %s,
    %s::uuid[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::timestamptz[],
    %s::bytea[], %s::uuid[]
)
"""
# Append one event to a stream that exists. See Note [The short way] in migration 0004.
_APPEND_ONE = """
SELECT session_events_append_one(
    %s::uuid, %s, %s, %s, %s::uuid, %s, %s::smallint, %s, %s, %s, %s, %s::uuid
)
"""
# Sent with the `stream_id` of a stream that is due for a snapshot.
snapshot_due = Signal()

_ONE_OPEN_STREAM = "session_stream_one_open"
_SEQUENCE = "session_event_sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that is not in the log yet, with who and what caused it."""

    event: Event
    metadata: EventMetadata


def seal_all(events: Iterable[NewEvent], *, after: StreamHead) -> tuple[StoredEvent, ...]:
    """Return `events` sealed as the next ones of their stream, all recorded now.

    Raises:
        ValueError: an event holds a number that JSON cannot represent.
    """
    sealed: list[StoredEvent] = []
    previous_hash, recorded_at = after.position.hash, timezone.now()
    for sequence, new in enumerate(events, start=after.position.version + 1):
        stored = seal(
            new.event,
            stream_id=after.stream_id,
            sequence=sequence,
            previous_hash=previous_hash,
            recorded_at=recorded_at,
            metadata=new.metadata,
        )
        sealed.append(stored)
        previous_hash = stored.hash
    return tuple(sealed)


@contextmanager
def waiting_at_most_ms(milliseconds: int) -> Iterator[None]:
    """Run the block in a transaction that waits for a lock at most this long.

    Raises:
        OperationalError: somebody else holds the lock for longer.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # true: until the end of the transaction
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])
        yield


def append(
    sealed: Sequence[StoredEvent],
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    status: Status,
    is_open: bool,
) -> StreamHead:
    """Write `sealed`, all or nothing, as the next events of their stream, and return its new head.

    Takes one round trip; a refused append may take two, and one that gave way to another
    transaction is sent again. An event with sequence 1 creates the
    stream. `status` and `is_open` are those of the state after the last event. Every
    `SNAPSHOT_EVERY_EVENTS` events, `snapshot_due` is sent after the commit.

    Raises:
        SessionConflict: somebody else wrote these sequences.
        ClientOperationRepeated: an event's client operation id is in the stream already.
        AnotherStreamOpen: the user has another open stream on the dataset.
        SessionNotFound: there is no such stream.
        LogDamaged: the log holds an event after the head that this service did not append.
    """
    first, last = sealed[0], sealed[-1]
    expected_version = first.sequence - 1

    def write() -> tuple[str, int]:
        with durable_write(), connection.cursor() as cursor:
            if len(sealed) == 1 and _append_one(cursor, first, status, is_open):
                return "appended", last.sequence
            stream_id, dataset = str(first.stream_id), str(dataset_id)
            head = (stream_id, user_id, dataset, expected_version, status.value, is_open)
            arrays = map(list, zip(*map(_event_parameters, sealed), strict=True))
            cursor.execute(_APPEND, (*head, *arrays))
            outcome, version = cursor.fetchone()
            return outcome, version

    try:
        with span(Step.APPEND, events=len(sealed)) as appending:
            outcome, version = again_if_it_gave_way(write)
            appending.note(outcome=outcome)
    except IntegrityError as error:
        if _ONE_OPEN_STREAM in str(error):
            raise AnotherStreamOpen from error
        if _SEQUENCE in str(error):
            raise LogDamaged(sequence=first.sequence, defect="not_ours") from error
        raise
    match outcome:
        case "appended":
            every_events = setting("SNAPSHOT_EVERY_EVENTS")
            if last.sequence // every_events > expected_version // every_events:
                transaction.on_commit(partial(snapshot_due.send, None, stream_id=first.stream_id))
            return StreamHead(
                stream_id=first.stream_id,
                user_id=user_id,
                dataset_id=dataset_id,
                position=StreamPosition(version=last.sequence, hash=last.hash),
                status=status,
                is_open=is_open,
                last_event_at=last.recorded_at,
            )
        case "conflict":
            raise SessionConflict(expected_version=expected_version, current_version=version)
        case "repeated":
            raise ClientOperationRepeated(sequence=version)
        case "already_open":
            raise AnotherStreamOpen
    raise SessionNotFound


def _append_one(cursor: CursorWrapper, stored: StoredEvent, status: Status, is_open: bool) -> bool:
    """Append the event and return true; do nothing and return false if anything is in the way."""
    if stored.sequence == 1:
        return False
    head = (str(stored.stream_id), stored.sequence - 1, status.value, is_open)
    cursor.execute(_APPEND_ONE, (*head, *_event_parameters(stored)))
    [is_appended] = cursor.fetchone()
    return bool(is_appended)


def _event_parameters(stored: StoredEvent) -> tuple[Any, ...]:
    return (
        str(stored.event_id),
        stored.wire_name,
        stored.schema_version,
        stored.payload,
        stored.metadata,
        stored.recorded_at,
        Binary(stored.hash),
        str(stored.client_operation_id or "") or None,
    )


def close_without_event(head: StreamHead) -> None:
    """Close an open stream that cannot be appended to, so that its user can open another.

    Only its head changes; its events do not.

    Raises:
        SessionConflict: the stream has moved on, or is closed already.
    """
    closed = SessionStream.objects.filter(
        pk=head.stream_id, version=head.position.version, is_open=True
    ).update(is_open=False, status=Status.CLEARED.value)
    if not closed:
        raise SessionConflict(
            expected_version=head.position.version, current_version=head.position.version
        )


EVENT_FIELDS = tuple(field.name for field in fields(StoredEvent))


def read(
    stream_id: uuid.UUID, *, after: int = 0, until: int | None = None, limit: int | None = None
) -> tuple[StoredEvent, ...]:
    """Return the stored events with ``after < sequence <= until``, in order of sequence.

    With a `limit`, return at most that many of them.
    """
    events = SessionEvent.objects.filter(stream_id=stream_id, sequence__gt=after)
    if until is not None:
        events = events.filter(sequence__lte=until)
    return tuple(_stored(row) for row in events.order_by("sequence").values(*EVENT_FIELDS)[:limit])


def read_several(
    ranges: Mapping[uuid.UUID, tuple[int, int]],
) -> dict[uuid.UUID, tuple[StoredEvent, ...]]:
    """Return the events of several streams, by stream, in order of sequence; in one query.

    `ranges` maps each stream to ``(after, until)``, as `read` takes them. A stream without an event
    in its range is left out.
    """
    if not ranges:
        return {}
    wanted = Q()
    for stream_id, (after, until) in ranges.items():
        wanted |= Q(stream_id=stream_id, sequence__gt=after, sequence__lte=until)
    events = SessionEvent.objects.filter(wanted).order_by("stream_id", "sequence")
    stored = map(_stored, events.values(*EVENT_FIELDS))
    return {
        stream_id: tuple(of_stream)
        for stream_id, of_stream in groupby(stored, key=attrgetter("stream_id"))
    }


def first_events(stream_ids: Sequence[uuid.UUID]) -> tuple[StoredEvent, ...]:
    """Return the first event of each of these streams that has one, in no particular order."""
    events = SessionEvent.objects.filter(stream_id__in=stream_ids, sequence=1).order_by()
    return tuple(_stored(row) for row in events.values(*EVENT_FIELDS))


def first_beyond_head(stream_id: uuid.UUID) -> int | None:
    """Return the sequence of the first event after the stream's head; `append` leaves none.

    Reads with one statement, so that a concurrent append is seen whole or not at all.
    """
    return (
        SessionEvent.objects.filter(stream_id=stream_id, sequence__gt=F("stream__version"))
        .order_by("sequence")
        .values_list("sequence", flat=True)
        .first()
    )


def find_client_operation(
    client_operation_id: uuid.UUID, *, user_id: int, dataset_id: uuid.UUID
) -> StoredEvent | None:
    """Return the event that this id wrote, if any; see `find_client_operations`."""
    found = find_client_operations([client_operation_id], user_id=user_id, dataset_id=dataset_id)
    return found.get(client_operation_id)


def find_client_operations(
    client_operation_ids: Collection[uuid.UUID], *, user_id: int, dataset_id: uuid.UUID
) -> dict[uuid.UUID, StoredEvent]:
    """Return the event that each of these ids wrote in the user's sessions on the dataset, by id.

    The latest if there are several, since ids are unique only within a stream. Ids that wrote
    nothing are left out. Takes one query.
    """
    rows = (
        SessionEvent.objects.filter(
            stream__user_id=user_id,
            stream__dataset_id=dataset_id,
            client_operation_id__in=client_operation_ids,
        )
        .order_by("recorded_at")
        .values(*EVENT_FIELDS)
    )
    return {row["client_operation_id"]: _stored(row) for row in rows}


def _stored(row: dict[str, Any]) -> StoredEvent:
    return StoredEvent(**{**row, "hash": bytes(row["hash"])})
