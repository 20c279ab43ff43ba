"""A table that nobody can insert into for a while, so that a job stays at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from data_tools.jobs.connections import take_as_long_as_it_takes


@contextmanager
def nobody_inserts_into(table: str) -> Iterator[Callable[[], int]]:
    """Hold up inserts during the block; yield a function that counts those who wait."""

    def count_waiting() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE datname = current_database() AND relation = %s::regclass AND NOT granted",
                [table],
            )
            return int(cursor.fetchone()[0])

    with transaction.atomic():
        take_as_long_as_it_takes()
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield count_waiting
