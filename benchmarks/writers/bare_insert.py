"""The floor: one prepared INSERT, committed, into a table like the log's. It checks nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import psycopg2
from psycopg2 import Binary

from benchmarks.writers.database import Address
from session_events.envelope import EventMetadata, seal
from session_events.events import OperationUndone

TABLE = "bare_event"

_PREPARE = f"""
PREPARE insert_event (uuid, uuid, bigint, text, smallint, text, text, timestamptz, bytea, uuid) AS
INSERT INTO {TABLE} (event_id, stream_id, sequence, wire_name, schema_version, payload, metadata,
                     recorded_at, hash, client_operation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_EXECUTE = "EXECUTE insert_event (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def writer(address: Address) -> Callable[[], None]:
    """Return a function that inserts a prepared event of the same size as ours."""
    connection = psycopg2.connect(**address.parameters)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(_PREPARE)
    stream_id = str(uuid.uuid4())
    sample = seal(
        OperationUndone(operation_sequence=2),
        stream_id=uuid.uuid4(),
        sequence=3,
        previous_hash=bytes(32),
        recorded_at=dt.datetime.now(dt.UTC),
        metadata=EventMetadata(actor_id=1, trace_id="0" * 32, client_kind="benchmarks"),
    )
    sequence = 0

    def write() -> None:
        nonlocal sequence
        sequence += 1
        cursor.execute(
            _EXECUTE,
            (
                str(uuid.uuid4()),
                stream_id,
                sequence,
                sample.wire_name,
                sample.schema_version,
                sample.payload,
                sample.metadata,
                dt.datetime.now(dt.UTC),
                Binary(sample.hash),
                None,
            ),
        )

    return write
