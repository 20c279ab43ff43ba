"""Fill missing cells: with a fitted or a typed value, or with the nearest value of another row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.casts import cast
from data_tools.operations.column_functions import fill_missing
from data_tools.operations.column_lookup import COLUMNS, require_columns, suitable_columns
from data_tools.operations.constants import constant_for
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.fill_fitting import ColumnFill, fit_nearest, fit_values
from data_tools.operations.growth import require_growth
from data_tools.operations.messages import what_holds
from data_tools.operations.parameters import Choice, ColumnNames, Parameter, Scalar
from data_tools.operations.row_source import Rows, columns_with_values
from data_tools.sql.expressions import Expression, NearestValue, filled
from session_events.events import Column, ColumnChange, Operation

STRATEGIES = ("mean", "median", "mode", "forward_fill", "backward_fill", "constant")
_DIRECTIONS: dict[str, Literal["earlier", "later"]] = {
    "forward_fill": "earlier",
    "backward_fill": "later",
}


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
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
    return _plan_filled_cells(
        rows,
        fills,
        strategy,
        parameters | {"fill_value": parameters["fill_value"] if strategy == "constant" else None},
    )


def _plan_impute(method: str, parameters: dict[str, Any], rows: Rows) -> Plan:
    """Fill with the statistic in the operation's name; only the parameters differ."""
    names, value = parameters["columns"], parameters.get("constant_value")
    if names is not None and method in ("mode", "constant"):
        columns = require_columns(rows.columns, names)
    else:
        types = {ColumnType.TEXT} if method == "mode" else NUMERIC_TYPES
        of_what = "text" if method == "mode" else "numbers"
        columns = suitable_columns(rows.columns, names, types, of_what=of_what)
    if method == "constant":
        _check_constant(rows, value, columns)
    elif names is None:
        columns = columns_with_values(rows, columns)
        if not columns:
            raise NothingToFit("No column has a value to learn from", details={"columns": []})
    return _plan_filled_cells(
        rows,
        fit_values(rows, columns, method, value),
        method,
        parameters | {"columns": [column.name for column in columns]},
    )


def _plan_filled_cells(
    rows: Rows, fills: list[ColumnFill], method: str, parameters: dict[str, Any]
) -> Plan:
    """Plan the operation; columns without a missing cell are left out of the event.

    Raises:
        TableTooLarge: see `growth`.
    """
    require_growth(rows, sum(fill.added_bytes for fill in fills), are_texts=True)
    changed = [fill for fill in fills if fill.fitted["cells"]]
    total = sum(fill.fitted["cells"] for fill in changed)
    return Plan(
        parameters=parameters,
        fitted={"columns": {fill.column.key: fill.fitted for fill in changed}},
        column_changes=[
            ColumnChange(
                action="set", key=fill.column.key, name=fill.column.name, type=str(fill.type)
            )
            for fill in changed
        ],
        cells_changed=total,
        message=f"Filled {total} missing values using {method} strategy",
    )


def _invalid_strategy(strategy: str, column: Column) -> InvalidParameter:
    if strategy == "constant":
        path, reason = "fill_value", "is required for the constant strategy"
        told = "The value to fill gaps with is missing."
    else:
        path, reason = "strategy", f"{strategy} needs a column of numbers, not of {column.type}"
        told = f"{what_holds(column.name, column.type)}. Only numbers have a {strategy}."
    return InvalidParameter(
        path,
        reason,
        message=f'Invalid strategy "{strategy}" for column "{column.name}" or missing fill_value',
        told=told,
        column=column.name,
    )


def _check_constant(rows: Rows, value: Any, columns: list[Column]) -> None:
    for column in columns:
        try:
            constant_for(rows, value, column)
        except InvalidParameter as error:
            raise InvalidParameter(
                "constant_value",
                f"is not a value for a column of {column.type}",
                message=str(error),
                told=error.user_message,
                column=column.name,
            ) from None


def _compile(operation: Operation, cells: Mapping[str, Expression]) -> dict[str, Expression]:
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
            value = fitted["value"]
            compiled[key] = filled(
                cell, value, types[key], compute=partial(fill_missing, value=value)
            )
    return compiled


FILL_MISSING_VALUES = Declaration(
    "fill_missing_values",
    "Put a value into the missing cells of columns. A mode's tie goes to the first "
    "value in sort order; a forward fill leaves what is missing before the first value.",
    title="Fill missing values",
    group=Group.MISSING_VALUES,
    parameters=(
        COLUMNS,
        Parameter(
            "strategy",
            Choice(STRATEGIES),
            "What to fill with; mean and median need numbers.",
            default="mean",
            title="Fill with",
        ),
        Parameter(
            "fill_value",
            Scalar(),
            "The value of the constant strategy, in or convertible to the column's "
            "type; a fraction turns an integer column into float.",
            title="Value",
        ),
    ),
    plan=_plan,
    compile=_compile,
)


_TYPES_TO_IMPUTE = {"mean": NUMERIC_TYPES, "median": NUMERIC_TYPES}


def _declare_imputation(
    method: str, value: str, default: str, *more: Parameter, title: str
) -> Declaration:
    return Declaration(
        f"missing_data_imputation_{method}",
        f"Put {value} into the missing cells of columns.",
        title=title,
        group=Group.MISSING_VALUES,
        parameters=(
            Parameter(
                "columns",
                ColumnNames(column_types=_TYPES_TO_IMPUTE.get(method, ()), empty_is_all=True),
                f"Names of the columns; without them, every column of {default}.",
            ),
            *more,
        ),
        plan=partial(_plan_impute, method),
        compile=_compile,
    )


IMPUTATION = (
    _declare_imputation(
        "mean", "the mean", "numbers with a value", title="Fill missing numbers with the mean"
    ),
    _declare_imputation(
        "median", "the median", "numbers with a value", title="Fill missing numbers with the median"
    ),
    _declare_imputation(
        "mode",
        "the most frequent value, the first in sort order of several,",
        "text with a value",
        title="Fill missing values with the most frequent one",
    ),
    _declare_imputation(
        "constant",
        "a given value",
        "numbers",
        Parameter(
            "constant_value",
            Scalar(),
            "The value, in or convertible to each column's type; a fraction turns an "
            "integer column into float.",
            default=0,
            title="Value",
        ),
        title="Fill missing values with a given one",
    ),
)
