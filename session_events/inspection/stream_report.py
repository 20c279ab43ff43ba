"""One session as its inspector sees it: verdict, snapshots, and the state at any version.

A damaged log is an answer here, never an error: what stands before the damage is shown, and the
damage is named.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from session_events import store
from session_events.frozen_state import FOLD_VERSION
from session_events.heads import StreamHead
from session_events.inspection.changes_in_words import (
    Change,
    changes_in_words,
    operation_in_words,
    view_in_words,
)
from session_events.inspection.dataset_context import recovery_context_of
from session_events.inspection.wording import defect_in_words
from session_events.loading import HeadReplay, replay_from_snapshot, replay_on
from session_events.models import SessionSnapshot, SessionStream
from session_events.recovery.context import RecoveryContext
from session_events.recovery.decision import Assessment, Source
from session_events.recovery.service import judge
from session_events.replay import Defect, StreamPosition, replay
from session_events.state import SessionState, Status

_SNAPSHOTS_SHOWN = 20
_OPERATIONS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLine:
    """One snapshot, and whether a replay would trust it: `trust` says why if it would not."""

    sequence: int
    taken_at: dt.datetime
    is_trusted: bool
    trust: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateReport:
    """The state at a version, ready to be shown.

    `asked_version` is what was asked for; the state stands at ``state.version``, which is lower
    where damage is in the way: `problem` says so. `changes` are what the last event changed.
    """

    asked_version: int
    state: SessionState
    changes: tuple[Change, ...]
    operations: tuple[str, ...]
    operations_hidden: int
    redo: tuple[str, ...]
    view: str
    problem: str | None
    events_replayed: int
    snapshot_sequence: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `validate` would say, and what stands in the way.

    What lies before the snapshot at `snapshot_sequence` was not read again; null: all was.
    Where `knows_dataset` is false nobody told how the dataset is, and it is taken as ready.
    """

    assessment: Assessment
    problem: str | None
    problem_sequence: int | None
    snapshot_sequence: int | None
    knows_dataset: bool


_TAKEN_AS_READY = RecoveryContext(source=Source.READY, knows_operation=lambda name: True)


def head_of(stream: SessionStream) -> StreamHead:
    """Return the stream's head; a status that nobody wrote counts as not started."""
    known = stream.status in {status.value for status in Status}
    return StreamHead(
        stream_id=stream.pk,
        user_id=stream.user_id,
        dataset_id=stream.dataset_id,
        position=StreamPosition(version=stream.version, hash=bytes(stream.head_hash)),
        status=Status(stream.status) if known else Status.NOT_STARTED,
        is_open=stream.is_open,
        last_event_at=stream.last_event_at,
    )


def verdict(head: StreamHead, found: HeadReplay) -> Verdict:
    """Return the decision as of now: the one that `validate` gives the session's user."""
    told = recovery_context_of(head.dataset_id)
    context = told or _TAKEN_AS_READY
    change = context.revision.change_since(found.replay.state)
    return Verdict(
        assessment=judge(head, found, context, change=change),
        problem=_problem(found.replay.defect),
        problem_sequence=found.replay.defect and found.replay.defect.sequence,
        snapshot_sequence=found.snapshot_sequence,
        knows_dataset=told is not None,
    )


def state_at(head: StreamHead, version: int) -> StateReport:
    """Return the state at `version` and what the event of that version changed."""
    return _state_after(head, version, _replay_before(head, version))


def state_at_and_now(head: StreamHead, version: int) -> tuple[StateReport, HeadReplay]:
    """Return the state at `version`, and the replay up to the head.

    Where no snapshot helps the second, it goes on from the first: a long log is read once.
    """
    before = _replay_before(head, version)
    report = _state_after(head, version, before)
    is_cut_short = before is None or before.replay.defect is not None
    if is_cut_short or _newer_snapshots(head, version).exists():
        return report, replay_from_snapshot(head)
    return report, replay_on(head, before)


