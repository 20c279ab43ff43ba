"""Learning from columns of numbers: aggregates of many columns in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.casts import cast
from data_tools.operations.column_lookup import suitable_columns
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import Sql, compose, joined, number, sql
from session_events.events import Column

EXACT_IN_FLOAT = 2**53
LARGEST = 1e150  # the squares of larger numbers are no doubles
_COLUMNS_PER_PASS = 200


def columns_of_numbers(
    rows: Rows, names: Sequence[str] | None, *, path: str = "columns"
) -> list[Column]:
    """The columns named, or every column of numbers. Raises: ColumnNotFound, InvalidParameter."""
    return suitable_columns(rows.columns, names, NUMERIC_TYPES, of_what="numbers", path=path)


def as_float(cell: Expression) -> Expression:
    """A number as float; null beyond 2^53, which `fit_numbers` refuses."""
    return cast(cell, cell.type, ColumnType.FLOAT, all_fit=True)


def fit_numbers(
    rows: Rows,
    columns: Sequence[Column],
    aggregates: Callable[[Sql], Sequence[Sql]],
    *,
    named: bool,
) -> list[tuple[Column, list[Any]]]:
    """Each column with its least and largest value and then `aggregates` of its values as doubles.

    A column without any value is left out unless the user named it. Raises: NothingToFit, and
    ValuesDoNotFit for numbers that are too large to be computed with.
    """
    fits: list[tuple[Column, list[Any]]] = []
    for column, (low, high, *found) in zip(
        columns, _aggregated(rows, columns, aggregates), strict=True
    ):
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
        fits.append((column, [float(low), float(high), *found]))
    if not fits:
        raise NothingToFit("No column has a value to learn from", details={"columns": []})
    return fits


def within_reach(aggregate: Sql, value: Sql) -> Sql:
    """The aggregate over values whose squares are doubles: others are refused, but afterwards."""
    return compose(aggregate, " FILTER (WHERE abs(", value, ") <= 1e150)")


def _aggregated(
    rows: Rows, columns: Sequence[Column], aggregates: Callable[[Sql], Sequence[Sql]]
) -> Iterator[Sequence[Any]]:
    for first in range(0, len(columns), _COLUMNS_PER_PASS):
        together = columns[first : first + _COLUMNS_PER_PASS]
        measures: list[Sql] = []
        for at in range(len(together)):
            value = compose("v", number(2 * at + 1))
            given = compose("v", number(2 * at))
            wanted = [within_reach(one, value) for one in aggregates(value)]
            measures += [compose("min(", given, ")"), compose("max(", given, ")"), *wanted]
        cells = [rows.cells[column.key] for column in together]
        query = rows.cells_query(
            [expression for cell in cells for expression in (cell, _rounded(cell))]
        )
        found = rows.fetch_one(
            compose("SELECT ", joined(", ", measures), " FROM (", query, ") AS cells")
        )
        each = len(found) // len(together)
        for at in range(len(together)):
            yield found[at * each : (at + 1) * each]


def _rounded(cell: Expression) -> Expression:
    return Computed(
        type=ColumnType.FLOAT,
        inputs=(cell,),
        write=lambda cell: sql("CAST({cell} AS double precision)", cell=cell),
    )
