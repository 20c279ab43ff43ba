"""Learning how to fill a column from its values, or where to search its rows for a neighbour.

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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from data_tools.columns import LARGEST_EXACT_INTEGER, NUMERIC_TYPES, ColumnType
from data_tools.figures.frequent_values import frequent_values
from data_tools.figures.groups import Groups
from data_tools.operations.constants import constant_for
from data_tools.operations.exact_statistics import measure_means, measure_quantiles
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.extents import Extent, measure_extents
from data_tools.operations.growth import FREE_BYTES
from data_tools.operations.row_source import Rows, ask_values_or_rows, measure_columns
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column

LONG_GAP_ROWS = 64
MAX_GAPS = 500
_COLUMNS_PER_PASS = 500  # PostgreSQL selects 1,664 expressions at most, and a column takes two


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
    """Return the value that fills each column, learned from its values.

    Raises:
        NothingToFit: a column has no value to learn from.
        InvalidParameter: the constant is not a value for a column.
        ValuesDoNotFit: a column would become float and holds integers that a float cannot hold.
    """
    fills = []
    measured = _measured_numbers(rows, columns, strategy)
    measured |= _measured_others(rows, columns, strategy)
    for column in columns:
        values, extent, statistic = measured[column.key]
        if strategy == "constant":
            value, column_type = constant_for(rows, fill_value, column)
        elif not values:
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


class _Measured(NamedTuple):
    """How many values a column has, the extent of numbers if any, and the statistic to learn."""

    values: int = 0
    extent: Extent | None = None
    statistic: Any = None


def _measured_numbers(rows: Rows, columns: Sequence[Column], strategy: str) -> dict[str, _Measured]:
    """Measure columns of numbers, by the key of each."""
    numbers = [column for column in columns if column.type in NUMERIC_TYPES]
    extents = measure_extents(rows, numbers)
    statistics: Sequence[Any] = [None] * len(extents)
    if strategy == "mean":
        statistics = measure_means(rows, extents)
    elif strategy == "median":
        statistics = [median for [median] in measure_quantiles(rows, extents, [Fraction(1, 2)])]
    elif strategy == "mode":
        found = rows.numbers_of([extent.column for extent in extents])
        statistics = [
            Groups.of_numbers(each.values.copy()).most_frequent(1)[0][0] for each in found
        ]
    measured = dict.fromkeys((column.key for column in numbers), _Measured())
    for extent, statistic in zip(extents, statistics, strict=True):
        measured[extent.column.key] = _Measured(extent.values, extent, statistic)
    return measured


def _measured_others(rows: Rows, columns: Sequence[Column], strategy: str) -> dict[str, _Measured]:
    """Count the values of columns of other types, and find the mode if it is asked for."""
    others = [column for column in columns if column.type not in NUMERIC_TYPES]
    with_mode = strategy == "mode"

    def from_values(column: Column, values: pa.ChunkedArray) -> _Measured:
        count = len(values) - values.null_count
        [(mode, _)] = frequent_values(values, 1) if with_mode and count else [(None, 0)]
        return _Measured(count, statistic=mode)

    def from_rows(columns: Sequence[Column]) -> Iterator[_Measured]:
        def aggregates(at: int, value: Sql) -> list[Sql]:
            mode = _mode(value, columns[at]) if with_mode else Sql("NULL")
            return [sql("count({v})", v=value), mode]

        measured = measure_columns(rows, columns, aggregates, columns_per_pass=_COLUMNS_PER_PASS)
        return (_Measured(values, statistic=mode) for values, mode in measured)

    answers = ask_values_or_rows(rows, others, from_values=from_values, from_rows=from_rows)
    return {column.key: answer for column, answer in zip(others, answers, strict=True)}


def _mode(value: Sql, column: Column) -> Sql:
    if column.type == ColumnType.BOOLEAN:
        return sql("mode() WITHIN GROUP (ORDER BY {v})", v=value)
    return sql('mode() WITHIN GROUP (ORDER BY {v} COLLATE "C")', v=value)


def _learn(strategy: str, statistic: Any, column_type: ColumnType) -> tuple[Any, ColumnType]:
    """Return the filling value, and the type of the column once it is filled.

    An integer column stays one where its mean or median is a whole number.
    """
    if strategy == "mode":
        return statistic, column_type
    if column_type is ColumnType.INTEGER and statistic.denominator == 1:
        return int(statistic), ColumnType.INTEGER
    return float(statistic), ColumnType.FLOAT


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
