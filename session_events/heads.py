"""Look up the heads of streams: whose a stream is, and where it ends. `store` moves them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from session_events.conf import recovery_policy
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


def count_events(*, user_id: int) -> int:
    """Return how many events all sessions of the user hold."""
    streams = SessionStream.objects.filter(user_id=user_id)
    return int(streams.aggregate(events=Sum("version"))["events"] or 0)


def count_events_by_user() -> dict[int, int]:
    """Return how many events the sessions of each user hold. Reads every head once."""
    streams = SessionStream.objects.order_by("user_id")
    return dict(streams.values_list("user_id", Sum("version")))


def in_use(*, user_id: int) -> list[StreamHead]:
    """Return the user's open sessions that are paused or unexpired, longest unused first.

    Views count as use here, so a session may still be included for a while after it has expired.
    """
    since = timezone.now() - recovery_policy().inactivity_timeout
    used = Q(status=Status.ACTIVE.value, last_event_at__gt=since) | Q(status=Status.PAUSED.value)
    streams = SessionStream.objects.filter(used, user_id=user_id, is_open=True)
    return [head_from_row(stream) for stream in streams.order_by("last_event_at")]


def is_in_use(head: StreamHead) -> bool:
    """Tell whether the session is one of those that `in_use` returns."""
    since = timezone.now() - recovery_policy().inactivity_timeout
    is_used = head.status is Status.PAUSED or (
        head.status is Status.ACTIVE and head.last_event_at > since
    )
    return head.is_open and is_used


def events_of_ended(*, user_id: int, limit: int) -> list[tuple[uuid.UUID, int]]:
    """Return the datasets whose ended sessions hold the most of the user's events, and how many."""
    ended = SessionStream.objects.filter(user_id=user_id, is_open=False).values("dataset_id")
    most = ended.annotate(total=Sum("version")).order_by("-total", "dataset_id")
    return [(each["dataset_id"], int(each["total"])) for each in most[:limit]]


def ended(*, user_id: int, dataset_id: uuid.UUID) -> list[StreamHead]:
    """Return all ended sessions of the user on the dataset, oldest first."""
    streams = SessionStream.objects.filter(user_id=user_id, dataset_id=dataset_id, is_open=False)
    return [head_from_row(stream) for stream in streams.order_by("started_at")]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFigures:
    """How many sessions there are by status, how many are damaged, and the last verification.

    `first_started_at` is of the oldest session that is still stored; None if there is none.
    """

    sessions: dict[str, int]
    damaged: int
    last_verified_at: dt.datetime | None
    first_started_at: dt.datetime | None


def figures() -> LogFigures:
    """Return figures of all sessions. Reads every head once: not for each request."""
    by_status = [
        *SessionStream.objects.order_by("status")
        .values("status")
        .annotate(
            count=Count("pk"),
            damaged=Count("pk", filter=~Q(defect="")),
            last_verified_at=Max("verified_at"),
            first_started_at=Min("started_at"),
        )
        .values_list("status", "count", "damaged", "last_verified_at", "first_started_at")
    ]
    return LogFigures(
        sessions={status: count for status, count, *_ in by_status},
        damaged=sum(damaged for _, _, damaged, *_ in by_status),
        last_verified_at=max((at for *_, at, _ in by_status if at is not None), default=None),
        first_started_at=min((at for *_, at in by_status), default=None),
    )


def count_open(*, since: dt.datetime | None = None) -> int:
    """Return how many sessions are open, with an event after `since` if it is given. Slow, too."""
    streams = SessionStream.objects.filter(is_open=True)
    return (streams if since is None else streams.filter(last_event_at__gt=since)).count()


def newest_event_at() -> dt.datetime | None:
    """Return when the newest event of all sessions was recorded. Slow, too."""
    newest: dt.datetime | None = SessionStream.objects.aggregate(at=Max("last_event_at"))["at"]
    return newest


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


def recent(*, user_id: int, limit: int) -> list[StreamHead]:
    """Return the user's sessions that can still be recovered, those with the newest events first.

    An ended one among them may be past its retention by as much as the inactivity timeout.
    """
    policy = recovery_policy()
    since = timezone.now() - policy.retention - policy.inactivity_timeout
    streams = SessionStream.objects.filter(user_id=user_id, last_event_at__gt=since)
    return [head_from_row(stream) for stream in streams.order_by("-last_event_at", "pk")[:limit]]


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
