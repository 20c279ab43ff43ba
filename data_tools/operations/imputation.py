"""Fill the missing cells of every suitable column, by the one statistic that the name says.

The fitting is that of `fill_missing_values`; only what is asked for differs.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.column_lookup import columns_named, suitable_columns
from data_tools.operations.constants import constant_for
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.fill_fitting import fit_values, with_values
from data_tools.operations.missing_values import compile_filling, filling
from data_tools.operations.row_source import Rows
from session_events.events import Column

METHODS = ("mean", "median", "mode", "constant")


def _plan(method: str, asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    names, value = asked["columns"], asked.get("constant_value")
    if names is not None and method in ("mode", "constant"):
        columns = columns_named(rows.columns, names)
    else:
        types = {ColumnType.TEXT} if method == "mode" else NUMERIC_TYPES
        of_what = "text" if method == "mode" else "numbers"
        columns = suitable_columns(rows.columns, names, types, of_what=of_what)
    if method == "constant":
        _check_constant(rows, value, columns)
    elif names is None:
        columns = with_values(rows, columns)
        if not columns:
            raise NothingToFit("No column has a value to learn from", details={"columns": []})
    return filling(
        rows,
        operation=f"missing_data_imputation_{method}",
        parameters=asked | {"columns": [column.name for column in columns]},
        fills=fit_values(rows, columns, method, value),
        method=method,
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
                column=column.name,
            ) from None


def _declaration(method: str, what: str, default: str, *more: Parameter) -> Declaration:
    return Declaration(
        name=f"missing_data_imputation_{method}",
        description=f"Put {what} into the missing cells of columns.",
        parameters=(
            Parameter(
                name="columns",
                kind=Kind.COLUMNS,
                empty_is_all=True,
                description=f"Names of the columns; without them, every column of {default}.",
            ),
            *more,
        ),
        plan=partial(_plan, method),
        compile=compile_filling,
    )


IMPUTATION = (
    _declaration("mean", "the mean", "numbers with a value"),
    _declaration("median", "the median", "numbers with a value"),
    _declaration(
        "mode", "the most frequent value, the first in sort order of several,", "text with a value"
    ),
    _declaration(
        "constant",
        "a given value",
        "numbers",
        Parameter(
            name="constant_value",
            kind=Kind.SCALAR,
            default=0,
            description="The value, in or convertible to each column's type; a fraction turns an "
            "integer column into float.",
        ),
    ),
)
