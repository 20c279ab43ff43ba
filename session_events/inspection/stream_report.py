"""Report one session to an operator: the verdict, the snapshots, and the state at any version.

A damaged log is never an error here: the report shows the state before the damage, and names the
damage.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from session_events import store
from session_events.events import Operation
from session_events.frozen_state import FOLD_VERSION
from session_events.heads import StreamHead, head_from_row
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
from session_events.recovery.service import judge
from session_events.recovery.verdicts import Assessment, Source
from session_events.replay import START, Defect, Replay, replay
from session_events.snapshots import IN_USE
from session_events.state import INITIAL, SessionState, Status

_MOST_SNAPSHOTS_SHOWN = 20
_MOST_OPERATIONS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLine:
    """One snapshot, and whether a replay would trust it; `trust` says why."""

    sequence: int
    taken_at: dt.datetime
    is_trusted: bool
    trust: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateReport:
    """The state at a version, ready to be shown.

    `requested_version` is the version asked for. ``state.version`` is lower if damage is in the
    way; `problem` then describes it. `changes` are those made by the event of that version.
    `operations` are the latest, newest first, and `redo` those that are redone first.
    """

    requested_version: int
    state: SessionState
    changes: tuple[Change, ...] = ()
    problem: str | None
    events_replayed: int
    snapshot_sequence: int | None

    @property
    def operations(self) -> tuple[str, ...]:
        return _newest_in_words(self.state.operations)

    @property
    def operations_hidden(self) -> int:
        return max(0, len(self.state.operations) - _MOST_OPERATIONS_SHOWN)

    @property
    def redo(self) -> tuple[str, ...]:
        return _newest_in_words(self.state.redo)

    @property
    def view(self) -> str:
        return view_in_words(self.state.view)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict that `validate` would give, and the defect of the log, if any.

    Events before the snapshot at `snapshot_sequence` were not read; null if all were. If
    `knows_dataset` is false, the state of the dataset is unknown and taken as ready.
    """

    assessment: Assessment
    problem: str | None
    problem_sequence: int | None
    snapshot_sequence: int | None
    knows_dataset: bool


_NOTHING_REPLAYED = HeadReplay(replay=Replay(state=INITIAL, position=START, events_replayed=0))
_ASSUMED_READY = RecoveryContext(source=Source.READY, knows_operation=lambda name: True)


def head_of(stream: SessionStream) -> StreamHead:
    """Return the stream's head. A status that this service never writes counts as not started."""
    known = stream.status in {status.value for status in Status}
    return head_from_row(stream, status=Status(stream.status) if known else Status.NOT_STARTED)


def verdict(head: StreamHead, replayed: HeadReplay) -> Verdict:
    """Return the decision as of now, the same that `validate` gives the session's user."""
    known_context = recovery_context_of(head.dataset_id)
    context = known_context or _ASSUMED_READY
    defect = replayed.replay.defect
    return Verdict(
        assessment=judge(
            head,
            replayed,
            context,
            change=context.revision.change_since(replayed.replay.state),
        ),
        problem=_problem(defect),
        problem_sequence=None if defect is None else defect.sequence,
        snapshot_sequence=replayed.snapshot_sequence,
        knows_dataset=known_context is not None,
    )


def state_at(head: StreamHead, version: int) -> StateReport:
    """Return the state at `version` and what the event of that version changed."""
    return _state_after(head, version, _replay_before(head, version))


def state_at_and_now(head: StreamHead, version: int | None) -> tuple[StateReport, HeadReplay]:
    """Return the state at `version`, or at the head if that is None, and the replay up to the head.

    The replay continues from that state unless a later snapshot helps, so that a long log is read
    only once.
    """
    if version is None:
        replayed = replay_from_snapshot(head)
        return _state_now(head, replayed), replayed
    before = _replay_before(head, version)
    report = _state_after(head, version, before)
    if before.replay.defect is not None or _newer_snapshots(head, version).exists():
        return report, replay_from_snapshot(head)
    return report, replay_on(head, before)


def _replay_before(head: StreamHead, version: int) -> HeadReplay:
    return replay_from_snapshot(head, until=version - 1) if version > 1 else _NOTHING_REPLAYED


def _newer_snapshots(head: StreamHead, version: int) -> QuerySet[SessionSnapshot]:
    """Return the snapshots that a replay up to the head would try before any earlier one."""
    return SessionSnapshot.objects.filter(IN_USE, stream_id=head.stream_id, sequence__gte=version)


def _state_after(head: StreamHead, version: int, before: HeadReplay) -> StateReport:
    previous, defect = before.replay, before.replay.defect
    last = replay(
        store.read(head.stream_id, after=version - 1, until=version) if defect is None else (),
        stream_id=head.stream_id,
        initial=previous.state,
        position=previous.position,
    )
    problem = _problem(defect or last.defect)
    if problem is None and last.state.version < version:
        problem = f"Event {last.state.version + 1:,} is missing: gap"
    return StateReport(
        requested_version=version,
        state=last.state,
        changes=changes_in_words(previous.state, last.state) if last.events_replayed else (),
        problem=problem,
        events_replayed=last.events_replayed + previous.events_replayed,
        snapshot_sequence=before.snapshot_sequence,
    )


def _state_now(head: StreamHead, replayed: HeadReplay) -> StateReport:
    return StateReport(
        requested_version=head.position.version,
        state=replayed.replay.state,
        problem=_problem(replayed.replay.defect),
        events_replayed=replayed.replay.events_replayed,
        snapshot_sequence=replayed.snapshot_sequence,
    )


def snapshot_lines(stream: SessionStream, replayed: HeadReplay) -> tuple[SnapshotLine, ...]:
    """Return the newest snapshots, and whether `replayed` would trust each. Loads no states."""
    rows = (
        SessionSnapshot.objects.filter(stream_id=stream.pk)
        .order_by("-sequence", "-fold_version")
        .defer("state")[:_MOST_SNAPSHOTS_SHOWN]
    )
    return tuple(_snapshot_line(row, replayed) for row in rows)


def _snapshot_line(row: SessionSnapshot, replayed: HeadReplay) -> SnapshotLine:
    if row.quarantined_at is not None:
        is_trusted, trust = False, f"quarantined: {row.quarantine_reason}"
    elif row.fold_version != FOLD_VERSION:
        is_trusted, trust = False, f"ignored: of fold {row.fold_version}, not {FOLD_VERSION}"
    elif row.pk in replayed.distrusted:
        is_trusted, trust = False, f"passed over: {replayed.distrusted[row.pk]}"
    elif row.sequence == replayed.snapshot_sequence:
        is_trusted, trust = True, "trusted: replays begin here"
    else:
        is_trusted, trust = True, "in use if a newer one fails"
    return SnapshotLine(
        sequence=row.sequence, taken_at=row.taken_at, is_trusted=is_trusted, trust=trust
    )


def _newest_in_words(operations: tuple[Operation, ...]) -> tuple[str, ...]:
    return tuple(map(operation_in_words, operations[::-1][:_MOST_OPERATIONS_SHOWN]))


def _problem(defect: Defect | None) -> str | None:
    return None if defect is None else defect_in_words(defect)
