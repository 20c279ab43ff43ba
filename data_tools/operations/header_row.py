"""Make the first row's values the names of the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data_tools.columns import ColumnType, unique_names
from data_tools.operations.casts import cast
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import NothingToFit
from data_tools.operations.messages import counted
from data_tools.operations.parameters import LONGEST_NEW_NAME
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import Sql, sql
from session_events.events import Column, ColumnChange

_COLUMNS_AT_ONCE = 1_000  # PostgreSQL selects 1,664 expressions at most


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    if not rows.total_rows:
        raise NothingToFit("There is no row whose values could be names")
    [row_number] = rows.fetch_one(
        sql("SELECT min(row_number) FROM ({rows}) AS rows", rows=rows.cells_query([]))
    )
    values: list[str | None] = []
    for first in range(0, len(rows.columns), _COLUMNS_AT_ONCE):
        values += _texts_of_row(rows, row_number, rows.columns[first : first + _COLUMNS_AT_ONCE])
    names = unique_names([(value or "")[:LONGEST_NEW_NAME] for value in values])
    return Plan(
        fitted={"row": row_number},
        column_changes=[
            ColumnChange(action="set", key=column.key, name=name, type=column.type)
            for column, name in zip(rows.columns, names, strict=True)
            if name != column.name
        ],
        message=f"Named {counted(len(names), 'column')} after the first row and took it away; "
        "the types stay as they were",
    )


def _texts_of_row(rows: Rows, row_number: int, columns: Sequence[Column]) -> tuple[Any, ...]:
    cells = [rows.cells[column.key] for column in columns]
    every = rows.with_cells([cast(cell, cell.type, ColumnType.TEXT) for cell in cells])
    this = sql("{number} = {first}", number=every.row_number, first=row_number)
    return rows.fetch_one(every.select(every.cells, where=[this]))


def _query_other_rows(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    every = rows.with_cells([])
    return every.numbers_where(
        sql("{number} <> {first}", number=every.row_number, first=fitted["row"])
    )


FIRST_ROW_AS_HEADER = Declaration(
    "first_row_as_header",
    "Make the values of the first row the names of the columns, and take that row away. A missing "
    "or blank value gives `column_3`, a second `price` becomes `price_2`. The types stay: "
    "change_column_type turns texts into numbers or dates.",
    title="Use the first row as column names",
    group=Group.COLUMNS,
    parameters=(),
    plan=_plan,
    query_kept_rows=_query_other_rows,
)
