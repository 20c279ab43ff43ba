"""When an unused session expires, and how long an ended one is kept. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from session_events.state import SessionState, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPolicy:
    """How long an unused session stays active, and how long an ended one stays recoverable."""

    inactivity_timeout: dt.timedelta
    retention: dt.timedelta


def expires_at(state: SessionState, policy: RecoveryPolicy) -> dt.datetime | None:
    """Return when the session expires unless somebody uses it; None if it never does."""
    if state.status is not Status.ACTIVE or state.last_activity_at is None:
        return None
    return state.last_activity_at + policy.inactivity_timeout


def status_at(state: SessionState, now: dt.datetime, policy: RecoveryPolicy) -> Status:
    """Return the status at `now`: a session expires on time, whether or not the log records it."""
    end = expires_at(state, policy)
    return Status.EXPIRED if end is not None and now >= end else state.status


def kept_if_put_away(
    state: SessionState, now: dt.datetime, policy: RecoveryPolicy
) -> dt.datetime | None:
    """Return until when the session can be recovered: put away now, or earlier if it has ended."""
    return now + policy.retention if state.is_open else retained_until(state, policy)


def retained_until(state: SessionState, policy: RecoveryPolicy) -> dt.datetime | None:
    """Return until when an ended or unused session can be recovered; None before it started."""
    if state.last_activity_at is None:
        return None
    if state.status is Status.ACTIVE:
        return state.last_activity_at + policy.inactivity_timeout + policy.retention
    return (state.ended_at or state.last_activity_at) + policy.retention
