"""Take away the columns without any value, then the rows with a missing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.operations.declaration import Declaration, PreparedOperation, query_every_row
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.kept_rows import prepare_row_removal
from data_tools.operations.parameters import Flag, Parameter
from data_tools.operations.row_removal import query_rows_with_values
from data_tools.operations.row_source import Rows, columns_with_values
from data_tools.sql.fragment import Sql
from session_events.events import Column, ColumnChange


def _query_complete(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    if not parameters["remove_nan_rows"]:
        return query_every_row(parameters, fitted, rows)
    dropped = set(fitted["dropped"])
    keys = [column.key for column in rows.columns if column.key not in dropped]
    return query_rows_with_values(rows, keys, how="any")


def _plan(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    if not parameters["remove_nan_rows"] and not parameters["remove_nan_columns"]:
        raise InvalidParameter("remove_nan_rows", "or remove_nan_columns must be true")
    dropped = _without_values(rows) if parameters["remove_nan_columns"] else []
    if dropped and len(dropped) == len(rows.columns):
        raise InvalidParameter("remove_nan_columns", "must leave at least one column")
    return prepare_row_removal(
        "quick_nan_cleaning",
        _query_complete,
        parameters,
        rows,
        fitted={"dropped": [column.key for column in dropped]},
        column_changes=tuple(ColumnChange(action="drop", key=column.key) for column in dropped),
    )


def _without_values(rows: Rows) -> list[Column]:
    """Return the columns with no value at all; none where there are no rows to tell from."""
    if not rows.total_rows:
        return []
    with_values = {column.key for column in columns_with_values(rows, rows.columns)}
    return [column for column in rows.columns if column.key not in with_values]


QUICK_NAN_CLEANING = Declaration(
    name="quick_nan_cleaning",
    description="Take away the columns without any value, then the rows with a missing one.",
    parameters=(
        Parameter(
            name="remove_nan_rows",
            kind=Flag(),
            default=True,
            description="Whether rows with a missing value go.",
        ),
        Parameter(
            name="remove_nan_columns",
            kind=Flag(),
            default=True,
            description="Whether columns without any value go.",
        ),
    ),
    plan=_plan,
    query_kept_rows=_query_complete,
    looks_at_values=False,
)
