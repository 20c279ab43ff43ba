"""What the session's user did last, as breadcrumbs: in words, without values."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import psycopg2
from django.db import Error, connection

from session_events.error_names import without_values
from session_events.inspection.last_events import last_events

logger = logging.getLogger(__name__)

MOST_BREADCRUMBS = 20


def breadcrumbs_of(session_id: str) -> list[dict[str, Any]]:
    """Return one breadcrumb for each of the session's last events, oldest first.

    Return none in the middle of a transaction, which must not be disturbed, and none if the
    database does not answer: a report without them is better than no report.
    """
    if connection.in_atomic_block:
        return []
    try:
        events = last_events(uuid.UUID(session_id), most=MOST_BREADCRUMBS)
    except (Error, psycopg2.Error) as error:
        logger.warning("a report has no breadcrumbs: %s", without_values(error))
        return []
    return [
        {
            "type": "default",
            "category": "session",
            "level": "info",
            "message": event.words,
            "timestamp": event.recorded_at.timestamp(),
        }
        for event in events
    ]
