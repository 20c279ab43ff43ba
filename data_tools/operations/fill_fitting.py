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

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from data_tools.columns import LARGEST_EXACT_INTEGER, NUMERIC_TYPES, ColumnType
from data_tools.operations.column_means import measure_means
from data_tools.operations.constants import constant_for
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.extents import Extent
from data_tools.operations.growth import FREE_BYTES
from data_tools.operations.row_source import Rows, measure_columns
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column

LONG_GAP_ROWS = 64
MAX_GAPS = 500
_COLUMNS_PER_PASS = 300  # PostgreSQL selects 1,664 expressions at most, and a column takes four


@dataclass(frozen=True, slots=True)
class ColumnFill:
    """What filling one column does. `fitted` is what the event keeps of it, such as `cells`.

    `type` is the column's once it is filled. `added_bytes` are the bytes of the texts that fill it.
    """

    column: Column
    type: ColumnType
    fitted: dict[str, Any]
    added_bytes: int = 0


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
    for column, (extent, statistic) in zip(columns, _measure(rows, columns, strategy), strict=True):
        values = extent.values if extent else 0
        if strategy == "constant":
            value, column_type = constant_for(rows, fill_value, column)
        elif not extent:
            raise NothingToFit(
                f'Column "{column.name}" has no value to take the {strategy} of',
                details={"column": column.name, "strategy": strategy},
            )
        else:
            value, column_type = _learn(strategy, statistic, ColumnType(column.type))
        cells = rows.total_rows - values
        if cells and column_type != column.type and extent:
            _refuse_lossy(extent)
        fitted = {"from": column.type, "value": value, "cells": cells}
        added_bytes = cells * len(value.encode()) if isinstance(value, str) else 0
        fills.append(ColumnFill(column, column_type, fitted, added_bytes))
    return fills


def _measure(
    rows: Rows, columns: list[Column], strategy: str
) -> Iterator[tuple[Extent | None, Any]]:
    """Yield each column's extent, None without a value, and its statistic.

    The least and the largest value are only measured of numbers.
    """
    if strategy == "mean":
        yield from (mean or (None, None) for mean in measure_means(rows, columns))
        return

    def aggregates(at: int, value: Sql) -> list[Sql]:
        column_type = ColumnType(columns[at].type)
        least = largest = Sql("NULL")
        if column_type in NUMERIC_TYPES:
            least, largest = sql("min({v})", v=value), sql("max({v})", v=value)
        statistic = _statistic(value, column_type, strategy)
        return [sql("count({v})", v=value), least, largest, statistic]

    measured = measure_columns(rows, columns, aggregates, columns_per_pass=_COLUMNS_PER_PASS)
    for column, (values, least, largest, statistic) in zip(columns, measured, strict=True):
        yield Extent(column, values, least, largest) if values else None, statistic


def _statistic(value: Sql, column_type: ColumnType, strategy: str) -> Sql:
    if strategy == "median":
        # The two middle values: just above one half is the upper one of an even number of rows.
        return sql("percentile_disc(ARRAY[0.5, 0.500000001]) WITHIN GROUP (ORDER BY {v})", v=value)
    if strategy == "mode":
        if column_type in (*NUMERIC_TYPES, ColumnType.BOOLEAN):
            return sql("mode() WITHIN GROUP (ORDER BY {v})", v=value)
        return sql('mode() WITHIN GROUP (ORDER BY {v} COLLATE "C")', v=value)
    return Sql("NULL")


def _learn(strategy: str, statistic: Any, column_type: ColumnType) -> tuple[Any, ColumnType]:
    """Return the filling value, and the type of the column once it is filled.

    An integer column stays one where its mean or median is a whole number.
    """
    if strategy == "mode":
        return statistic, column_type
    exact = statistic
    if strategy == "median":
        low, high = map(Fraction, statistic)
        exact = (low + high) / 2
    if column_type is ColumnType.INTEGER and exact.denominator == 1:
        return int(exact), ColumnType.INTEGER
    return float(exact), ColumnType.FLOAT


def _refuse_lossy(extent: Extent) -> None:
    """Refuse an integer column that is about to become float and holds integers no float holds."""
    if extent.farthest > LARGEST_EXACT_INTEGER:
        raise ValuesDoNotFit(
            "The filling value is not a whole number, and column "
            f'"{extent.column.name}" holds integers over 2^53 that would lose digits as floats',
            details={
                "column": extent.column.name,
                "minimum": extent.least,
                "maximum": extent.largest,
            },
        )


def fit_nearest(rows: Rows, column: Column, direction: Literal["earlier", "later"]) -> ColumnFill:
    """Return where the search for a value ends and which long gaps it skips, in two passes at most.

    If long texts fill many cells, a third pass measures what is added.
    """
    cells_query = rows.cells_query([rows.cells[column.key]])
    is_text = column.type == ColumnType.TEXT
    values, first, last, longest_bytes = rows.fetch_one(
        sql(
            """
            SELECT
                count(v0),
                min(row_number) FILTER (WHERE v0 IS NOT NULL),
                max(row_number) FILTER (WHERE v0 IS NOT NULL),
                {longest_bytes}
            FROM ({cells}) AS cells
            """,
            cells=cells_query,
            longest_bytes=Sql("max(octet_length(v0))" if is_text else "0"),
        )
    )
    within_reach = 0
    if values and direction == "earlier":
        within_reach = rows.total_rows - rows.place_of(first) + 1
    elif values:
        within_reach = rows.place_of(last)
    cells = within_reach - values
    fitted: dict[str, Any] = {"cells": cells}
    added_bytes = cells * (longest_bytes or 0)
    if added_bytes > FREE_BYTES:
        added_bytes = _bytes_of_copies(rows, cells_query, direction)
    if cells:
        gaps = _long_gaps(rows, cells_query)
        beyond = (last + 1, rows.row_count) if direction == "earlier" else (1, first - 1)
        if beyond[1] - beyond[0] >= LONG_GAP_ROWS:
            gaps.append(beyond)
        fitted["limit_row"] = first if direction == "earlier" else last
        fitted["gaps"] = [list(gap) for gap in sorted(gaps)]
    return ColumnFill(column, ColumnType(column.type), fitted, added_bytes)


def _bytes_of_copies(rows: Rows, cells_query: Sql, direction: Literal["earlier", "later"]) -> int:
    """Return the bytes of all texts that fill gaps, counted once for each row that they fill."""
    template = """
        SELECT coalesce(sum(octet_length(v0) * (gap_end - place - 1)), 0)
        FROM (
            SELECT v0, place, lead(place, 1, {rows}) OVER (ORDER BY place) AS gap_end
            FROM (
                SELECT v0, row_number() OVER (ORDER BY row_number {order}) AS place
                FROM ({cells}) AS cells
            ) AS placed
            WHERE v0 IS NOT NULL
        ) AS present
        """
    order = Sql("ASC" if direction == "earlier" else "DESC")
    end = sql("{end}::bigint", end=rows.total_rows + 1)
    [added_bytes] = rows.fetch_one(sql(template, rows=end, order=order, cells=cells_query))
    return int(added_bytes)


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
