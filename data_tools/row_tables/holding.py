"""Hold the own tables that a snapshot shows, so that none is dropped while others read them."""

from __future__ import annotations

from django.db import connection
from psycopg2 import sql

from data_tools.exceptions import RowsGone
from data_tools.row_tables.reading import own_tables

_HOLD = sql.SQL("LOCK TABLE ONLY {tables} IN ACCESS SHARE MODE")


def hold_own_tables() -> bool:
    """Keep all own tables that the transaction's snapshot shows until the transaction ends.

    Their rows may be deleted meanwhile, which the snapshot does not show: a deletion does not wait.
    Returns False if one was dropped since the snapshot was taken; the transaction has then failed.
    """
    tables = own_tables()
    names = sql.SQL(", ONLY ").join(map(sql.Identifier, tables))
    if tables:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_HOLD.format(tables=names))
        except RowsGone:
            return False
    return True
