"""Locks that allow one load of a dataset at a time, over all processes and machines."""

from __future__ import annotations

from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper


def lock_for_transaction(connection: BaseDatabaseWrapper, datasource_id: UUID) -> bool:
    """Try to take the dataset's lock until the transaction ends; return False if it is taken.

    A job takes it on a connection from `open_lock_holder`, since it commits while it loads. A
    killed process releases it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('data_tools.ingest:' || %s, 0))",
            [str(datasource_id)],
        )
        return bool(cursor.fetchone()[0])
