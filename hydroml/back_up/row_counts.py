"""How many rows each table has, to compare what was backed up with what was restored."""

from __future__ import annotations

from django.apps import apps
from django.db import connection
from psycopg2 import sql

from data_tools.models import DataRow, RowList, RowListBlock
from data_tools.row_tables.names import SHARED, SHARED_ROWS, in_from
from data_tools.row_tables.reading import own_tables

# In unlogged tables, and not dumped: they are computed again.
_NOT_DUMPED = (RowList, RowListBlock)
_COUNT = sql.SQL("SELECT count(*) FROM {table}")


def count_rows() -> dict[str, int]:
    """Return how many rows each table of the service has; tables that do not exist are left out.

    Rows of datasets count as one table, wherever they lie. Reads every table. The caller lifts the
    time limits of its connection.
    """
    present = set(connection.introspection.table_names())
    counts = {
        model._meta.db_table: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in present and model not in (*_NOT_DUMPED, DataRow)
    }
    if SHARED in present:
        # Each table of the transaction's snapshot by its name: through the shared table, those are
        # read that are attached to it by now, and their frozen rows are in every snapshot.
        with connection.cursor() as cursor:
            counts[SHARED] = 0
            for table in (SHARED_ROWS, *own_tables()):
                cursor.execute(_COUNT.format(table=in_from(table)))
                counts[SHARED] += cursor.fetchone()[0]
    return counts
