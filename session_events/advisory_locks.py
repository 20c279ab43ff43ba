"""Locks of PostgreSQL that a job holds for as long as it runs, whatever it commits meanwhile.

Note [A transaction that holds locks]
    A lock that belongs to a connection is of no use behind a pooler such as PgBouncer, where each
    transaction may run on another connection: it would be taken on one, could not be given back on
    the next, and would stay. So a job that needs a lock opens a transaction on a connection of its
    own, takes the lock there until the transaction ends, and does nothing else in it. A killed
    process ends its transaction and so releases the lock. Where a whole machine is gone, nobody
    tells the server, which asks by itself and learns it within a minute, instead of the two hours
    that are usual. The transaction has neither a snapshot
    nor a transaction number, so it keeps vacuum from nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# The locks of PostgreSQL are numbers; the prefix keeps ours apart from other applications'.
_WHILE_IT_LASTS = (
    "SET LOCAL idle_in_transaction_session_timeout = 0;"
    " SET LOCAL tcp_keepalives_idle = 30;"
    " SET LOCAL tcp_keepalives_interval = 10;"
    " SET LOCAL tcp_keepalives_count = 3"
)
_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('session_events:' || %s, 0))"


@contextmanager
def open_lock_holder() -> Iterator[BaseDatabaseWrapper]:
    """Open a transaction, on a connection of its own, for locks that last until the block ends.

    They are released before this returns, even after an error. See Note [A transaction that holds
    locks].
    """
    holder = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute(_WHILE_IT_LASTS)
        yield holder
    finally:
        with suppress(Error):  # closing it releases them too, a moment later
            holder.rollback()
        holder.close()


@contextmanager
def only_run_of(job: str) -> Iterator[bool]:
    """Hold the job's lock while the block runs; yield False at once if another run holds it.

    Nothing depends on it for correctness: without it two runs would do the same work, with the same
    result, across all processes and machines.
    """
    with open_lock_holder() as holder:
        with holder.cursor() as cursor:
            cursor.execute(_TRY_LOCK, [job])
            is_only = bool(cursor.fetchone()[0])
        yield is_only
