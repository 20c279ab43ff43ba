"""The ways to bring a session back: whole, at a version, before damage, on a new file, or anew.

Each takes a `RecoveryAttempt` and records its outcome, or tells that nothing had to be recorded.

Note [Recovered once]
    A second click finds the session active and writes nothing. Two at once meet in the append, and
    the loser looks again. Work is never written to a damaged stream: the work before the damage
    begins a new stream, and the old one is put away, still there to be inspected. Nor is work
    written to a stream whose dataset has a new file: see `rebasing`.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from session_events import heads, store
from session_events.events import (
    Event,
    GivenUp,
    SessionForked,
    SessionRecovered,
    SourceChangeDeclined,
)
from session_events.exceptions import InvalidRecovery, LogDamaged, LogUnreadable
from session_events.heads import StreamHead
from session_events.loading import Session, load, replay_from_snapshot
from session_events.recording import current_status, expiry_events, record, require_expected
from session_events.recovery.attempt import Recovery, RecoveryAttempt, impossible
from session_events.recovery.rebasing import rebased_events
from session_events.recovery.source_changes import SourceChange
from session_events.recovery.verdicts import Strategy
from session_events.render import stored_sentence
from session_events.replay import Defect, DefectKind
from session_events.services import DatasetFacts, facts_of, put_away, start_instead_of
from session_events.state import SessionState, Status

_MOST_EVENTS_NAMED = 100  # of those given up after damage


def recover_whole(attempt: RecoveryAttempt) -> Recovery:
    """Bring all of the session's work back, on its original rows.

    An active session has nothing to recover. A pending change of the dataset is recorded as
    declined.
    """
    events: list[Event] = []
    if current_status(attempt.state) is not Status.ACTIVE:
        recovered = SessionRecovered(
            strategy=attempt.strategy_used.value,
            recovered_version=attempt.state.version,
            snapshot_sequence=attempt.replayed.snapshot_sequence,
            events_replayed=attempt.replayed.replay.events_replayed,
        )
        events.append(recovered)
    if attempt.pending_change is not None:
        events.append(SourceChangeDeclined(source_fingerprint=attempt.pending_change.fingerprint))
    if not events:
        _require_expected_work(attempt)
        return attempt.recovered(attempt.session, recorded=False)
    return attempt.recovered(_record_reopening(attempt, *events), recorded=True)


def rebase(attempt: RecoveryAttempt, change: SourceChange, dataset: DatasetFacts) -> Recovery:
    """Begin a session on the dataset's new file with the work that fits it.

    Does nothing if the user's open session is that one already.
    """
    head, state, defect = attempt.head, attempt.state, attempt.defect
    open_head = _open_head(attempt)
    other = _readable_session_elsewhere(attempt, open_head)
    if other is not None:
        origin = (other.state.forked_from, other.state.source_fingerprint)
        if origin == (head.stream_id, change.fingerprint):
            return attempt.recovered(other, recorded=False)
    _require_expected(attempt)
    rebased = attempt.context.revision.rebase(state, change)
    given_up = rebased.given_up
    if defect is not None:
        given_up += events_given_up(head, defect)
    then = rebased_events(rebased, from_stream=head.stream_id, state=state, given_up=given_up)
    session = start_instead_of(
        open_head, dataset, reason="recovered_elsewhere", command=attempt.command, then=then
    )
    return replace(
        attempt.recovered(session, recorded=True, given_up=given_up), strategy=Strategy.PARTIAL
    )


def recover_to_version(attempt: RecoveryAttempt) -> Recovery:
    """Bring the work of an earlier version back, in the same session.

    Raises:
        InvalidRecovery: the session has no such version.
    """
    target = _requested_state(attempt)
    if target.work == attempt.state.work and current_status(attempt.state) is Status.ACTIVE:
        return attempt.recovered(attempt.session, recorded=False)
    given_up = _operations_given_up(attempt.state, target)
    recovered = SessionRecovered(
        strategy=Strategy.TO_VERSION.value,
        recovered_version=target.version,
        snapshot_sequence=attempt.replayed.snapshot_sequence,
        events_replayed=attempt.replayed.replay.events_replayed,
        given_up=given_up,
        work=target.work,
    )
    return attempt.recovered(
        _record_reopening(attempt, recovered), recorded=True, given_up=given_up
    )


def fork_before_damage(attempt: RecoveryAttempt, defect: Defect) -> Recovery:
    """Begin a session with the work before the damage, or of an earlier version than that.

    Does nothing if the user's open session is that one already.

    Raises:
        RecoveryImpossible: the request is to replay the whole log.
        InvalidRecovery: there is no such version before the damage.
    """
    if attempt.request.strategy is Strategy.REPLAY:
        raise impossible(
            attempt.assessment,
            "A part of this session cannot be read any more, so not all of it can be recovered. "
            "Recover the work before the damage.",
        )
    head = attempt.head
    open_head = _open_head(attempt)
    other = _readable_session_elsewhere(attempt, open_head)
    if other is not None and other.state.forked_from == head.stream_id:
        return attempt.recovered(other, recorded=False)
    is_to_version = attempt.request.strategy is Strategy.TO_VERSION
    state = _requested_state(attempt) if is_to_version else attempt.state
    given_up = _operations_given_up(attempt.state, state) + events_given_up(head, defect)
    _require_expected(attempt)
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
        command=attempt.command,
        then=[forked],
    )
    return attempt.recovered(session, recorded=True, given_up=given_up)


def start_new(attempt: RecoveryAttempt, dataset: DatasetFacts | None) -> Recovery:
    """Begin a session without any of the work. Does nothing if the session is new already.

    Raises:
        RecoveryImpossible: `dataset` is None.
    """
    if dataset is None:
        raise impossible(
            attempt.assessment, "The dataset is deleted or not ready; no session can start on it."
        )
    if _is_untouched(attempt) and attempt.change is None:
        return Recovery(session=attempt.session, strategy=Strategy.START_NEW, recorded=False)
    _require_expected(attempt)
    open_head = attempt.head if attempt.head.is_open else None
    session = start_instead_of(open_head, dataset, reason="start_new", command=attempt.command)
    return Recovery(session=session, strategy=Strategy.START_NEW, recorded=True)


def _is_untouched(attempt: RecoveryAttempt) -> bool:
    """Tell whether the session is new already, so that a second click has nothing to do."""
    return (
        attempt.head.is_open
        and attempt.defect is None
        and attempt.state.work_version == 1
        and current_status(attempt.state) is Status.ACTIVE
    )


def _record_reopening(attempt: RecoveryAttempt, *reopening: Event) -> Session:
    """Record that an ended, paused or expired session goes on, and put away the open one."""
    _require_expected(attempt)
    events = (*expiry_events(attempt.state), *reopening)
    if attempt.state.is_open:
        return record(attempt.session, *events, command=attempt.command)
    with transaction.atomic():
        open_head = _open_head(attempt)
        if open_head is not None:
            put_away(
                open_head,
                reason="recovered_elsewhere",
                command=attempt.command,
                replaced_by=attempt.head.stream_id,
            )
        return record(attempt.session, *events, command=attempt.command)


def _require_expected(attempt: RecoveryAttempt) -> None:
    is_whole = attempt.defect is None
    require_expected(attempt.head, attempt.command, state=attempt.state if is_whole else None)


def _require_expected_work(attempt: RecoveryAttempt) -> None:
    """Like `_require_expected`, but accepts an earlier version that held the same work.

    A second click then finds what the first one recovered, and no conflict.
    """
    expected, state = attempt.command.expected_version, attempt.state
    if expected is not None and 1 <= expected <= state.version:
        seen = replay_from_snapshot(attempt.head, until=expected).replay.state
        if (seen.operations, seen.redo) == (state.operations, state.redo):
            return
    _require_expected(attempt)


def _open_head(attempt: RecoveryAttempt) -> StreamHead | None:
    return heads.open_head(user_id=attempt.head.user_id, dataset_id=attempt.head.dataset_id)


def _readable_session_elsewhere(
    attempt: RecoveryAttempt, open_head: StreamHead | None
) -> Session | None:
    """Return the user's open session if it is not the one to recover and can be read."""
    if open_head is None or open_head.stream_id == attempt.head.stream_id:
        return None
    try:
        return load(open_head)
    except (LogDamaged, LogUnreadable):
        return None


