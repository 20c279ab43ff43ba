"""validate and recover: look at a session's whole log, say what can be done, and do it.

Both replay from the log itself, never from a remembered state. `recovery` holds the decision.

Note [Recovered once]
    A second click finds the session active and writes nothing. Two at once meet in the append, and
    the loser looks again. A damaged stream is never written on with work: what stands before the
    damage begins a new stream, and the old one is put away, still there to be inspected.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from session_events import heads, store
from session_events.conf import recovery_policy
from session_events.events import Event, GivenUp, SessionForked, SessionRecovered
from session_events.exceptions import (
    ClientOperationRepeated,
    InvalidRecovery,
    RecoveryImpossible,
    SessionConflict,
)
from session_events.heads import StreamHead
from session_events.loading import Session, load, replay_all
from session_events.recording import (
    Command,
    current_status,
    expiry_events,
    find_repeated,
    record,
    require_expected_version,
)
from session_events.recovery import Assessment, Source, Strategy, assess
from session_events.render import stored_sentence
from session_events.replay import Defect, DefectKind, Replay
from session_events.services import DatasetFacts, put_away, start
from session_events.state import SessionState, Status
from session_events.store import AnotherStreamOpen

_TRIES = 5
_GIVEN_UP_NAMED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The verdict, and the session it is about: None for both when there never was one."""

    assessment: Assessment
    head: StreamHead | None
    state: SessionState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequest:
    """What is asked for.

    `session_id` names an earlier session, None the current one; to start anew it means nothing.
    """

    strategy: Strategy
    to_version: int | None = None
    session_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a recovery brought back. `recorded` is false when nothing had to be written.

    `strategy` is the one that was used, `events_replayed` how many events the state was folded
    from, beginning at `snapshot_sequence` (null: at the first).
    """

    session: Session
    strategy: Strategy
    recorded: bool
    events_replayed: int
    snapshot_sequence: int | None
    given_up: tuple[GivenUp, ...]
    duration_ms: float


def validate(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    source: Source,
    session_id: uuid.UUID | None = None,
    known_version: int | None = None,
) -> Validation:
    """Return whether the session is valid, what can be recovered and what to do. Writes nothing."""
    head = _target(user_id=user_id, dataset_id=dataset_id, session_id=session_id)
    replayed = None if head is None else replay_all(head)
    return Validation(
        assessment=_assess(head, replayed, source=source, known_version=known_version),
        head=head,
        state=None if replayed is None else replayed.state,
    )


def recover(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    source: Source,
    dataset: DatasetFacts | None,
    request: RecoveryRequest,
    command: Command,
) -> Recovery:
    """Bring a session back as `request` asks, or say why not. See Note [Recovered once].

    `dataset` is what a new session would begin on, None when it is not there or not ready.

    Raises:
        RecoveryImpossible: with the assessment in `details`.
        InvalidRecovery: the version asked for is not in the log, or not to be trusted.
        SessionConflict: the session is not at the expected version.
        ClientOperationIdReused: the command's id belongs to another request.
        Nothing was written in any of these cases.
    """
    began = time.perf_counter()
    for attempt in range(_TRIES):
        try:
            return _recover(
                user_id=user_id,
                dataset_id=dataset_id,
                source=source,
                dataset=dataset,
                request=request,
                command=command,
                began=began,
            )
        except (SessionConflict, AnotherStreamOpen, ClientOperationRepeated):
            if command.expected_version is not None or attempt == _TRIES - 1:
                raise
    raise AssertionError("the last try returns or raises")


def _recover(
    *,
    user_id: int,
    dataset_id: uuid.UUID,
    source: Source,
    dataset: DatasetFacts | None,
    request: RecoveryRequest,
    command: Command,
    began: float,
) -> Recovery:
    repeated = find_repeated(command, user_id=user_id, dataset_id=dataset_id)
    if repeated is not None:
        head = heads.head_of(user_id=user_id, dataset_id=dataset_id, stream_id=repeated.stream_id)
        if head is not None:
            return _done(request.strategy, load(head), began, recorded=False)
    is_new = request.strategy is Strategy.START_NEW
    head = _target(
        user_id=user_id,
        dataset_id=dataset_id,
        session_id=None if is_new else request.session_id,
    )
    replayed = None if head is None else replay_all(head)
    assessment = _assess(head, replayed, source=source)
    if is_new:
        return _start_new(head, replayed, assessment, dataset, command, began)
    if head is None or replayed is None or not assessment.recovery_possible:
        raise RecoveryImpossible(**refusal(assessment))
    if replayed.defect is not None:
        return _fork(head, replayed, replayed.defect, assessment, request, command, began)
    if request.strategy is Strategy.TO_VERSION:
        return _to_version(head, replayed, request, command, began)
    return _whole(head, replayed, command, began)


def refusal(assessment: Assessment) -> dict[str, object]:
    """Return the details of an error that says why nothing was recovered."""
    return {
        "suggested_action": assessment.suggested_action.value,
        "status": assessment.status.value,
        "reasons": [
            {"code": reason.code, "sentence": reason.sentence} for reason in assessment.reasons
        ],
    }


def _whole(head: StreamHead, replayed: Replay, command: Command, began: float) -> Recovery:
    session = Session(head=head, state=replayed.state)
    if current_status(session.state) is Status.ACTIVE:
        return _done(Strategy.REPLAY, session, began, recorded=False, replayed=replayed)
    recovered = SessionRecovered(
        strategy=Strategy.REPLAY.value,
        recovered_version=session.state.version,
        snapshot_sequence=None,
        events_replayed=replayed.events_replayed,
    )
    session = _record_reopening(session, recovered, command)
    return _done(Strategy.REPLAY, session, began, recorded=True, replayed=replayed)


def _to_version(
    head: StreamHead, replayed: Replay, request: RecoveryRequest, command: Command, began: float
) -> Recovery:
    session = Session(head=head, state=replayed.state)
    target = _state_at(head, replayed, request.to_version)
    given_up = _operations_given_up(session.state, target)
    if target.work == session.state.work and current_status(session.state) is Status.ACTIVE:
        return _done(Strategy.TO_VERSION, session, began, recorded=False, replayed=replayed)
    recovered = SessionRecovered(
        strategy=Strategy.TO_VERSION.value,
        recovered_version=target.version,
        snapshot_sequence=None,
        events_replayed=target.version,
        given_up=given_up,
        work=target.work,
    )
    session = _record_reopening(session, recovered, command)
    return _done(
        Strategy.TO_VERSION, session, began, recorded=True, replayed=replayed, given_up=given_up
    )


def _fork(
    head: StreamHead,
    replayed: Replay,
    defect: Defect,
    assessment: Assessment,
    request: RecoveryRequest,
    command: Command,
    began: float,
) -> Recovery:
    if request.strategy is Strategy.REPLAY:
        raise RecoveryImpossible(
            "The log cannot be replayed to its end; recover what stands before the damage.",
            **refusal(assessment),
        )
    open_head = heads.open_head(user_id=head.user_id, dataset_id=head.dataset_id)
    if open_head is not None and open_head.stream_id != head.stream_id:
        other = load(open_head)
        if other.state.forked_from == head.stream_id:
            return _done(Strategy.PARTIAL, other, began, recorded=False, replayed=replayed)
    state = replayed.state
    if request.strategy is Strategy.TO_VERSION:
        state = _state_at(head, replayed, request.to_version)
    given_up = _operations_given_up(replayed.state, state) + _events_given_up(head, defect)
    require_expected_version(replayed.state, command)
    forked = SessionForked(
        from_stream=head.stream_id,
        from_sequence=state.version,
        reason=f"log_damaged_{defect.kind}",
        given_up=given_up,
        work=state.work,
    )
    with transaction.atomic():
        if open_head is not None:
            put_away(open_head, reason="recovered_elsewhere", command=command)
        session = start(_dataset_of(state), command=command, then=[forked])
    return _done(
        Strategy.PARTIAL, session, began, recorded=True, replayed=replayed, given_up=given_up
    )


def _start_new(
    head: StreamHead | None,
    replayed: Replay | None,
    assessment: Assessment,
    dataset: DatasetFacts | None,
    command: Command,
    began: float,
) -> Recovery:
    if dataset is None:
        raise RecoveryImpossible("The dataset is not there to start on.", **refusal(assessment))
    if head is not None and replayed is not None:
        if _is_untouched(head, replayed):
            session = Session(head=head, state=replayed.state)
            return _done(Strategy.START_NEW, session, began, recorded=False)
        require_expected_version(replayed.state, command)
    with transaction.atomic():
        if head is not None and head.is_open:
            put_away(head, reason="start_new", command=command)
        session = start(dataset, command=command)
    return _done(Strategy.START_NEW, session, began, recorded=True)


def _is_untouched(head: StreamHead, replayed: Replay) -> bool:
    """Tell whether the session is a new one already: a second click has nothing to do."""
    return (
        head.is_open
        and replayed.defect is None
        and replayed.state.work_version == 1
        and current_status(replayed.state) is Status.ACTIVE
    )


def _record_reopening(session: Session, recovered: Event, command: Command) -> Session:
    """Record that an ended, paused or expired session goes on; the user's open one is put away."""
    require_expected_version(session.state, command)
    events = (*expiry_events(session.state), recovered)
    if session.state.is_open:
        return record(session, *events, command=command)
    with transaction.atomic():
        open_head = heads.open_head(
            user_id=session.head.user_id, dataset_id=session.head.dataset_id
        )
        if open_head is not None:
            put_away(open_head, reason="recovered_elsewhere", command=command)
        return record(session, *events, command=command)


