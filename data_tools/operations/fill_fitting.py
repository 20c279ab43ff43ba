"""Learning how to fill a column from its rows: in one pass for a value, in two for neighbours.

# Note [Nearest value]
Forward and backward fill cannot carry one value in the event, so a page read searches: a correlated
subquery walks the primary key from the cell's row to the nearest row with a value, on the
expression before the fill. That is exact for any page and under any order. Fitting bounds the walk:
`limit_row` ends it at the first or last row that has a value at all, and the longest gaps (up to
MAX_GAPS of those over LONG_GAP_ROWS rows) are kept as jumps. So a search reads at most
max(LONG_GAP_ROWS, row_count / MAX_GAPS) rows; a page of 50 in the worst place of a million rows
reads 100,000. All of these count stored rows: a gap between two rows with a value includes the rows
that were removed in between, since the walk passes them too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.constants import constant_for
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.number_fitting import EXACT_IN_FLOAT
from data_tools.operations.row_source import Rows, measure_columns
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column

LONG_GAP_ROWS = 64
MAX_GAPS = 500
# The scale of the sum of doubles from 1e280 on, which are summed apart so that no sum overflows. A
# power of two is exact. The others are summed unscaled, since scaled ones near 5e-324 would be 0.
_SUM_SCALE = 2.0**-40
_COLUMNS_PER_PASS = 300  # PostgreSQL selects 1,664 expressions at most, and a column takes four


@dataclass(frozen=True, slots=True)
class ColumnFill:
    """What filling one column does. `fitted` is what the event keeps of it, such as `cells`.

    `type` is the column's once it is filled.
    """

    column: Column
    type: ColumnType
    fitted: dict[str, Any]


def fit_values(
    rows: Rows, columns: list[Column], strategy: str, fill_value: Any
) -> list[ColumnFill]:
    """Return the value that fills each column, learned in one pass over every 300 of them.

    Raises:
        NothingToFit: a column has no value to learn from.
        InvalidParameter: the constant is not a value for a column.
        ValuesDoNotFit: a column would become float and holds integers that a float cannot hold.
    """
    fills = []
    for column, (values, low, high, statistic) in zip(
        columns, _measure(rows, columns, strategy), strict=True
    ):
        if strategy == "constant":
            value, column_type = constant_for(rows, fill_value, column)
        elif not values:
            raise NothingToFit(
                f'Column "{column.name}" has no value to take the {strategy} of',
                details={"column": column.name, "strategy": strategy},
            )
        else:
            value, column_type = _learn(strategy, statistic, values, ColumnType(column.type))
        cells = rows.total_rows - values
        if cells and column_type != column.type and values:
            _refuse_lossy(column, low, high)
        fitted = {"from": column.type, "value": value, "cells": cells}
        fills.append(ColumnFill(column, column_type, fitted))
    return fills


def _measure(rows: Rows, columns: list[Column], strategy: str) -> Iterator[Sequence[Any]]:
    """Yield each column's count of values, least and largest if they are integers, statistic."""

    def aggregates(at: int, value: Sql) -> list[Sql]:
        column_type = ColumnType(columns[at].type)
        least = largest = Sql("NULL")
        if column_type is ColumnType.INTEGER:
            least, largest = sql("min({v})", v=value), sql("max({v})", v=value)
        statistic = _statistic(value, column_type, strategy)
        return [sql("count({v})", v=value), least, largest, statistic]

    return measure_columns(rows, columns, aggregates, columns_per_pass=_COLUMNS_PER_PASS)


