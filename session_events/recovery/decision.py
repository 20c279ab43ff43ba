"""The decision: is a session valid, what can be recovered, and what should be done next. Pure.

This is the one home of that decision; `validate` shows it and `recover` acts on it. The table it
implements is in ``docs/recovery.md``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from session_events.events import Operation
from session_events.lifetime import RecoveryPolicy, expires_at, retained_until, status_at
from session_events.recovery.source_changes import (
    DECLINED,
    SourceChange,
    change_reasons,
    pending_change,
    rebase_option,
    verdict_on_change,
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
from session_events.replay import Defect, DefectKind, Replay
from session_events.state import SessionState, Status

UNKNOWN_OPERATION = "unknown_operation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the verdict on a session rests on, besides the time and the policy."""

    # The replay of the session's log; None if it never started.
    replayed: Replay | None
    # The state of its dataset.
    source: Source
    # How the dataset differs from what the session began on; None if it does not.
    change: SourceChange | None = None
    # The version that the client last saw; None if it did not say.
    known_version: int | None = None
    # When the stream's head last moved. A log that cannot be read to its end is retained from
    # then, not from its last readable event.
    last_append_at: dt.datetime | None = None
    # Whether a snapshot had to be passed over. It adds a reason and changes nothing else.
    has_damaged_snapshot: bool = False
    # One of the session's operations that this server cannot carry out; None if it knows them all.
    unknown_operation: Operation | None = None


def assess(evidence: Evidence, *, now: dt.datetime, policy: RecoveryPolicy) -> Assessment:
    """Return the verdict on a session.

    The first of these that is true decides: never started or past retention; dataset deleted;
    written by a newer server; dataset failed; dataset not ready; log damaged, on a changed dataset
    or not; dataset changed, unless the session has ended; then the session's own status.
    """
    assessment = _verdict(evidence, now, policy)
    if not evidence.has_damaged_snapshot:
        return assessment
    return replace(assessment, reasons=(*assessment.reasons, _SNAPSHOT_DAMAGED))


def _verdict(evidence: Evidence, now: dt.datetime, policy: RecoveryPolicy) -> Assessment:
    if evidence.replayed is None:
        return _unrecoverable(
            Status.NOT_STARTED,
            Action.INITIALIZE,
            "never_started",
            "No session was ever started on this dataset.",
        )
    state, defect = evidence.replayed.state, evidence.replayed.defect
    status = status_at(state, now, policy)
    until = kept_until(evidence.replayed, evidence.last_append_at, policy)
    if until is not None and now >= until:
        return _unrecoverable(
            status,
            Action.INITIALIZE,
            "past_retention",
            f"The session ended long ago; it was kept until {until:%F}.",
        )
    if evidence.source is Source.DELETED:
        return _unrecoverable(
            status,
            Action.START_NEW,
            "source_deleted",
            "This session's dataset was deleted; its operations can be taken as a recipe.",
        )
    if defect is not None and not defect.is_damage:
        return _unrecoverable(
            status,
            Action.RETRY_LATER,
            str(defect.kind),
            f"Event {defect.sequence} was written by a newer server; nothing is lost.",
        )
    if evidence.unknown_operation is not None:
        unknown = evidence.unknown_operation
        return _unrecoverable(
            status,
            Action.RETRY_LATER,
            UNKNOWN_OPERATION,
            f"Event {unknown.sequence} applied “{unknown.operation}”, an operation that only a"
            " newer server knows; nothing is lost.",
        )
    if evidence.source is Source.FAILED:
        return _unrecoverable(
            status,
            Action.START_NEW,
            "source_failed",
            "The dataset's file could not be loaded. Upload it again, or take the operations as a"
            " recipe.",
        )
    if evidence.source is Source.NOT_READY:
        return _unrecoverable(
            status, Action.RETRY_LATER, "source_not_ready", "The dataset is still being prepared."
        )
    pending = pending_change(state, evidence.change)
    if defect is not None:
        return _damaged(state, defect, status, pending)
    if status is Status.ACTIVE:
        by_status = _active(state, evidence.known_version, policy)
    else:
        by_status = _inactive(state, status)
    if pending is not None:
        return verdict_on_change(by_status, state, pending)
    if evidence.change is not None:
        return replace(
            by_status,
            reasons=(*by_status.reasons, DECLINED),
            options=(*by_status.options, rebase_option(state, evidence.change, Strategy.PARTIAL)),
        )
    return by_status


