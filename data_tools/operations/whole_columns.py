"""Operations on whole columns: rename, drop, duplicate. None of them looks at a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.operations.column_lookup import (
    COLUMNS,
    free_name,
    require_column,
    require_columns,
    require_free_name,
)
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import ColumnExists, InvalidParameter
from data_tools.operations.messages import counted
from data_tools.operations.parameters import ColumnName, NewName, NewNames, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation


def _renamed(column: Column, name: str) -> ColumnChange:
    return ColumnChange(action="set", key=column.key, name=name, type=column.type)


def _plan_rename(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    column = require_column(rows.columns, parameters["old_name"])
    new_name = require_free_name(parameters["new_name"], rows.columns)
    return PreparedOperation(
        operation="rename_column",
        parameters=parameters,
        column_changes=(_renamed(column, new_name),),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f'Column renamed from "{column.name}" to "{new_name}"',
    )


def _plan_rename_several(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    """Rename all at once, so that names can be swapped; no two columns may end with one name."""
    new_names: dict[str, str] = parameters["new_names"]
    require_columns(rows.columns, new_names)
    changes = [
        _renamed(column, new_names[column.name])
        for column in rows.columns
        if new_names.get(column.name, column.name) != column.name
    ]
    if not changes:
        raise InvalidParameter("new_names", "gives every column the name it has")
    taken: set[str] = set()
    for column in rows.columns:
        name = new_names.get(column.name, column.name)
        if name in taken:
            raise ColumnExists(f'Column "{name}" already exists', details={"column": name})
        taken.add(name)
    return PreparedOperation(
        operation="column_operation_rename",
        parameters=parameters,
        column_changes=tuple(changes),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Renamed {counted(len(changes), 'column')}",
    )


def _plan_drop(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    dropped = require_columns(rows.columns, parameters["columns"])
    if len(dropped) == len(rows.columns):
        raise InvalidParameter("columns", "must leave at least one column")
    return PreparedOperation(
        operation="column_operation_drop",
        parameters=parameters,
        column_changes=tuple(ColumnChange(action="drop", key=column.key) for column in dropped),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Dropped {counted(len(dropped), 'column')}",
    )


def _plan_duplicate(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    """Put copies at the end as `<name>_copy`; where that is taken, `<name>_copy_2`, `_copy_3` …

    No existing column is overwritten. A copy's name may be longer than a user could choose.
    """
    taken = {column.name for column in rows.columns}
    changes: list[ColumnChange] = []
    sources: dict[str, str] = {}
    for column in require_columns(rows.columns, parameters["columns"]):
        name = free_name(f"{column.name}_copy", taken)
        taken.add(name)
        key = f"d{rows.added_columns + len(changes) + 1}"
        sources[key] = column.key
        changes.append(ColumnChange(action="add", key=key, name=name, type=column.type))
    return PreparedOperation(
        operation="column_operation_duplicate",
        parameters=parameters,
        fitted={"sources": sources},
        column_changes=tuple(changes),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Duplicated {counted(len(changes), 'column')}",
    )


def _compile_duplicate(
    operation: Operation, cells: Mapping[str, Expression]
) -> dict[str, Expression]:
    return {key: cells[source] for key, source in operation.fitted["sources"].items()}


RENAME_COLUMN = Declaration(
    name="rename_column",
    description="Give one column another name.",
    parameters=(
        Parameter(
            name="old_name", kind=ColumnName(), required=True, description="The column's name."
        ),
        Parameter(name="new_name", kind=NewName(), required=True, description="Its new name."),
    ),
    plan=_plan_rename,
    looks_at_values=False,
)
RENAME_COLUMNS = Declaration(
    name="column_operation_rename",
    description="Give several columns other names at once; two may swap theirs.",
    parameters=(
        Parameter(
            name="new_names",
            kind=NewNames(),
            required=True,
            description="New names by present name.",
        ),
    ),
    plan=_plan_rename_several,
    looks_at_values=False,
)
DROP_COLUMNS = Declaration(
    name="column_operation_drop",
    description="Take columns away; at least one must stay.",
    parameters=(COLUMNS,),
    plan=_plan_drop,
    looks_at_values=False,
)
DUPLICATE_COLUMNS = Declaration(
    name="column_operation_duplicate",
    description="Add a copy of each column at the end, named <name>_copy.",
    parameters=(COLUMNS,),
    plan=_plan_duplicate,
    looks_at_values=False,
    compile=_compile_duplicate,
)
