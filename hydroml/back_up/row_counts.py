"""How many rows each table has, to compare what was backed up with what was restored."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from data_tools.models import DataRow, RowList, RowListBlock
from data_tools.row_tables import reading

# In unlogged tables, and not dumped: they are computed again.
_NOT_DUMPED = (RowList, RowListBlock)


def count_rows() -> dict[str, int]:
    """Return how many rows each table of the service has; tables that do not exist are left out.

    Rows of datasets count as one table, wherever they lie. Reads every table. The caller lifts the
    time limits of its connection.
    """
    present = set(connection.introspection.table_names())
    return {
        model._meta.db_table: (
            reading.count_all() if model is DataRow else model._base_manager.count()
        )
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in present and model not in _NOT_DUMPED
    }
