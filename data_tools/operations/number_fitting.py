"""Learning from columns of numbers: which columns can be computed with as floats."""

from __future__ import annotations

from collections.abc import Sequence

from data_tools.columns import LARGEST_EXACT_INTEGER, NUMERIC_TYPES, ColumnType
from data_tools.operations.casts import cast
from data_tools.operations.column_lookup import suitable_columns
from data_tools.operations.exceptions import NothingToFit, ValuesDoNotFit
from data_tools.operations.extents import Extent, measure_extents
from data_tools.operations.parameters import ColumnNames, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column

LARGEST = 1e150  # the square of a larger number is no double

NUMBER_COLUMNS = Parameter(
    "columns",
    ColumnNames(column_types=NUMERIC_TYPES, empty_is_all=True),
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


def fit_numbers(rows: Rows, columns: Sequence[Column], *, named: bool) -> list[Extent]:
    """Return the extents of columns whose values can be computed with as floats; one pass.

    A column without any value is left out unless the user named it.

    Raises:
        NothingToFit: a named column has no value, or no column has.
        ValuesDoNotFit: numbers are too large to compute with.
    """
    extents = {extent.column.key: extent for extent in measure_extents(rows, columns)}
    for column in columns:
        extent = extents.get(column.key)
        if extent is None:
            if named:
                raise NothingToFit(
                    f'Column "{column.name}" has no value to learn from',
                    details={"column": column.name},
                )
            continue
        limit = LARGEST_EXACT_INTEGER if extent.is_integer else LARGEST
        if extent.farthest > limit:
            raise ValuesDoNotFit(
                f'Column "{column.name}" holds numbers over '
                f"{'2^53, which lose digits as floats' if extent.is_integer else '1e150'}",
                details={
                    "column": column.name,
                    "minimum": extent.least,
                    "maximum": extent.largest,
                },
            )
    if not extents:
        raise NothingToFit("No column has a value to learn from", details={"columns": []})
    return list(extents.values())
