"""Operations on whole columns: rename, drop, keep, duplicate, reorder. None looks at a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from data_tools.operations.column_lookup import (
    COLUMNS,
    free_name,
    require_column,
    require_columns,
    require_free_name,
)
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import ColumnExists, InvalidParameter
from data_tools.operations.growth import require_room_for_columns
from data_tools.operations.messages import NO_COLUMN_LEFT, counted
from data_tools.operations.parameters import ColumnName, NewName, NewNames, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation


def _renamed(column: Column, name: str) -> ColumnChange:
    return ColumnChange(action="set", key=column.key, name=name, type=column.type)


def _plan_rename(parameters: dict[str, Any], rows: Rows) -> Plan:
    column = require_column(rows.columns, parameters["old_name"])
    new_name = require_free_name(parameters["new_name"], rows.columns)
    return Plan(
        column_changes=(_renamed(column, new_name),),
        message=f'Column renamed from "{column.name}" to "{new_name}"',
    )


def _plan_rename_several(parameters: dict[str, Any], rows: Rows) -> Plan:
    """Rename all at once, so that names can be swapped; no two columns may end with one name."""
    new_names: dict[str, str] = parameters["new_names"]
    require_columns(rows.columns, new_names)
    changes = [
        _renamed(column, new_names[column.name])
        for column in rows.columns
        if new_names.get(column.name, column.name) != column.name
    ]
    if not changes:
        raise InvalidParameter(
            "new_names",
            "gives every column the name it has",
            told="The columns have these names already.",
        )
    taken: set[str] = set()
    for column in rows.columns:
        name = new_names.get(column.name, column.name)
        if name in taken:
            raise ColumnExists(f'Column "{name}" already exists', details={"column": name})
        taken.add(name)
    return Plan(
        column_changes=changes,
        message=f"Renamed {counted(len(changes), 'column')}",
    )


def _plan_drop(parameters: dict[str, Any], rows: Rows) -> Plan:
    dropped = require_columns(rows.columns, parameters["columns"])
    if len(dropped) == len(rows.columns):
        raise InvalidParameter("columns", "must leave at least one column", told=NO_COLUMN_LEFT)
    return Plan(
        column_changes=[ColumnChange(action="drop", key=column.key) for column in dropped],
        message=f"Dropped {counted(len(dropped), 'column')}",
    )


def _plan_duplicate(parameters: dict[str, Any], rows: Rows) -> Plan:
    """Put copies at the end as `<name>_copy`; where that is taken, `<name>_copy_2`, `_copy_3` …

    No existing column is overwritten. A copy's name may be longer than a user could choose.
    """
    taken = {column.name for column in rows.columns}
    changes: list[ColumnChange] = []
    sources: dict[str, str] = {}
    copied = require_columns(rows.columns, parameters["columns"])
    require_room_for_columns(rows, added=len(copied))
    for column in copied:
        name = free_name(f"{column.name}_copy", taken)
        taken.add(name)
        key = f"d{rows.added_columns + len(changes) + 1}"
        sources[key] = column.key
        changes.append(ColumnChange(action="add", key=key, name=name, type=column.type))
    return Plan(
        fitted={"sources": sources},
        column_changes=changes,
        message=f"Duplicated {counted(len(changes), 'column')}",
    )


def _compile_duplicate(
    operation: Operation, cells: Mapping[str, Expression]
) -> dict[str, Expression]:
    return {key: cells[source] for key, source in operation.fitted["sources"].items()}


def _plan_reorder(parameters: dict[str, Any], rows: Rows) -> Plan:
    """Move columns by dropping each and adding it again under its own key."""
    named = require_columns(rows.columns, parameters["columns"])
    wanted = [*named, *(column for column in rows.columns if column not in named)]
    if wanted == list(rows.columns):
        raise InvalidParameter(
            "columns", "are in this order already", told="The columns are in this order already."
        )
    pairs = zip(wanted, rows.columns, strict=True)
    first = next(at for at, (column, present) in enumerate(pairs) if column is not present)
    moved = wanted[first:]
    return Plan(
        fitted={"sources": {column.key: column.key for column in moved}},
        column_changes=(
            *(ColumnChange(action="drop", key=column.key) for column in moved),
            *(
                ColumnChange(action="add", key=column.key, name=column.name, type=column.type)
                for column in moved
            ),
        ),
        message=f"Put {counted(len(named), 'column')} first",
    )


def _plan_keep(parameters: dict[str, Any], rows: Rows) -> Plan:
    kept = {column.key for column in require_columns(rows.columns, parameters["columns"])}
    dropped = [column for column in rows.columns if column.key not in kept]
    return Plan(
        column_changes=[ColumnChange(action="drop", key=column.key) for column in dropped],
        message=f"Kept {counted(len(kept), 'column')}, dropped {len(dropped)}",
    )


RENAME_COLUMN = Declaration(
    "rename_column",
    "Give one column another name.",
    title="Rename a column",
    group=Group.COLUMNS,
    parameters=(
        Parameter("old_name", ColumnName(), "The column's name.", required=True, title="Column"),
        Parameter("new_name", NewName(), "Its new name.", required=True),
    ),
    plan=_plan_rename,
    looks_at_values=False,
)
RENAME_COLUMNS = Declaration(
    "column_operation_rename",
    "Give several columns other names at once; two may swap theirs.",
    title="Rename several columns",
    group=Group.COLUMNS,
    parameters=(
        Parameter(
            "new_names",
            NewNames(),
            "New names by present name.",
            required=True,
            title="New name of each",
        ),
    ),
    plan=_plan_rename_several,
    looks_at_values=False,
)
DROP_COLUMNS = Declaration(
    "column_operation_drop",
    "Take columns away; at least one must stay.",
    title="Remove columns",
    group=Group.COLUMNS,
    parameters=(COLUMNS,),
    plan=_plan_drop,
    looks_at_values=False,
)
DUPLICATE_COLUMNS = Declaration(
    "column_operation_duplicate",
    "Add a copy of each column at the end, named <name>_copy.",
    title="Duplicate columns",
    group=Group.COLUMNS,
    parameters=(COLUMNS,),
    plan=_plan_duplicate,
    looks_at_values=False,
    compile=_compile_duplicate,
)
REORDER_COLUMNS = Declaration(
    "reorder_columns",
    "Put columns first, in the order given; the others follow as they stand.",
    title="Reorder columns",
    group=Group.COLUMNS,
    parameters=(
        replace(
            COLUMNS,
            description="Names of the columns in their new order, all of them or the first ones.",
        ),
    ),
    plan=_plan_reorder,
    looks_at_values=False,
)
KEEP_COLUMNS = Declaration(
    "keep_columns",
    "Keep these columns, in the order they stand in, and take all others away.",
    title="Keep only some columns",
    group=Group.COLUMNS,
    parameters=(COLUMNS,),
    plan=_plan_keep,
    looks_at_values=False,
)
