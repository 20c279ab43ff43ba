"""Damage done on purpose to a drill's own streams; nothing else in the service calls this.

Note [Only the owner, only for a moment]
    The log refuses changes from everybody. Its tables' owner can take the triggers off, so a drill
    has to be that owner: it does so in a transaction of one change, under the lock that keeps all
    others from writing events meanwhile, and puts them back before the commit. They never see them
    off. That lock is waited for a short time only, since others queue behind it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from session_events import store
from session_events.envelope import GENESIS_HASH, StoredEvent, expected_hash
from session_events.heads import StreamHead

_EVENTS = "session_events_sessionevent"
_TABLES = (_EVENTS, "session_events_sessionstream", "session_events_sessionsnapshot")
_LOCK_TIMEOUT = "2s"


class NotTheOwner(Exception):
    """Only the owner of the log's tables can stage damage. Run this as that database user."""


def require_owner() -> None:
    """Raise `NotTheOwner` unless the database user owns the log's tables. Changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class"
            " WHERE oid = ANY (%s::regclass[])",
            [list(_TABLES)],
        )
        if cursor.fetchone() != (True,):
            raise NotTheOwner(NotTheOwner.__doc__)


def alter_event(stream_id: uuid.UUID, sequence: int) -> None:
    """Change an event's payload behind the log's back."""
    with triggers_off() as cursor:
        cursor.execute(
            "UPDATE session_events_sessionevent SET payload = payload || ' '"
            " WHERE stream_id = %s AND sequence = %s",
            [str(stream_id), sequence],
        )


def delete_event(stream_id: uuid.UUID, sequence: int) -> None:
    """Take one event out of the middle of the log."""
    with triggers_off() as cursor:
        cursor.execute(
            "DELETE FROM session_events_sessionevent WHERE stream_id = %s AND sequence = %s",
            [str(stream_id), sequence],
        )


def delete_snapshots(stream_id: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM session_events_sessionsnapshot WHERE stream_id = %s", [str(stream_id)]
        )


def alter_snapshots(stream_id: uuid.UUID) -> None:
    """Change the state that snapshots hold; their digests stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE session_events_sessionsnapshot SET state = state || ' ' WHERE stream_id = %s",
            [str(stream_id)],
        )


def append_foreign_event(
    head: StreamHead, *, wire_name: str, schema_version: int = 1, payload: str = "{}"
) -> None:
    """Append an event that this server does not write, sealed as it must be."""
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
    """Make a stream as old as if everything in it had happened so much earlier.

    Its hash chain is made anew, so the log stays whole.
    """
    aged: list[StoredEvent] = []
    previous_hash = GENESIS_HASH
    for stored in store.read(stream_id):
        moved = replace(stored, recorded_at=stored.recorded_at - by)
        aged.append(replace(moved, hash=expected_hash(moved, previous_hash=previous_hash)))
        previous_hash = aged[-1].hash
    with triggers_off() as cursor:
        cursor.executemany(
            "UPDATE session_events_sessionevent SET recorded_at = %s, hash = %s"
            " WHERE stream_id = %s AND sequence = %s",
            [(event.recorded_at, event.hash, str(stream_id), event.sequence) for event in aged],
        )
        cursor.execute(
            "UPDATE session_events_sessionstream SET head_hash = %s, started_at = %s,"
            " last_event_at = %s WHERE id = %s",
            [previous_hash, aged[0].recorded_at, aged[-1].recorded_at, str(stream_id)],
        )


@contextmanager
def triggers_off() -> Iterator[CursorWrapper]:
    """A transaction in which events can be changed. See Note [Only the owner, only for a moment].

    Raises:
        OperationalError: others kept writing for too long; nothing was changed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LOCK_TIMEOUT])
        cursor.execute(
            "SELECT quote_ident(tgname) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgenabled = 'A' AND NOT tgisinternal",
            [_EVENTS],
        )
        triggers = [name for (name,) in cursor.fetchall()]
        for name in triggers:
            cursor.execute(f"ALTER TABLE session_events_sessionevent DISABLE TRIGGER {name}")
        yield cursor
        for name in triggers:
            cursor.execute(f"ALTER TABLE session_events_sessionevent ENABLE ALWAYS TRIGGER {name}")