def _statistic(value: Sql, column_type: ColumnType, strategy: str) -> Sql:
    if strategy == "mean":
        if column_type is ColumnType.INTEGER:
            return sql("sum({v})", v=value)
        return sql(
            """
            ARRAY[
                sum({v}) FILTER (WHERE NOT abs({v}) >= CAST('1e280' AS float8)),
                sum({v} * CAST('9.094947017729282e-13' AS float8))
                    FILTER (WHERE abs({v}) >= CAST('1e280' AS float8))
            ]
            """,
            v=value,
        )
    if strategy == "median":
        # The two middle values: just above one half is the upper one of an even number of rows.
        return sql("percentile_disc(ARRAY[0.5, 0.500000001]) WITHIN GROUP (ORDER BY {v})", v=value)
    if strategy == "mode":
        if column_type in (*NUMERIC_TYPES, ColumnType.BOOLEAN):
            return sql("mode() WITHIN GROUP (ORDER BY {v})", v=value)
        return sql('mode() WITHIN GROUP (ORDER BY {v} COLLATE "C")', v=value)
    return Sql("NULL")


def _learn(
    strategy: str, statistic: Any, values: int, column_type: ColumnType
) -> tuple[Any, ColumnType]:
    """Return the filling value, and the type of the column once it is filled.

    An integer column stays one where its mean or median is a whole number.
    """
    if strategy == "mode":
        return statistic, column_type
    if column_type is ColumnType.FLOAT:
        if strategy == "mean":
            total, scaled_total = (float(part or 0) for part in statistic)
            return total / values + scaled_total / values / _SUM_SCALE, column_type
        low, high = statistic
        middle = (low + high) / 2
        return (middle if math.isfinite(middle) else low / 2 + high / 2), column_type
    exact = (
        Fraction(int(Decimal(statistic)), values)
        if strategy == "mean"
        else Fraction(sum(statistic), 2)
    )
    if exact.denominator == 1:
        return int(exact), ColumnType.INTEGER
    return float(exact), ColumnType.FLOAT


def _refuse_lossy(column: Column, low: int, high: int) -> None:
    """Refuse an integer column that is about to become float and holds integers no float holds."""
    if max(abs(low), abs(high)) > EXACT_IN_FLOAT:
        raise ValuesDoNotFit(
            f'The filling value is not a whole number, and column "{column.name}" holds integers '
            "over 2^53 that would lose digits as floats",
            details={"column": column.name, "minimum": low, "maximum": high},
        )


def fit_nearest(rows: Rows, column: Column, direction: Literal["earlier", "later"]) -> ColumnFill:
    """Return where the search for a value ends and which long gaps it jumps; two passes at most."""
    cells_query = rows.cells_query([rows.cells[column.key]])
    values, first, last = rows.fetch_one(
        sql(
            """
            SELECT
                count(v0),
                min(row_number) FILTER (WHERE v0 IS NOT NULL),
                max(row_number) FILTER (WHERE v0 IS NOT NULL)
            FROM ({cells}) AS cells
            """,
            cells=cells_query,
        )
    )
    within_reach = 0
    if values and direction == "earlier":
        within_reach = rows.total_rows - rows.place_of(first) + 1
    elif values:
        within_reach = rows.place_of(last)
    cells = within_reach - values
    fitted: dict[str, Any] = {"cells": cells}
    if cells:
        gaps = _long_gaps(rows, cells_query)
        beyond = (last + 1, rows.row_count) if direction == "earlier" else (1, first - 1)
        if beyond[1] - beyond[0] >= LONG_GAP_ROWS:
            gaps.append(beyond)
        fitted["limit_row"] = first if direction == "earlier" else last
        fitted["gaps"] = [list(gap) for gap in sorted(gaps)]
    return ColumnFill(column, ColumnType(column.type), fitted)


def _long_gaps(rows: Rows, cells_query: Sql) -> list[tuple[int, int]]:
    """Return the longest runs of rows without a value, as (first row, last row)."""
    gaps = rows.fetch_all(
        sql(
            """
            SELECT before + 1, row_number - 1
            FROM (
                SELECT row_number, lag(row_number) OVER (ORDER BY row_number) AS before
                FROM ({cells}) AS cells WHERE v0 IS NOT NULL
            ) AS present
            WHERE row_number - before > {long_gap}
            ORDER BY row_number - before DESC
            LIMIT {most}
            """,
            cells=cells_query,
            long_gap=number(LONG_GAP_ROWS),
            most=number(MAX_GAPS),
        )
    )
    return [(first, last) for first, last in gaps]
