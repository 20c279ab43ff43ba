"""Remove whole streams from the log, each leaving a tombstone. Events leave it in no other way.

Note [Removal is proved]
    `session_events_remove_stream` counts a stream's events, writes the count into a tombstone and
    removes the events, snapshots and head, in one transaction. The triggers allow no other
    deletion: a tombstone of the same transaction has to name exactly what is removed, and nothing
    may remain. To a client the stream then never existed: the answer is `initialize`.
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
from session_events.durable_writes import durable_write
from session_events.heads import StreamHead
from session_events.lifetime import retained_until
from session_events.loading import replay_from_snapshot
from session_events.models import SessionStream
from session_events.models import StreamTombstone as StreamTombstone
from session_events.state import Status

logger = logging.getLogger(__name__)

# Remove a stream, if it is at the given version (or at any, if that is null), for a tombstone.
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

    Removes nothing and returns None if there is no such stream, or if it is no longer at
    `at_version`. All or nothing; cannot be undone.
    """
    parameters = [str(stream_id), at_version, reason.value, removed_by, timezone.now()]
    with durable_write(), connection.cursor() as cursor:
        cursor.execute(_REMOVE, parameters)
        [is_removed] = cursor.fetchone()
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
    """Remove every stream of a user, including open ones and ones started in the meantime.

    Calls `on_removed` with the tombstone of each stream, removed as a whole. If interrupted, the
    next call continues.
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


def remove_ended(*, user_id: int, dataset_id: uuid.UUID, removed_by: str) -> Removed:
    """Remove the ended sessions of a user on a dataset, each as a whole, for good.

    Leaves alone one that is recovered at the same time. If interrupted, the next call continues.
    """
    removed = Removed()
    for head in heads.ended(user_id=user_id, dataset_id=dataset_id):
        tombstone = remove(
            head.stream_id,
            reason=RemovalReason.ERASED_ON_REQUEST,
            removed_by=removed_by,
            at_version=head.position.version,
        )
        if tombstone is not None:
            removed = removed.and_one(tombstone)
    return removed


def streams_of_user(user_id: int) -> list[uuid.UUID]:
    """Return the user's streams, oldest first."""
    streams = SessionStream.objects.filter(user_id=user_id).order_by("started_at")
    return list(streams.values_list("pk", flat=True))


def remove_past_retention(*, limit: int) -> Removed:
    """Remove at most `limit` streams that can no longer be recovered.

    Leaves alone a stream that is used or recovered at the same time.
    """
    with only_run_of("remove_past_retention") as is_only:
        if not is_only:
            return Removed()
        now, removed = timezone.now(), Removed()
        for head in _candidates(now):
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
    """Tell whether the session at `head` can no longer be recovered, like `recovery.decision`.

    Retention of a damaged log counts from its last append. A log that a newer server wrote is
    never past retention: this server cannot judge it.
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


def _candidates(now: dt.datetime) -> Iterable[StreamHead]:
    """Yield every stream that may be past retention, least recently used first.

    A few are not. Expiry may have been recorded long after the session ended, so the time of the
    last event says little about a session that is not active.
    """
    policy = recovery_policy()
    before = now - policy.retention
    streams = SessionStream.objects.filter(
        Q(last_event_at__lte=before) | ~Q(status=Status.ACTIVE.value), started_at__lte=before
    ).order_by("last_event_at")
    for stream_id in streams.values_list("pk", flat=True):
        head = heads.head_by_id(stream_id)
        if head is not None:
            yield head
