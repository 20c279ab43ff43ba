"""Which columns stay, and in which order. Neither operation looks at a row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from data_tools.operations.column_lookup import COLUMNS, require_columns
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import counted
from data_tools.operations.row_source import Rows
from session_events.events import ColumnChange


def _plan_reorder(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    """Move columns by dropping each and adding it again under its own key."""
    named = require_columns(rows.columns, parameters["columns"])
    wanted = [*named, *(column for column in rows.columns if column not in named)]
    if wanted == list(rows.columns):
        raise InvalidParameter("columns", "are in this order already")
    pairs = zip(wanted, rows.columns, strict=True)
    first = next(at for at, (column, present) in enumerate(pairs) if column is not present)
    moved = wanted[first:]
    return PreparedOperation(
        operation="reorder_columns",
        parameters=parameters,
        fitted={"sources": {column.key: column.key for column in moved}},
        column_changes=(
            *(ColumnChange(action="drop", key=column.key) for column in moved),
            *(
                ColumnChange(action="add", key=column.key, name=column.name, type=column.type)
                for column in moved
            ),
        ),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Put {counted(len(named), 'column')} first",
    )


def _plan_keep(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    kept = {column.key for column in require_columns(rows.columns, parameters["columns"])}
    dropped = [column for column in rows.columns if column.key not in kept]
    return PreparedOperation(
        operation="keep_columns",
        parameters=parameters,
        column_changes=tuple(ColumnChange(action="drop", key=column.key) for column in dropped),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Kept {counted(len(kept), 'column')}, dropped {len(dropped)}",
    )


REORDER_COLUMNS = Declaration(
    name="reorder_columns",
    description="Put columns first, in the order given; the others follow as they stand.",
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
    name="keep_columns",
    description="Keep these columns, in the order they stand in, and take all others away.",
    parameters=(COLUMNS,),
    plan=_plan_keep,
    looks_at_values=False,
)
