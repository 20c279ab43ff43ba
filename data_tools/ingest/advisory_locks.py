"""One ingest of a dataset at a time, over all processes and machines.

The lock is the database's own and lives as long as the connection that took it, so a killed
process gives it back. It needs connections that are not shared out per statement or transaction.
"""

from __future__ import annotations

from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

_KEY = "hashtextextended('data_tools.ingest:' || %s, 0)"


def lock_for_connection(connection: BaseDatabaseWrapper, datasource_id: UUID) -> bool:
    """Try to take the dataset's lock until the connection closes; False if somebody has it."""
    return _try(connection, "pg_try_advisory_lock", datasource_id)


def lock_for_transaction(connection: BaseDatabaseWrapper, datasource_id: UUID) -> bool:
    """Try to take the dataset's lock until the transaction ends; False if somebody has it."""
    return _try(connection, "pg_try_advisory_xact_lock", datasource_id)


def _try(connection: BaseDatabaseWrapper, function: str, datasource_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({_KEY})", [str(datasource_id)])
        return bool(cursor.fetchone()[0])
