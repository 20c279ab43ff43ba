"""How many rows have a missing value."""

from __future__ import annotations

from collections.abc import Sequence

from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import Sql, compose, joined, number
from session_events.events import Column

_COLUMNS_TOGETHER = 500  # PostgreSQL selects 1,664 expressions at most


def count_rows_with_missing(rows: SessionRows, columns: Sequence[Column]) -> int:
    """Return how many rows miss a value in any of `columns`, in one query."""
    if not columns:
        return 0
    parts = [
        _rows_with_missing(rows, columns[first : first + _COLUMNS_TOGETHER])
        for first in range(0, len(columns), _COLUMNS_TOGETHER)
    ]
    # A row of two parts counts once: UNION drops what is there already.
    query = compose("SELECT count(*) FROM (", joined(" UNION ", parts), ") AS missing")
    [found] = rows.fetch_one(query)
    return found


def _rows_with_missing(rows: SessionRows, columns: Sequence[Column]) -> Sql:
    cells = rows.cells_query([rows.cells[column.key] for column in columns])
    misses = [compose("v", number(at), " IS NULL") for at in range(len(columns))]
    return compose(
        *("SELECT row_number FROM (", cells, ") AS cells WHERE ", joined(" OR ", misses))
    )
