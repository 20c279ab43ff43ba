"""Read a user's own log page by page, and record what the user's client reports."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from data_tools.quotas.events import require_events
from data_tools.services.session_lookup import require_session
from data_tools.services.session_request import SessionRequest
from data_tools.services.time_travel_service import require_head
from data_tools.under_way.admission import begin_batch
from session_events import activity
from session_events.activity import Noted, Reported
from session_events.heads import StreamHead
from session_events.inspection.timeline import Line, newest_lines
from session_events.loading import Session

# More items wait for their turn to be recorded.
_LIGHT_BATCH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """A page of a session's events, newest first; `older` is the `before` of the next page."""

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
    """Return the newest events before sequence `before` of a session, by default the open one.

    The session may have ended, and its dataset may have been deleted. Replays nothing, so a damaged
    log can be read as well.

    Raises: as `require_head`.
    """
    head = require_head(user_id, datasource_id, session_id)
    lines, older = newest_lines(head.stream_id, before=before, limit=limit)
    return EventPage(head=head, lines=lines, older=older)


def report_activity(
    request: SessionRequest, *, reported: Sequence[Reported]
) -> tuple[Session, tuple[Noted, ...]]:
    """Record the client's reports, all of them or none. Large batches pass a gate.

    Raises:
        QuotaExceeded: the user's logs hold as many events as they may.
        And as `begin_batch`, `require_session` and `session_events.activity.report`; nothing
        was written.
    """
    if len(reported) > _LIGHT_BATCH:
        begin_batch()
    _, session = require_session(request.user_id, request.datasource_id)
    return activity.report(
        session,
        reported,
        command=request.command,
        require_room=partial(require_events, request.user_id),
    )
