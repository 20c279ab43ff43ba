"""Show a stream's events as lines of a timeline, newest first, one bounded page at a time.

Each line tells whether its event's hash follows from the event before, so that damage shows where
it is, on any page. This proves nothing about earlier events; only a full replay does.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Length

from session_events.envelope import GENESIS_HASH, StoredEvent, expected_hash
from session_events.models import SessionEvent
from session_events.render import stored_sentence
from session_events.replay import DefectKind
from session_events.store import EVENT_FIELDS

PAGE_EVENTS = 50
# A longer payload is not fetched for one sentence; the page of the event shows it.
_LONGEST_PAYLOAD = 64 * 1024
_FIELDS = tuple(name for name in EVENT_FIELDS if name != "payload")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event in a sentence.

    `defect` is what is wrong between this event and the one before it; null if nothing is, or if
    `is_checked` is false and it was not looked at. `missing` counts the events missing before this
    one. `actor` is the user's name, null for an event that no user caused.
    """

    sequence: int
    wire_name: str
    sentence: str
    recorded_at: dt.datetime
    actor: str | None
    trace_id: str
    defect: DefectKind | None
    missing: int
    is_checked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """One page. `older` and `newer` are the `before` of the pages beside it, null at the ends."""

    lines: tuple[Line, ...]
    older: int | None
    newer: int | None


def page(stream_id: uuid.UUID, *, before: int | None = None) -> TimelinePage:
    """Return the newest events with a sequence below `before`, or the newest of all."""
    lines, older = newest_lines(stream_id, before=before, limit=PAGE_EVENTS)
    newer = None
    if before is not None:
        above = (
            SessionEvent.objects.filter(stream_id=stream_id, sequence__gte=before)
            .order_by("sequence")
            .values_list("sequence", flat=True)[:PAGE_EVENTS]
        )
        newer = max(above, default=before) + 1
    return TimelinePage(lines=lines, older=older, newer=newer)


def newest_lines(
    stream_id: uuid.UUID, *, before: int | None, limit: int
) -> tuple[tuple[Line, ...], int | None]:
    """Return at most `limit` lines below `before`, newest first, and the `before` of the next page.

    The latter is None at the end. Takes two queries, whatever the log holds.
    """
    events = SessionEvent.objects.filter(stream_id=stream_id)
    below = events if before is None else events.filter(sequence__lt=before)
    short = Case(
        When(payload_length__lte=_LONGEST_PAYLOAD, then=F("payload")),
        default=Value(None),
        output_field=TextField(),
    )
    rows = list(
        below.alias(payload_length=Length("payload"))
        .annotate(short_payload=short)
        .order_by("-sequence")
        .values(*_FIELDS, "short_payload")[: limit + 1]
    )
    names = _names([_cause(row["metadata"]).actor_id for row in rows[:limit]])
    lines = tuple(
        _line(row, previous, names)
        for row, previous in zip_longest(rows[:limit], rows[1 : limit + 1])
    )
    return lines, lines[-1].sequence if len(rows) > limit else None


def link_defect(stored: StoredEvent, *, previous: StoredEvent | None) -> DefectKind | None:
    """Return what is wrong between an event and the one before it, None if nothing is."""
    expected_sequence = 1 if previous is None else previous.sequence + 1
    if stored.sequence != expected_sequence:
        return DefectKind.GAP
    previous_hash = GENESIS_HASH if previous is None else previous.hash
    if stored.hash != expected_hash(stored, previous_hash=previous_hash):
        return DefectKind.HASH_MISMATCH
    return None


def _line(row: dict[str, Any], previous: dict[str, Any] | None, names: dict[int, str]) -> Line:
    stored = _stored(row)
    before = None if previous is None else _stored(previous)
    cause = _cause(stored.metadata)
    is_short = row["short_payload"] is not None
    missing = stored.sequence - (0 if before is None else before.sequence) - 1
    sentence = stored_sentence(stored) if is_short else f"{stored.wire_name}, a long payload"
    return Line(
        sequence=stored.sequence,
        wire_name=stored.wire_name,
        sentence=sentence,
        recorded_at=stored.recorded_at,
        actor=None
        if cause.actor_id is None
        else names.get(cause.actor_id, f"user {cause.actor_id}, gone"),
        trace_id=cause.trace_id,
        defect=link_defect(stored, previous=before) if is_short or missing else None,
        missing=missing,
        is_checked=is_short,
    )


def _stored(row: dict[str, Any]) -> StoredEvent:
    return StoredEvent(
        **{name: row[name] for name in _FIELDS if name != "hash"},
        hash=bytes(row["hash"]),
        payload=row["short_payload"] or "",
    )


class _Cause(msgspec.Struct):
    """The part of an event's metadata that a line shows."""

    actor_id: int | None = None
    trace_id: str = ""


def _cause(metadata: str) -> _Cause:
    try:
        return msgspec.json.decode(metadata, type=_Cause)
    except (msgspec.DecodeError, RecursionError):
        return _Cause(trace_id="unreadable")


def _names(user_ids: list[int | None]) -> dict[int, str]:
    users = get_user_model().objects.filter(
        pk__in={user_id for user_id in user_ids if user_id is not None and abs(user_id) < 2**31}
    )
    return dict(users.values_list("pk", get_user_model().USERNAME_FIELD))
