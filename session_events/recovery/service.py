"""The use cases of recovery: `validate` says what can be done with a session, `recover` does it.

Both replay the log, from a snapshot where one can be trusted, never from a remembered state.
`decision` decides, and `actions` carries it out.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
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
from session_events.recording import Command, find_repeated, require_expected_session, with_retries
from session_events.recovery.actions import (
    fork_before_damage,
    rebase,
    recover_to_version,
    recover_whole,
    start_new,
)
from session_events.recovery.attempt import Recovery, RecoveryAttempt, RecoveryRequest, impossible
from session_events.recovery.context import RecoveryContext
from session_events.recovery.decision import Evidence, assess
from session_events.recovery.source_changes import SourceChange
from session_events.recovery.verdicts import Assessment, Strategy
from session_events.services import DatasetFacts, start
from session_events.spans import happened
from session_events.state import SessionState

_MOST_EARLIER_SESSIONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The verdict, and the session it is about.

    `head` and `state` are None if there never was a session. `earlier` holds the user's other
    sessions on the dataset that can still be recovered, newest first.
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
    """Return whether the session is valid, what can be recovered and what to do. Writes nothing.

    `session_id` names an earlier session; without it the open one is meant, else the one begun
    last.
    """
    head = _requested_head(user_id, dataset_id, session_id)
    replayed = None if head is None else replay_from_snapshot(head)
    change = None if replayed is None else context.revision.change_since(replayed.replay.state)
    return Validation(
        assessment=judge(head, replayed, context, change=change, known_version=known_version),
        head=head,
        state=None if replayed is None else replayed.replay.state,
        earlier=() if head is None else _earlier_than(head),
    )


def recover(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    context: RecoveryContext,
    dataset: DatasetFacts | None,
    request: RecoveryRequest,
    command: Command,
    require_room: Callable[[], None] = lambda: None,
) -> Recovery:
    """Bring a session back as `request` asks; see `actions` for the ways.

    `dataset` is what a new session would begin on, None if it is deleted or not ready.
    `require_room` is called before a new session begins where none is in use; what it raises
    refuses that. Work that comes back always has room.

    Raises:
        RecoveryImpossible: the verdict, in `details`, does not allow it.
        InvalidRecovery: the requested version is not in the log, or cannot be trusted.
        SessionConflict: the session is not the expected one at its version.
        ClientOperationIdReused: the command's id belongs to another request.
    """
    if request.to_version is not None and request.strategy is not Strategy.TO_VERSION:
        raise InvalidRecovery(
            f"to_version needs the strategy to_version, not {request.strategy.value}",
            field="to_version",
        )
    is_new = request.strategy is Strategy.START_NEW
    session_id = None if is_new else request.session_id

    def attempt() -> Recovery:
        repeated = find_repeated(command, user_id=user_id, dataset_id=dataset_id)
        if repeated is not None:
            head = _requested_head(user_id, dataset_id, repeated.stream_id)
            if head is not None:
                return _recovered_before(load(head), repeated, strategy=request.strategy)
        head = _requested_head(user_id, dataset_id, session_id)
        if is_new and dataset is not None and not (head is not None and heads.is_in_use(head)):
            require_room()
        if head is None:
            never_begun = judge(None, None, context)
            return _told(never_begun, lambda: _begin(never_begun, dataset, request, command))
        require_expected_session(head, command)
        from_start = request.strategy is Strategy.REPLAY
        replayed = HeadReplay(replay=replay_all(head)) if from_start else replay_from_snapshot(head)
        change = context.revision.change_since(replayed.replay.state)
        recovery_attempt = RecoveryAttempt(
            head=head,
            replayed=replayed,
            change=change,
            context=context,
            assessment=judge(head, replayed, context, change=change),
            request=request,
            command=command,
        )
        return _told(recovery_attempt.assessment, lambda: _carry_out(recovery_attempt, dataset))

    began = time.perf_counter()
    recovery = with_retries(attempt, is_final=command.ends_in_conflict)
    return replace(recovery, duration_ms=(time.perf_counter() - began) * 1000)


def _told(assessment: Assessment, recover: Callable[[], Recovery]) -> Recovery:
    """Recover, and tell those who measure what was found and what came of it."""
    situation = assessment.suggested_action.value
    try:
        recovery = recover()
    except RecoveryImpossible:
        happened("recovery", situation=situation, outcome="impossible")
        raise
    happened("recovery", situation=situation, outcome=recovery.strategy.value)
    return recovery


def _begin(
    assessment: Assessment,
    dataset: DatasetFacts | None,
    request: RecoveryRequest,
    command: Command,
) -> Recovery:
    """Begin a session where there is none to recover, if the request is for a new one."""
    if request.strategy is not Strategy.START_NEW or dataset is None:
        raise impossible(assessment)
    session = start(dataset, command=command)
    return Recovery(session=session, strategy=Strategy.START_NEW, recorded=True)


def _carry_out(attempt: RecoveryAttempt, dataset: DatasetFacts | None) -> Recovery:
    """Recover in the way that the request, the verdict and the state of the log leave open."""
    if attempt.request.strategy is Strategy.START_NEW:
        return start_new(attempt, dataset)
    if not attempt.assessment.recovery_possible:
        raise impossible(attempt.assessment)
    snapshots.quarantine(attempt.replayed.distrusted)
    new_source = attempt.change_to_rebase_onto
    if new_source is not None and dataset is not None:
        return rebase(attempt, new_source, dataset)
    if attempt.change is not None and not attempt.change.has_old_rows:
        raise impossible(
            attempt.assessment,
            "The original rows are no longer available. Recover onto the new file.",
        )
    if attempt.defect is not None:
        return fork_before_damage(attempt, attempt.defect)
    if attempt.request.strategy is Strategy.TO_VERSION:
        return recover_to_version(attempt)
    return recover_whole(attempt)


def _recovered_before(session: Session, stored: StoredEvent, *, strategy: Strategy) -> Recovery:
    """Return the recovery that wrote `stored`, as far as the log tells.

    `strategy` is the requested one; where the log names the one that was used, that is returned.
    """
    before = Recovery(session=session, strategy=strategy, recorded=False, is_repeat=True)
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


def _earlier_than(head: StreamHead) -> tuple[StreamHead, ...]:
    """Return the user's other ended sessions on the dataset that are still retained."""
    ended = heads.ended_since(
        timezone.now() - recovery_policy().retention,
        user_id=head.user_id,
        dataset_id=head.dataset_id,
        limit=_MOST_EARLIER_SESSIONS,
    )
    return tuple(earlier for earlier in ended if earlier.stream_id != head.stream_id)


def _requested_head(
    user_id: int, dataset_id: uuid.UUID, session_id: uuid.UUID | None
) -> StreamHead | None:
    if session_id is None:
        return heads.latest_head(user_id=user_id, dataset_id=dataset_id)
    return heads.head_of(user_id=user_id, dataset_id=dataset_id, stream_id=session_id)


def judge(
    head: StreamHead | None,
    replayed: HeadReplay | None,
    context: RecoveryContext,
    *,
    change: SourceChange | None = None,
    known_version: int | None = None,
) -> Assessment:
    """Return the verdict as of now on a replayed session; `head` and `replayed` are None together.

    None means that the session never started.
    """
    evidence = Evidence(replayed=None, source=context.source)
    if head is not None and replayed is not None:
        state = replayed.replay.state
        evidence = Evidence(
            replayed=replayed.replay,
            source=context.source,
            change=change,
            known_version=known_version,
            last_append_at=head.last_event_at,
            has_damaged_snapshot=bool(replayed.distrusted),
            unknown_operation=state.first_unknown_operation(context.knows_operation),
        )
    return assess(evidence, now=timezone.now(), policy=recovery_policy())
