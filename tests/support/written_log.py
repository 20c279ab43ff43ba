"""The log as the database holds it, read without the states that a process remembers."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from data_tools.models import DataRow, DataSource
from session_events import store
from session_events.envelope import EventMetadata, StoredEvent, decode_metadata
from session_events.heads import StreamHead, latest_head
from session_events.loading import replay_all
from session_events.models import SessionEvent, SessionStream
from session_events.state import SessionState


def head(user_id: int, dataset_id: UUID) -> StreamHead:
    """Return the head of the user's open session on the dataset, else of the last one."""
    latest = latest_head(user_id=user_id, dataset_id=dataset_id)
    assert latest is not None, "no session was ever started"
    return latest


def folded(at: StreamHead) -> SessionState:
    """Return the state that a full replay yields, and check that the log is whole."""
    replayed = replay_all(at)
    assert replayed.defect is None
    assert replayed.position == at.position
    return replayed.state


def events(at: StreamHead) -> tuple[StoredEvent, ...]:
    """Return every event of the stream, and check that their sequences have no gap."""
    stored = store.read(at.stream_id)
    assert [event.sequence for event in stored] == list(range(1, len(stored) + 1))
    return stored


def metadata(stored: Iterable[StoredEvent]) -> list[EventMetadata]:
    return [decode_metadata(event) for event in stored]


def everything() -> dict[str, object]:
    """Return all that a refused request must leave unchanged."""
    return {
        "streams": sorted(SessionStream.objects.values_list("id", "version", "status")),
        "events": SessionEvent.objects.count(),
        "rows": DataRow.objects.count(),
        "datasets": sorted(DataSource.objects.values_list("id", "status", "row_count", "revision")),
    }
