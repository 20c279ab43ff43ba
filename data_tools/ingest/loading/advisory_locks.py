"""Locks that allow one load of a dataset at a time, over all processes and machines.

They are PostgreSQL's advisory locks, which end with the connection (or transaction) that took
them, so a killed process releases its lock. They need connections that are not pooled per
statement or transaction.
"""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper


def lock_for_connection(connection: BaseDatabaseWrapper, datasource_id: UUID) -> bool:
    """Try to take the dataset's lock until the connection closes; return False if it is taken."""
    return _try(
        connection,
        "SELECT pg_try_advisory_lock(hashtextextended('data_tools.ingest:' || %s, 0))",
        datasource_id,
    )


def lock_for_transaction(connection: BaseDatabaseWrapper, datasource_id: UUID) -> bool:
    """Try to take the dataset's lock until the transaction ends; return False if it is taken."""
    return _try(
        connection,
        "SELECT pg_try_advisory_xact_lock(hashtextextended('data_tools.ingest:' || %s, 0))",
        datasource_id,
    )


def _try(connection: BaseDatabaseWrapper, statement: LiteralString, datasource_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [str(datasource_id)])
        return bool(cursor.fetchone()[0])
