"""The one way by which events leave the log: whole streams, each with a tombstone in its place.

Note [Removal is proved]
    `session_events_remove_stream` counts a stream's events, writes that into a tombstone and
    removes the events, snapshots and head, in one transaction. The triggers allow no other
    deletion: a tombstone of the same transaction has to name exactly what is removed, and nothing
    may remain. To everybody else the stream then never was: the answer is `initialize`.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from session_events import heads
from session_events.advisory_locks import only_run_of
from session_events.conf import recovery_policy
from session_events.heads import StreamHead
from session_events.lifetime import retained_until
from session_events.loading import replay_from_snapshot
from session_events.models import SessionStream, StreamTombstone
from session_events.state import Status

logger = logging.getLogger(__name__)

_REMOVE = "SELECT session_events_remove_stream(%s::uuid, %s, %s, %s, %s)"


class RemovalReason(StrEnum):
    """Why a stream was removed."""

    PAST_RETENTION = "past_retention"
    ERASED_ON_REQUEST = "erased_on_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How much was removed."""

    streams: int = 0
    events: int = 0

    def and_one(self, tombstone: StreamTombstone) -> Removed:
        return Removed(streams=self.streams + 1, events=self.events + tombstone.event_count)


def remove(
    stream_id: uuid.UUID,
    *,
    reason: RemovalReason,
    removed_by: str,
    at_version: int | None = None,
) -> StreamTombstone | None:
    """Remove a stream with all its events and snapshots, and return the tombstone it leaves.

    None, and nothing is removed, if there is no such stream, or if it is not at `at_version` any
    more. All or nothing; cannot be undone.
    """
    parameters = [str(stream_id), at_version, reason.value, removed_by, timezone.now()]
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, parameters)
        (is_removed,) = cursor.fetchone()
    if not is_removed:
        return None
    tombstone = StreamTombstone.objects.get(pk=stream_id)
    logger.info(
        "Session %s was removed with %d events: %s", stream_id, tombstone.event_count, reason
    )
    return tombstone


def erase_user(
    user_id: int,
    *,
    removed_by: str,
    on_removed: Callable[[StreamTombstone], None] = lambda tombstone: None,
) -> Removed:
    """Remove every stream of a user, open ones and ones begun meanwhile too.

    Each stream goes whole, and `on_removed` is told of its tombstone. If this is stopped, the next
    call goes on where it was.
    """
    removed = Removed()
    while stream_ids := streams_of_user(user_id):
        for stream_id in stream_ids:
            tombstone = remove(
                stream_id, reason=RemovalReason.ERASED_ON_REQUEST, removed_by=removed_by
            )
            if tombstone is not None:
                removed = removed.and_one(tombstone)
                on_removed(tombstone)
    return removed


def streams_of_user(user_id: int) -> list[uuid.UUID]:
    """Return the user's streams, oldest first."""
    streams = SessionStream.objects.filter(user_id=user_id).order_by("started_at")
    return list(streams.values_list("pk", flat=True))


def remove_past_retention(*, limit: int) -> Removed:
    """Remove at most `limit` streams that can no longer be recovered.

    One that is used, or recovered, at this very moment is left alone.
    """
    with only_run_of("remove_past_retention") as is_only:
        if not is_only:
            return Removed()
        now, removed = timezone.now(), Removed()
        for head in _ended_long_ago(now):
            if removed.streams >= limit:
                break
            if not is_past_retention(head, now):
                continue
            tombstone = remove(
                head.stream_id,
                reason=RemovalReason.PAST_RETENTION,
                removed_by="retention",
                at_version=head.position.version,
            )
            if tombstone is not None:
                removed = removed.and_one(tombstone)
        return removed


def is_past_retention(head: StreamHead, now: dt.datetime) -> bool:
    """Tell whether the session at `head` can no longer be recovered, as `recovery` has it.

    A damaged log is kept from its last append on. One that a newer server wrote is not ours to
    judge, and stays.
    """
    policy = recovery_policy()
    replayed = replay_from_snapshot(head).replay
    if replayed.defect is None:
        until = retained_until(replayed.state, policy)
    elif replayed.defect.is_damage:
        until = head.last_event_at + policy.retention
    else:
        until = None
    return until is not None and now >= until


def _ended_long_ago(now: dt.datetime) -> Iterable[StreamHead]:
    """Every stream that may be past retention, the surest first; a few may not be.

    The end of a session may have been noticed long after it, so the last event of one that is not
    active says little.
    """
    policy = recovery_policy()
    before = now - policy.retention
    candidates = SessionStream.objects.filter(
        Q(last_event_at__lte=before) | ~Q(status=Status.ACTIVE.value), started_at__lte=before
    ).order_by("last_event_at")
    for stream_id in candidates.values_list("pk", flat=True):
        head = heads.head_by_id(stream_id)
        if head is not None:
            yield head
