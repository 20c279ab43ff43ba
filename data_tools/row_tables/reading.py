"""Which rows there are, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from data_tools.exceptions import RowsGone
from data_tools.models import DataSource
from data_tools.row_tables.names import OWN_TABLES, SHARED_ROWS, own_table
from data_tools.row_tables.placement import source_of

# Each revision is found by one look-up in the primary key, however many rows it has.
_NEXT_REVISION = """
SELECT revision FROM ONLY data_tools_datarow
WHERE dataset_id = %s::uuid AND revision > %s AND revision < %s
ORDER BY revision LIMIT 1
"""
_ROW_NUMBERS = """
SELECT count(*) FROM {rows}
WHERE dataset_id = %s::uuid AND revision = %s AND row_number = ANY (%s)
"""
_ANY = "SELECT EXISTS (SELECT FROM {rows} WHERE dataset_id = %s::uuid AND revision = %s)"
_LAST = """
SELECT coalesce(max(row_number), 0) FROM {rows} WHERE dataset_id = %s::uuid AND revision = %s
"""


def are_kept(dataset_id: UUID, *, revision: int, row_count: int) -> bool:
    """Tell whether a revision's rows are there, by its first and its last row."""
    ends = [1, row_count] if row_count > 1 else [1] * row_count
    return _ask(_ROW_NUMBERS, dataset_id, revision, ends) == len(ends)


def last_row_number(dataset_id: UUID, revision: int) -> int:
    """Return the greatest row number of a revision, 0 if it has no rows."""
    return _ask(_LAST, dataset_id, revision)


def has_rows(source: str, dataset_id: UUID, revision: int) -> bool:
    """Tell whether a table, given as `placement.source_of` does, has rows of a revision.

    A table that is gone has none; a caller's transaction goes on.
    """
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with savepoint, connection.cursor() as cursor:
            cursor.execute(_ANY.format(rows=source), [str(dataset_id), revision])
            return bool(cursor.fetchone() == (True,))
    except RowsGone:
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


def _ask(question: str, dataset_id: UUID, revision: int, *parameters: Any) -> int:
    """Return the answer, 0 if the revision's own table is gone."""
    rows = source_of(dataset_id, revision)
    statement = question.format(rows=rows)
    # A caller's transaction goes on after a table that is gone.
    is_own = rows != SHARED_ROWS
    try:
        with transaction.atomic() if is_own else nullcontext(), connection.cursor() as cursor:
            cursor.execute(statement, [str(dataset_id), revision, *parameters])
            return int(cursor.fetchone()[0])
    except RowsGone:
        return 0
