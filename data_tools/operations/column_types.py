"""Change a column's type, with a policy for the values that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.casts import cast, possible_types
from data_tools.operations.column_lookup import require_columns
from data_tools.operations.declaration import Declaration, Plan
from data_tools.operations.effects import CellChange, first_rows_without_result
from data_tools.operations.exceptions import InvalidParameter, ValuesDoNotFit
from data_tools.operations.messages import counted, first_in_rows
from data_tools.operations.parameters import Choice, ColumnName, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import sql
from session_events.events import ColumnChange, Operation

SPELLINGS: dict[str, ColumnType] = {
    **dict.fromkeys(
        ("integer", "int", "int8", "int16", "int32", "int64", "Int64"), ColumnType.INTEGER
    ),
    **dict.fromkeys(("float", "float32", "float64", "double"), ColumnType.FLOAT),
    **dict.fromkeys(("text", "string", "str", "object", "category"), ColumnType.TEXT),
    **dict.fromkeys(("boolean", "bool"), ColumnType.BOOLEAN),
    "date": ColumnType.DATE,
    **dict.fromkeys(("datetime", "datetime64", "datetime64[ns]"), ColumnType.DATETIME),
}


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    [column] = require_columns(rows.columns, [parameters["column_name"]])
    source, target = ColumnType(column.type), SPELLINGS[parameters["new_type"]]
    possible = possible_types(source)
    if target not in possible:
        raise InvalidParameter(
            "new_type",
            f"a {source} column cannot become {target}",
            message=f"Failed to convert column to {parameters['new_type']}: "
            f'a {source} column like "{column.name}" cannot become {target}',
            possible=[str(choice) for choice in possible],
        )
    # Existing clients expect unreadable dates to become missing, and nothing else to.
    on_error = parameters["on_error"] or ("null" if target is ColumnType.DATETIME else "fail")
    cell = rows.cells[column.key]
    change = CellChange(name=column.name, inputs=(cell,), output=cast(cell, source, target))
    values, made_missing = (0, 0) if source is target else _count(rows, change)
    if made_missing and on_error == "fail":
        row_numbers = first_rows_without_result(rows, change)
        raise ValuesDoNotFit(
            f"Failed to convert column to {parameters['new_type']}: "
            f'{counted(made_missing, "value")} of "{column.name}" '
            f"{'does' if made_missing == 1 else 'do'} not fit, {first_in_rows(row_numbers)}",
            details={"column": column.name, "count": made_missing, "row_numbers": row_numbers},
        )
    lost = f"; {made_missing} became missing" if made_missing else ""
    return Plan(
        parameters={
            "column_name": column.name,
            "old_type": str(source),
            "new_type": str(target),
            "on_error": on_error,
        },
        fitted={"key": column.key, "from": str(source), "made_missing": made_missing},
        column_changes=[
            ColumnChange(action="set", key=column.key, name=column.name, type=str(target))
        ],
        cells_changed=values,
        message=f'Column "{column.name}" converted to {parameters["new_type"]}{lost}',
    )


def _count(rows: Rows, change: CellChange) -> tuple[int, int]:
    """Return how many cells have a value, and how many of those do not fit; one pass."""
    values, fitting = rows.fetch_one(
        sql(
            "SELECT count(v0), count(v1) FROM ({cells}) AS cells",
            cells=rows.cells_query([*change.inputs, change.output]),
        )
    )
    return values, values - fitting


def _compile(operation: Operation, cells: Mapping[str, Expression]) -> dict[str, Expression]:
    [change] = operation.column_changes
    source = ColumnType(operation.fitted["from"])
    target = ColumnType(change.type)
    all_fit = operation.fitted["made_missing"] == 0
    return {change.key: cast(cells[change.key], source, target, all_fit=all_fit)}


CHANGE_COLUMN_TYPE = Declaration(
    "change_column_type",
    "Turn a column's values into another type.",
    parameters=(
        Parameter("column_name", ColumnName(), "The column's name.", required=True),
        Parameter(
            "new_type",
            Choice(tuple(SPELLINGS)),
            "The new type, in our spelling or in that of pandas.",
            required=True,
        ),
        Parameter(
            "on_error",
            Choice(("fail", "null")),
            "What becomes of values that do not fit: refuse the change, or make them "
            "missing. By default null for datetime, otherwise fail.",
        ),
    ),
    plan=_plan,
    compile=_compile,
)
