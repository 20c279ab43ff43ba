"""Learning from columns of numbers: aggregates of many columns in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.casts import cast
from data_tools.operations.column_lookup import suitable_columns
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.parameters import ColumnNames, Parameter
from data_tools.operations.row_source import Rows, measure_columns
from data_tools.sql.expressions import Expression, computed
from data_tools.sql.fragment import Sql, sql
from session_events.events import Column

EXACT_IN_FLOAT = 2**53
LARGEST = 1e150  # the square of a larger number is no double
_COLUMNS_PER_PASS = 200

NUMBER_COLUMNS = Parameter(
    "columns",
    ColumnNames(empty_is_all=True),
    "Names of columns of numbers; without them, every column of numbers.",
)


def number_columns(
    rows: Rows, names: Sequence[str] | None, *, path: str = "columns"
) -> list[Column]:
    """Return the named columns, or every column of numbers, as `suitable_columns` does."""
    return suitable_columns(rows.columns, names, NUMERIC_TYPES, of_what="numbers", path=path)


def as_float(cell: Expression) -> Expression:
    """Return a number as float; null beyond 2^53, which `fit_numbers` refuses."""
    return cast(cell, cell.type, ColumnType.FLOAT, all_fit=True)


def fit_numbers(
    rows: Rows,
    columns: Sequence[Column],
    aggregates: Callable[[Sql], Sequence[Sql]],
    *,
    named: bool,
) -> list[tuple[Column, list[Any]]]:
    """Return each column with its least and largest value and `aggregates` of its values as float.

    A column without any value is left out unless the user named it.

    Raises:
        NothingToFit: a named column has no value, or no column has.
        ValuesDoNotFit: numbers are too large to compute with.
    """
    measured = measure_columns(
        rows,
        columns,
        lambda at, exact, value: [
            sql("min({v})", v=exact),
            sql("max({v})", v=exact),
            *(_within_reach(aggregate, value) for aggregate in aggregates(value)),
        ],
        columns_per_pass=_COLUMNS_PER_PASS,
        express=lambda cell: [
            cell,
            computed(ColumnType.FLOAT, "CAST({cell} AS double precision)", cell),
        ],
    )
    fits: list[tuple[Column, list[Any]]] = []
    for column, (low, high, *others) in zip(columns, measured, strict=True):
        if low is None:
            if named:
                raise NothingToFit(
                    f'Column "{column.name}" has no value to learn from',
                    details={"column": column.name},
                )
            continue
        limit = EXACT_IN_FLOAT if column.type == ColumnType.INTEGER else LARGEST
        if max(abs(low), abs(high)) > limit:
            raise ValuesDoNotFit(
                f'Column "{column.name}" holds numbers over '
                f"{'2^53, which lose digits as floats' if limit == EXACT_IN_FLOAT else '1e150'}",
                details={"column": column.name, "minimum": low, "maximum": high},
            )
        fits.append((column, [float(low), float(high), *others]))
    if not fits:
        raise NothingToFit("No column has a value to learn from", details={"columns": []})
    return fits


def _within_reach(aggregate: Sql, value: Sql) -> Sql:
    """Return the aggregate of the values whose squares are doubles, so that it cannot overflow.

    A column with other values is refused once its least and largest are known.
    """
    return sql("{aggregate} FILTER (WHERE abs({v}) <= 1e150)", aggregate=aggregate, v=value)
