"""A value of a filter, as what a column's cells are compared with. Pure and strict."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Any

from data_tools.columns import ColumnType
from data_tools.filtering.exceptions import InvalidFilter
from session_events.events import Column

LONGEST_VALUE = 10_000  # characters
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATETIME = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?", re.ASCII
)


def value_for(column: Column, given: Any, path: str) -> Any:
    """A JSON value as a value for comparing with cells of `column`.

    A number for integers is an integer or a Decimal; a datetime is ISO 8601 text in UTC without
    offset. Raises: InvalidFilter, when it is a value of another type.
    """
    match ColumnType(column.type):
        case ColumnType.BOOLEAN if isinstance(given, bool):
            return given
        case ColumnType.INTEGER if _is_number(given):
            return given if isinstance(given, int) else Decimal(given)
        case ColumnType.FLOAT if _is_number(given) and float(given) == given:
            return float(given)
        case ColumnType.TEXT if isinstance(given, str) and _is_storable(given):
            if len(given) > LONGEST_VALUE:
                raise InvalidFilter(path, "is too long", maximum=LONGEST_VALUE)
            return given
        case ColumnType.DATE if isinstance(given, str) and _DATE.fullmatch(given):
            if _read(given) is not None:
                return given
        case ColumnType.DATETIME if isinstance(given, str) and _DATETIME.fullmatch(given):
            if (moment := _read(given)) is not None:
                return moment.isoformat()
    raise InvalidFilter(path, f"is not a value for a column of {column.type}", column=column.name)


def _is_number(given: Any) -> bool:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return False
    return math.isfinite(given) and (isinstance(given, float) or abs(given) < 2**64)


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _read(text: str) -> dt.datetime | None:
    """The moment in UTC, without offset; None for what is no day, or outside years 1 to 9999."""
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment
