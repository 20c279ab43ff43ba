"""Learning how to fill a column from its rows: in one pass for a value, in two for neighbours.

# Note [Nearest value]
Forward and backward fill cannot carry one value in the event, so a page read searches: a correlated
subquery walks the primary key from the cell's row to the nearest row with a value, on the
expression before the fill. That is exact for any page and under any order. Fitting bounds the walk:
`limit_row` ends it at the first or last row that has a value at all, and the longest gaps (up to
MAX_GAPS of those over LONG_GAP_ROWS rows) are kept as jumps. So a search reads at most
max(LONG_GAP_ROWS, row_count / MAX_GAPS) rows; a page of 50 in the worst place of a million rows
reads 100,000. All of these are numbers of stored rows: a gap between two rows with a value counts
the rows that were removed in between as well, since the walk passes them too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.constants import constant_for
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.number_fitting import EXACT_IN_FLOAT
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import Sql, compose, joined, number
from session_events.events import Column

LONG_GAP_ROWS = 64
MAX_GAPS = 500
# Doubles from here on are summed apart, scaled: no sum overflows. 2^-40 is a power of two, hence
# exact. The others are summed as they are, since scaled ones near 5e-324 would underflow.
_LARGE = "CAST('1e280' AS float8)"
_SUM_SCALE = 2.0**-40
_COLUMNS_PER_PASS = 300  # PostgreSQL selects 1,664 expressions at most, and a column takes four


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFill:
    """What filling one column does. `fitted` is what the event keeps of it."""

    column: Column
    type: ColumnType
    cells: int
    fitted: dict[str, Any]


def fit_values(
    rows: Rows, columns: list[Column], strategy: str, fill_value: Any
) -> list[ColumnFill]:
    """The value that fills each column, learned in one pass over every 300 of them."""
    fills = []
    for column, (values, low, high, statistic) in zip(
        columns, _measured(rows, columns, strategy), strict=True
    ):
        if strategy == "constant":
            value, column_type = constant_for(rows, fill_value, column)
        elif not values:
            raise NothingToFit(
                f'Column "{column.name}" has no value to take the {strategy} of',
                details={"column": column.name, "strategy": strategy},
            )
        else:
            value, column_type = _learned(strategy, statistic, values, ColumnType(column.type))
        cells = rows.total_rows - values
        if cells and column_type != column.type and values:
            _refuse_lossy(column, low, high)
        fills.append(
            ColumnFill(
                column=column,
                type=column_type,
                cells=cells,
                fitted={"from": column.type, "value": value, "cells": cells},
            )
        )
    return fills


def with_values(rows: Rows, columns: list[Column]) -> list[Column]:
    """Those of the columns that have any value at all."""
    found: list[Column] = []
    for first in range(0, len(columns), _COLUMNS_PER_PASS):
        together = columns[first : first + _COLUMNS_PER_PASS]
        query = rows.cells_query([rows.cells[column.key] for column in together])
        counts = joined(", ", [Sql(f"count(v{at})") for at in range(len(together))])
        counted = rows.fetch_one(compose("SELECT ", counts, " FROM (", query, ") AS cells"))
        found += [column for column, count in zip(together, counted, strict=True) if count]
    return found


def _measured(
    rows: Rows, columns: list[Column], strategy: str
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """How many values each column has, an integer column's least and largest, the statistic."""
    for first in range(0, len(columns), _COLUMNS_PER_PASS):
        together = columns[first : first + _COLUMNS_PER_PASS]
        measures = [
            joined(
                ", ",
                [Sql(f"count(v{at})"), Sql(_range(at, column)), _statistic(at, column, strategy)],
            )
            for at, column in enumerate(together)
        ]
        query = rows.cells_query([rows.cells[column.key] for column in together])
        found = rows.fetch_one(
            compose("SELECT ", joined(", ", measures), " FROM (", query, ") AS cells")
        )
        yield from zip(*[iter(found)] * 4, strict=True)


def _range(at: int, column: Column) -> str:
    return f"min(v{at}), max(v{at})" if column.type == ColumnType.INTEGER else "NULL, NULL"


def _statistic(at: int, column: Column, strategy: str) -> Sql:
    cell = compose("v", number(at))
    integer = column.type == ColumnType.INTEGER
    if strategy == "mean":
        if integer:
            return compose("sum(", cell, ")")
        is_large = compose("abs(", cell, ") >= ", _LARGE)
        return compose(
            *("ARRAY[sum(", cell, ") FILTER (WHERE NOT ", is_large, "), "),
            *("sum(", cell, " * CAST('9.094947017729282e-13' AS float8)) "),
            *("FILTER (WHERE ", is_large, ")]"),
        )
    if strategy == "median":
        # The two middle values: just above one half is the upper one of an even number of rows.
        return compose(
            "percentile_disc(ARRAY[0.5, 0.500000001]) WITHIN GROUP (ORDER BY ", cell, ")"
        )
    if strategy == "mode":
        text = column.type not in (*NUMERIC_TYPES, ColumnType.BOOLEAN)
        return compose("mode() WITHIN GROUP (ORDER BY ", cell, ' COLLATE "C")' if text else ")")
    return Sql("NULL")


def _learned(
    strategy: str, statistic: Any, values: int, column_type: ColumnType
) -> tuple[Any, ColumnType]:
    """The filling value, and the type of the column once filled with it.

    An integer column stays one when its mean or median is a whole number.
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
    """An integer column about to become float must not hold integers that a float cannot."""
    if max(abs(low), abs(high)) > EXACT_IN_FLOAT:
        raise ValuesDoNotFit(
            f'The filling value is not a whole number, and column "{column.name}" holds integers '
            "over 2^53 that would lose digits as floats",
            details={"column": column.name, "minimum": low, "maximum": high},
        )


def fit_nearest(rows: Rows, column: Column, direction: Literal["earlier", "later"]) -> ColumnFill:
    """Where the search for a value ends, and which long gaps it jumps. At most two passes."""
    query = rows.cells_query([rows.cells[column.key]])
    values, first, last = rows.fetch_one(
        compose(
            "SELECT count(v0), min(row_number) FILTER (WHERE v0 IS NOT NULL), ",
            "max(row_number) FILTER (WHERE v0 IS NOT NULL) FROM (",
            query,
            ") AS cells",
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
        gaps = _long_gaps(rows, query)
        beyond = (last + 1, rows.row_count) if direction == "earlier" else (1, first - 1)
        if beyond[1] - beyond[0] >= LONG_GAP_ROWS:
            gaps.append(beyond)
        fitted["limit_row"] = first if direction == "earlier" else last
        fitted["gaps"] = [list(gap) for gap in sorted(gaps)]
    return ColumnFill(column=column, type=ColumnType(column.type), cells=cells, fitted=fitted)


def _long_gaps(rows: Rows, query: Sql) -> list[tuple[int, int]]:
    found = rows.fetch_all(
        compose(
            "SELECT before + 1, row_number - 1 FROM (SELECT row_number, lag(row_number) OVER ",
            "(ORDER BY row_number) AS before FROM (",
            query,
            ") AS cells WHERE v0 IS NOT NULL) AS present WHERE row_number - before > ",
            number(LONG_GAP_ROWS),
            " ORDER BY row_number - before DESC LIMIT ",
            number(MAX_GAPS),
        )
    )
    return [(first, last) for first, last in found]
