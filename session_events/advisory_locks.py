"""One run of a job at a time, over all processes and machines, where two would waste work.

The lock is the database's own and lives no longer than the connection that took it, so a killed
process gives it back. It needs connections that are not shared out per statement or transaction.
Nothing depends on it to be right: without it two runs do the same work, and once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection


@contextmanager
def only_run_of(job: str) -> Iterator[bool]:
    """Hold the job's lock while the block runs; yields False at once if somebody else has it."""
    is_only = _call("pg_try_advisory_lock", job)
    try:
        yield is_only
    except BaseException:
        with suppress(DatabaseError):  # what went wrong is what the caller has to hear
            if is_only:
                _call("pg_advisory_unlock", job)
        raise
    if is_only:
        _call("pg_advisory_unlock", job)


def _call(function: str, job: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended('session_events:' || %s, 0))", [job])
        return bool(cursor.fetchone()[0])
