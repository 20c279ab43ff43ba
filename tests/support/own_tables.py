"""Where the rows of revisions lie, as the database sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from data_tools.row_tables import making, placement
from data_tools.row_tables.names import OWN_PREFIX, own_table


def own_tables() -> set[str]:
    """Return the names of all own tables that there are, listed or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, %s)",
            [OWN_PREFIX],
        )
        return {name for (name,) in cursor.fetchall()}


def rows_in(table: str, dataset_id: UUID, revision: int = 1) -> int:
    """Return how many rows of a revision a table has; `ONLY` in front leaves out its children."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {table} WHERE dataset_id = %s AND revision = %s",
            [dataset_id, revision],
        )
        return int(cursor.fetchone()[0])


def places(dataset_id: UUID, revision: int = 1) -> tuple[int, int, int]:
    """Return how many rows the shared table has alone, the own one, and a reader of both sees."""
    own = own_table(dataset_id, revision)
    return (
        rows_in("ONLY data_tools_datarow", dataset_id, revision),
        rows_in(own, dataset_id, revision) if own in own_tables() else 0,
        rows_in("data_tools_datarow", dataset_id, revision),
    )


def drop_by_hand(dataset_id: UUID, revision: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {own_table(dataset_id, revision)}")


@contextmanager
def somebody_reads(table: str) -> Iterator[None]:
    """For the block, another connection's transaction has read a table."""
    with closing(connection.copy()) as beside:
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
        yield
        beside.rollback()


@contextmanager
def as_a_guest() -> Iterator[None]:
    """For the block, this connection is one of a user who owns no table and may make none.

    Of the tables that there are now, it may read and write each.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE ROLE hydroml_guest;"
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO hydroml_guest;"
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO hydroml_guest;"
            "SET ROLE hydroml_guest"
        )
        making.may_make.cache_clear()
        try:
            yield
        finally:
            making.may_make.cache_clear()
            cursor.execute("RESET ROLE; DROP OWNED BY hydroml_guest; DROP ROLE hydroml_guest")


def as_a_new_process(*_: Any) -> None:
    """Forget where rows lie."""
    placement._known.clear()
