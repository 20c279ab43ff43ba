"""Store, read and quarantine snapshots. No answer is ever wrong without them, only slower.

Note [What a snapshot is trusted for]
    A replay begins at the newest snapshot of this fold whose text matches its digest, and whose
    event still has the hash that it had then; the events after it are checked one by one. A
    snapshot that fails is passed over for the one before it, and finally for the log itself.
    Requests do not read the events before a snapshot again: `integrity` does that, on a sample.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from session_events.conf import setting
from session_events.frozen_state import FOLD_VERSION, freeze, text_digest, thaw
from session_events.models import SessionEvent, SessionSnapshot, SessionStream
from session_events.replay import Replay, StreamPosition
from session_events.state import SessionState

# The snapshots that a replay may begin with.
IN_USE = Q(fold_version=FOLD_VERSION, quarantined_at__isnull=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A state that can be trusted, and its position in the stream."""

    position: StreamPosition
    state: SessionState


def newest(stream_id: uuid.UUID, *, until: int) -> tuple[Snapshot | None, dict[int, str]]:
    """Return the newest snapshot up to `until` that can be trusted, and those passed over for it.

    The latter by primary key, each with the reason. See Note [What a snapshot is trusted for].
    """
    rows = (
        SessionSnapshot.objects.filter(IN_USE, stream_id=stream_id, sequence__lte=until)
        .annotate(stored_event_hash=_event_hash())
        .order_by("-sequence")
    )
    distrusted: dict[int, str] = {}
    while (row := rows.first()) is not None:
        read = _read(row)
        if isinstance(read, Snapshot):
            return read, distrusted
        distrusted[row.pk] = read
        rows = rows.filter(sequence__lt=row.sequence)
    return None, distrusted


def newest_of_each(stream_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Snapshot]:
    """Return the newest snapshot of each stream whose newest one can be trusted; in one query."""
    if not stream_ids:
        return {}
    rows = (
        SessionSnapshot.objects.filter(IN_USE, stream_id__in=stream_ids)
        .annotate(stored_event_hash=_event_hash())
        .order_by("stream_id", "-sequence")
        .distinct("stream_id")
    )
    read = {row.stream_id: _read(row) for row in rows}
    return {stream_id: found for stream_id, found in read.items() if isinstance(found, Snapshot)}


def take(replayed: Replay, *, stream_id: uuid.UUID) -> bool:
    """Store a snapshot of an intact replay; return false if one of that version exists already.

    Two concurrent calls store one.
    """
    if replayed.defect is not None or replayed.position.version == 0:
        return False
    state = freeze(replayed.state)
    _, is_new = SessionSnapshot.objects.get_or_create(
        stream_id=stream_id,
        sequence=replayed.position.version,
        fold_version=FOLD_VERSION,
        quarantined_at=None,
        defaults={
            "state": state,
            "digest": text_digest(state),
            "event_hash": replayed.position.hash,
            "taken_at": timezone.now(),
        },
    )
    return is_new


def quarantine(reasons: dict[int, str]) -> int:
    """Take snapshots out of use, by primary key with the reason; return how many were in use."""
    return sum(
        SessionSnapshot.objects.filter(pk=pk, quarantined_at__isnull=True).update(
            quarantined_at=timezone.now(), quarantine_reason=reason[:64]
        )
        for pk, reason in reasons.items()
    )


def streams_without_recent(*, limit: int | None, behind: int | None = None) -> list[uuid.UUID]:
    """Return the streams with at least `behind` events after their newest snapshot.

    `behind` is `SNAPSHOT_EVERY_EVENTS` by default. Streams known to be damaged are left out. Those
    with the latest events come first.
    """
    behind = setting("SNAPSHOT_EVERY_EVENTS") if behind is None else behind
    newest_sequence = (
        SessionSnapshot.objects.filter(IN_USE, stream_id=OuterRef("pk"))
        .order_by("-sequence")
        .values("sequence")[:1]
    )
    return list(
        SessionStream.objects.filter(version__gte=behind, defect="")
        .annotate(covered=Coalesce(Subquery(newest_sequence), 0))
        .filter(version__gte=F("covered") + behind)
        .order_by("-last_event_at")
        .values_list("pk", flat=True)[:limit]
    )


def has_its_digest(row: SessionSnapshot) -> bool:
    """Tell whether the snapshot's text is the one that was stored."""
    return text_digest(row.state) == row.digest


def _event_hash() -> Subquery:
    """Return the hash that the event of a snapshot has now."""
    events = SessionEvent.objects.filter(
        stream_id=OuterRef("stream_id"), sequence=OuterRef("sequence")
    )
    return Subquery(events.values("hash"))


def _read(row: SessionSnapshot) -> Snapshot | str:
    """Return the snapshot, or why it cannot be trusted."""
    if reason := _reason_for_distrust(row):
        return reason
    state = thaw(row.state)
    if state is None:
        return "undecodable"
    position = StreamPosition(version=row.sequence, hash=bytes(row.event_hash))
    return Snapshot(position=position, state=state)


def _reason_for_distrust(row: SessionSnapshot) -> str | None:
    if not has_its_digest(row):
        return "digest_mismatch"
    stored = row.stored_event_hash  # type: ignore[attr-defined]
    if stored is None or bytes(stored) != bytes(row.event_hash):
        return "event_hash_mismatch"
    return None
