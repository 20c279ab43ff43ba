"""The ways a session is brought back: whole, to a version, before a damage, onto a new file, anew.

Each takes a `Case` and records what it decided, or says that there was nothing to do.

Note [Recovered once]
    A second click finds the session active and writes nothing. Two at once meet in the append, and
    the loser looks again. A damaged stream is never written on with work: what stands before the
    damage begins a new stream, and the old one is put away, still there to be inspected. Neither is
    a stream whose dataset got another file: see `carrying_over`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from django.db import transaction

from session_events import heads, store
from session_events.events import (
    Event,
    GivenUp,
    SessionForked,
    SessionRecovered,
    SourceChangeDeclined,
)
from session_events.exceptions import (
    InvalidRecovery,
    LogDamaged,
    LogUnreadable,
    RecoveryImpossible,
)
from session_events.heads import StreamHead
from session_events.loading import HeadReplay, Session, load, replay_from_snapshot
from session_events.recording import (
    Command,
    current_status,
    expiry_events,
    record,
    require_expected,
)
from session_events.recovery.context import RecoveryContext
from session_events.recovery.decision import (
    Assessment,
    SourceChange,
    Strategy,
    pending_change,
)
from session_events.recovery.rebasing import first_events
from session_events.render import stored_sentence
from session_events.replay import Defect, DefectKind
from session_events.services import DatasetFacts, facts_of, put_away, start_instead_of
from session_events.state import SessionState, Status

_GIVEN_UP_NAMED = 100


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
    from, beginning at `snapshot_sequence` (null: at the first). `is_repeat`: the request was sent
    before, and this is what it did then.
    """

    session: Session
    strategy: Strategy
    recorded: bool
    is_repeat: bool = False
    events_replayed: int = 0
    snapshot_sequence: int | None = None
    given_up: tuple[GivenUp, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A stream as it was found, what was decided about it, and who asks for what.

    `change` is how its dataset has changed since it began, None if it has not.
    """

    head: StreamHead
    found: HeadReplay
    change: SourceChange | None
    context: RecoveryContext
    assessment: Assessment
    request: RecoveryRequest
    command: Command

    @property
    def state(self) -> SessionState:
        return self.found.replay.state

    @property
    def pending_change(self) -> SourceChange | None:
        return pending_change(self.state, self.change)

    @property
    def session(self) -> Session:
        return Session(head=self.head, state=self.state)


def refusal(assessment: Assessment) -> dict[str, object]:
    """Return the details of an error that says why nothing was recovered."""
    return {
        "suggested_action": assessment.suggested_action.value,
        "status": assessment.status.value,
        "reasons": [
            {"code": reason.code, "sentence": reason.sentence} for reason in assessment.reasons
        ],
    }


def whole(case: Case) -> Recovery:
    events: list[Event] = []
    if current_status(case.state) is not Status.ACTIVE:
        recovered = SessionRecovered(
            strategy=_strategy_used(case).value,
            recovered_version=case.state.version,
            snapshot_sequence=case.found.snapshot_sequence,
            events_replayed=case.found.replay.events_replayed,
        )
        events.append(recovered)
    if case.pending_change is not None:
        events.append(SourceChangeDeclined(source_fingerprint=case.pending_change.fingerprint))
    if not events:
        _require_expected_work(case)
        return _done(case, case.session, recorded=False)
    return _done(case, _record_reopening(case, *events), recorded=True)


def change_to_move_over(case: Case) -> SourceChange | None:
    """Return the change of the dataset that the session is asked to go along with, if it is.

    `partial` goes along also after the user had chosen to stay.
    """
    match case.request.strategy:
        case Strategy.AUTO:
            return case.pending_change
        case Strategy.PARTIAL:
            return case.pending_change if case.found.replay.defect else case.change
    return None


def carry_over(case: Case, change: SourceChange, dataset: DatasetFacts) -> Recovery:
    head, state, defect = case.head, case.state, case.found.replay.defect
    open_head = heads.open_head(user_id=head.user_id, dataset_id=head.dataset_id)
    other = _open_session_elsewhere(case)
    if other is not None:
        came_from = (other.state.forked_from, other.state.source_fingerprint)
        if came_from == (head.stream_id, change.fingerprint):
            return _done(case, other, recorded=False)
    _require_expected(case)
    rebased = case.context.revision.rebase(state, change)
    given_up = rebased.given_up
    if defect is not None:
        given_up += _events_given_up(head, defect)
    then = first_events(rebased, from_stream=head.stream_id, state=state, given_up=given_up)
    session = start_instead_of(
        open_head, dataset, reason="recovered_elsewhere", command=case.command, then=then
    )
    return replace(
        _done(case, session, recorded=True, given_up=given_up), strategy=Strategy.PARTIAL
    )


def back_to_version(case: Case) -> Recovery:
    target = _state_at(case)
    if target.work == case.state.work and current_status(case.state) is Status.ACTIVE:
        return _done(case, case.session, recorded=False)
    given_up = _operations_given_up(case.state, target)
    recovered = SessionRecovered(
        strategy=Strategy.TO_VERSION.value,
        recovered_version=target.version,
        snapshot_sequence=case.found.snapshot_sequence,
        events_replayed=case.found.replay.events_replayed,
        given_up=given_up,
        work=target.work,
    )
    return _done(case, _record_reopening(case, recovered), recorded=True, given_up=given_up)


def fork_before_damage(case: Case, defect: Defect) -> Recovery:
    if case.request.strategy is Strategy.REPLAY:
        raise RecoveryImpossible(
            "The log cannot be replayed to its end; recover what stands before the damage.",
            **refusal(case.assessment),
        )
    head = case.head
    open_head = heads.open_head(user_id=head.user_id, dataset_id=head.dataset_id)
    other = _open_session_elsewhere(case)
    if other is not None and other.state.forked_from == head.stream_id:
        return _done(case, other, recorded=False)
    is_to_version = case.request.strategy is Strategy.TO_VERSION
    state = _state_at(case) if is_to_version else case.state
    given_up = _operations_given_up(case.state, state) + _events_given_up(head, defect)
    _require_expected(case)
    forked = SessionForked(
        from_stream=head.stream_id,
        from_sequence=state.version,
        reason=f"log_damaged_{defect.kind}",
        given_up=given_up,
        work=state.work,
    )
    session = start_instead_of(
        open_head,
        facts_of(state),
        reason="recovered_elsewhere",
        command=case.command,
        then=[forked],
    )
    return _done(case, session, recorded=True, given_up=given_up)


def start_new(case: Case, dataset: DatasetFacts | None) -> Recovery:
    if dataset is None:
        raise RecoveryImpossible(
            "The dataset is not there to start on.", **refusal(case.assessment)
        )
    if _is_untouched(case) and case.change is None:
        return started_anew(case.session, recorded=False)
    _require_expected(case)
    open_head = case.head if case.head.is_open else None
    return started_anew(
        start_instead_of(open_head, dataset, reason="start_new", command=case.command)
    )


def _is_untouched(case: Case) -> bool:
    """Tell whether the session is a new one already: a second click has nothing to do."""
    return (
        case.head.is_open
        and case.found.replay.defect is None
        and case.state.work_version == 1
        and current_status(case.state) is Status.ACTIVE
    )


def _record_reopening(case: Case, *reopening: Event) -> Session:
    """Record that an ended, paused or expired session goes on; the user's open one is put away."""
    _require_expected(case)
    events = (*expiry_events(case.state), *reopening)
    if case.state.is_open:
        return record(case.session, *events, command=case.command)
    with transaction.atomic():
        open_head = heads.open_head(user_id=case.head.user_id, dataset_id=case.head.dataset_id)
        if open_head is not None:
            put_away(
                open_head,
                reason="recovered_elsewhere",
                command=case.command,
                replaced_by=case.head.stream_id,
            )
        return record(case.session, *events, command=case.command)


def _require_expected(case: Case) -> None:
    is_whole = case.found.replay.defect is None
    require_expected(case.head, case.command, state=case.state if is_whole else None)


def _require_expected_work(case: Case) -> None:
    """As `_require_expected`; but a second click finds what the first recovered, no conflict."""
    expected, state = case.command.expected_version, case.state
    if expected is not None and 1 <= expected <= state.version:
        then = replay_from_snapshot(case.head, until=expected).replay.state
        if (then.operations, then.redo) == (state.operations, state.redo):
            return
    _require_expected(case)


def _open_session_elsewhere(case: Case) -> Session | None:
    """Return the user's open session if it is another than the case's and can be read."""
    head = case.head
    open_head = heads.open_head(user_id=head.user_id, dataset_id=head.dataset_id)
    if open_head is None or open_head.stream_id == head.stream_id:
        return None
    try:
        return load(open_head)
    except (LogDamaged, LogUnreadable):
        return None


def _state_at(case: Case) -> SessionState:
    version, last = case.request.to_version, case.state.version
    if version is None or not 1 <= version <= last:
        raise InvalidRecovery(
            f"to_version must be from 1 to {last}", field="to_version", maximum=last
        )
    state = replay_from_snapshot(case.head, until=version).replay.state
    if unknown := case.context.unknown_operation(state):
        raise RecoveryImpossible(
            f"Version {version} holds “{unknown.operation}”, an operation of a newer server.",
            **refusal(case.assessment),
        )
    return state


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


def _strategy_used(case: Case) -> Strategy:
    if case.found.replay.defect is not None:
        return Strategy.PARTIAL
    if case.request.strategy is Strategy.TO_VERSION:
        return Strategy.TO_VERSION
    return Strategy.REPLAY if case.found.snapshot_sequence is None else Strategy.SNAPSHOT


def _done(
    case: Case, session: Session, *, recorded: bool, given_up: tuple[GivenUp, ...] = ()
) -> Recovery:
    return Recovery(
        session=session,
        strategy=_strategy_used(case),
        recorded=recorded,
        events_replayed=case.found.replay.events_replayed,
        snapshot_sequence=case.found.snapshot_sequence,
        given_up=given_up,
    )


def started_anew(session: Session, *, recorded: bool = True) -> Recovery:
    return Recovery(session=session, strategy=Strategy.START_NEW, recorded=recorded)
