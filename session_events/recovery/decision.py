"""The decision: is a session valid, what can be recovered, and what should be done next. Pure.

This is the one home of that decision; `validate` shows it and `recover` acts on it. The table it
implements is in ``docs/recovery.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from session_events.events import Operation
from session_events.lifetime import RecoveryPolicy, expires_at, retained_until, status_at
from session_events.recovery.source_changes import (
    DECLINED,
    SourceChange,
    carried_over_option,
    change_reasons,
    changed_verdict,
    pending_change,
)
from session_events.recovery.verdicts import (
    Action,
    Assessment,
    Reason,
    RecoveryOption,
    Source,
    Strategy,
    fresh_option,
    operations_in_words,
    whole_option,
)
from session_events.replay import Defect, Replay
from session_events.state import SessionState, Status

__all__ = [
    "Action",
    "Assessment",
    "Reason",
    "RecoveryOption",
    "Source",
    "SourceChange",
    "Strategy",
    "assess",
    "pending_change",
]


UNKNOWN_OPERATION = "unknown_operation"


def assess(
    replayed: Replay | None,
    *,
    source: Source,
    now: dt.datetime,
    policy: RecoveryPolicy,
    change: SourceChange | None = None,
    known_version: int | None = None,
    last_append_at: dt.datetime | None = None,
    has_damaged_snapshot: bool = False,
    unknown_operation: Operation | None = None,
) -> Assessment:
    """Return the verdict on a session: `replayed` is its log, None if it never started.

    `change` is how the dataset differs from what the session began on, None if it does not.
    A snapshot that had to be passed over changes nothing but adds its reason. `unknown_operation`
    is one of the session's that this server cannot carry out, None if it knows them all.

    `last_append_at` is when the stream's head last moved: retention of a log that cannot be read
    to its end counts from there, not from its last readable event.

    The first of these that is true decides: never started or past retention; dataset deleted;
    written by a newer server; dataset failed; dataset not ready; log damaged, on a changed dataset
    or not; dataset changed, unless the session has ended; then the session's own status.
    """
    assessment = _verdict(
        replayed, source, change, now, policy, known_version, last_append_at, unknown_operation
    )
    if not has_damaged_snapshot:
        return assessment
    return replace(assessment, reasons=(*assessment.reasons, _SNAPSHOT_DAMAGED))


def _verdict(
    replayed: Replay | None,
    source: Source,
    change: SourceChange | None,
    now: dt.datetime,
    policy: RecoveryPolicy,
    known_version: int | None,
    last_append_at: dt.datetime | None,
    unknown_operation: Operation | None,
) -> Assessment:
    if replayed is None:
        return _unrecoverable(
            Status.NOT_STARTED,
            Action.INITIALIZE,
            "never_started",
            "No session was ever started here.",
        )
    state, defect = replayed.state, replayed.defect
    status = status_at(state, now, policy)
    until = retained_until(state, policy)
    if defect is not None and last_append_at is not None:
        until = last_append_at + policy.retention
    if until is not None and now >= until:
        return _unrecoverable(
            status,
            Action.INITIALIZE,
            "past_retention",
            f"The session ended long ago; it was kept until {until:%F}.",
        )
    if source is Source.DELETED:
        return _unrecoverable(
            status,
            Action.START_NEW,
            "source_deleted",
            "The dataset of this session was deleted; its operations can be taken as a recipe.",
        )
    if defect is not None and not defect.is_damage:
        return _unrecoverable(
            status,
            Action.RETRY_LATER,
            str(defect.kind),
            f"Event {defect.sequence} was written by a newer server; nothing is lost.",
        )
    if unknown_operation is not None:
        return _unrecoverable(
            status,
            Action.RETRY_LATER,
            UNKNOWN_OPERATION,
            f"“{unknown_operation.operation}” of event {unknown_operation.sequence} is an operation"
            " of a newer server; nothing is lost.",
        )
    if source is Source.FAILED:
        return _unrecoverable(
            status,
            Action.START_NEW,
            "source_failed",
            "The dataset's file could not be loaded. Upload it again, or take the operations along"
            " as a recipe.",
        )
    if source is Source.NOT_READY:
        return _unrecoverable(
            status, Action.RETRY_LATER, "source_not_ready", "The dataset is still being prepared."
        )
    pending = pending_change(state, change)
    if defect is not None:
        return _damaged(state, defect, status, pending)
    own = _BY_STATUS[status](state, known_version, policy)
    if pending is not None:
        out_of_step = _out_of_step(state, known_version)
        return changed_verdict(own, state, pending, is_out_of_step=out_of_step is not None)
    if change is not None:
        return replace(
            own,
            reasons=(*own.reasons, DECLINED),
            options=(*own.options, carried_over_option(state, change, Strategy.PARTIAL)),
        )
    return own


_BEHIND = Reason(code="client_behind", sentence="The session has moved on since you saw it.")
_AHEAD = Reason(
    code="client_ahead",
    sentence="You have seen a later version than this session has; it is another one, or restored.",
)


def _out_of_step(state: SessionState, known_version: int | None) -> Reason | None:
    """Return why the client should load the session again; a page turn is no reason."""
    if known_version is None:
        return None
    if known_version < state.work_version:
        return _BEHIND
    return _AHEAD if known_version > state.version else None


def _active(state: SessionState, known_version: int | None, policy: RecoveryPolicy) -> Assessment:
    out_of_step = _out_of_step(state, known_version)
    intact = Reason(code="active", sentence="The session is active and its log is intact.")
    return Assessment(
        status=Status.ACTIVE,
        session_valid=True,
        recovery_possible=True,
        suggested_action=Action.CONTINUE if out_of_step is None else Action.RELOAD,
        reasons=(out_of_step or intact,),
        options=(whole_option(state, Strategy.REPLAY), fresh_option(state)),
        expires_at=expires_at(state, policy),
    )


def _paused(state: SessionState, known_version: int | None, policy: RecoveryPolicy) -> Assessment:
    return _recoverable(
        state, Status.PAUSED, Action.RESUME, "paused", "The session was paused; resume it."
    )


def _expired(state: SessionState, known_version: int | None, policy: RecoveryPolicy) -> Assessment:
    return _recoverable(
        state,
        Status.EXPIRED,
        Action.RECOVER,
        "expired",
        "The session expired after a time without activity; nothing is lost.",
    )


def _cleared(state: SessionState, known_version: int | None, policy: RecoveryPolicy) -> Assessment:
    return _recoverable(
        state, Status.CLEARED, Action.START_NEW, "cleared", "The session was cleared."
    )


def _saved(state: SessionState, known_version: int | None, policy: RecoveryPolicy) -> Assessment:
    return _recoverable(
        state, Status.SAVED, Action.START_NEW, "saved", "The session was saved as a new dataset."
    )


_BY_STATUS: dict[Status, Callable[[SessionState, int | None, RecoveryPolicy], Assessment]] = {
    Status.ACTIVE: _active,
    Status.PAUSED: _paused,
    Status.EXPIRED: _expired,
    Status.CLEARED: _cleared,
    Status.SAVED: _saved,
}


def _recoverable(
    state: SessionState, status: Status, action: Action, code: str, sentence: str
) -> Assessment:
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=True,
        suggested_action=action,
        reasons=(Reason(code=code, sentence=sentence),),
        options=(whole_option(state, Strategy.AUTO), fresh_option(state)),
    )


def _damaged(
    state: SessionState, defect: Defect, status: Status, change: SourceChange | None
) -> Assessment:
    reason = Reason(
        code=f"log_damaged_{defect.kind}",
        sentence=f"Event {defect.sequence} of the session's log is {_DAMAGE[defect.kind]}.",
    )
    given_up = f"everything from event {defect.sequence} on"
    fresh = fresh_option(state)
    if state.version == 0:
        return Assessment(
            status=status,
            session_valid=False,
            recovery_possible=False,
            suggested_action=Action.START_NEW,
            reasons=(reason,),
            options=(replace(fresh, given_up=given_up),),
        )
    partial = RecoveryOption(
        strategy=Strategy.PARTIAL,
        to_version=state.version,
        comes_back=operations_in_words(state.operations, state.redo),
        given_up=given_up,
    )
    reasons = [reason]
    if change is not None:
        is_whole = change.operations_that_fit >= len(state.operations)
        reasons += change_reasons(change, is_whole=is_whole)
        partial = carried_over_option(state, change, Strategy.PARTIAL)
        if is_whole:
            partial = replace(partial, given_up=given_up)
        else:
            partial = replace(partial, given_up=f"{partial.given_up}; {given_up}")
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=True,
        suggested_action=Action.RECOVER_PARTIAL,
        reasons=tuple(reasons),
        options=(partial, replace(fresh, given_up=f"{fresh.given_up}; {given_up}")),
    )


_SNAPSHOT_DAMAGED = Reason(
    code="snapshot_damaged",
    sentence="A snapshot did not match the log and is ignored; the log is read in its place.",
)
_DAMAGE = {
    "gap": "missing",
    "hash_mismatch": "not what was written",
    "undecodable": "unreadable",
}


def _unrecoverable(status: Status, action: Action, code: str, sentence: str) -> Assessment:
    """Return the verdict on what nothing can be recovered of, now or at all."""
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=False,
        suggested_action=action,
        reasons=(Reason(code=code, sentence=sentence),),
    )
