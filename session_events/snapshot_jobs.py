"""Take the snapshots that streams are due, and prune old ones. They only make replays faster.

Note [Snapshots at multiples]
    The due snapshot of a stream is that of the last event whose sequence is a multiple of
    `SNAPSHOT_EVERY_EVENTS`, however many events came after it. So repeated or concurrent requests
    name the same snapshot, and its unique constraint leaves one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum

from django.db import IntegrityError
from django.db.models import Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from session_events import heads, integrity, snapshots
from session_events.advisory_locks import only_run_of
from session_events.conf import setting
from session_events.frozen_state import FOLD_VERSION
from session_events.heads import StreamHead
from session_events.loading import replay_from_snapshot
from session_events.models import SessionSnapshot
from session_events.spans import Step, span


class SnapshotOutcome(StrEnum):
    """What came of a request for a snapshot. Only `UNREADABLE` needs anybody's attention."""

    TAKEN = "taken"
    NOT_NEEDED = "not_needed"
    UNREADABLE = "unreadable"
    NO_STREAM = "no_stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """How many streams were due for a snapshot, and how many snapshots were taken."""

    due: int = 0
    taken: int = 0


def take_due(stream_id: uuid.UUID) -> SnapshotOutcome:
    """Take the snapshot that a stream is due. See Note [Snapshots at multiples].

    A stream that turns out to be damaged is verified, which marks it as damaged.
    """
    head = heads.head_by_id(stream_id)
    if head is None:
        return SnapshotOutcome.NO_STREAM
    version = head.position.version
    return _take(head, until=version - version % setting("SNAPSHOT_EVERY_EVENTS"))


def take_at_head(stream_id: uuid.UUID) -> SnapshotOutcome:
    """Take a snapshot of a stream at its head, due or not; otherwise like `take_due`."""
    head = heads.head_by_id(stream_id)
    return SnapshotOutcome.NO_STREAM if head is None else _take(head, until=head.position.version)


def _take(head: StreamHead, *, until: int) -> SnapshotOutcome:
    if until == 0:
        return SnapshotOutcome.NOT_NEEDED
    replayed = replay_from_snapshot(head, until=until)
    snapshots.quarantine(replayed.distrusted)
    if replayed.snapshot_sequence == until:
        return SnapshotOutcome.NOT_NEEDED
    if replayed.replay.position.version < until:
        integrity.verify(head.stream_id)
        return SnapshotOutcome.UNREADABLE
    try:
        with span(Step.SNAPSHOT, version=until):
            is_new = snapshots.take(replayed.replay, stream_id=head.stream_id)
    except IntegrityError:  # the stream was removed in the meantime
        return SnapshotOutcome.NO_STREAM
    return SnapshotOutcome.TAKEN if is_new else SnapshotOutcome.NOT_NEEDED


def sweep(*, limit: int) -> Sweep:
    """Take the due snapshots that the trigger missed, of at most `limit` streams."""
    with only_run_of("sweep_snapshots") as is_only:
        if not is_only:
            return Sweep()
        due = snapshots.streams_without_recent(limit=limit)
        outcomes = [take_due(stream_id) for stream_id in due]
        return Sweep(due=len(due), taken=outcomes.count(SnapshotOutcome.TAKEN))


def count_due(*, limit: int) -> int:
    """Return how many streams a sweep would take a snapshot of, at most `limit`."""
    return len(snapshots.streams_without_recent(limit=limit))


def prunable(*, limit: int | None, stream_id: uuid.UUID | None = None) -> list[int]:
    """Return the primary keys of at most `limit` snapshots to remove, of one stream or all.

    The newest `SNAPSHOTS_KEPT` in use of each stream and fold are kept. Quarantined ones and those
    of an older fold are kept for `SNAPSHOT_RETENTION_SECONDS`: for inspection, and for a server
    that is rolled back to the version before.
    """
    among = SessionSnapshot.objects.all()
    if stream_id is not None:
        among = among.filter(stream_id=stream_id)
    before = timezone.now() - dt.timedelta(seconds=setting("SNAPSHOT_RETENTION_SECONDS"))
    outlived = among.filter(
        Q(quarantined_at__lte=before) | Q(fold_version__lt=FOLD_VERSION, taken_at__lte=before)
    )
    rank = Window(RowNumber(), partition_by=["stream", "fold_version"], order_by="-sequence")
    surplus = (
        among.filter(quarantined_at__isnull=True)
        .annotate(rank=rank)
        .filter(rank__gt=setting("SNAPSHOTS_KEPT"))
    )
    keys = {pk for rows in (outlived, surplus) for pk in rows.values_list("pk", flat=True)[:limit]}
    return sorted(keys)[:limit]


def remove(snapshot_ids: list[int]) -> int:
    """Remove snapshots, and return how many existed."""
    removed, _ = SessionSnapshot.objects.filter(pk__in=snapshot_ids).delete()
    return removed


def prune(*, limit: int) -> int:
    """Remove at most `limit` snapshots of those that are `prunable`; return how many."""
    with only_run_of("prune_snapshots") as is_only:
        return remove(prunable(limit=limit)) if is_only else 0
