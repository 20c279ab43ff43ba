"""Remove rows of revisions that nobody needs, and tables that were left over."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction

from data_tools.models import DataSource
from data_tools.row_tables.making import drop
from data_tools.row_tables.names import OWN_TABLES, own_table, revision_of
from data_tools.row_tables.placement import has_own_table
from data_tools.row_tables.reading import has_rows, last_row_number

_FIRST = """
SELECT min(row_number) FROM ONLY data_tools_datarow WHERE dataset_id = %s::uuid AND revision = %s
"""
_REMOVE = """
DELETE FROM ONLY data_tools_datarow
WHERE dataset_id = %s::uuid AND revision = %s AND row_number >= %s AND row_number < %s
"""
# Tables and datasets as one snapshot shows them: a table that is being loaded is in neither.
_OWN = "WITH own AS MATERIALIZED ("
_UNLISTED = """)
SELECT relname FROM own
WHERE NOT EXISTS (
    SELECT FROM data_tools_datasource AS dataset
    WHERE dataset.id = split_part(own.relname, '_', 4)::uuid
        AND split_part(own.relname, '_', 5)::integer = ANY (dataset.own_tables)
)
ORDER BY relname
"""


def remove_some(dataset_id: UUID, revision: int, *, most_rows: int) -> int:
    """Remove some rows of a revision, or its own table at once; return how many rows there were.

    Leaves a table alone that somebody is reading.
    """
    if has_own_table(dataset_id, revision):
        rows = last_row_number(dataset_id, revision)
        with transaction.atomic():
            if rows and drop(dataset_id, revision):
                return rows
    key: list[str | int] = [str(dataset_id), revision]
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, key)
        [first] = cursor.fetchone()
        if first is None:
            return 0
        cursor.execute(_REMOVE, [*key, first, first + most_rows])
        return int(cursor.rowcount)


def unlisted() -> list[tuple[UUID, int]]:
    """Return the datasets and revisions of own tables that no dataset lists."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN + OWN_TABLES + _UNLISTED)
        return [revision_of(table) for (table,) in cursor.fetchall()]


def drop_left_over() -> int:
    """Drop the own tables that nobody needs; return how many.

    Those are the tables from which somebody was reading while their dataset was deleted, and those
    from which a server of the version before removed the rows of a superseded revision.
    """
    dropped = 0
    for dataset_id, revision in (*unlisted(), *_emptied()):
        with transaction.atomic():
            dropped += drop(dataset_id, revision)
    return dropped


def _emptied() -> Iterator[tuple[UUID, int]]:
    datasets = DataSource.objects.filter(own_tables__len__gt=0, revision__gt=1)
    for dataset_id, published, own_tables in datasets.values_list("pk", "revision", "own_tables"):
        for revision in own_tables:
            # Asks the table itself: this process may still remember the shared one.
            table = own_table(dataset_id, revision)
            if revision < published and not has_rows(table, dataset_id, revision):
                yield dataset_id, revision
