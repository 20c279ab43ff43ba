"""Fill the missing cells of every suitable column with the statistic in the operation's name.

Fitting is that of `fill_missing_values`; only the parameters differ.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.column_lookup import require_columns, suitable_columns
from data_tools.operations.constants import constant_for
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.fill_fitting import fit_values
from data_tools.operations.missing_values import compile_filled_cells, prepare_filled_cells
from data_tools.operations.parameters import ColumnNames, Parameter, Scalar
from data_tools.operations.row_source import Rows, columns_with_values
from session_events.events import Column

METHODS = ("mean", "median", "mode", "constant")


def _plan(method: str, parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
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
    return prepare_filled_cells(
        rows,
        operation=f"missing_data_imputation_{method}",
        parameters=parameters | {"columns": [column.name for column in columns]},
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


def _declare(method: str, value: str, default: str, *more: Parameter) -> Declaration:
    return Declaration(
        name=f"missing_data_imputation_{method}",
        description=f"Put {value} into the missing cells of columns.",
        parameters=(
            Parameter(
                name="columns",
                kind=ColumnNames(empty_is_all=True),
                description=f"Names of the columns; without them, every column of {default}.",
            ),
            *more,
        ),
        plan=partial(_plan, method),
        compile=compile_filled_cells,
    )


IMPUTATION = (
    _declare("mean", "the mean", "numbers with a value"),
    _declare("median", "the median", "numbers with a value"),
    _declare(
        "mode", "the most frequent value, the first in sort order of several,", "text with a value"
    ),
    _declare(
        "constant",
        "a given value",
        "numbers",
        Parameter(
            name="constant_value",
            kind=Scalar(),
            default=0,
            description="The value, in or convertible to each column's type; a fraction turns an "
            "integer column into float.",
        ),
    ),
)
