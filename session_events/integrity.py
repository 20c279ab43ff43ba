"""Verify a stream: compare its whole log and all its snapshots with a full replay.

A request trusts a snapshot for all events before it; see Note [What a snapshot is trusted for] in
`snapshots`. That trust rests on this verification.

Note [Damage in front of a snapshot]
    Damaged events can neither prove nor refute a snapshot after them. It stays in use: it was taken
    when the log was whole, and without it the work after the damage would be lost too. The stream's
    `defect` says that somebody has to look.
"""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Max, Min
from django.utils import timezone

from session_events import heads, snapshots, store
from session_events.advisory_locks import only_run_of
from session_events.frozen_state import freeze
from session_events.heads import StreamHead
from session_events.models import SessionSnapshot, SessionStream
from session_events.replay import START, Defect, DefectKind, StreamPosition, replay
from session_events.state import INITIAL, SessionState

logger = logging.getLogger(__name__)

_BATCH_EVENTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of a full replay of a stream, up to the version that it had then.

    The log is proved up to `version`; `defect` is what is wrong after that, if anything.
    `quarantined` maps the sequences of snapshots that differ from the replay to the reason.
    """

    stream_id: uuid.UUID
    version: int
    defect: Defect | None
    quarantined: dict[int, str] = field(default_factory=dict)

    @property
    def is_damaged(self) -> bool:
        return self.defect is not None and self.defect.is_damage

    @property
    def finding(self) -> str:
        """The damage in a few words, "" if there is none."""
        if self.defect is None or not self.defect.is_damage:
            return ""
        return f"{self.defect.kind} at event {self.defect.sequence}"


def verify(stream_id: uuid.UUID) -> Verification | None:
    """Replay a stream from its first event, and compare its snapshots with that.

    Quarantines snapshots that differ and stores the finding on the stream's head; logs both as
    errors. Returns None if there is no such stream, or if it was removed in the meantime.
    """
    head = heads.head_by_id(stream_id)
    if head is None:
        return None
    verification = _compare_with_replay(head)
    updated = SessionStream.objects.filter(pk=stream_id).update(
        verified_at=timezone.now(),
        verified_version=verification.version,
        defect=verification.finding,
    )
    if not updated:  # removed in the meantime: what looked like a gap was the removal
        return None
    about = {"session_id": stream_id}
    if verification.is_damaged:
        logger.error(
            "The log of session %s is damaged: %s", stream_id, verification.finding, extra=about
        )
    for sequence, reason in verification.quarantined.items():
        logger.error(
            "The snapshot of session %s at %d was quarantined: %s",
            stream_id,
            sequence,
            reason,
            extra=about,
        )
    return verification


def verify_sample(*, streams: int, snapshots: int) -> list[Verification]:
    """Verify that many random streams, and the streams of that many random snapshots."""
    with only_run_of("verify_snapshots") as is_only:
        if not is_only:
            return []
        chosen = {*random_streams(streams), *_streams_of_random_snapshots(snapshots)}
        verified = [verify(stream_id) for stream_id in chosen]
        return [verification for verification in verified if verification is not None]


def _compare_with_replay(head: StreamHead) -> Verification:
    rows = SessionSnapshot.objects.filter(
        snapshots.IN_USE, stream_id=head.stream_id, sequence__lte=head.position.version
    ).order_by("sequence")
    by_sequence = {row.sequence: row for row in rows}
    state, position = INITIAL, START
    quarantined: dict[int, str] = {}
    for until in _stops(by_sequence, head):
        is_end = until == head.position.version
        replayed = replay(
            store.read(head.stream_id, after=position.version, until=until),
            stream_id=head.stream_id,
            head=head.position if is_end else None,
            initial=state,
            position=position,
        )
        state, position, defect = replayed.state, replayed.position, replayed.defect
        row = by_sequence.get(position.version) if position.version == until else None
        reason = None if row is None else _difference(row, state, position)
        if row is not None and reason is not None and snapshots.quarantine({row.pk: reason}):
            quarantined[row.sequence] = reason
        if defect is not None:
            break
    else:
        beyond = store.first_beyond_head(head.stream_id)
        if beyond is not None:
            defect = Defect(sequence=beyond, kind=DefectKind.HASH_MISMATCH)
    return Verification(
        stream_id=head.stream_id,
        version=position.version,
        defect=defect,
        quarantined=quarantined,
    )


def _stops(snapshot_sequences: Iterable[int], head: StreamHead) -> list[int]:
    """Return where the replay pauses: at each snapshot, after each batch of events, at the end."""
    last = head.position.version
    return sorted({*snapshot_sequences, *range(_BATCH_EVENTS, last, _BATCH_EVENTS), last})


def _difference(row: SessionSnapshot, state: SessionState, position: StreamPosition) -> str | None:
    if bytes(row.event_hash) != position.hash:
        return "event_hash_mismatch"
    frozen = freeze(state)
    if row.state != frozen:
        return "state_differs"
    return None if snapshots.has_its_digest(row) else "digest_mismatch"


def random_streams(count: int) -> list[uuid.UUID]:
    """Return that many random streams. Ids are random, so those after a random id are too."""
    streams = SessionStream.objects.order_by("pk").values_list("pk", flat=True)
    start = uuid.uuid4()
    chosen = list(streams.filter(pk__gte=start)[:count])
    return [*chosen, *streams.filter(pk__lt=start)[: count - len(chosen)]]


def _streams_of_random_snapshots(count: int) -> list[uuid.UUID]:
    """Return the streams of that many random snapshots in use, chosen by primary key."""
    in_use = SessionSnapshot.objects.filter(snapshots.IN_USE)
    ends = in_use.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return []
    by_key = in_use.order_by("pk").values_list("stream_id", flat=True)
    keys = [random.randint(ends["first"], ends["last"]) for _ in range(count)]
    stream_ids = (by_key.filter(pk__gte=key).first() for key in keys)
    return [stream_id for stream_id in stream_ids if stream_id is not None]
