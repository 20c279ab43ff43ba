"""Run a job only once at a time, across all processes and machines, where a second run is a waste.

The lock belongs to the database connection that took it and ends with that connection, so a killed
process releases it. It needs connections that are not pooled per statement or transaction. Nothing
depends on it for correctness: without it two runs would do the same work, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import LiteralString

from django.db import DatabaseError, connection

# The locks of PostgreSQL are numbers; the prefix keeps ours apart from other applications'.
_TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('session_events:' || %s, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('session_events:' || %s, 0))"


@contextmanager
def only_run_of(job: str) -> Iterator[bool]:
    """Hold the job's lock while the block runs; yield False at once if another run holds it."""
    is_only = _execute(_TRY_LOCK, job)
    try:
        yield is_only
    except BaseException:
        with suppress(DatabaseError):  # the caller needs the first error, not this one
            if is_only:
                _execute(_UNLOCK, job)
        raise
    if is_only:
        _execute(_UNLOCK, job)


def _execute(statement: LiteralString, job: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [job])
        return bool(cursor.fetchone()[0])
