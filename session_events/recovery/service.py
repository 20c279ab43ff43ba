"""validate and recover: look at a session's whole log, say what can be done, and do it.

Both replay the log, from a snapshot where one can be trusted, never from a remembered state.
`recovery` holds the decision, `recovery_ways` how each is carried out.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace

from django.utils import timezone

from session_events import heads, snapshots
from session_events.conf import recovery_policy
from session_events.envelope import StoredEvent, decode
from session_events.events import SessionRecovered
from session_events.exceptions import EventError, InvalidRecovery, RecoveryImpossible
from session_events.forking import came_from
from session_events.heads import StreamHead
from session_events.loading import HeadReplay, Session, load, replay_all, replay_from_snapshot
from session_events.recording import (
    Command,
    find_repeated,
    require_expected_session,
    with_retries,
)
from session_events.recovery.actions import (
    Case,
    Recovery,
    RecoveryRequest,
    back_to_version,
    carry_over,
    change_to_move_over,
    fork_before_damage,
    refusal,
    start_new,
    started_anew,
    whole,
)
from session_events.recovery.context import RecoveryContext
from session_events.recovery.decision import Assessment, SourceChange, Strategy, assess
from session_events.services import DatasetFacts, start
from session_events.state import SessionState

_EARLIER_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The verdict, and the session it is about: None for both when there never was one.

    `earlier` are the user's other sessions on the dataset that can still be recovered, the newest
    first.
    """

    assessment: Assessment
    head: StreamHead | None
    state: SessionState | None
    earlier: tuple[StreamHead, ...] = ()


def validate(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    context: RecoveryContext,
    session_id: uuid.UUID | None = None,
    known_version: int | None = None,
) -> Validation:
    """Return whether the session is valid, what can be recovered and what to do. Writes nothing."""
    head = _target(user_id=user_id, dataset_id=dataset_id, session_id=session_id)
    found = None if head is None else replay_from_snapshot(head)
    change = None if found is None else context.revision.change_since(found.replay.state)
    return Validation(
        assessment=judge(head, found, context, change=change, known_version=known_version),
        head=head,
        state=None if found is None else found.replay.state,
        earlier=_earlier(head),
    )


def recover(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    context: RecoveryContext,
    dataset: DatasetFacts | None,
    request: RecoveryRequest,
    command: Command,
) -> Recovery:
    """Bring a session back as `request` asks, or say why not; see `recovery_ways`.

    `dataset` is what a new session would begin on, None when it is not there or not ready.

    Raises:
        RecoveryImpossible: with the assessment in `details`.
        InvalidRecovery: the version asked for is not in the log, or not to be trusted.
        SessionConflict: the session is not the expected one at its version.
        ClientOperationIdReused: the command's id belongs to another request.
        Nothing was written in any of these cases.
    """
    began = time.perf_counter()
    recovery = with_retries(
        lambda: _recover(user_id, dataset_id, context, dataset, request, command),
        is_final=command.ends_in_conflict,
    )
    return replace(recovery, duration_ms=(time.perf_counter() - began) * 1000)


def _recover(
    user_id: int,
    dataset_id: uuid.UUID,
    context: RecoveryContext,
    dataset: DatasetFacts | None,
    request: RecoveryRequest,
    command: Command,
) -> Recovery:
    if request.to_version is not None and request.strategy is not Strategy.TO_VERSION:
        raise InvalidRecovery(
            f"to_version goes with the strategy to_version, not with {request.strategy.value}",
            field="to_version",
        )
    repeated = find_repeated(command, user_id=user_id, dataset_id=dataset_id)
    if repeated is not None:
        head = heads.head_of(user_id=user_id, dataset_id=dataset_id, stream_id=repeated.stream_id)
        if head is not None:
            return _recovered_before(load(head), repeated, asked=request.strategy)
    is_new = request.strategy is Strategy.START_NEW
    head = _target(
        user_id=user_id,
        dataset_id=dataset_id,
        session_id=None if is_new else request.session_id,
    )
    found = None
    if head is not None:
        require_expected_session(head, command)
        from_start = request.strategy is Strategy.REPLAY
        found = HeadReplay(replay=replay_all(head)) if from_start else replay_from_snapshot(head)
    change = None if found is None else context.revision.change_since(found.replay.state)
    assessment = judge(head, found, context, change=change)
    if head is None or found is None:
        if is_new and dataset is not None:
            return started_anew(start(dataset, command=command))
        raise RecoveryImpossible(**refusal(assessment))
    case = Case(
        head=head,
        found=found,
        change=change,
        context=context,
        assessment=assessment,
        request=request,
        command=command,
    )
    if is_new:
        return start_new(case, dataset)
    if not assessment.recovery_possible:
        raise RecoveryImpossible(**refusal(assessment))
    snapshots.quarantine(found.distrusted)
    moved = change_to_move_over(case)
    if moved is not None and dataset is not None:
        return carry_over(case, moved, dataset)
    if case.change is not None and not case.change.has_old_rows:
        raise RecoveryImpossible(
            "The rows from before are not kept any more; recover on the new ones.",
            **refusal(assessment),
        )
    if found.replay.defect is not None:
        return fork_before_damage(case, found.replay.defect)
    if request.strategy is Strategy.TO_VERSION:
        return back_to_version(case)
    return whole(case)


def _recovered_before(session: Session, stored: StoredEvent, *, asked: Strategy) -> Recovery:
    """Return the recovery that `stored` was written for, as far as the log tells it."""
    before = Recovery(session=session, strategy=asked, recorded=False, is_repeat=True)
    if stored.sequence == 1:
        forked = came_from(session.head.stream_id)
        if forked is None:
            return before
        return replace(before, strategy=Strategy.PARTIAL, given_up=forked.given_up)
    try:
        event = decode(stored).event
    except EventError:
        return before
    if not isinstance(event, SessionRecovered):
        return before
    return replace(
        before,
        strategy=Strategy(event.strategy),
        snapshot_sequence=event.snapshot_sequence,
        events_replayed=event.events_replayed,
        given_up=event.given_up,
    )


def _earlier(head: StreamHead | None) -> tuple[StreamHead, ...]:
    if head is None:
        return ()
    ended = heads.ended_since(
        timezone.now() - recovery_policy().retention,
        user_id=head.user_id,
        dataset_id=head.dataset_id,
        limit=_EARLIER_SHOWN,
    )
    return tuple(earlier for earlier in ended if earlier.stream_id != head.stream_id)


def _target(
    *, user_id: int, dataset_id: uuid.UUID, session_id: uuid.UUID | None
) -> StreamHead | None:
    if session_id is None:
        return heads.latest_head(user_id=user_id, dataset_id=dataset_id)
    return heads.head_of(user_id=user_id, dataset_id=dataset_id, stream_id=session_id)


def judge(
    head: StreamHead | None,
    found: HeadReplay | None,
    context: RecoveryContext,
    *,
    change: SourceChange | None,
    known_version: int | None = None,
) -> Assessment:
    """Return the verdict as of now on what a replay found; None for both: never started."""
    state = None if found is None else found.replay.state
    return assess(
        None if found is None else found.replay,
        source=context.source,
        now=timezone.now(),
        policy=recovery_policy(),
        change=change,
        known_version=known_version,
        last_append_at=None if head is None else head.last_event_at,
        has_damaged_snapshot=found is not None and bool(found.distrusted),
        unknown_operation=None if state is None else context.unknown_operation(state),
    )