def _requested_state(attempt: RecoveryAttempt) -> SessionState:
    """Return the state at the version that the request names."""
    version, last = attempt.request.to_version, attempt.state.version
    if version is None or not 1 <= version <= last:
        raise InvalidRecovery(
            f"to_version must be from 1 to {last}", field="to_version", maximum=last
        )
    state = replay_from_snapshot(attempt.head, until=version).replay.state
    if unknown := state.first_unknown_operation(attempt.context.knows_operation):
        raise impossible(
            attempt.assessment,
            f"Version {version} holds “{unknown.operation}”, an operation that only a newer server"
            " knows.",
        )
    return state


def _operations_given_up(state: SessionState, target: SessionState) -> tuple[GivenUp, ...]:
    kept = {operation.sequence for operation in target.operations}
    return tuple(
        GivenUp(sequence=operation.sequence, sentence=f"Applied {operation.operation}")
        for operation in state.operations
        if operation.sequence not in kept
    )


def events_given_up(head: StreamHead, defect: Defect) -> tuple[GivenUp, ...]:
    """Return the events from the damage on, at most `_MOST_EVENTS_NAMED` of them."""
    before = defect.sequence - 1
    lost = store.read(head.stream_id, after=before, until=before + _MOST_EVENTS_NAMED)
    named = tuple(
        GivenUp(sequence=stored.sequence, sentence=stored_sentence(stored)) for stored in lost
    )
    if defect.kind is DefectKind.GAP:
        return (GivenUp(sequence=defect.sequence, sentence="The event is missing"), *named)
    return named
