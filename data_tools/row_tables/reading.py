"""Which rows there are, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from uuid import UUID

from django.db import connection, transaction
from psycopg2 import sql

from data_tools.exceptions import RowsGone
from data_tools.models import DataSource
from data_tools.row_tables.names import OWN_TABLES, SHARED_ROWS, in_from, own_table
from data_tools.row_tables.placement import source_of

# Each revision is found by one look-up in the primary key, however many rows it has.
_NEXT_REVISION = """
SELECT revision FROM ONLY data_tools_datarow
WHERE dataset_id = %s::uuid AND revision > %s AND revision < %s
ORDER BY revision LIMIT 1
"""
_ROW_NUMBERS = sql.SQL("""
SELECT count(*) FROM {rows}
WHERE dataset_id = %s::uuid AND revision = %s AND row_number = ANY (%s)
""")
_ANY = sql.SQL("SELECT EXISTS (SELECT FROM {rows} WHERE dataset_id = %s::uuid AND revision = %s)")
_LAST = sql.SQL("""
SELECT coalesce(max(row_number), 0) FROM {rows} WHERE dataset_id = %s::uuid AND revision = %s
""")


def are_kept(dataset_id: UUID, *, revision: int, row_count: int) -> bool:
    """Tell whether a revision's rows are there, by its first and its last row."""
    ends = [1, row_count] if row_count > 1 else [1] * row_count
    source = source_of(dataset_id, revision)
    with suppress(RowsGone), _savepoint(source), connection.cursor() as cursor:
        cursor.execute(_ROW_NUMBERS.format(rows=in_from(source)), [str(dataset_id), revision, ends])
        return bool(cursor.fetchone() == (len(ends),))
    return not ends


def last_row_number(dataset_id: UUID, revision: int) -> int:
    """Return the greatest row number of a revision, 0 if it has no rows."""
    source = source_of(dataset_id, revision)
    with suppress(RowsGone), _savepoint(source), connection.cursor() as cursor:
        cursor.execute(_LAST.format(rows=in_from(source)), [str(dataset_id), revision])
        return int(cursor.fetchone()[0])
    return 0


def has_rows(source: str, dataset_id: UUID, revision: int) -> bool:
    """Tell whether a table, given as `placement.source_of` does, has rows of a revision.

    A table that is gone has none; a caller's transaction goes on.
    """
    with suppress(RowsGone), _savepoint(source), connection.cursor() as cursor:
        cursor.execute(_ANY.format(rows=in_from(source)), [str(dataset_id), revision])
        return bool(cursor.fetchone() == (True,))
    return False


def own_tables() -> list[str]:
    """Return the names of all own tables that the transaction's snapshot shows, listed or not."""
    with connection.cursor() as cursor:
        cursor.execute(OWN_TABLES)
        return [name for (name,) in cursor.fetchall()]


def superseded_with_rows(dataset_id: UUID, published: int) -> Iterator[int]:
    """Yield the revisions before the published one that have rows, in order."""
    datasets = DataSource.objects.filter(pk=dataset_id)
    own_tables = datasets.values_list("own_tables", flat=True).first() or []
    own = {
        revision
        for revision in own_tables
        if revision < published and has_rows(own_table(dataset_id, revision), dataset_id, revision)
    }
    yield from sorted(own.union(_in_the_shared_table(dataset_id, published)))


def _in_the_shared_table(dataset_id: UUID, published: int) -> Iterator[int]:
    revision = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_NEXT_REVISION, [str(dataset_id), revision, published])
            if (found := cursor.fetchone()) is None:
                return
            [revision] = found
            yield revision


def _savepoint(source: str) -> AbstractContextManager[object]:
    """A caller's transaction goes on after an own table that is gone."""
    is_needed = source != SHARED_ROWS and connection.in_atomic_block
    return transaction.atomic() if is_needed else nullcontext()
