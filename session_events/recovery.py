"""The decision: is a session valid, what can be recovered, and what should be done next. Pure.

This is the one home of that decision; `validate` shows it and `recover` acts on it. The table it
implements is in ``docs/recovery.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from session_events.events import Operation
from session_events.replay import Defect, Replay
from session_events.state import ENDED, SessionState, Status


class Action(StrEnum):
    """What a client should do next."""

    CONTINUE = "continue"
    RELOAD = "reload"
    RESUME = "resume"
    RECOVER = "recover"
    RECOVER_PARTIAL = "recover_partial"
    REVIEW_CHANGES = "review_changes"
    START_NEW = "start_new"
    INITIALIZE = "initialize"
    RETRY_LATER = "retry_later"


class Strategy(StrEnum):
    """How a session can be asked to be recovered."""

    AUTO = "auto"
    SNAPSHOT = "snapshot"
    REPLAY = "replay"
    PARTIAL = "partial"
    TO_VERSION = "to_version"
    START_NEW = "start_new"


class Source(StrEnum):
    """How the dataset under a session is, as far as recovery cares."""

    READY = "ready"
    NOT_READY = "not_ready"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """The dataset has other content than the session began on, and how the session fits on it.

    `operations_that_fit` counts the session's operations from the first to the one before the
    first that cannot be applied. The names are those of needed columns that are gone, or of
    another type, and of columns of the session whose name came with the new file.
    `has_old_rows` tells whether the rows that the session began on are still kept.
    """

    fingerprint: str
    operations_that_fit: int
    columns_missing: tuple[str, ...] = ()
    columns_retyped: tuple[str, ...] = ()
    names_taken: tuple[str, ...] = ()
    has_old_rows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPolicy:
    """How long an unused session stays active, and an ended one recoverable."""

    inactivity_timeout: dt.timedelta
    retention: dt.timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A stable code and a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOption:
    """One way out: how to ask for it, what comes back and what is given up.

    `to_version` is the version whose work stands again, null where it is not a whole version's.
    """

    strategy: Strategy
    to_version: int | None
    comes_back: str
    given_up: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict on one session at one moment; nothing in it depends on who asks."""

    status: Status
    session_valid: bool
    recovery_possible: bool
    suggested_action: Action
    reasons: tuple[Reason, ...]
    options: tuple[RecoveryOption, ...] = ()
    expires_at: dt.datetime | None = None


def expires_at(state: SessionState, policy: RecoveryPolicy) -> dt.datetime | None:
    """Return when `state` stops being active if nobody does anything; null if it never does."""
    if state.status is not Status.ACTIVE or state.last_activity_at is None:
        return None
    return state.last_activity_at + policy.inactivity_timeout


def status_at(state: SessionState, now: dt.datetime, policy: RecoveryPolicy) -> Status:
    """Return the status at `now`: a session expires at its time, noticed or not."""
    end = expires_at(state, policy)
    return Status.EXPIRED if end is not None and now >= end else state.status


def retained_until(state: SessionState, policy: RecoveryPolicy) -> dt.datetime | None:
    """Return until when an ended or unused session can be recovered; null before it started."""
    if state.last_activity_at is None:
        return None
    if state.status is Status.ACTIVE:
        return state.last_activity_at + policy.inactivity_timeout + policy.retention
    return (state.ended_at or state.last_activity_at) + policy.retention


