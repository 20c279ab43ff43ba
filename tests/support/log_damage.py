"""Damage the log as the owner of its tables, with the triggers disabled. Nobody else could."""

from __future__ import annotations

import uuid

from django.db import connection

TABLE = "session_events_sessionevent"
TRIGGERS = ("session_event_refuse_change", "session_event_require_tombstones")


def alter_event(stream_id: uuid.UUID, sequence: int, assignment: str) -> None:
    """Set a column of one stored event; `assignment` is SQL."""
    _as_owner(
        f"UPDATE {TABLE} SET {assignment} WHERE stream_id = %s AND sequence = %s",
        [str(stream_id), sequence],
    )


def delete_event(stream_id: uuid.UUID, sequence: int) -> None:
    _as_owner(
        f"DELETE FROM {TABLE} WHERE stream_id = %s AND sequence = %s", [str(stream_id), sequence]
    )


def forge_event(stream_id: uuid.UUID, sequence: int) -> None:
    """Insert an event that the log's own writer did not append; INSERT is not refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} SELECT gen_random_uuid(), %s, wire_name, schema_version, payload,"
            f" metadata, recorded_at, hash, NULL, stream_id FROM {TABLE}"
            " WHERE stream_id = %s ORDER BY sequence LIMIT 1",
            [sequence, str(stream_id)],
        )


def _as_owner(statement: str, parameters: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for trigger in TRIGGERS:
            cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {trigger}")
        cursor.execute(statement, parameters)
        assert cursor.rowcount == 1
        for trigger in TRIGGERS:
            cursor.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {trigger}")
