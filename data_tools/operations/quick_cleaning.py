"""Take away the columns without any value, then the rows with a missing one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.operations.declaration import (
    Declaration,
    Kind,
    Parameter,
    PreparedOperation,
    keeps_every_row,
)
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.kept_rows import removing
from data_tools.operations.row_removal import rows_with_values
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import Sql, compose, joined, number
from session_events.events import Column, ColumnChange

_COLUMNS_PER_PASS = 1_000


def _complete(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    if not parameters["remove_nan_rows"]:
        return keeps_every_row(parameters, fitted, rows)
    dropped = set(fitted["dropped"])
    keys = [column.key for column in rows.columns if column.key not in dropped]
    return rows_with_values(rows, keys, how="any")


def _plan(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    if not asked["remove_nan_rows"] and not asked["remove_nan_columns"]:
        raise InvalidParameter("remove_nan_rows", "or remove_nan_columns must be true")
    dropped = _without_values(rows) if asked["remove_nan_columns"] else []
    if dropped and len(dropped) == len(rows.columns):
        raise InvalidParameter("remove_nan_columns", "must leave at least one column")
    prepared = removing(
        "quick_nan_cleaning",
        keep=_complete,
        parameters=asked,
        fitted={"dropped": [column.key for column in dropped]},
        column_changes=tuple(ColumnChange(action="drop", key=column.key) for column in dropped),
        rows=rows,
    )
    return prepared


def _without_values(rows: Rows) -> list[Column]:
    """The columns with no value at all; of no rows nothing can be said."""
    if not rows.total_rows:
        return []
    found: list[Column] = []
    for first in range(0, len(rows.columns), _COLUMNS_PER_PASS):
        together = rows.columns[first : first + _COLUMNS_PER_PASS]
        counts = [compose("count(v", number(at), ")") for at in range(len(together))]
        query = rows.cells_query([rows.cells[column.key] for column in together])
        values = rows.fetch_one(
            compose("SELECT ", joined(", ", counts), " FROM (", query, ") AS cells")
        )
        found += [column for column, count in zip(together, values, strict=True) if not count]
    return found


QUICK_NAN_CLEANING = Declaration(
    name="quick_nan_cleaning",
    description="Take away the columns without any value, then the rows with a missing one.",
    parameters=(
        Parameter(
            name="remove_nan_rows",
            kind=Kind.FLAG,
            default=True,
            description="Whether rows with a missing value go.",
        ),
        Parameter(
            name="remove_nan_columns",
            kind=Kind.FLAG,
            default=True,
            description="Whether columns without any value go.",
        ),
    ),
    plan=_plan,
    keep=_complete,
    looks_at_values=False,
)
