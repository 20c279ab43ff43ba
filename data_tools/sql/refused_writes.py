"""What happens to a connection whose database refuses a write, of a request or of a job."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from data_tools.sql.database_errors import meaning_of
from data_tools.sql.outage import OUTAGE


def note_refused_write(connection: BaseDatabaseWrapper, error: Exception) -> None:
    """Note what an error on this connection says about the database.

    If it is read-only, all connections that were opened before now, in every process of the server,
    are closed before their next request or job: after a failover a new connection reaches the new
    primary, while these would stay with the old one. If it is full, readiness checks whether it
    still is.
    """
    match meaning_of(error):
        case "DATABASE_READ_ONLY":
            connection.close_at = 0
            OUTAGE.note_read_only()
        case "DATABASE_FULL":
            OUTAGE.is_full = True
