"""Golden files: what a server of some version wrote, to the byte. Never edited once released.

An event's file holds the stored fields, and the hash of the event it follows. A snapshot's file
holds the whole log it stands on, in that form, and the snapshot's text.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from session_events.envelope import GENESIS_HASH, EventMetadata, StoredEvent, seal
from session_events.events import VOCABULARY, Event
from session_events.frozen_state import FOLD_VERSION, freeze, text_digest
from session_events.replay import replay
from session_events.state import SessionState

HERE = Path(__file__).parent
STREAM_ID = uuid.UUID("11111111-1111-4111-8111-111111111111")
BEGAN = dt.datetime(2026, 11, 22, 19, 0, 0, 123456, tzinfo=dt.UTC)
METADATA = EventMetadata(
    actor_id=7,
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    correlation_id="c-1",
    causation_id="c-0",
    client_operation_id=uuid.UUID("66666666-6666-4666-8666-666666666666"),
    request_digest="d" * 64,
    client_kind="studio",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenEvent:
    """One stored event, and the hash it follows."""

    stored: StoredEvent
    previous_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenSnapshot:
    """A snapshot as the table had it, and the log of its stream up to there.

    `digests` are those of the states after each event of the log.
    """

    fold_version: int
    log: tuple[StoredEvent, ...]
    sequence: int
    state: str
    digest: str
    event_hash: bytes
    digests: list[str]


def event_path(wire_name: str, schema_version: int) -> Path:
    return HERE / "events" / f"{wire_name}.v{schema_version}.json"


def snapshot_path(fold_version: int) -> Path:
    return HERE / "snapshots" / f"fold-{fold_version}.json"


def events_in(folder: str) -> dict[str, GoldenEvent]:
    """The golden events of a folder, by the name of their file."""
    return {path.stem: read_event(path) for path in sorted((HERE / folder).glob("*.json"))}


def snapshots() -> dict[int, GoldenSnapshot]:
    """The golden snapshots by the version of the fold that made them."""
    read = [read_snapshot(path) for path in (HERE / "snapshots").glob("*.json")]
    return {golden.fold_version: golden for golden in sorted(read, key=lambda g: g.fold_version)}


def read_event(path: Path) -> GoldenEvent:
    fields = json.loads(path.read_text())
    previous_hash = bytes.fromhex(fields.pop("previous_hash"))
    return GoldenEvent(stored=_stored(fields), previous_hash=previous_hash)


def read_snapshot(path: Path) -> GoldenSnapshot:
    fields = json.loads(path.read_text())
    log = tuple(_stored(event) for event in fields.pop("log"))
    return GoldenSnapshot(**fields | {"event_hash": bytes.fromhex(fields["event_hash"])}, log=log)


def as_written_today(example: Event) -> GoldenEvent:
    """What this server stores for `example`."""
    stored = seal(
        example,
        stream_id=STREAM_ID,
        sequence=1,
        previous_hash=GENESIS_HASH,
        recorded_at=BEGAN,
        metadata=METADATA,
        event_id=uuid.uuid5(STREAM_ID, example.wire_name),
    )
    return GoldenEvent(stored=stored, previous_hash=GENESIS_HASH)


def write_missing(examples: dict[str, Event]) -> list[Path]:
    """Write the files of today's versions that are not there yet; an existing one is left alone."""
    written = []
    for wire_name, kind in VOCABULARY.items():
        path = event_path(wire_name, kind.schema_version)
        if not path.exists():
            golden = as_written_today(examples[wire_name])
            fields = plain(golden.stored) | {"previous_hash": golden.previous_hash.hex()}
            path.write_text(json.dumps(fields, indent=2) + "\n")
            written.append(path)
    return written


def write_missing_snapshot(events: Iterable[Event]) -> list[Path]:
    """Write the snapshot of today's fold over `events`, one a minute, if it is not there yet."""
    path = snapshot_path(FOLD_VERSION)
    if path.exists():
        return []
    log: list[StoredEvent] = []
    for sequence, event in enumerate(events, start=1):
        stored = seal(
            event,
            stream_id=STREAM_ID,
            sequence=sequence,
            previous_hash=log[-1].hash if log else GENESIS_HASH,
            recorded_at=BEGAN + dt.timedelta(minutes=sequence - 1),
            metadata=EventMetadata(actor_id=7, client_kind="studio"),
            event_id=uuid.uuid5(STREAM_ID, f"event {sequence}"),
        )
        log.append(stored)
    states = states_along(log)
    state = freeze(states[-1])
    fields = {
        "fold_version": FOLD_VERSION,
        "sequence": log[-1].sequence,
        "state": state,
        "digest": text_digest(state),
        "event_hash": log[-1].hash.hex(),
        "digests": [text_digest(freeze(state)) for state in states],
        "log": [plain(stored) for stored in log],
    }
    path.write_text(json.dumps(fields, indent=2) + "\n")
    return [path]


def states_along(log: Sequence[StoredEvent]) -> list[SessionState]:
    """The states that a log, the whole of a stream, folds to after each of its events."""
    return [replay(log[:length], stream_id=STREAM_ID).state for length in range(1, len(log) + 1)]


def plain(stored: StoredEvent) -> dict[str, Any]:
    """A stored event as JSON values; payload and metadata stay the text they are."""
    return {
        "stream_id": str(stored.stream_id),
        "sequence": stored.sequence,
        "event_id": str(stored.event_id),
        "wire_name": stored.wire_name,
        "schema_version": stored.schema_version,
        "recorded_at": stored.recorded_at.isoformat(),
        "client_operation_id": stored.client_operation_id and str(stored.client_operation_id),
        "payload": stored.payload,
        "metadata": stored.metadata,
        "hash": stored.hash.hex(),
    }


def _stored(fields: dict[str, Any]) -> StoredEvent:
    operation_id = fields["client_operation_id"]
    return StoredEvent(
        **fields
        | {
            "stream_id": uuid.UUID(fields["stream_id"]),
            "event_id": uuid.UUID(fields["event_id"]),
            "recorded_at": dt.datetime.fromisoformat(fields["recorded_at"]),
            "client_operation_id": operation_id and uuid.UUID(operation_id),
            "hash": bytes.fromhex(fields["hash"]),
        }
    )
