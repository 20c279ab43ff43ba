"""Which columns stay, and in which order. Neither operation looks at a row."""

from __future__ import annotations

from typing import Any

from data_tools.operations.column_lookup import columns_named
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.row_source import Rows
from data_tools.operations.text import COLUMNS
from session_events.events import ColumnChange


def _plan_reorder(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    """A column is moved by being taken out and put in again, under the key that it has."""
    named = columns_named(rows.columns, asked["columns"])
    wanted = [*named, *(column for column in rows.columns if column not in named)]
    if wanted == list(rows.columns):
        raise InvalidParameter("columns", "stand in this order already")
    pairs = zip(wanted, rows.columns, strict=True)
    first = next(at for at, (column, there) in enumerate(pairs) if column is not there)
    moved = wanted[first:]
    return PreparedOperation(
        operation="reorder_columns",
        parameters=asked,
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
        message=f"Put {len(named)} {'column' if len(named) == 1 else 'columns'} first",
    )


def _plan_keep(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    kept = {column.key for column in columns_named(rows.columns, asked["columns"])}
    dropped = [column for column in rows.columns if column.key not in kept]
    return PreparedOperation(
        operation="keep_columns",
        parameters=asked,
        column_changes=tuple(ColumnChange(action="drop", key=column.key) for column in dropped),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Kept {len(kept)} {'column' if len(kept) == 1 else 'columns'}, "
        f"dropped {len(dropped)}",
    )


REORDER_COLUMNS = Declaration(
    name="reorder_columns",
    description="Put columns first, in the order given; the others follow as they stand.",
    parameters=(
        Parameter(
            name="columns",
            kind=Kind.COLUMNS,
            required=True,
            description="Names of the columns in their new order, all of them or the first ones.",
            empty_message="At least one column must be specified",
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
