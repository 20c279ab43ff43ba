"""The names of the tables that hold rows."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from psycopg2.sql import SQL, Composable, Identifier

SHARED: Final = "data_tools_datarow"
# In FROM. Without ONLY, the rows of own tables are read as well.
SHARED_ROWS: Final = "ONLY data_tools_datarow"
PARENT = "data_tools_own_rows"  # see Note [Children of the shared table] in this package
OWN_PREFIX = "data_tools_rows_"
# Those that there are, listed or not, as the transaction's snapshot shows them.
OWN_TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relname ~ '^data_tools_rows_[0-9a-f]{32}_[0-9]+$'
    AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
ORDER BY relname
"""


def own_table(dataset_id: UUID, revision: int) -> str:
    """Return the name of a revision's own table, whether or not it exists.

    It consists of letters, digits and underscores, so it needs no quotes in SQL.
    """
    return f"{OWN_PREFIX}{UUID(str(dataset_id)).hex}_{int(revision)}"


def own_name(dataset_id: UUID, revision: int) -> Identifier:
    """Return the same for the templates of `psycopg2.sql`."""
    return Identifier(own_table(dataset_id, revision))


def in_from(source: str) -> Composable:
    """Return a table, given as `placement.source_of` does, for the templates of `psycopg2.sql`."""
    return SQL(SHARED_ROWS) if source == SHARED_ROWS else Identifier(source)


def revision_of(table: str) -> tuple[UUID, int]:
    """Return the dataset and the revision whose own table has this name."""
    dataset_id, revision = table.removeprefix(OWN_PREFIX).split("_")
    return UUID(dataset_id), int(revision)
