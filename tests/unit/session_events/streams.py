"""Streams made by tests: events sealed in order, without a database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from session_events.envelope import (
    GENESIS_HASH,
    EventMetadata,
    RecordedEvent,
    StoredEvent,
    expected_hash,
    seal,
)
from session_events.events import (
    Column,
    ColumnChange,
    Event,
    OperationApplied,
    SessionStarted,
    View,
    ViewChanged,
)
from session_events.replay import StreamPosition

STREAM_ID = uuid.UUID("11111111-1111-4111-8111-111111111111")
DATASET_ID = uuid.UUID("22222222-2222-4222-8222-222222222222")
BEGAN = dt.datetime(2026, 1, 1, 12, 0, tzinfo=dt.UTC)

BASE_COLUMNS = (
    Column(key="b0", name="year", type="integer"),
    Column(key="b1", name="delay", type="float"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderEvent:
    """An event as an older server stored it, and what it means in today's vocabulary."""

    schema_version: int
    payload: str
    means: Event


def meaning(event: Event | OlderEvent) -> Event:
    return event.means if isinstance(event, OlderEvent) else event


def started() -> SessionStarted:
    return SessionStarted(
        dataset_id=DATASET_ID,
        source_revision=1,
        source_fingerprint="f" * 64,
        columns=BASE_COLUMNS,
        row_count=10,
    )


def renamed(name: str, key: str = "b1") -> OperationApplied:
    return applied("rename_column", ColumnChange(action="set", key=key, name=name, type="float"))


def applied(operation: str, *changes: ColumnChange) -> OperationApplied:
    return OperationApplied(
        operation=operation,
        parameters={},
        fitted={},
        column_changes=changes,
        rows_before=10,
        rows_after=10,
        cells_changed=0,
    )


def looked_at(page_number: int, **layout: Any) -> ViewChanged:
    return ViewChanged(view=View(page_number=page_number, page_size=25, **layout))


def at_minute(minute: int) -> dt.datetime:
    return BEGAN + dt.timedelta(minutes=minute)


def recorded(events: Iterable[Event]) -> list[RecordedEvent]:
    """Return the events as a stream of their own, one a minute."""
    return [
        RecordedEvent(sequence=sequence, recorded_at=at_minute(sequence - 1), event=event)
        for sequence, event in enumerate(events, start=1)
    ]


def sealed(events: Iterable[Event | OlderEvent]) -> list[StoredEvent]:
    """Return the events as the log stores them, one a minute, older ones in their old form."""
    events = list(events)
    stream: list[StoredEvent] = []
    previous_hash = GENESIS_HASH
    for event, item in zip(events, recorded(map(meaning, events)), strict=True):
        stored = seal(
            item.event,
            stream_id=STREAM_ID,
            sequence=item.sequence,
            previous_hash=previous_hash,
            recorded_at=item.recorded_at,
            metadata=EventMetadata(actor_id=1, trace_id="t"),
        )
        if isinstance(event, OlderEvent):
            stored = replace(stored, schema_version=event.schema_version, payload=event.payload)
            stored = replace(stored, hash=expected_hash(stored, previous_hash=previous_hash))
        previous_hash = stored.hash
        stream.append(stored)
    return stream


def head_of(stream: list[StoredEvent]) -> StreamPosition:
    return StreamPosition(version=stream[-1].sequence, hash=stream[-1].hash)