def _replay_before(head: StreamHead, version: int) -> HeadReplay | None:
    return replay_from_snapshot(head, until=version - 1) if version > 1 else None


def _newer_snapshots(head: StreamHead, version: int) -> QuerySet[SessionSnapshot]:
    """The snapshots that a replay up to the head would try before it came to an earlier one."""
    return SessionSnapshot.objects.filter(
        stream_id=head.stream_id,
        sequence__gte=version,
        fold_version=FOLD_VERSION,
        quarantined_at__isnull=True,
    )


def _state_after(head: StreamHead, version: int, before: HeadReplay | None) -> StateReport:
    position = {} if before is None else {"position": before.replay.position}
    initial = {} if before is None else {"initial": before.replay.state}
    defect = None if before is None else before.replay.defect
    last = replay(
        store.read(head.stream_id, after=version - 1, until=version) if defect is None else (),
        stream_id=head.stream_id,
        **initial,
        **position,
    )
    defect = defect or last.defect
    problem = _problem(defect)
    if problem is None and last.state.version < version:
        problem = f"Event {last.state.version + 1:,} is missing: gap"
    previous = SessionState() if before is None else before.replay.state
    return _report(
        version,
        last.state,
        changes=changes_in_words(previous, last.state) if last.events_replayed else (),
        problem=problem,
        events_replayed=last.events_replayed
        + (0 if before is None else before.replay.events_replayed),
        snapshot_sequence=None if before is None else before.snapshot_sequence,
    )


def state_now(head: StreamHead, found: HeadReplay) -> StateReport:
    """Return the state at the head, from a replay that was made already."""
    return _report(
        head.position.version,
        found.replay.state,
        changes=(),
        problem=_problem(found.replay.defect),
        events_replayed=found.replay.events_replayed,
        snapshot_sequence=found.snapshot_sequence,
    )


def snapshot_lines(stream: SessionStream, found: HeadReplay) -> tuple[SnapshotLine, ...]:
    """Return the newest snapshots, states not loaded, with the trust that a replay has in each."""
    rows = (
        SessionSnapshot.objects.filter(stream_id=stream.pk)
        .order_by("-sequence", "-fold_version")
        .defer("state")[:_SNAPSHOTS_SHOWN]
    )
    return tuple(_snapshot_line(row, found) for row in rows)


def _snapshot_line(row: SessionSnapshot, found: HeadReplay) -> SnapshotLine:
    if row.quarantined_at is not None:
        is_trusted, trust = False, f"quarantined: {row.quarantine_reason}"
    elif row.fold_version != FOLD_VERSION:
        is_trusted, trust = False, f"ignored: of fold {row.fold_version}, not {FOLD_VERSION}"
    elif row.pk in found.distrusted:
        is_trusted, trust = False, f"passed over: {found.distrusted[row.pk]}"
    elif row.sequence == found.snapshot_sequence:
        is_trusted, trust = True, "trusted: replays begin here"
    else:
        is_trusted, trust = True, "in use if a newer one fails"
    return SnapshotLine(
        sequence=row.sequence, taken_at=row.taken_at, is_trusted=is_trusted, trust=trust
    )


def _report(
    version: int,
    state: SessionState,
    *,
    changes: tuple[Change, ...],
    problem: str | None,
    events_replayed: int,
    snapshot_sequence: int | None,
) -> StateReport:
    newest_first = state.operations[::-1]
    return StateReport(
        asked_version=version,
        state=state,
        changes=changes,
        operations=tuple(operation_in_words(one) for one in newest_first[:_OPERATIONS_SHOWN]),
        operations_hidden=max(0, len(newest_first) - _OPERATIONS_SHOWN),
        redo=tuple(operation_in_words(one) for one in state.redo[::-1][:_OPERATIONS_SHOWN]),
        view=view_in_words(state.view),
        problem=problem,
        events_replayed=events_replayed,
        snapshot_sequence=snapshot_sequence,
    )


def _problem(defect: Defect | None) -> str | None:
    return None if defect is None else defect_in_words(defect)