def pending_change(state: SessionState, change: SourceChange | None) -> SourceChange | None:
    """Return the change of the dataset that the user has still to decide on, if there is one.

    Who declined it stays on the old rows, as long as they are kept.
    """
    if change is None or change.fingerprint != state.declined_fingerprint:
        return change
    return None if change.has_old_rows else change


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
) -> Assessment:
    """Return the verdict on a session: `replayed` is its log, None if it never started.

    `change` is how the dataset differs from what the session began on, None if it does not.
    A snapshot that had to be passed over changes nothing but adds its reason.

    `last_append_at` is when the stream's head last moved: retention of a log that cannot be read
    to its end counts from there, not from its last readable event.

    The first of these that is true decides: never started or past retention; dataset deleted;
    written by a newer server; dataset not ready; log damaged, on a changed dataset or not; dataset
    changed, unless the session has ended; then the session's own status.
    """
    assessment = _verdict(replayed, source, change, now, policy, known_version, last_append_at)
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
) -> Assessment:
    if replayed is None:
        return _nothing(Status.NOT_STARTED, "never_started", "No session was ever started here.")
    state, defect = replayed.state, replayed.defect
    status = status_at(state, now, policy)
    until = retained_until(state, policy)
    if defect is not None and last_append_at is not None:
        until = last_append_at + policy.retention
    if until is not None and now >= until:
        return _nothing(
            status, "past_retention", f"The session ended long ago; it was kept until {until:%F}."
        )
    if source is Source.DELETED:
        return Assessment(
            status=status,
            session_valid=False,
            recovery_possible=False,
            suggested_action=Action.START_NEW,
            reasons=(
                Reason(code="source_deleted", sentence="The dataset of this session was deleted."),
            ),
        )
    if defect is not None and not defect.is_damage:
        return _later(
            status,
            str(defect.kind),
            f"Event {defect.sequence} was written by a newer server; nothing is lost.",
        )
    if source is Source.NOT_READY:
        return _later(status, "source_not_ready", "The dataset is still being prepared.")
    pending = pending_change(state, change)
    if defect is not None:
        return _damaged(state, defect, status, pending)
    own = _BY_STATUS[status](state, known_version, policy)
    if pending is not None:
        return _changed(own, state, pending, is_behind=_is_behind(state, known_version))
    if change is not None:
        return replace(
            own,
            reasons=(*own.reasons, _DECLINED),
            options=(*own.options, _carried_over(state, change, Strategy.PARTIAL)),
        )
    return own


def _changed(
    own: Assessment, state: SessionState, change: SourceChange, *, is_behind: bool
) -> Assessment:
    """Return `own`, the verdict of the session's status, as it is on a changed dataset.

    A session that the user has ended stays so; the change is named beside.
    """
    is_whole = change.operations_that_fit >= len(state.operations)
    options = [_carried_over(state, change, Strategy.AUTO if is_whole else Strategy.PARTIAL)]
    if change.has_old_rows:
        options.append(
            replace(
                _whole(state, Strategy.REPLAY),
                comes_back=f"{_operations_in_words(state.operations)}, on the rows from before",
                given_up="the dataset's new rows, in this session",
            )
        )
    if own.status in ENDED:
        return replace(
            own,
            reasons=(*own.reasons, _change_reason(change, is_whole=is_whole)),
            options=(*options, _fresh(state)),
        )
    behind = own.reasons if is_behind and own.session_valid else ()
    return replace(
        own,
        session_valid=False,
        suggested_action=Action.REVIEW_CHANGES if is_whole else Action.RECOVER_PARTIAL,
        reasons=(_change_reason(change, is_whole=is_whole), *behind),
        options=(*options, _fresh(state)),
    )


def _change_reason(change: SourceChange, *, is_whole: bool) -> Reason:
    if is_whole:
        return Reason(
            code="source_changed",
            sentence="The dataset got another file; every column the session needs is there.",
        )
    parts = [
        f"{what} {_quoted(names)}"
        for what, names in (
            ("without", change.columns_missing),
            ("with another type of", change.columns_retyped),
            ("with a column of its own called", change.names_taken),
        )
        if names
    ]
    return Reason(
        code="source_columns_missing",
        sentence=f"The dataset got another file, {', '.join(parts) or 'which does not fit'}.",
    )


def _carried_over(state: SessionState, change: SourceChange, strategy: Strategy) -> RecoveryOption:
    fitting = state.operations[: change.operations_that_fit]
    left = state.operations[change.operations_that_fit :]
    return RecoveryOption(
        strategy=strategy,
        to_version=None if left else state.version,
        comes_back=f"{_operations_in_words(fitting)}, fitted to the new rows",
        given_up=(
            f"{_operations_in_words(left)} from {left[0].operation} on" if left else "nothing"
        )
        + "; the old session is put away and stays recoverable",
    )


