"""New columns of numbers from others: row by row over several, or each against each reference.

Where one of a row's cells is missing, so is the result: a sum of half the parts is no sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, LiteralString

from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    prepare_added_columns,
)
from data_tools.operations.arithmetic import combination, statistic, with_number
from data_tools.operations.column_lookup import require_free_name
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.effects import ON_ERROR
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.number_fitting import NUMBER_COLUMNS, number_columns
from data_tools.operations.parameters import (
    Choice,
    ColumnName,
    ColumnNames,
    NewName,
    Number,
    Parameter,
)
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression

MOST_COLUMNS_IN_A_ROW = 100
MOST_NEW_COLUMNS = 500

# Words of the API as functions of two, applied from left to right, or of all of a row's cells.
_FOLDS = {
    "sum": "add",
    "prod": "multiply",
    "min": "smaller",
    "max": "larger",
    "add": "add",
    "subtract": "subtract",
    "multiply": "multiply",
    "divide": "divide",
}
_STATISTICS: dict[str, LiteralString] = {
    "mean": "data_tools_mean",
    "std": "data_tools_deviation",
    "median": "data_tools_median",
}
MATH_OPERATIONS = ("sum", "mean", "std", "prod", "min", "max", "median") + (
    "add",
    "subtract",
    "multiply",
    "divide",
)
RELATIVE_OPERATIONS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "modulo",
    "pow": "power",
}
_OPERATORS = ("add", "subtract", "multiply", "divide", "floor_divide", "modulo", "power")


def _plan_math(operation: str, parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    columns = number_columns(rows, parameters["columns"])
    if not 2 <= len(columns) <= MOST_COLUMNS_IN_A_ROW:
        raise InvalidParameter(
            "columns", f"must be 2 to {MOST_COLUMNS_IN_A_ROW} columns, not {len(columns)}"
        )
    names = [column.name for column in columns]
    return prepare_added_columns(
        rows,
        operation=f"feature_engineering_math_{operation}",
        parameters=parameters | {"columns": names},
        new_columns=[
            NewColumn(
                name="_".join((operation, *names)),
                inputs=tuple(columns),
                fitted={"operation": operation},
            )
        ],
        combine=_aggregate,
        on_error=parameters["on_error"],
    )


def _aggregate(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    operation = fitted["operation"]
    if operation in _STATISTICS:
        return statistic(_STATISTICS[operation], cells)
    return combination(_FOLDS[operation], cells)


def _plan_relative(operation: str, parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    references = number_columns(rows, parameters["reference_columns"], path="reference_columns")
    columns = [
        column
        for column in number_columns(rows, parameters["columns"])
        if parameters["columns"] or column not in references
    ]
    if not 1 <= len(columns) * len(references) <= MOST_NEW_COLUMNS:
        raise InvalidParameter(
            "columns",
            f"must make 1 to {MOST_NEW_COLUMNS} new columns with the references, "
            f"not {len(columns) * len(references)}",
        )
    return prepare_added_columns(
        rows,
        operation=f"feature_engineering_relative_{operation}",
        parameters=parameters
        | {
            "columns": [column.name for column in columns],
            "reference_columns": [column.name for column in references],
        },
        new_columns=[
            NewColumn(
                name=f"{column.name}_{operation}_{reference.name}",
                inputs=(column, reference),
                fitted={"function": RELATIVE_OPERATIONS[operation]},
            )
            for reference in references
            for column in columns
        ],
        combine=_calculate,
        on_error=parameters["on_error"],
    )


def _plan_calculate(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    """Calculate with the left column and the right one, or a number."""
    right, value = parameters["right_column"], parameters["value"]
    if (right is None) == (value is None):
        raise InvalidParameter("right_column", "or value is required, and not both")
    names = [parameters["left_column"], *([] if right is None else [right])]
    inputs = [
        number_columns(rows, [name], path=path)[0]
        for name, path in zip(names, ("left_column", "right_column"), strict=False)
    ]
    fitted = {"function": parameters["operator"]} | ({} if value is None else {"value": value})
    return prepare_added_columns(
        rows,
        operation="calculate_column",
        parameters=parameters,
        new_columns=[
            NewColumn(
                name=require_free_name(parameters["new_name"], rows.columns),
                inputs=tuple(inputs),
                fitted=fitted,
            )
        ],
        combine=_calculate,
        on_error=parameters["on_error"],
    )


def _calculate(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    if "value" in fitted:
        return with_number(fitted["function"], cells[0], fitted["value"])
    return combination(fitted["function"], cells)


ENGINEERING = (
    *(
        Declaration(
            name=f"feature_engineering_math_{operation}",
            description=f"Add a column {operation}_<column>_<column>… of what {operation} makes "
            "of each row's numbers. A missing number makes the result missing.",
            parameters=(NUMBER_COLUMNS, ON_ERROR),
            plan=partial(_plan_math, operation),
            compile=added_columns_compiler(_aggregate),
        )
        for operation in MATH_OPERATIONS
    ),
    *(
        Declaration(
            name=f"feature_engineering_relative_{operation}",
            description=f"Add a column <column>_{operation}_<reference> for each column and each "
            "reference column. A missing number makes the result missing.",
            parameters=(
                NUMBER_COLUMNS,
                Parameter(
                    name="reference_columns",
                    kind=ColumnNames(
                        empty_message="At least one reference column must be specified"
                    ),
                    required=True,
                    description="Names of the columns of numbers on the right.",
                ),
                ON_ERROR,
            ),
            plan=partial(_plan_relative, operation),
            compile=added_columns_compiler(_calculate),
        )
        for operation in RELATIVE_OPERATIONS
    ),
    Declaration(
        name="calculate_column",
        description="Add a column calculated from a column of numbers and another one, or a "
        "number.",
        parameters=(
            Parameter(
                name="left_column",
                kind=ColumnName(),
                required=True,
                description="Name of the column on the left.",
            ),
            Parameter(
                name="operator",
                kind=Choice(choices=_OPERATORS),
                required=True,
                description="What to do with the two.",
            ),
            Parameter(
                name="right_column",
                kind=ColumnName(),
                description="Name of the column on the right, or else give a value.",
            ),
            Parameter(name="value", kind=Number(), description="The number on the right."),
            Parameter(
                name="new_name",
                kind=NewName(),
                required=True,
                description="Name of the new column.",
            ),
            ON_ERROR,
        ),
        plan=_plan_calculate,
        compile=added_columns_compiler(_calculate),
    ),
)
