"""Report one event in full, with its exact payload and metadata in a readable form."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from session_events import store
from session_events.envelope import StoredEvent
from session_events.inspection.timeline import link_defect
from session_events.render import stored_sentence
from session_events.replay import DefectKind

_LONGEST_SHOWN = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """One event. `payload` and `metadata` are indented JSON, or the stored text if it is not JSON.

    `is_cut` tells that the payload is too long to be shown in full.
    """

    stored: StoredEvent
    sentence: str
    payload: str
    metadata: str
    is_cut: bool
    previous_hash: str
    defect: DefectKind | None


def event_report(stream_id: uuid.UUID, sequence: int) -> EventReport | None:
    """Return the event of that sequence, None if there is none."""
    events = store.read(stream_id, after=sequence - 2, until=sequence)
    if not events or events[-1].sequence != sequence:
        return None
    stored, previous = events[-1], events[-2] if len(events) > 1 else None
    payload = readable(stored.payload)
    return EventReport(
        stored=stored,
        sentence=stored_sentence(stored),
        payload=payload[:_LONGEST_SHOWN],
        metadata=readable(stored.metadata)[:_LONGEST_SHOWN],
        is_cut=len(payload) > _LONGEST_SHOWN,
        previous_hash="" if previous is None else previous.hash.hex(),
        defect=link_defect(stored, previous=previous),
    )


def readable(text: str) -> str:
    """Return `text` indented if it is JSON, otherwise unchanged."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False, sort_keys=True)
    except (ValueError, RecursionError):
        return text
