"""Idle sessions, noticed: the expiry that `recovery.status_at` already sees goes into the log.

No answer waits for it. It makes the head's status say what every request would say.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from session_events import heads, integrity, store
from session_events.advisory_locks import only_run_of
from session_events.conf import recovery_policy
from session_events.envelope import EventMetadata
from session_events.exceptions import LogDamaged, LogUnreadable, SessionConflict, SessionNotFound
from session_events.heads import StreamHead
from session_events.loading import load
from session_events.recording import append_sealed, expiry_events
from session_events.store import NewEvent

_BY_US = EventMetadata(client_kind="expiry_sweep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """How many idle sessions were expired, and how many were left alone.

    Those were used, or removed, at that very moment, or cannot be read.
    """

    expired: int = 0
    skipped: int = 0


def expire_idle(*, limit: int) -> Expiry:
    """Expire at most `limit` sessions that nobody has used for the inactivity timeout."""
    with only_run_of("expire_idle_sessions") as is_only:
        if not is_only:
            return Expiry()
        idle_since = timezone.now() - recovery_policy().inactivity_timeout
        outcomes = [expire(head) for head in heads.idle_heads(idle_since, limit=limit)]
        return Expiry(expired=outcomes.count(True), skipped=outcomes.count(False))


def expire(head: StreamHead) -> bool:
    """Record that the session at `head` has expired, if it has; false if nothing was written.

    Whoever uses the session at the same time wins: unlike `recording.record`, this does not try
    again behind a page turn, since that was activity.
    """
    try:
        session = load(head)
        events = expiry_events(session.state)
        if not events:
            return False
        sealed = store.seal_all(
            [NewEvent(event=event, metadata=_BY_US) for event in events],
            stream_id=head.stream_id,
            position=head.position,
            recorded_at=timezone.now(),
        )
        append_sealed(sealed, session.state, user_id=head.user_id, dataset_id=head.dataset_id)
    except (SessionConflict, SessionNotFound, LogUnreadable):
        return False
    except LogDamaged:
        integrity.verify(head.stream_id)  # so that it is known, and not looked at every time
        return False
    return True