def kept_until(
    replayed: Replay, last_append_at: dt.datetime | None, policy: RecoveryPolicy
) -> dt.datetime | None:
    """Return until when a session can be recovered; None before it started.

    `last_append_at` is as in `Evidence`.
    """
    if replayed.defect is not None and last_append_at is not None:
        return last_append_at + policy.retention
    return retained_until(replayed.state, policy)


_BEHIND = Reason(code="client_behind", sentence="The session has moved on since you saw it.")
_AHEAD = Reason(
    code="client_ahead",
    sentence="You have seen a later version than this session has; it is another session, or was"
    " restored from a backup.",
)


def _out_of_step(state: SessionState, known_version: int | None) -> Reason | None:
    """Return why the client should load the session again; a page turn is no reason."""
    if known_version is None:
        return None
    if known_version < state.work_version:
        return _BEHIND
    return _AHEAD if known_version > state.version else None


_INTACT = Reason(code="active", sentence="The session is active and its log is intact.")


def _active(state: SessionState, known_version: int | None, policy: RecoveryPolicy) -> Assessment:
    out_of_step = _out_of_step(state, known_version)
    return Assessment(
        status=Status.ACTIVE,
        session_valid=True,
        recovery_possible=True,
        suggested_action=Action.CONTINUE if out_of_step is None else Action.RELOAD,
        reasons=(out_of_step or _INTACT,),
        options=(whole_option(state, Strategy.REPLAY), fresh_option(state)),
        expires_at=expires_at(state, policy),
    )


# What to do about a session that is not active, and why.
_INACTIVE = {
    Status.PAUSED: (
        Action.RESUME,
        Reason(code="paused", sentence="The session is paused; resume it to go on."),
    ),
    Status.EXPIRED: (
        Action.RECOVER,
        Reason(
            code="expired",
            sentence="The session expired after a time without activity; nothing is lost.",
        ),
    ),
    Status.CLEARED: (
        Action.START_NEW,
        Reason(code="cleared", sentence="Nothing of this session is lost."),
    ),
    Status.SAVED: (
        Action.START_NEW,
        Reason(code="saved", sentence="The session was saved as a new dataset."),
    ),
}


def _inactive(state: SessionState, status: Status) -> Assessment:
    action, reason = _INACTIVE[status]
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=True,
        suggested_action=action,
        reasons=(reason,),
        options=(whole_option(state, Strategy.AUTO), fresh_option(state)),
    )


def _damaged(
    state: SessionState, defect: Defect, status: Status, change: SourceChange | None
) -> Assessment:
    reason = Reason(
        code=f"log_damaged_{defect.kind}",
        sentence=f"What was recorded as number {defect.sequence} {_DAMAGE[defect.kind]}, so what"
        " follows it cannot be used.",
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
    reasons: tuple[Reason, ...] = (reason,)
    partial = RecoveryOption(
        strategy=Strategy.PARTIAL,
        to_version=state.version,
        operations_back=len(state.operations),
        comes_back=operations_in_words(state.operations, state.redo),
        given_up=given_up,
    )
    if change is not None:
        reasons += change_reasons(state, change)
        partial = rebase_option(state, change, Strategy.PARTIAL)
        misfits = "" if change.fits_all_of(state) else f"{partial.given_up}; "
        partial = replace(partial, given_up=f"{misfits}{given_up}")
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=True,
        suggested_action=Action.RECOVER_PARTIAL,
        reasons=reasons,
        options=(partial, replace(fresh, given_up=f"{fresh.given_up}; {given_up}")),
    )


_SNAPSHOT_DAMAGED = Reason(
    code="snapshot_damaged",
    sentence="A snapshot does not match the log and is ignored; the log itself is read instead.",
)
_DAMAGE = {
    DefectKind.GAP: "is missing",
    DefectKind.HASH_MISMATCH: "can no longer be trusted",
    DefectKind.UNDECODABLE: "can no longer be read",
}


def _unrecoverable(status: Status, action: Action, code: str, sentence: str) -> Assessment:
    """Return the verdict on a session of which nothing can be recovered now, or ever."""
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=False,
        suggested_action=action,
        reasons=(Reason(code=code, sentence=sentence),),
    )
