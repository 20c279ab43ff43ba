"""Make, finish and drop the table of one revision's rows. Each runs in the caller's transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import connection
from psycopg2 import sql

from data_tools.models import DataSource, MovedRevision
from data_tools.row_tables.names import PARENT, SHARED, own_name, own_table
from data_tools.row_tables.placement import being_written, forget

logger = logging.getLogger(__name__)

_MAKE = sql.SQL("""
CREATE TABLE {table} (
    LIKE data_tools_datarow INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION,
    CHECK (dataset_id = {dataset_id} AND revision = {revision})
)
""")
# The statistics are those of its rows from the first reader on.
_FINISH = sql.SQL("""
ALTER TABLE {table} ADD PRIMARY KEY (dataset_id, revision, row_number);
CREATE TRIGGER data_row_refuse_update BEFORE UPDATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION data_tools_refuse_row_update();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER data_row_refuse_update;
ANALYZE {table} (dataset_id, revision, row_number)
""")
_MAY_MAKE = """
SELECT pg_has_role(relowner, 'USAGE') AND has_schema_privilege(current_schema(), 'CREATE')
FROM pg_class WHERE oid = %s::regclass
"""
_ATTACH = sql.SQL("ALTER TABLE {table} INHERIT data_tools_own_rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRows:
    """Where the rows of a revision are written that is not published yet."""

    dataset_id: UUID
    revision: int
    has_own_table: bool

    @property
    def table(self) -> str:
        """The name of the table to write them into."""
        return own_table(self.dataset_id, self.revision) if self.has_own_table else SHARED

    def finish(self) -> None:
        """Make them ready to be read, once all are written."""
        if self.has_own_table:
            finish(self.dataset_id, self.revision)


@contextmanager
def new_rows(dataset_id: UUID, revision: int, *, row_count: int) -> Iterator[NewRows]:
    """Provide the table for a revision of so many rows, one of its own if they are many.

    In the block this process knows where they lie. Whoever publishes them calls `attach`, and lists
    the table in `DataSource.own_tables`.
    """
    is_large = 0 < settings.OWN_TABLE_ROWS <= row_count and may_make()
    if is_large:
        make(dataset_id, revision)
    with being_written(dataset_id, revision, has_own_table=is_large):
        yield NewRows(dataset_id=dataset_id, revision=revision, has_own_table=is_large)


@cache
def may_make() -> bool:
    """Tell whether the service's database user may make own tables; asked once in a process.

    One who may only read and write the tables of somebody else goes on with the shared table.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MAY_MAKE, [PARENT])
        if cursor.fetchone() == (True,):
            return True
    logger.warning(
        "the rows of large datasets share a table with all others: the database user may not make"
        " tables, or does not own %s",
        PARENT,
    )
    return False


def make(dataset_id: UUID, revision: int) -> None:
    """Make the revision's own table, without rows and without an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MAKE.format(
                table=own_name(dataset_id, revision),
                dataset_id=sql.Literal(str(dataset_id)),
                revision=sql.Literal(revision),
            )
        )


def finish(dataset_id: UUID, revision: int) -> None:
    """Index the own table, once its rows are in it, and refuse changes of them."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH.format(table=own_name(dataset_id, revision)))


def attach(dataset_id: UUID, revision: int) -> None:
    """Show the own table's rows to whoever reads the shared table, its children included.

    Comes last in a transaction: until it ends, no other own table can be attached.
    See Note [Children of the shared table] in this package.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ATTACH.format(table=own_name(dataset_id, revision)))


def drop(dataset_id: UUID, revision: int) -> bool:
    """Drop the own table, and list it no longer; return False if somebody is reading it.

    False as well if the database user does not own it. Waits half a second for readers. Locks
    the dataset first, as its deletion does.
    """
    datasets = DataSource.objects.filter(pk=dataset_id)
    locked = datasets.select_for_update(no_key=True)
    own_tables = locked.values_list("own_tables", flat=True).first() or []
    with connection.cursor() as cursor:
        cursor.execute("SELECT data_tools_drop_own_rows(%s, %s)", [str(dataset_id), revision])
        if cursor.fetchone() != (True,):
            return False
    datasets.update(own_tables=[own for own in own_tables if own != revision])
    MovedRevision.objects.filter(dataset_id=dataset_id, revision=revision).delete()
    forget(dataset_id)
    return True
