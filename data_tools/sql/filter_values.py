"""The value of a filter's condition, made comparable with a column's cells. Pure and strict."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Any

from data_tools.columns import ColumnType, large_integer
from data_tools.filtering.exceptions import InvalidFilter
from session_events.events import Column

LONGEST_VALUE = 10_000  # characters
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and lone surrogates
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?", re.ASCII
)


def value_for(column: Column, value: Any, path: str) -> Any:
    """Return a JSON value as one that cells of `column` can be compared with.

    For a column of integers it is an integer or a Decimal, also where the value is the text of an
    integer that a double cannot hold; for datetimes it is ISO 8601 text in UTC without offset.

    Raises:
        InvalidFilter: the value, at `path` of the filter, does not suit the column's type.
    """
    match ColumnType(column.type):
        case ColumnType.BOOLEAN if isinstance(value, bool):
            return value
        case ColumnType.INTEGER if _is_number(value):
            return value if isinstance(value, int) else Decimal(value)
        case ColumnType.INTEGER if isinstance(value, str):
            if (integer := large_integer(value)) is not None:
                return integer
        case ColumnType.FLOAT if _is_number(value) and float(value) == value:
            return float(value)
        case ColumnType.TEXT if isinstance(value, str) and _is_storable(value):
            if len(value) > LONGEST_VALUE:
                raise InvalidFilter(path, "is too long", maximum=LONGEST_VALUE)
            return value
        case ColumnType.DATE if isinstance(value, str) and _DATE.fullmatch(value):
            if _moment_of(value) is not None:
                return value
        case ColumnType.DATETIME if isinstance(value, str) and _DATETIME.fullmatch(value):
            if (moment := _moment_of(value)) is not None:
                return moment.isoformat()
    raise InvalidFilter(path, f"is not a value for a column of {column.type}", column=column.name)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and (isinstance(value, float) or abs(value) < 2**64)


def _is_storable(text: str) -> bool:
    return _NOT_STORABLE.search(text) is None


def _moment_of(text: str) -> dt.datetime | None:
    """Return the moment in UTC, without offset; None if no such day exists in years 1 to 9999."""
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment
