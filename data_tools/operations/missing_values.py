"""Fill missing cells: with a fitted or a typed value, or with the nearest value of another row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.casts import cast
from data_tools.operations.column_lookup import COLUMNS, require_columns
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.fill_fitting import ColumnFill, fit_nearest, fit_values
from data_tools.operations.parameters import Choice, Parameter, Scalar
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, NearestValue, filled
from session_events.events import Column, ColumnChange, Operation

STRATEGIES = ("mean", "median", "mode", "forward_fill", "backward_fill", "constant")
_DIRECTIONS: dict[str, Literal["earlier", "later"]] = {
    "forward_fill": "earlier",
    "backward_fill": "later",
}


def _plan(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    columns = require_columns(rows.columns, parameters["columns"])
    strategy = parameters["strategy"]
    for column in columns:
        if (strategy == "constant" and parameters["fill_value"] is None) or (
            strategy in ("mean", "median") and column.type not in NUMERIC_TYPES
        ):
            raise _invalid_strategy(strategy, column)
    if strategy in _DIRECTIONS:
        fills = [fit_nearest(rows, column, _DIRECTIONS[strategy]) for column in columns]
    else:
        fills = fit_values(rows, columns, strategy, parameters["fill_value"])
    return prepare_filled_cells(
        rows,
        operation="fill_missing_values",
        parameters={
            "columns": [column.name for column in columns],
            "strategy": strategy,
            "fill_value": parameters["fill_value"] if strategy == "constant" else None,
        },
        fills=fills,
        method=strategy,
    )


def prepare_filled_cells(
    rows: Rows,
    *,
    operation: str,
    parameters: dict[str, Any],
    fills: list[ColumnFill],
    method: str,
) -> PreparedOperation:
    """Prepare the operation; columns without a missing cell are left out of the event."""
    changed = [fill for fill in fills if fill.cells]
    total = sum(fill.cells for fill in changed)
    return PreparedOperation(
        operation=operation,
        parameters=parameters,
        fitted={"columns": {fill.column.key: fill.fitted for fill in changed}},
        column_changes=tuple(
            ColumnChange(
                action="set", key=fill.column.key, name=fill.column.name, type=str(fill.type)
            )
            for fill in changed
        ),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        cells_changed=total,
        message=f"Filled {total} missing values using {method} strategy",
    )


def _invalid_strategy(strategy: str, column: Column) -> InvalidParameter:
    if strategy == "constant":
        path, reason = "fill_value", "is required for the constant strategy"
    else:
        path, reason = "strategy", f"{strategy} needs a column of numbers, not of {column.type}"
    return InvalidParameter(
        path,
        reason,
        message=f'Invalid strategy "{strategy}" for column "{column.name}" or missing fill_value',
        column=column.name,
    )


def compile_filled_cells(
    operation: Operation, cells: Mapping[str, Expression]
) -> dict[str, Expression]:
    """Return the filled cells of an operation that `prepare_filled_cells` prepared."""
    direction = _DIRECTIONS.get(operation.parameters.get("strategy", ""))
    types = {change.key: ColumnType(change.type) for change in operation.column_changes}
    compiled: dict[str, Expression] = {}
    for key, fitted in operation.fitted["columns"].items():
        if direction:
            compiled[key] = NearestValue(
                type=types[key],
                input=cells[key],
                direction=direction,
                limit_row=fitted["limit_row"],
                gaps=tuple((first, last) for first, last in fitted["gaps"]),
            )
        else:
            cell = cast(cells[key], ColumnType(fitted["from"]), types[key])
            compiled[key] = filled(cell, fitted["value"], types[key])
    return compiled


FILL_MISSING_VALUES = Declaration(
    name="fill_missing_values",
    description="Put a value into the missing cells of columns. A mode's tie goes to the first "
    "value in sort order; a forward fill leaves what is missing before the first value.",
    parameters=(
        COLUMNS,
        Parameter(
            name="strategy",
            kind=Choice(choices=STRATEGIES),
            default="mean",
            description="What to fill with; mean and median need numbers.",
        ),
        Parameter(
            name="fill_value",
            kind=Scalar(),
            description="The value of the constant strategy, in or convertible to the column's "
            "type; a fraction turns an integer column into float.",
        ),
    ),
    plan=_plan,
    compile=compile_filled_cells,
)
