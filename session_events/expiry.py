"""Record in the log the expiry of idle sessions.

No request depends on it: `lifetime.status_at` says on time that a session has expired. It makes the
status on the stream's head agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from session_events import heads, integrity
from session_events.advisory_locks import only_run_of
from session_events.conf import recovery_policy
from session_events.envelope import EventMetadata
from session_events.exceptions import LogDamaged, LogUnreadable, SessionConflict, SessionNotFound
from session_events.heads import StreamHead
from session_events.loading import load
from session_events.recording import append, expiry_events
from session_events.store import NewEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """How many idle sessions were expired, and how many were skipped.

    Skipped ones were used or removed at the same time, or cannot be read.
    """

    expired: int = 0
    skipped: int = 0


def expire_idle(*, limit: int, trace_id: str = "") -> Expiry:
    """Expire at most `limit` sessions that nobody has used for the inactivity timeout.

    The events carry the trace id of the job that looks for them.
    """
    with only_run_of("expire_idle_sessions") as is_only:
        if not is_only:
            return Expiry()
        idle_since = timezone.now() - recovery_policy().inactivity_timeout
        idle = heads.idle_heads(idle_since, limit=limit)
        outcomes = [expire(head, trace_id=trace_id) for head in idle]
        return Expiry(expired=outcomes.count(True), skipped=outcomes.count(False))


def expire(head: StreamHead, *, trace_id: str = "") -> bool:
    """Record the expiry of the session at `head` if it has expired; return whether it did so.

    Gives way to whoever uses the session at the same time: unlike `recording.record`, this does not
    try again after a page turn, since a page turn is activity.
    """
    try:
        session = load(head)
        events = expiry_events(session.state)
        if not events:
            return False
        metadata = EventMetadata(client_kind="expiry_sweep", trace_id=trace_id)
        append(session, [NewEvent(event=event, metadata=metadata) for event in events])
    except (SessionConflict, SessionNotFound, LogUnreadable):
        return False
    except LogDamaged:
        integrity.verify(head.stream_id)  # so that the next sweep leaves it out
        return False
    return True
