"""Column types: the six kinds of value a column can hold, and how each is stored.

| type | stored in a row's JSON array as |
| --- | --- |
| integer | a JSON number without fraction, within 64 bits |
| float | a JSON number that is a finite IEEE 754 double |
| text | a JSON string; the empty string is a value, not a missing one |
| boolean | true or false |
| date | a JSON string, ISO 8601 `2013-01-31` |
| datetime | a JSON string, ISO 8601 `2013-01-31T05:00:00`, with `Z` when the file gave an offset |

A missing value of any type is JSON null. All datetimes of a column have the same number of fraction
digits (0, 3 or 6), so that their texts sort as their times do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from session_events.events import Column


class ColumnType(StrEnum):
    """The type of all values of a column."""

    INTEGER = "integer"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


INTEGERS = range(-(2**63), 2**63)  # what an integer column can hold
NUMERIC_TYPES = frozenset({ColumnType.INTEGER, ColumnType.FLOAT})


def base_columns(columns: Iterable[Mapping[str, str]]) -> tuple[Column, ...]:
    """Return a dataset's columns, `{"name", "type"}` each, as a session's, keyed by position."""
    return tuple(
        Column(key=f"b{position}", name=column["name"], type=column["type"])
        for position, column in enumerate(columns)
    )
