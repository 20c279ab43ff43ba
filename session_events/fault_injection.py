"""Inject faults into a drill's own streams. Nothing else in the service calls this.

Note [Only the owner, only for a moment]
    The log refuses changes from everybody. Only the owner of its tables can disable the triggers,
    so a drill has to run as that owner. It disables them in a transaction of one change, under the
    lock that keeps everybody else from writing events, and enables them again before the commit,
    so that nobody else ever sees them disabled. It waits only a short time for that lock, since
    others queue behind it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

from session_events import store
from session_events.envelope import GENESIS_HASH, StoredEvent, expected_hash
from session_events.heads import StreamHead

_EVENTS = "session_events_sessionevent"
_TABLES = (_EVENTS, "session_events_sessionstream", "session_events_sessionsnapshot")
_LOCK_TIMEOUT = "2s"

# Whether the database user owns all of these tables.
_OWNS_TABLES = """
SELECT bool_and(pg_has_role(relowner, 'USAGE'))
FROM pg_class
WHERE oid = ANY (%s::regclass[])
"""
# The names of the triggers of a table that always fire.
_TRIGGERS = """
SELECT tgname
FROM pg_trigger
WHERE tgrelid = %s::regclass AND tgenabled = 'A' AND NOT tgisinternal
"""
_DISABLE_TRIGGER = sql.SQL("ALTER TABLE session_events_sessionevent DISABLE TRIGGER {}")
_ENABLE_TRIGGER = sql.SQL("ALTER TABLE session_events_sessionevent ENABLE ALWAYS TRIGGER {}")
_ALTER_EVENT = """
UPDATE session_events_sessionevent
SET payload = payload || ' '
WHERE stream_id = %s AND sequence = %s
"""
_DELETE_EVENT = "DELETE FROM session_events_sessionevent WHERE stream_id = %s AND sequence = %s"
_ALTER_SNAPSHOTS = """
UPDATE session_events_sessionsnapshot
SET state = state || ' '
WHERE stream_id = %s
"""
_DELETE_SNAPSHOTS = "DELETE FROM session_events_sessionsnapshot WHERE stream_id = %s"
_MOVE_EVENT = """
UPDATE session_events_sessionevent
SET recorded_at = %s, hash = %s
WHERE stream_id = %s AND sequence = %s
"""
_MOVE_HEAD = """
UPDATE session_events_sessionstream
SET head_hash = %s, started_at = %s, last_event_at = %s
WHERE id = %s
"""


class NotTheOwner(Exception):
    """Only the owner of the log's tables can inject faults. Run this as that database user."""


def require_owner() -> None:
    """Raise `NotTheOwner` unless the database user owns the log's tables. Changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_OWNS_TABLES, [list(_TABLES)])
        if cursor.fetchone() != (True,):
            raise NotTheOwner(NotTheOwner.__doc__)


def alter_event(stream_id: uuid.UUID, sequence: int) -> None:
    """Change an event's payload without changing its hash."""
    with triggers_off() as cursor:
        cursor.execute(_ALTER_EVENT, [str(stream_id), sequence])


def delete_event(stream_id: uuid.UUID, sequence: int) -> None:
    """Delete one event from the middle of the log."""
    with triggers_off() as cursor:
        cursor.execute(_DELETE_EVENT, [str(stream_id), sequence])


def delete_snapshots(stream_id: uuid.UUID) -> None:
    """Delete all of a stream's snapshots."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE_SNAPSHOTS, [str(stream_id)])


def alter_snapshots(stream_id: uuid.UUID) -> None:
    """Change the states that a stream's snapshots hold, without changing their digests."""
    with connection.cursor() as cursor:
        cursor.execute(_ALTER_SNAPSHOTS, [str(stream_id)])


def append_foreign_event(
    head: StreamHead, *, wire_name: str, schema_version: int = 1, payload: str = "{}"
) -> None:
    """Append a correctly sealed event of a kind that this server does not write."""
    last = store.read(head.stream_id, after=head.position.version - 1)[-1]
    foreign = replace(
        last,
        sequence=head.position.version + 1,
        event_id=uuid.uuid4(),
        wire_name=wire_name,
        schema_version=schema_version,
        payload=payload,
        client_operation_id=None,
    )
    sealed = replace(foreign, hash=expected_hash(foreign, previous_hash=head.position.hash))
    store.append(
        [sealed],
        user_id=head.user_id,
        dataset_id=head.dataset_id,
        status=head.status,
        is_open=head.is_open,
    )


def age(stream_id: uuid.UUID, *, by: dt.timedelta) -> None:
    """Make a stream look as if everything in it had happened earlier by that time.

    Recomputes its hash chain, so that the log stays whole.
    """
    aged: list[StoredEvent] = []
    previous_hash = GENESIS_HASH
    for stored in store.read(stream_id):
        moved = replace(stored, recorded_at=stored.recorded_at - by)
        aged.append(replace(moved, hash=expected_hash(moved, previous_hash=previous_hash)))
        previous_hash = aged[-1].hash
    with triggers_off() as cursor:
        cursor.executemany(
            _MOVE_EVENT,
            [(event.recorded_at, event.hash, str(stream_id), event.sequence) for event in aged],
        )
        cursor.execute(
            _MOVE_HEAD,
            [previous_hash, aged[0].recorded_at, aged[-1].recorded_at, str(stream_id)],
        )


@contextmanager
def triggers_off() -> Iterator[CursorWrapper]:
    """Run the block in a transaction that may change events.

    See Note [Only the owner, only for a moment].

    Raises:
        OperationalError: others kept writing for too long; nothing was changed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LOCK_TIMEOUT])
        cursor.execute(_TRIGGERS, [_EVENTS])
        triggers = [sql.Identifier(name) for (name,) in cursor.fetchall()]
        for trigger in triggers:
            cursor.execute(_DISABLE_TRIGGER.format(trigger))
        yield cursor
        for trigger in triggers:
            cursor.execute(_ENABLE_TRIGGER.format(trigger))
