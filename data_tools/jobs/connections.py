"""Database connections of work that takes longer than a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# For fewer rows the planner's old statistics do no harm, and autovacuum will update them.
_ANALYZE_FROM_ROWS = 10_000
# Only PostgreSQL 18 and later take ONLY here.
_KNOWS_ONLY = 180_000
_ANALYZE = "ANALYZE (SKIP_LOCKED) data_tools_datarow (dataset_id, revision, row_number)"
_ANALYZE_ALONE = "ANALYZE (SKIP_LOCKED) ONLY data_tools_datarow (dataset_id, revision, row_number)"


@contextmanager
def second_connection() -> Iterator[BaseDatabaseWrapper]:
    """Open a connection beside the one that holds the work's transaction; close it at the end."""
    second = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        yield second
    finally:
        second.close()


def take_as_long_as_it_takes() -> None:
    """Lift the limits that protect requests, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"
            "SET LOCAL idle_in_transaction_session_timeout = 0"
        )


def analyze_rows(*, written: int) -> None:
    """Update the statistics of the shared table after `written` rows, unless they are few.

    Skipped while autovacuum does the same.
    """
    if written < _ANALYZE_FROM_ROWS:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Own tables were analyzed when they were filled.
        if connection.pg_version >= _KNOWS_ONLY:
            cursor.execute(_ANALYZE_ALONE)
        else:
            cursor.execute(_ANALYZE)
