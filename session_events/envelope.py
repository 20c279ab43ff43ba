"""An event as the log keeps it: exact bytes, chained by hash to the event before it. Pure.

Note [Canonical bytes]
    Payload and metadata are stored as the canonical JSON text that was hashed, not as jsonb:
    jsonb refuses NUL, turns -0.0 into 0.0 and some floats into integers, so that the text read
    back may differ from the text hashed. Canonical means: keys sorted, no white space, ASCII only,
    no NaN.

Note [Hash chain]
    ``hash = SHA-256(previous hash + line)``. The line is the fields in `expected_hash`, joined
    by newlines; none of them can hold a newline. The first event follows 32 zero bytes. The
    database's triggers stop everybody but the tables' owner from changing an event; the chain
    reveals a change by the owner.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from session_events.events import VOCABULARY, Event
from session_events.exceptions import UndecodablePayload
from session_events.upcasters import upcast

GENESIS_HASH = bytes(32)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMetadata:
    """Who and what caused an event.

    `request_digest` is the SHA-256 of the request that `client_operation_id` stands for, so that
    an id reused for another request is noticed.
    """

    actor_id: int | None = None
    trace_id: str = ""
    correlation_id: str | None = None
    causation_id: str | None = None
    client_operation_id: uuid.UUID | None = None
    request_digest: str | None = None
    client_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """One row of the log. `recorded_at` is aware, in UTC, to the microsecond.

    `client_operation_id` repeats the metadata's, for the unique constraint in the database.
    """

    stream_id: uuid.UUID
    sequence: int
    event_id: uuid.UUID
    wire_name: str
    schema_version: int
    payload: str
    metadata: str
    recorded_at: dt.datetime
    hash: bytes
    client_operation_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event with its place and time in the stream."""

    sequence: int
    recorded_at: dt.datetime
    event: Event


def canonical_json(value: Any) -> str:
    """Return the canonical JSON text of `value`. See Note [Canonical bytes].

    Raises:
        ValueError: the value holds a NaN or an infinity.
    """
    return _CANONICAL.encode(msgspec.to_builtins(value, enc_hook=_plain))


def _plain(value: Any) -> str:
    """Return a datetime of a subclass as msgspec writes a datetime; it does not know subclasses."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no place in an event")


def digest(value: Any) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def expected_hash(stored: StoredEvent, *, previous_hash: bytes) -> bytes:
    """Return the 32 bytes that seal `stored`, whatever hash it has. See Note [Hash chain]."""
    line = "\n".join(
        (
            msgspec.to_builtins(stored.stream_id),  # as `str`, in a tenth of the time
            str(stored.sequence),
            msgspec.to_builtins(stored.event_id),
            stored.wire_name,
            str(stored.schema_version),
            stored.recorded_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            stored.payload,
            stored.metadata,
        )
    )
    return hashlib.sha256(previous_hash + line.encode()).digest()


def seal(
    event: Event,
    *,
    stream_id: uuid.UUID,
    sequence: int,
    previous_hash: bytes,
    recorded_at: dt.datetime,
    metadata: EventMetadata,
    event_id: uuid.UUID | None = None,
) -> StoredEvent:
    """Return `event` ready to be stored at `sequence` of its stream.

    Raises:
        ValueError: the event holds a number that JSON cannot represent.
    """
    unsealed = StoredEvent(
        stream_id=stream_id,
        sequence=sequence,
        event_id=event_id or uuid.uuid4(),
        wire_name=event.wire_name,
        schema_version=event.schema_version,
        payload=canonical_json(event),
        metadata=canonical_json(metadata),
        recorded_at=recorded_at,
        client_operation_id=metadata.client_operation_id,
        hash=b"",
    )
    return replace(unsealed, hash=expected_hash(unsealed, previous_hash=previous_hash))


def decode(stored: StoredEvent) -> RecordedEvent:
    """Return the event that `stored` holds, in today's vocabulary.

    Raises:
        UnknownEventType: this server does not know the event.
        NewerSchemaVersion: the event was written by a newer server.
        UndecodablePayload: the payload is not JSON, or not that of such an event.
    """
    kind = VOCABULARY.get(stored.wire_name)
    try:
        if kind is not None and stored.schema_version == kind.schema_version:
            event = _DECODERS[stored.wire_name].decode(stored.payload)
        else:
            payload = upcast(
                wire_name=stored.wire_name,
                schema_version=stored.schema_version,
                payload=msgspec.json.decode(stored.payload),
            )
            event = msgspec.convert(payload, type=VOCABULARY[stored.wire_name])
    except (msgspec.DecodeError, RecursionError) as error:  # the latter: nested very deep
        raise UndecodablePayload(wire_name=stored.wire_name) from error
    return RecordedEvent(sequence=stored.sequence, recorded_at=stored.recorded_at, event=event)


def decode_metadata(stored: StoredEvent) -> EventMetadata:
    """Return who and what caused `stored`.

    Raises:
        UndecodablePayload: its metadata is not what this service writes.
    """
    try:
        return _METADATA_DECODER.decode(stored.metadata)
    except msgspec.DecodeError as error:
        raise UndecodablePayload(wire_name=stored.wire_name) from error


# Made at import: a test that freezes time replaces the datetime type that a decoder looks up.
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in VOCABULARY.items()}
_METADATA_DECODER = msgspec.json.Decoder(EventMetadata)
