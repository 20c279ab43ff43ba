"""How many rows miss a value, asked of the rows."""

from __future__ import annotations

from collections.abc import Sequence

from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column

_COLUMNS_TOGETHER = 500  # PostgreSQL selects 1,664 expressions at most


def count_rows_with_missing(rows: SessionRows, columns: Sequence[Column]) -> int:
    """Return how many rows miss a value in any of `columns`, in one query."""
    if not columns:
        return 0
    [count] = rows.fetch_one(missing_rows_query(rows, columns))
    return int(count)


def missing_rows_query(rows: SessionRows, columns: Sequence[Column]) -> Sql:
    """Query of how many rows miss a value in any of `columns`."""
    parts: list[Sql] = []
    for first in range(0, len(columns), _COLUMNS_TOGETHER):
        cells = [rows.cells[column.key] for column in columns[first : first + _COLUMNS_TOGETHER]]
        misses = [sql("v{at} IS NULL", at=number(at)) for at in range(len(cells))]
        parts.append(
            sql(
                """
                SELECT row_number
                FROM (
                    {cells}
                ) AS cells
                WHERE {misses}
                """,
                cells=rows.cells_query(cells),
                misses=joined(" OR ", misses),
            )
        )
    return sql(
        """
        SELECT count(*)
        FROM (
            {rows}
        ) AS missing
        """,
        rows=joined("\nUNION\n", parts),  # a row in two parts counts once: UNION drops the second
    )
