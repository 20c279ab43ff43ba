"""Look up the heads of streams: whose a stream is, and where it ends. `store` moves them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from session_events.models import SessionStream
from session_events.replay import StreamPosition
from session_events.state import Status

_BATCH_STREAMS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHead:
    """Whose stream it is, and where it ends. `status` is that of the state at `position`."""

    stream_id: uuid.UUID
    user_id: int
    dataset_id: uuid.UUID
    position: StreamPosition
    status: Status
    is_open: bool
    last_event_at: dt.datetime


def open_head(*, user_id: int, dataset_id: uuid.UUID) -> StreamHead | None:
    """Return the head of the user's open session on the dataset, None if there is none."""
    return _first_head(
        SessionStream.objects.filter(user_id=user_id, dataset_id=dataset_id, is_open=True)
    )


def latest_head(*, user_id: int, dataset_id: uuid.UUID) -> StreamHead | None:
    """Return the head of the user's open session on the dataset, else of the last one started."""
    return _first_head(
        SessionStream.objects.filter(user_id=user_id, dataset_id=dataset_id).order_by(
            "-is_open", "-started_at", "id"
        )
    )


def head_of(*, user_id: int, dataset_id: uuid.UUID, stream_id: uuid.UUID) -> StreamHead | None:
    """Return the head of that session, None unless it is this user's on this dataset."""
    return _first_head(
        SessionStream.objects.filter(id=stream_id, user_id=user_id, dataset_id=dataset_id)
    )


def datasets_with_open_sessions(*, user_id: int) -> list[uuid.UUID]:
    """Return the datasets on which the user has an open session."""
    streams = SessionStream.objects.filter(user_id=user_id, is_open=True)
    return list(streams.values_list("dataset_id", flat=True))


def open_or_active_since(*, dataset_id: uuid.UUID, since: dt.datetime) -> list[uuid.UUID]:
    """Return the dataset's streams that are open, or whose last event is later than `since`."""
    streams = SessionStream.objects.filter(
        Q(is_open=True) | Q(last_event_at__gt=since), dataset_id=dataset_id
    )
    return list(streams.values_list("pk", flat=True))


def head_by_id(stream_id: uuid.UUID) -> StreamHead | None:
    """Return the head of any user's session. For jobs only: a request must check the owner."""
    return _first_head(SessionStream.objects.filter(id=stream_id))


def count_streams() -> int:
    """Return how many sessions there are. Slow on a large table, so for commands only."""
    return SessionStream.objects.count()


def stream_ids() -> Iterator[uuid.UUID]:
    """Yield the id of every session, a batch at a time."""
    last = uuid.UUID(int=0)
    in_order = SessionStream.objects.order_by("pk").values_list("pk", flat=True)
    while batch := list(in_order.filter(pk__gt=last)[:_BATCH_STREAMS]):
        yield from batch
        last = batch[-1]


def idle_heads(since: dt.datetime, *, limit: int) -> list[StreamHead]:
    """Return active sessions without an event after `since`, longest idle first.

    Streams known to be damaged are left out.
    """
    idle = SessionStream.objects.filter(
        is_open=True, status=Status.ACTIVE.value, last_event_at__lte=since, defect=""
    )
    return [head_from_row(stream) for stream in idle.order_by("last_event_at")[:limit]]


def ended_since(
    since: dt.datetime, *, user_id: int, dataset_id: uuid.UUID, limit: int
) -> tuple[StreamHead, ...]:
    """Return the user's ended sessions on the dataset with an event after `since`, newest first."""
    streams = SessionStream.objects.filter(
        user_id=user_id, dataset_id=dataset_id, is_open=False, last_event_at__gt=since
    )
    return tuple(head_from_row(stream) for stream in streams.order_by("-last_event_at")[:limit])


def head_from_json(fields: dict[str, Any] | None) -> StreamHead | None:
    """Return the head that a statement read as one JSON object, None if it read none.

    `fields` are the columns of `SessionStream` under their names, `head_hash` in hexadecimal. So a
    statement about the dataset can read the head as well, without a round trip of its own.
    """
    if fields is None:
        return None
    return StreamHead(
        stream_id=uuid.UUID(fields["id"]),
        user_id=fields["user_id"],
        dataset_id=uuid.UUID(fields["dataset_id"]),
        position=StreamPosition(version=fields["version"], hash=bytes.fromhex(fields["head_hash"])),
        status=Status(fields["status"]),
        is_open=fields["is_open"],
        last_event_at=dt.datetime.fromisoformat(fields["last_event_at"]),
    )


def _first_head(streams: QuerySet[SessionStream]) -> StreamHead | None:
    stream = streams.first()
    return None if stream is None else head_from_row(stream)


def head_from_row(stream: SessionStream, *, status: Status | None = None) -> StreamHead:
    """Return the head that `stream` holds; with a `status`, in place of the one it holds."""
    return StreamHead(
        stream_id=stream.id,
        user_id=stream.user_id,
        dataset_id=stream.dataset_id,
        position=StreamPosition(version=stream.version, hash=bytes(stream.head_hash)),
        status=status or Status(stream.status),
        is_open=stream.is_open,
        last_event_at=stream.last_event_at,
    )
