"""The last events of a session in words that hold no value of its user's, for error reports."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from dataclasses import dataclass

from django.db.models.functions import Left

from session_events.events import VOCABULARY, OperationApplied
from session_events.models import SessionEvent

_MOST_CHARACTERS = 100_000  # of a payload; what an operation was fitted to can be megabytes
_OPERATION_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInWords:
    """An event: `words` name its kind, its operation and its version, such as
    "Operation applied: fill_missing (version 7)".
    """

    recorded_at: dt.datetime
    words: str


def last_events(stream_id: uuid.UUID, *, most: int) -> list[EventInWords]:
    """Return at most that many of the session's last events, oldest first, by one query.

    Checks nothing: an event whose kind or payload is damaged is named as far as it can be.
    """
    rows = (
        SessionEvent.objects.filter(stream_id=stream_id)
        .order_by("-sequence")
        .values_list("sequence", "recorded_at", "wire_name", Left("payload", _MOST_CHARACTERS))
    )[:most]
    return [
        EventInWords(recorded_at=recorded_at, words=_words(wire_name, payload, sequence))
        for sequence, recorded_at, wire_name, payload in reversed(rows)
    ]


def _words(wire_name: str, payload: str, sequence: int) -> str:
    kind = "Unknown event"
    if wire_name in VOCABULARY:
        kind = wire_name.replace(".", " ").replace("_", " ").capitalize()
    operation = _operation_in(payload) if wire_name == OperationApplied.wire_name else ""
    return kind + (f": {operation}" if operation else "") + f" (version {sequence})"


def _operation_in(payload: str) -> str:
    """Return the operation's name, "" if the payload is damaged or too long."""
    try:
        operation = json.loads(payload)["operation"]
    except (ValueError, LookupError, TypeError):
        return ""
    is_a_name = isinstance(operation, str) and _OPERATION_NAME.fullmatch(operation)
    return operation if is_a_name else ""
