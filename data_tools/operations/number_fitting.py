"""Learning from columns of numbers: aggregates of many columns in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.casts import cast
from data_tools.operations.column_lookup import suitable_columns
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.parameters import ColumnNames, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column

EXACT_IN_FLOAT = 2**53
LARGEST = 1e150  # the square of a larger number is no double
_COLUMNS_PER_PASS = 200

NUMBER_COLUMNS = Parameter(
    name="columns",
    kind=ColumnNames(empty_is_all=True),
    description="Names of columns of numbers; without them, every column of numbers.",
)


def number_columns(
    rows: Rows, names: Sequence[str] | None, *, path: str = "columns"
) -> list[Column]:
    """Return the named columns, or every column of numbers. Raises as `suitable_columns` does."""
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
    fits: list[tuple[Column, list[Any]]] = []
    for column, (low, high, *others) in zip(
        columns, _aggregate(rows, columns, aggregates), strict=True
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
        fits.append((column, [float(low), float(high), *others]))
    if not fits:
        raise NothingToFit("No column has a value to learn from", details={"columns": []})
    return fits


def _aggregate(
    rows: Rows, columns: Sequence[Column], aggregates: Callable[[Sql], Sequence[Sql]]
) -> Iterator[Sequence[Any]]:
    """Yield each column's least and largest value, then its aggregates.

    The aggregates look only at values whose squares are doubles, so that none overflows; a column
    with other values is refused once its least and largest are known.
    """
    for first in range(0, len(columns), _COLUMNS_PER_PASS):
        together = columns[first : first + _COLUMNS_PER_PASS]
        selected: list[Sql] = []
        for at in range(len(together)):
            cell, value = (sql("v{at}", at=number(position)) for position in (2 * at, 2 * at + 1))
            selected += [sql("min({cell})", cell=cell), sql("max({cell})", cell=cell)]
            selected += [
                sql(
                    "{aggregate} FILTER (WHERE abs({value}) <= 1e150)",
                    aggregate=aggregate,
                    value=value,
                )
                for aggregate in aggregates(value)
            ]
        cells = [rows.cells[column.key] for column in together]
        measured = rows.fetch_one(
            sql(
                "SELECT {aggregates} FROM ({cells}) AS cells",
                aggregates=joined(", ", selected),
                cells=rows.cells_query(
                    [expression for cell in cells for expression in (cell, _rounded(cell))]
                ),
            )
        )
        each = len(measured) // len(together)
        for at in range(len(together)):
            yield measured[at * each : (at + 1) * each]


def _rounded(cell: Expression) -> Expression:
    return Computed(
        type=ColumnType.FLOAT,
        inputs=(cell,),
        write=lambda cell: sql("CAST({cell} AS double precision)", cell=cell),
    )
