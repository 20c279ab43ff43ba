"""Count a column's values into the buckets of its histogram anew, among the rows of a filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from data_tools.columns import INTEGERS, ColumnType
from data_tools.figures.cells import places_of
from data_tools.figures.groups import Groups
from data_tools.profiles.found_rows import found_cells, found_values
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column

# How the values of a type lie on a line. Those of other types do not.
_PLACES = {
    ColumnType.INTEGER: Sql("bigint"),
    ColumnType.FLOAT: Sql("float8"),
    ColumnType.DATE: Sql("date"),
    ColumnType.DATETIME: Sql("timestamp"),
}
TYPES_WITH_HISTOGRAM = tuple(_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """How many of the rows have a value in each bucket, and how many have none."""

    counts: tuple[int, ...]
    missing: int


def recount(
    rows: SessionRows, column: Column, edges: Sequence[Any], conditions: Conditions | None
) -> Recount:
    """Count the column's values between `edges`, of the rows that meet the conditions.

    The edges are those of the column's own histogram: a value that lies on the last one is in the
    last bucket. Without edges the column has no value. Reads all rows, in one query, unless blocks
    tell the values. Lists of kept rows must exist.

    Raises:
        TookTooLong: as `found_values`.
    """
    if packed := found_values(rows, column, conditions):
        return _counted(packed.values, edges)
    counted = dict(rows.fetch_all(recount_query(rows, column, edges, conditions)))
    return Recount(
        counts=tuple(counted.get(bucket, 0) for bucket in range(len(edges) - 1)),
        missing=counted.get(None, 0),
    )


def _counted(values: pa.ChunkedArray, edges: Sequence[Any]) -> Recount:
    missing = values.null_count
    if missing == len(values):
        return Recount(counts=(0,) * (len(edges) - 1), missing=missing)
    # The last edge of large integers may be larger than any of them.
    counts = Groups.of(values).between(places_of(edges[:-1], values.type))
    return Recount(counts=tuple(counts), missing=missing)


def recount_query(
    rows: SessionRows, column: Column, edges: Sequence[Any], conditions: Conditions | None
) -> Sql:
    """Query of each bucket that has a value, null for none, and how many rows are in it."""
    return sql(
        """
        SELECT bucket, count(*)
        FROM (
            SELECT
                CASE WHEN v0 IS NOT NULL THEN least({last}, width_bucket(
                    CAST(v0 AS {type}), CAST({edges} AS {type}[])
                )) - 1 END AS bucket
            FROM (
                {cells}
            ) AS cells
        ) AS counted
        GROUP BY bucket
        """,
        last=number(max(0, len(edges) - 1)),
        type=_place(ColumnType(column.type), edges),
        edges=list(edges),
        cells=found_cells(rows, column, conditions),
    )


def _place(column_type: ColumnType, edges: Sequence[Any]) -> Sql:
    """Return the SQL type; the last edge of large integers may be larger than any of them."""
    if column_type is ColumnType.INTEGER and any(edge not in INTEGERS for edge in edges):
        return Sql("numeric")
    return _PLACES[column_type]
