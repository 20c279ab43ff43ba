"""A value that a user typed, as a value of a column. The database converts texts, so that a
constant means exactly what the same text in a cell would after a change of type."""

from __future__ import annotations

import math
from typing import Any

from data_tools.columns import INTEGERS, ColumnType
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import bound, compose
from session_events.events import Column


def constant_for(rows: Rows, given: Any, column: Column) -> tuple[Any, ColumnType]:
    """`given` as a value for `column`, and the column's type with it in.

    An integer column becomes float for a number with a fraction. Raises: InvalidParameter.
    """
    column_type = ColumnType(column.type)
    if column_type is ColumnType.TEXT:
        return _as_text(given), column_type
    read = _from_text(rows, given) if isinstance(given, str) else _from_json(given)
    wanted = [column_type]
    if column_type is ColumnType.INTEGER:
        wanted.append(ColumnType.FLOAT)
    for target in wanted:
        if read[target] is not None:
            return read[target], target
    raise InvalidParameter(
        "fill_value",
        f"is not a value for a column of {column_type}",
        message=f'Error filling column "{column.name}": '
        f"{str(given)[:100]!r} is not a value for a column of {column_type}",
        column=column.name,
    )


def _as_text(given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given)


def _from_text(rows: Rows, text: str) -> dict[ColumnType, Any]:
    found = rows.fetch_one(
        compose(
            "SELECT data_tools_text_to_integer(t), data_tools_text_to_float(t), ",
            "data_tools_text_to_boolean(t), data_tools_text_to_date(t), ",
            "data_tools_text_to_datetime(t) FROM (SELECT CAST(",
            bound(text),
            " AS text) AS t) AS given",
        )
    )
    order = (
        ColumnType.INTEGER,
        ColumnType.FLOAT,
        ColumnType.BOOLEAN,
        ColumnType.DATE,
        ColumnType.DATETIME,
    )
    return dict(zip(order, found, strict=True))


def _from_json(given: bool | int | float) -> dict[ColumnType, Any]:
    read: dict[ColumnType, Any] = dict.fromkeys(ColumnType)
    if isinstance(given, bool):
        read[ColumnType.BOOLEAN] = given
        return read
    if given in (0, 1):
        read[ColumnType.BOOLEAN] = bool(given)
    if isinstance(given, float) and not math.isfinite(given):
        return read
    if given == int(given) and int(given) in INTEGERS:
        read[ColumnType.INTEGER] = int(given)
    if abs(given) < 2**1024 and float(given) == given:
        read[ColumnType.FLOAT] = float(given)
    return read
