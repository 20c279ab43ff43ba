"""Parts of dates and times as new columns of integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from data_tools.columns import ColumnType
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    prepare_added_columns,
)
from data_tools.operations.column_lookup import COLUMN, suitable_columns
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.parameters import Choices, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import Sql, number, sql

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
_OF_TIMES = frozenset({"hour", "minute", "second"})


def _plan(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
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
                "parts", f"a date has no {part}", column=column.name, choices=possible
            )
    return prepare_added_columns(
        rows,
        operation="extract_date_parts",
        parameters=parameters,
        new_columns=[
            NewColumn(name=f"{column.name}_{part}", inputs=(column,), fitted={"part": part})
            for part in parameters["parts"]
        ],
        combine=_part,
    )


def _part(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    part = fitted["part"]
    field, first = Sql(_FIELDS[part]), number(1 if part == "weekday" else 0)
    return Computed(
        type=ColumnType.INTEGER,
        inputs=(cells[0],),
        write=lambda cell: sql(
            "CAST(floor(extract({field} FROM CAST({cell} AS timestamp))) - {first} AS bigint)",
            field=field,
            cell=cell,
            first=first,
        ),
    )


EXTRACT_DATE_PARTS = Declaration(
    name="extract_date_parts",
    description="Add columns <column>_<part> of the parts of a date or datetime, in UTC where it "
    "has an offset. Weekdays count from Monday, which is 0; weeks are those of ISO 8601.",
    parameters=(
        COLUMN,
        Parameter(
            name="parts",
            kind=Choices(choices=tuple(_FIELDS)),
            required=True,
            description="The parts, a new column each.",
        ),
    ),
    plan=_plan,
    compile=added_columns_compiler(_part),
)