def _state_at(head: StreamHead, replayed: Replay, to_version: int | None) -> SessionState:
    if to_version is None or not 1 <= to_version <= replayed.state.version:
        raise InvalidRecovery(
            f"to_version must be from 1 to {replayed.state.version}",
            field="to_version",
            maximum=replayed.state.version,
        )
    return replay_all(head, until=to_version).state


def _operations_given_up(state: SessionState, target: SessionState) -> tuple[GivenUp, ...]:
    kept = {operation.sequence for operation in target.operations}
    return tuple(
        GivenUp(sequence=operation.sequence, sentence=f"Applied {operation.operation}")
        for operation in state.operations
        if operation.sequence not in kept
    )


def _events_given_up(head: StreamHead, defect: Defect) -> tuple[GivenUp, ...]:
    after = store.read(
        head.stream_id,
        after=defect.sequence - 1,
        until=defect.sequence - 1 + _GIVEN_UP_NAMED,
    )
    named = tuple(
        GivenUp(sequence=stored.sequence, sentence=stored_sentence(stored)) for stored in after
    )
    if defect.kind is DefectKind.GAP:
        return (GivenUp(sequence=defect.sequence, sentence="The event is missing"), *named)
    return named


def _dataset_of(state: SessionState) -> DatasetFacts:
    if state.dataset_id is None:
        raise InvalidRecovery
    return DatasetFacts(
        dataset_id=state.dataset_id,
        revision=state.source_revision,
        fingerprint=state.source_fingerprint,
        columns=state.base_columns,
        row_count=state.row_count,
    )


def _target(
    *, user_id: int, dataset_id: uuid.UUID, session_id: uuid.UUID | None
) -> StreamHead | None:
    if session_id is None:
        return heads.latest_head(user_id=user_id, dataset_id=dataset_id)
    return heads.head_of(user_id=user_id, dataset_id=dataset_id, stream_id=session_id)


def _assess(
    head: StreamHead | None,
    replayed: Replay | None,
    *,
    source: Source,
    known_version: int | None = None,
) -> Assessment:
    return assess(
        replayed,
        source=source,
        now=timezone.now(),
        policy=recovery_policy(),
        known_version=known_version,
        last_append_at=None if head is None else head.last_event_at,
    )


def _done(
    strategy: Strategy,
    session: Session,
    began: float,
    *,
    recorded: bool,
    replayed: Replay | None = None,
    given_up: tuple[GivenUp, ...] = (),
) -> Recovery:
    return Recovery(
        session=session,
        strategy=strategy,
        recorded=recorded,
        events_replayed=0 if replayed is None else replayed.events_replayed,
        snapshot_sequence=None,
        given_up=given_up,
        duration_ms=(time.perf_counter() - began) * 1000,
    )
