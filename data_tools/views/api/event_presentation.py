"""A session's log, and what became of reported activity, as the API's JSON values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from data_tools.services.event_service import EventPage
from data_tools.views.api.presentation import durable
from session_events.activity import Noted
from session_events.loading import Session


def events_body(found: EventPage, *, next_cursor: str | None) -> dict[str, Any]:
    """Return the body of the log; `actor` is a user's name, null where no user caused the event."""
    return {
        "success": True,
        "session_id": str(found.head.stream_id),
        "version": found.head.position.version,
        "events": [
            {
                "sequence": line.sequence,
                "version": line.sequence,
                "type": line.wire_name,
                "sentence": line.sentence,
                "recorded_at": line.recorded_at.astimezone(dt.UTC).isoformat(),
                "actor": line.actor,
                "trace_id": line.trace_id,
            }
            for line in found.lines
        ],
        "next_cursor": next_cursor,
    }


def activity_body(session: Session, noted: tuple[Noted, ...]) -> dict[str, Any]:
    """Return where each item of a batch stands, in the order they were sent."""
    return {
        "success": True,
        "results": [
            {
                "client_operation_id": str(one.client_operation_id),
                "status": "already_recorded" if one.is_repeat else "recorded",
                "session_id": str(one.session_id),
                "version": one.version,
            }
            for one in noted
        ],
        **durable(session),
    }
