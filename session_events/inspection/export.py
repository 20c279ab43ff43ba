"""Export a stream as JSON Lines, with everything needed to check its chain without this service.

``docs/inspection.md`` describes the format. A line with another meaning needs another `FORMAT`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import orjson

from session_events import store
from session_events.envelope import StoredEvent
from session_events.heads import StreamHead

FORMAT = "hydroml-session-log/1"
_CHUNK_EVENTS = 500


def export_lines(head: StreamHead) -> Iterator[bytes]:
    """Yield one line for the stream, one for each event, and one that marks the end.

    Exports every event, damaged or not, as stored text. Fetches the events in chunks, each with its
    own query, so that no transaction stays open meanwhile.
    """
    yield _line(
        {
            "format": FORMAT,
            "stream_id": str(head.stream_id),
            "user_id": head.user_id,
            "dataset_id": str(head.dataset_id),
            "version": head.position.version,
            "head_hash": head.position.hash.hex(),
        }
    )
    count, after = 0, 0
    while chunk := store.read(head.stream_id, after=after, limit=_CHUNK_EVENTS):
        for stored in chunk:
            yield _line(_event(stored))
        count, after = count + len(chunk), chunk[-1].sequence
    yield _line({"end": True, "events": count})


def _event(stored: StoredEvent) -> dict[str, object]:
    return {
        "sequence": stored.sequence,
        "event_id": str(stored.event_id),
        "wire_name": stored.wire_name,
        "schema_version": stored.schema_version,
        "recorded_at": stored.recorded_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "payload": stored.payload,
        "metadata": stored.metadata,
        "hash": stored.hash.hex(),
    }


def _line(value: dict[str, object]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
