"""How many values are missing, and how many rows miss any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column

_COLUMNS_TOGETHER = 500  # PostgreSQL selects 1,664 expressions at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """How many values each of some columns lacks, and how many rows lack any of them."""

    missing: tuple[int, ...]
    rows_with_missing: int


def count_rows_with_missing(rows: SessionRows, columns: Sequence[Column]) -> int:
    """Return how many rows miss a value in any of `columns`, in one query."""
    if not columns:
        return 0
    [count] = rows.fetch_one(missing_rows_query(rows, columns))
    return int(count)


def gaps_in_blocks(rows: SessionRows, columns: Sequence[Column]) -> Gaps | None:
    """Count what is missing, a column at a time; None if one has no blocks.

    Takes a byte for each row beside the column. Lists of kept rows must exist.

    Raises:
        TookTooLong: the request's time is over.
    """
    packed = PackedRows(rows)
    if not packed.have_blocks([column.key for column in columns]):
        return None
    lacks_value = np.zeros(rows.total_rows, np.bool_)
    missing: list[int] = []
    for column in packed.in_turn([column.key for column in columns]):
        if column is None:
            return None
        missing.append(column.values.null_count)
        first = 0
        for chunk in column.values.chunks:
            lacks_it = chunk.is_null().to_numpy(zero_copy_only=False)
            lacks_value[first : first + len(chunk)] |= lacks_it
            first += len(chunk)
    rows_with_missing = int(np.count_nonzero(lacks_value))
    return Gaps(missing=tuple(missing), rows_with_missing=rows_with_missing)


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
