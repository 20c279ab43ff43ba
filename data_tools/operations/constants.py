"""A value that a user typed, as a value of a column.

The database converts texts, so that a constant means exactly what the same text in a cell would
after a change of type.
"""

from __future__ import annotations

import math
from typing import Any

from data_tools.columns import INTEGERS, ColumnType
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import does_not_belong
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import bound, sql
from session_events.events import Column


def constant_for(rows: Rows, typed: Any, column: Column) -> tuple[Any, ColumnType]:
    """Return `typed` as a value for `column`, and the type of the column once it holds that value.

    An integer column becomes float for a number with a fraction.

    Raises:
        InvalidParameter: `typed` is not a value of the column's type.
    """
    column_type = ColumnType(column.type)
    if column_type is ColumnType.TEXT:
        return _as_text(typed), column_type
    readings = _from_text(rows, typed) if isinstance(typed, str) else _from_json(typed)
    possible = [column_type]
    if column_type is ColumnType.INTEGER:
        possible.append(ColumnType.FLOAT)
    for target in possible:
        if readings[target] is not None:
            return readings[target], target
    raise InvalidParameter(
        "fill_value",
        f"is not a value for a column of {column_type}",
        message=f'Error filling column "{column.name}": '
        f"{str(typed)[:100]!r} is not a value for a column of {column_type}",
        told=does_not_belong(typed, column.name, column_type),
        column=column.name,
    )


def _as_text(typed: Any) -> str:
    if isinstance(typed, bool):
        return "true" if typed else "false"
    return str(typed)


def _from_text(rows: Rows, text: str) -> dict[ColumnType, Any]:
    readings = rows.fetch_one(
        sql(
            """
            SELECT
                data_tools_text_to_integer(t),
                data_tools_text_to_exact_float(t),
                data_tools_text_to_boolean(t),
                data_tools_text_to_date(t),
                data_tools_text_to_exact_datetime(t)
            FROM (SELECT CAST({text} AS text) AS t) AS typed
            """,
            text=bound(text),
        )
    )
    types = (
        ColumnType.INTEGER,
        ColumnType.FLOAT,
        ColumnType.BOOLEAN,
        ColumnType.DATE,
        ColumnType.DATETIME,
    )
    return dict(zip(types, readings, strict=True))


def _from_json(value: bool | int | float) -> dict[ColumnType, Any]:
    readings: dict[ColumnType, Any] = dict.fromkeys(ColumnType)
    if isinstance(value, bool):
        readings[ColumnType.BOOLEAN] = value
        return readings
    if value in (0, 1):
        readings[ColumnType.BOOLEAN] = bool(value)
    if isinstance(value, float) and not math.isfinite(value):
        return readings
    if value == int(value) and int(value) in INTEGERS:
        readings[ColumnType.INTEGER] = int(value)
    if abs(value) < 2**1024 and float(value) == value:
        readings[ColumnType.FLOAT] = float(value)
    return readings
