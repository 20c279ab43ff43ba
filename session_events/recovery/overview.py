"""All of a user's sessions that can still be recovered, with the verdict on each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from session_events import heads
from session_events.conf import recovery_policy
from session_events.heads import StreamHead
from session_events.loading import HeadReplay, replay_each
from session_events.recovery.context import RecoveryContext
from session_events.recovery.decision import kept_until
from session_events.recovery.service import judge
from session_events.recovery.verdicts import Assessment
from session_events.state import SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentSession:
    """A session, the verdict on it, and until when it is kept."""

    head: StreamHead
    state: SessionState
    assessment: Assessment
    recoverable_until: dt.datetime | None


def recent_sessions(
    *,
    user_id: int,
    limit: int,
    contexts_of: Callable[[list[uuid.UUID]], Callable[[uuid.UUID], RecoveryContext]],
) -> list[RecentSession]:
    """Return the user's sessions that can still be recovered, last used first. Writes nothing.

    `contexts_of` looks up several datasets at once, and returns what the context of each is.
    """
    found = heads.recent(user_id=user_id, limit=limit)
    context_of = contexts_of([head.dataset_id for head in found])
    replays = replay_each(found)
    now, policy = timezone.now(), recovery_policy()
    sessions: list[RecentSession] = []
    for head in found:
        replayed = replays[head.stream_id]
        until = kept_until(replayed, head.last_event_at, policy)
        if until is not None and now >= until:
            continue
        context = context_of(head.dataset_id)
        change = context.revision.change_since(replayed.state)
        sessions.append(
            RecentSession(
                head=head,
                state=replayed.state,
                assessment=judge(head, HeadReplay(replay=replayed), context, change=change),
                recoverable_until=until,
            )
        )
    return sorted(sessions, key=_last_used, reverse=True)


def _last_used(session: RecentSession) -> dt.datetime:
    return session.state.last_activity_at or session.head.last_event_at
