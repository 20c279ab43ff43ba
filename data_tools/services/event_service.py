"""A user's own log: read page by page, and told what the user's client saw."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.services.session_lookup import require_session
from data_tools.services.time_travel_service import required_head
from session_events import activity
from session_events.activity import Noted, Reported
from session_events.heads import StreamHead
from session_events.inspection.timeline import Line, newest_lines
from session_events.loading import Session
from session_events.recording import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events of a session, newest first; `older` is the `before` of the next page, if any."""

    head: StreamHead
    lines: tuple[Line, ...]
    older: int | None


def events(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None,
    before: int | None,
    limit: int,
) -> EventPage:
    """Return the newest events below `before` of the session named, else of the open one.

    Works for a session that has ended, and for a deleted dataset's. Replays nothing, so a damaged
    log can be read as well. Raises: DatasourceNotFound, SessionNotFound.
    """
    head = required_head(user_id, datasource_id, session_id)
    lines, older = newest_lines(head.stream_id, before=before, limit=limit)
    return EventPage(head=head, lines=lines, older=older)


def report_activity(
    *, user_id: int, datasource_id: uuid.UUID, reported: Sequence[Reported], command: Command
) -> tuple[Session, tuple[Noted, ...]]:
    """Record what the client tells, all or nothing. Raises: as `activity.report`."""
    _, session = require_session(user_id, datasource_id)
    return activity.report(session, reported, command=command)