def _is_behind(state: SessionState, known_version: int | None) -> bool:
    return known_version is not None and known_version < state.work_version


def _quoted(names: tuple[str, ...], shown: int = 10) -> str:
    more = len(names) - shown
    quoted = ", ".join(f"“{name}”" for name in names[:shown])
    return f"{quoted} and {more} more" if more > 0 else quoted


def _active(state: SessionState, known_version: int | None, policy: RecoveryPolicy) -> Assessment:
    is_behind = _is_behind(state, known_version)
    return Assessment(
        status=Status.ACTIVE,
        session_valid=True,
        recovery_possible=True,
        suggested_action=Action.RELOAD if is_behind else Action.CONTINUE,
        reasons=(
            (Reason(code="client_behind", sentence="The session has moved on since you saw it."),)
            if is_behind
            else (Reason(code="active", sentence="The session is active and its log is intact."),)
        ),
        options=(_whole(state, Strategy.REPLAY), _fresh(state)),
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
        options=(_whole(state, Strategy.AUTO), _fresh(state)),
    )


def _damaged(
    state: SessionState, defect: Defect, status: Status, change: SourceChange | None
) -> Assessment:
    reason = Reason(
        code=f"log_damaged_{defect.kind}",
        sentence=f"Event {defect.sequence} of the session's log is {_DAMAGE[defect.kind]}.",
    )
    if state.version == 0:
        return Assessment(
            status=status,
            session_valid=False,
            recovery_possible=False,
            suggested_action=Action.START_NEW,
            reasons=(reason,),
            options=(_fresh(state),),
        )
    given_up = f"everything from event {defect.sequence} on"
    partial = RecoveryOption(
        strategy=Strategy.PARTIAL,
        to_version=state.version,
        comes_back=_operations_in_words(state.operations),
        given_up=given_up,
    )
    reasons = [reason]
    if change is not None:
        is_whole = change.operations_that_fit >= len(state.operations)
        reasons.append(_change_reason(change, is_whole=is_whole))
        partial = _carried_over(state, change, Strategy.PARTIAL)
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
        options=(partial, _fresh(state)),
    )


_DECLINED = Reason(
    code="source_change_declined",
    sentence="The dataset got another file; this session stays on the rows it began on.",
)


_SNAPSHOT_DAMAGED = Reason(
    code="snapshot_damaged",
    sentence="A snapshot did not match the log and is ignored; the log itself is whole.",
)
_DAMAGE = {
    "gap": "missing",
    "hash_mismatch": "not what was written",
    "undecodable": "unreadable",
}


def _nothing(status: Status, code: str, sentence: str) -> Assessment:
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=False,
        suggested_action=Action.INITIALIZE,
        reasons=(Reason(code=code, sentence=sentence),),
    )


def _later(status: Status, code: str, sentence: str) -> Assessment:
    return Assessment(
        status=status,
        session_valid=False,
        recovery_possible=False,
        suggested_action=Action.RETRY_LATER,
        reasons=(Reason(code=code, sentence=sentence),),
    )


def _whole(state: SessionState, strategy: Strategy) -> RecoveryOption:
    return RecoveryOption(
        strategy=strategy,
        to_version=state.version,
        comes_back=_operations_in_words(state.operations),
        given_up="nothing",
    )


def _fresh(state: SessionState) -> RecoveryOption:
    kept = "" if state.status in ENDED else "; the old session is put away and stays recoverable"
    return RecoveryOption(
        strategy=Strategy.START_NEW,
        to_version=None,
        comes_back=f"the dataset as it was loaded{kept}",
        given_up=_operations_in_words(state.operations),
    )


def _operations_in_words(operations: tuple[Operation, ...]) -> str:
    count = len(operations)
    return "nothing but the view" if not count else f"{count} operation{'s' * (count != 1)}"
