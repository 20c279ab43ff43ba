"""Lets one change of a user's storage happen at a time, so that two cannot take the same room."""

from __future__ import annotations

from django.db import connection

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('data_tools.quotas:' || %s, 0))"


def lock_storage(user_id: int) -> None:
    """Lock the user's storage until the transaction ends, waiting for whoever holds it.

    Take this lock before that of a dataset's row: publishing rows takes both, in this order. Later
    statements see what the previous holder committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(user_id)])
