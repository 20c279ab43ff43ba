"""Where streams end: the heads, looked up. Reads only; `store` moves them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from session_events.models import SessionStream
from session_events.replay import StreamPosition
from session_events.state import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHead:
    """Whose stream it is, and where it ends. `status` is the fold's, at `position`."""

    stream_id: uuid.UUID
    user_id: int
    dataset_id: uuid.UUID
    position: StreamPosition
    status: Status
    is_open: bool
    last_event_at: dt.datetime


def open_head(*, user_id: int, dataset_id: uuid.UUID) -> StreamHead | None:
    """Return the head of the user's open session on the dataset, if there is one."""
    return _first_head(
        SessionStream.objects.filter(user_id=user_id, dataset_id=dataset_id, is_open=True)
    )


def latest_head(*, user_id: int, dataset_id: uuid.UUID) -> StreamHead | None:
    """Return the head of the user's open session on the dataset, else of the one begun last."""
    return _first_head(
        SessionStream.objects.filter(user_id=user_id, dataset_id=dataset_id).order_by(
            "-is_open", "-started_at", "id"
        )
    )


def head_of(*, user_id: int, dataset_id: uuid.UUID, stream_id: uuid.UUID) -> StreamHead | None:
    """Return the head of that very session, if it is that user's on that dataset."""
    return _first_head(
        SessionStream.objects.filter(id=stream_id, user_id=user_id, dataset_id=dataset_id)
    )


def open_head_expression(*, user_id: int, dataset_ref: OuterRef) -> Subquery:
    """Return an annotation holding the open head, so that it costs no round trip of its own.

    `head_from_annotation` reads what it yields.
    """
    head_hash = Func(F("head_hash"), Value("hex"), function="encode", output_field=CharField())
    return Subquery(
        SessionStream.objects.filter(user_id=user_id, dataset_id=dataset_ref, is_open=True).values(
            head=JSONObject(
                id="id",
                user_id="user_id",
                dataset_id="dataset_id",
                version="version",
                head_hash=head_hash,
                status="status",
                is_open="is_open",
                last_event_at="last_event_at",
            )
        )
    )


def head_from_annotation(annotation: dict[str, Any] | None) -> StreamHead | None:
    """Return the head that `open_head_expression` found, None if it found none."""
    if annotation is None:
        return None
    return StreamHead(
        stream_id=uuid.UUID(annotation["id"]),
        user_id=annotation["user_id"],
        dataset_id=uuid.UUID(annotation["dataset_id"]),
        position=StreamPosition(
            version=annotation["version"], hash=bytes.fromhex(annotation["head_hash"])
        ),
        status=Status(annotation["status"]),
        is_open=annotation["is_open"],
        last_event_at=dt.datetime.fromisoformat(annotation["last_event_at"]),
    )


def _first_head(streams: QuerySet[SessionStream]) -> StreamHead | None:
    stream = streams.first()
    if stream is None:
        return None
    return StreamHead(
        stream_id=stream.id,
        user_id=stream.user_id,
        dataset_id=stream.dataset_id,
        position=StreamPosition(version=stream.version, hash=bytes(stream.head_hash)),
        status=Status(stream.status),
        is_open=stream.is_open,
        last_event_at=stream.last_event_at,
    )
