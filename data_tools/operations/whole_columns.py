"""Operations on whole columns: rename, drop, duplicate. None of them looks at a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.operations.column_lookup import column_named, columns_named, free_name
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.exceptions import ColumnExists, InvalidParameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation


def _renamed(column: Column, name: str) -> ColumnChange:
    return ColumnChange(action="set", key=column.key, name=name, type=column.type)


def _plan_rename(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    column = column_named(rows.columns, asked["old_name"])
    new_name = asked["new_name"]
    if any(other.name == new_name for other in rows.columns):
        raise ColumnExists(f'Column "{new_name}" already exists', details={"column": new_name})
    return PreparedOperation(
        operation="rename_column",
        parameters=asked,
        column_changes=(_renamed(column, new_name),),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f'Column renamed from "{column.name}" to "{new_name}"',
    )


def _plan_rename_several(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    """All at once, so names can be swapped; no two columns may end with one name."""
    new_names: dict[str, str] = asked["new_names"]
    columns_named(rows.columns, new_names)
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
        parameters=asked,
        column_changes=tuple(changes),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Renamed {len(changes)} {_columns(len(changes))}",
    )


def _plan_drop(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    dropped = columns_named(rows.columns, asked["columns"])
    if len(dropped) == len(rows.columns):
        raise InvalidParameter("columns", "must leave at least one column")
    return PreparedOperation(
        operation="column_operation_drop",
        parameters=asked,
        column_changes=tuple(ColumnChange(action="drop", key=column.key) for column in dropped),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Dropped {len(dropped)} {_columns(len(dropped))}",
    )


def _plan_duplicate(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    """Copies go to the end as `<name>_copy`; where that is taken, `<name>_copy_2`, `_copy_3` …

    An existing column is never overwritten, and a copy may be longer than a name that is given.
    """
    taken = {column.name for column in rows.columns}
    changes: list[ColumnChange] = []
    sources: dict[str, str] = {}
    for column in columns_named(rows.columns, asked["columns"]):
        name = free_name(f"{column.name}_copy", taken)
        taken.add(name)
        key = f"d{rows.added_columns + len(changes) + 1}"
        sources[key] = column.key
        changes.append(ColumnChange(action="add", key=key, name=name, type=column.type))
    return PreparedOperation(
        operation="column_operation_duplicate",
        parameters=asked,
        fitted={"sources": sources},
        column_changes=tuple(changes),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Duplicated {len(changes)} {_columns(len(changes))}",
    )


def _compile_duplicate(
    operation: Operation, cells: Mapping[str, Expression]
) -> dict[str, Expression]:
    return {key: cells[source] for key, source in operation.fitted["sources"].items()}


def _columns(count: int) -> str:
    return "column" if count == 1 else "columns"


_COLUMNS = Parameter(
    name="columns",
    kind=Kind.COLUMNS,
    required=True,
    description="Names of the columns.",
    empty_message="At least one column must be specified",
)

RENAME_COLUMN = Declaration(
    name="rename_column",
    description="Give one column another name.",
    parameters=(
        Parameter(
            name="old_name", kind=Kind.COLUMN, required=True, description="The column's name."
        ),
        Parameter(name="new_name", kind=Kind.NEW_NAME, required=True, description="Its new name."),
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
            kind=Kind.NEW_NAMES,
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
    parameters=(_COLUMNS,),
    plan=_plan_drop,
    looks_at_values=False,
)
DUPLICATE_COLUMNS = Declaration(
    name="column_operation_duplicate",
    description="Add a copy of each column at the end, named <name>_copy.",
    parameters=(_COLUMNS,),
    plan=_plan_duplicate,
    looks_at_values=False,
    compile=_compile_duplicate,
)
