"""What work that takes longer than a request does with its database connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Below this many rows the planner's old statistics do no harm, and autovacuum will come by.
_ANALYZE_FROM_ROWS = 10_000


@contextmanager
def second_connection() -> Iterator[BaseDatabaseWrapper]:
    """A connection beside the one that the work's transaction holds; closed at the end.

    Its advisory locks are free when this ends. Closing alone would free them when the database
    finds the time, and whoever comes next would take them for held.
    """
    second = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        yield second
    finally:
        with suppress(Error), second.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        second.close()


def take_as_long_as_it_takes() -> None:
    """Lift the limits that protect requests, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"
            "SET LOCAL idle_in_transaction_session_timeout = 0"
        )


def analyze_rows(*, written: int) -> None:
    """Tell the planner of so many new rows; not if they are few, or autovacuum is just doing so."""
    if written < _ANALYZE_FROM_ROWS:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "ANALYZE (SKIP_LOCKED) data_tools_datarow (dataset_id, revision, row_number)"
        )
