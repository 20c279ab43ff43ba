"""What the service keeps to answer the same again, and forgets here, so that it computes anew."""

from __future__ import annotations

import threading
import uuid

from django.db import connection

from data_tools.models import KeptProfile, RowList

# The thread that stores a long list behind the answer to its first page.
_STORES_LISTS = "row-lists"
# Columns as operations left them, kept beside the packed columns of the file.
_COMPUTED_COLUMNS = "data_tools_storedcolumn"


def forget_lists() -> None:
    """Forget every list of rows that a filter, an order or a removal of rows made."""
    await_lists()
    RowList.objects.all().delete()


def await_lists() -> None:
    """Wait until no list of rows is being stored in this process."""
    for thread in threading.enumerate():
        if thread.name == _STORES_LISTS:
            thread.join()


def forget_figures(dataset_id: uuid.UUID) -> None:
    """Forget the figures of columns that operations made; those made while loading stay."""
    KeptProfile.objects.filter(dataset_id=dataset_id, is_base=False).delete()
    if has_table(_COMPUTED_COLUMNS):
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {_COMPUTED_COLUMNS} WHERE dataset_id = %s AND used_at IS NOT NULL",
                [dataset_id],
            )


def has_table(name: str) -> bool:
    """Tell whether the database has the table: column blocks may not be there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        [is_there] = cursor.fetchone()
    return bool(is_there)
