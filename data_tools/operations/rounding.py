"""Round numbers to a number of decimal digits, as they are written."""

from __future__ import annotations

from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.effects import ON_ERROR
from data_tools.operations.number_fitting import NUMBER_COLUMNS, number_columns
from data_tools.operations.number_parameters import Integer
from data_tools.operations.parameters import Choice, Parameter
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed
from data_tools.sql.fragment import bound

MOST_DIGITS = 15


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    columns = number_columns(rows, parameters["columns"])
    fitted = {"digits": parameters["digits"], "half": parameters["half"]}
    return plan_replaced_cells(
        rows,
        [(column, fitted) for column in columns],
        _round,
        "Rounded",
        parameters=parameters | {"columns": [column.name for column in columns]},
        on_error=parameters["on_error"],
    )


def _round(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return computed(
        cell.type,
        "data_tools_round({cell}, {digits}, {to_even})",
        cell,
        # Rounded to tens, the largest integer is one that 64 bits do not hold.
        keeps_gaps=cell.type is ColumnType.FLOAT or fitted["digits"] >= 0,
        digits=bound(fitted["digits"]),
        to_even=bound(fitted["half"] == "to_even"),
    )


ROUND_NUMBERS = Declaration(
    "round_numbers",
    "Round numbers to decimal digits, as they are written: 2.675 to two digits is 2.68, though the "
    "nearest double is below that. Integers stay integers.",
    title="Round numbers",
    group=Group.NUMBERS,
    parameters=(
        NUMBER_COLUMNS,
        Parameter(
            "digits",
            Integer(minimum=-MOST_DIGITS, maximum=MOST_DIGITS),
            "How many digits stay after the point; -3 rounds to thousands.",
            default=0,
        ),
        Parameter(
            "half",
            Choice(("away_from_zero", "to_even")),
            "Where a number in the middle between two goes: 2.5 becomes 3, or 2.",
            default="away_from_zero",
            title="A number in the middle",
        ),
        ON_ERROR,
    ),
    plan=_plan,
    compile=replaced_cells_compiler(_round),
)
