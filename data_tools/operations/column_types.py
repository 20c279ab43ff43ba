"""Change a column's type, with a policy for the values that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.casts import cast, possible_types
from data_tools.operations.column_lookup import columns_named
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter, ValuesDoNotFit
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import compose, number
from session_events.events import Column, ColumnChange, Operation

ROWS_NAMED = 5  # row numbers that a refusal names

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


def _plan(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    [column] = columns_named(rows.columns, [asked["column_name"]])
    source, target = ColumnType(column.type), SPELLINGS[asked["new_type"]]
    possible = possible_types(source)
    if target not in possible:
        raise InvalidParameter(
            "new_type",
            f"a {source} column cannot become {target}",
            message=f"Failed to convert column to {asked['new_type']}: "
            f'a {source} column like "{column.name}" cannot become {target}',
            possible=[str(choice) for choice in possible],
        )
    # Existing clients expect unreadable dates to become missing, and nothing else to.
    on_error = asked["on_error"] or ("null" if target is ColumnType.DATETIME else "fail")
    values, made_missing = _count(rows, column, source, target)
    if made_missing and on_error == "fail":
        examples = _first_misfits(rows, column, source, target)
        raise ValuesDoNotFit(
            f"Failed to convert column to {asked['new_type']}: {made_missing} "
            f'{"value" if made_missing == 1 else "values"} of "{column.name}" '
            f"{'does' if made_missing == 1 else 'do'} not fit, first in "
            f"{'row' if len(examples) == 1 else 'rows'} {', '.join(map(str, examples))}",
            details={"column": column.name, "count": made_missing, "row_numbers": examples},
        )
    lost = f"; {made_missing} became missing" if made_missing else ""
    return PreparedOperation(
        operation="change_column_type",
        parameters={
            "column_name": column.name,
            "old_type": str(source),
            "new_type": str(target),
            "on_error": on_error,
        },
        fitted={"key": column.key, "from": str(source), "made_missing": made_missing},
        column_changes=(
            ColumnChange(action="set", key=column.key, name=column.name, type=str(target)),
        ),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        cells_changed=values if source is not target else 0,
        message=f'Column "{column.name}" converted to {asked["new_type"]}{lost}',
    )


def _count(rows: Rows, column: Column, source: ColumnType, target: ColumnType) -> tuple[int, int]:
    """How many cells have a value, and how many of those do not fit. One pass over one column."""
    if source is target:
        return 0, 0
    cell = rows.cells[column.key]
    query = rows.cells_query([cell, cast(cell, source, target)])
    values, fitting = rows.fetch_one(
        compose("SELECT count(v0), count(v1) FROM (", query, ") AS cells")
    )
    return values, values - fitting


def _first_misfits(rows: Rows, column: Column, source: ColumnType, target: ColumnType) -> list[int]:
    cell = rows.cells[column.key]
    query = rows.cells_query([cell, cast(cell, source, target)])
    found = rows.fetch_all(
        compose(
            "SELECT row_number FROM (",
            query,
            ") AS cells WHERE v0 IS NOT NULL AND v1 IS NULL ORDER BY row_number LIMIT ",
            number(ROWS_NAMED),
        )
    )
    return [row_number for (row_number,) in found]


def _compile(operation: Operation, cells: Mapping[str, Expression]) -> dict[str, Expression]:
    [change] = operation.column_changes
    source = ColumnType(operation.fitted["from"])
    target = ColumnType(change.type)
    all_fit = operation.fitted["made_missing"] == 0
    return {change.key: cast(cells[change.key], source, target, all_fit=all_fit)}


CHANGE_COLUMN_TYPE = Declaration(
    name="change_column_type",
    description="Turn a column's values into another type.",
    parameters=(
        Parameter(
            name="column_name", kind=Kind.COLUMN, required=True, description="The column's name."
        ),
        Parameter(
            name="new_type",
            kind=Kind.CHOICE,
            required=True,
            choices=tuple(SPELLINGS),
            description="The new type, in our spelling or in that of pandas.",
        ),
        Parameter(
            name="on_error",
            kind=Kind.CHOICE,
            choices=("fail", "null"),
            description="What becomes of values that do not fit: refuse the change, or make them "
            "missing. By default null for datetime, otherwise fail.",
        ),
    ),
    plan=_plan,
    compile=_compile,
)
