"""Parts of dates and times as new columns of integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from data_tools.columns import ColumnType
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    plan_added_columns,
)
from data_tools.operations.column_lookup import column_of, suitable_columns
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import what_holds
from data_tools.operations.parameters import Choices, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed
from data_tools.sql.fragment import Sql

# What PostgreSQL calls each part. Its week begins with Monday as 1; Python and pandas count from 0.
_FIELDS: dict[str, LiteralString] = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "day": "day",
    "day_of_year": "doy",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
    "weekday": "isodow",
}
_PART: LiteralString = "CAST(floor(extract({field} FROM CAST({cell} AS timestamp))) AS bigint)"
_WEEKDAY: LiteralString = (
    "CAST(floor(extract({field} FROM CAST({cell} AS timestamp))) - 1 AS bigint)"
)
_OF_TIMES = frozenset({"hour", "minute", "second"})


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    [column] = suitable_columns(
        rows.columns,
        [parameters["column"]],
        {ColumnType.DATE, ColumnType.DATETIME},
        of_what="dates or datetimes",
        path="column",
    )
    for part in parameters["parts"]:
        if part in _OF_TIMES and column.type == ColumnType.DATE:
            possible = [name for name in _FIELDS if name not in _OF_TIMES]
            raise InvalidParameter(
                "parts",
                f"a date has no {part}",
                told=f"{what_holds(column.name, column.type)}. They have no {part}.",
                column=column.name,
                choices=possible,
            )
    new_columns = [
        NewColumn(f"{column.name}_{part}", (column,), {"part": part})
        for part in parameters["parts"]
    ]
    return plan_added_columns(rows, new_columns, _part)


def _part(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    part = fitted["part"]
    return computed(
        ColumnType.INTEGER,
        _WEEKDAY if part == "weekday" else _PART,
        cells[0],
        keeps_gaps=True,
        field=Sql(_FIELDS[part]),
    )


EXTRACT_DATE_PARTS = Declaration(
    "extract_date_parts",
    "Add columns <column>_<part> of the parts of a date or datetime, in UTC where it "
    "has an offset. Weekdays count from Monday, which is 0; weeks are those of ISO 8601.",
    title="Extract parts of a date",
    group=Group.DATES,
    parameters=(
        column_of({ColumnType.DATE, ColumnType.DATETIME}),
        Parameter("parts", Choices(tuple(_FIELDS)), "The parts, a new column each.", required=True),
    ),
    plan=_plan,
    compile=added_columns_compiler(_part),
)
