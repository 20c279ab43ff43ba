"""How many rows have a missing value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column

_COLUMNS_TOGETHER = 500  # PostgreSQL selects 1,664 expressions at most


def count_rows_with_missing(rows: SessionRows, columns: Sequence[Column]) -> int:
    """Return how many rows miss a value in any of `columns`; without blocks, in one query.

    Lists of kept rows must exist: see `SessionRows.require_kept`.
    """
    if not columns:
        return 0
    count = _count_in_blocks(rows, columns)
    if count is not None:
        return count
    [count] = rows.fetch_one(missing_rows_query(rows, columns))
    return int(count)


def _count_in_blocks(rows: SessionRows, columns: Sequence[Column]) -> int | None:
    """Return the count, None if a column has no blocks. Takes a byte for each row."""
    packed = PackedRows(rows)
    lacks_value = np.zeros(rows.total_rows, np.bool_)
    for column in columns:
        found = packed.columns([column.key])
        if found is None:
            return None
        first = 0
        for chunk in found[0].values.chunks:
            lacks_it = chunk.is_null().to_numpy(zero_copy_only=False)
            lacks_value[first : first + len(chunk)] |= lacks_it
            first += len(chunk)
    return int(np.count_nonzero(lacks_value))


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
