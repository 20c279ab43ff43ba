"""A session's log in sentences, and what became of reported activity."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.shared_values import Durable, Success, durable
from data_tools.services.event_service import EventPage
from session_events.activity import Noted
from session_events.loading import Session


class EventInWords(TypedDict):
    """One event of the log. `actor` is a user's name, null where no user caused the event."""

    sequence: int
    version: int
    type: str
    sentence: str
    recorded_at: dt.datetime
    actor: str | None
    trace_id: str


class EventsBody(TypedDict):
    success: Success
    session_id: UUID
    version: int
    events: list[EventInWords]
    next_cursor: str | None


class RecordedItem(TypedDict):
    client_operation_id: UUID
    status: Literal["recorded", "already_recorded"]
    session_id: UUID
    version: int


class ActivityBody(Durable):
    """Where each item of a batch is in the log, in the order in which they were sent."""

    success: Success
    results: list[RecordedItem]


def events_body(page: EventPage, *, next_cursor: str | None) -> EventsBody:
    return {
        "success": True,
        "session_id": page.head.stream_id,
        "version": page.head.position.version,
        "events": [
            {
                "sequence": line.sequence,
                "version": line.sequence,
                "type": line.wire_name,
                "sentence": line.sentence,
                "recorded_at": line.recorded_at,
                "actor": line.actor,
                "trace_id": line.trace_id,
            }
            for line in page.lines
        ],
        "next_cursor": next_cursor,
    }


def activity_body(session: Session, noted: tuple[Noted, ...]) -> ActivityBody:
    return {
        "success": True,
        "results": [
            {
                "client_operation_id": item.client_operation_id,
                "status": "already_recorded" if item.is_repeat else "recorded",
                "session_id": item.session_id,
                "version": item.version,
            }
            for item in noted
        ],
        **durable(session),
    }
