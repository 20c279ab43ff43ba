"""New columns of numbers from others: row by row over several, or each against each reference.

Where one of a row's cells is missing, so is the result: a sum of half the parts is no sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, LiteralString

from data_tools.columns import NUMERIC_TYPES
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    plan_added_columns,
)
from data_tools.operations.arithmetic import combination, statistic, with_number
from data_tools.operations.column_lookup import require_free_name
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.effects import ON_ERROR
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.number_fitting import NUMBER_COLUMNS, number_columns
from data_tools.operations.number_parameters import Number
from data_tools.operations.parameters import Choice, ColumnName, ColumnNames, NewName, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression

MOST_COLUMNS_IN_A_ROW = 100
MOST_NEW_COLUMNS = 500

_BASIC_OPERATIONS = ("add", "subtract", "multiply", "divide")
# Words of the API as functions of two, applied from left to right, or of all of a row's cells. The
# basic operations are functions of two by their own names.
_FOLDS = {"sum": "add", "prod": "multiply", "min": "smaller", "max": "larger"}
_STATISTICS: dict[str, LiteralString] = {
    "mean": "data_tools_row_mean",
    "std": "data_tools_row_deviation",
    "median": "data_tools_median",
}
# What older events, which do not say `digits`, were computed with.
_FORMER_STATISTICS: dict[str, LiteralString] = {
    "mean": "data_tools_mean",
    "std": "data_tools_deviation",
    "median": "data_tools_median",
}
# With their titles.
MATH_OPERATIONS = {
    "sum": "Add up each row's numbers",
    "mean": "Average each row's numbers",
    "std": "Measure how far each row's numbers spread",
    "prod": "Multiply each row's numbers",
    "min": "Find each row's smallest number",
    "max": "Find each row's largest number",
    "median": "Find each row's median",
    "add": "Add columns one to another",
    "subtract": "Subtract columns one from another",
    "multiply": "Multiply columns with one another",
    "divide": "Divide columns by one another",
}
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
_RELATIVE_TITLES = {
    "add": "Add reference columns to columns",
    "sub": "Subtract reference columns from columns",
    "mul": "Multiply columns by reference columns",
    "div": "Divide columns by reference columns",
    "truediv": "Divide columns by reference columns (true division)",
    "floordiv": "Divide columns by reference columns, rounding down",
    "mod": "Find what remains after dividing by reference columns",
    "pow": "Raise columns to the power of reference columns",
}
_OPERATORS = (*_BASIC_OPERATIONS, "floor_divide", "modulo", "power")


def _plan_math(operation: str, parameters: dict[str, Any], rows: Rows) -> Plan:
    columns = number_columns(rows, parameters["columns"])
    if not 2 <= len(columns) <= MOST_COLUMNS_IN_A_ROW:
        raise InvalidParameter(
            "columns", f"must be 2 to {MOST_COLUMNS_IN_A_ROW} columns, not {len(columns)}"
        )
    names = [column.name for column in columns]
    fitted = {"operation": operation}
    if _STATISTICS.get(operation) != _FORMER_STATISTICS.get(operation):
        fitted["digits"] = "all"
    new_column = NewColumn("_".join((operation, *names)), tuple(columns), fitted)
    return plan_added_columns(
        rows,
        [new_column],
        _aggregate,
        parameters=parameters | {"columns": names},
        on_error=parameters["on_error"],
    )


def _aggregate(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    operation: str = fitted["operation"]
    if operation in _STATISTICS:
        statistics = _STATISTICS if "digits" in fitted else _FORMER_STATISTICS
        return statistic(statistics[operation], cells)
    return combination(_FOLDS.get(operation, operation), cells)


def _plan_relative(operation: str, parameters: dict[str, Any], rows: Rows) -> Plan:
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
    fitted = {"function": RELATIVE_OPERATIONS[operation]}
    return plan_added_columns(
        rows,
        [
            NewColumn(f"{column.name}_{operation}_{reference.name}", (column, reference), fitted)
            for reference in references
            for column in columns
        ],
        _calculate,
        parameters=parameters
        | {
            "columns": [column.name for column in columns],
            "reference_columns": [column.name for column in references],
        },
        on_error=parameters["on_error"],
    )


def _plan_calculate(parameters: dict[str, Any], rows: Rows) -> Plan:
    """Calculate with the left column and the right one, or a number."""
    right, value = parameters["right_column"], parameters["value"]
    if (right is None) == (value is None):
        raise InvalidParameter("right_column", "or value is required, and not both")
    inputs = [
        number_columns(rows, [parameters[path]], path=path)[0]
        for path in ("left_column", "right_column")
        if parameters[path] is not None
    ]
    fitted = {"function": parameters["operator"]} | ({} if value is None else {"value": value})
    new_name = require_free_name(parameters["new_name"], rows.columns)
    new_column = NewColumn(new_name, tuple(inputs), fitted)
    return plan_added_columns(rows, [new_column], _calculate, on_error=parameters["on_error"])


def _calculate(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    if "value" in fitted:
        return with_number(fitted["function"], cells[0], fitted["value"])
    return combination(fitted["function"], cells)


ENGINEERING = (
    *(
        Declaration(
            f"feature_engineering_math_{operation}",
            f"Add a column {operation}_<column>_<column>… of what {operation} makes "
            "of each row's numbers. A missing number makes the result missing.",
            title=title,
            group=Group.NUMBERS,
            parameters=(NUMBER_COLUMNS, ON_ERROR),
            plan=partial(_plan_math, operation),
            compile=added_columns_compiler(_aggregate),
        )
        for operation, title in MATH_OPERATIONS.items()
    ),
    *(
        Declaration(
            f"feature_engineering_relative_{operation}",
            f"Add a column <column>_{operation}_<reference> for each column and each "
            "reference column. A missing number makes the result missing.",
            title=_RELATIVE_TITLES[operation],
            group=Group.NUMBERS,
            parameters=(
                NUMBER_COLUMNS,
                Parameter(
                    "reference_columns",
                    ColumnNames(
                        column_types=NUMERIC_TYPES,
                        empty_message="At least one reference column must be specified",
                    ),
                    "Names of the columns of numbers on the right.",
                    required=True,
                ),
                ON_ERROR,
            ),
            plan=partial(_plan_relative, operation),
            compile=added_columns_compiler(_calculate),
        )
        for operation in RELATIVE_OPERATIONS
    ),
    Declaration(
        "calculate_column",
        "Add a column calculated from a column of numbers and another one, or a number.",
        title="Calculate a column",
        group=Group.NUMBERS,
        parameters=(
            Parameter(
                "left_column",
                ColumnName(column_types=NUMERIC_TYPES),
                "Name of the column on the left.",
                required=True,
                title="Column",
            ),
            Parameter("operator", Choice(_OPERATORS), "What to do with the two.", required=True),
            Parameter(
                "right_column",
                ColumnName(column_types=NUMERIC_TYPES),
                "Name of the column on the right, or else give a value.",
                title="Second column",
            ),
            Parameter("value", Number(), "The number on the right.", title="Or a number"),
            Parameter("new_name", NewName(), "Name of the new column.", required=True),
            ON_ERROR,
        ),
        plan=_plan_calculate,
        compile=added_columns_compiler(_calculate),
    ),
)
