"""Columns: the six kinds of value that one can hold, how each is stored, and unique names.

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

import re
from collections.abc import Iterable, Mapping, Sequence
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
LARGEST_EXACT_INTEGER = 2**53  # the integers from -this to this are doubles, without exception
NUMERIC_TYPES = frozenset({ColumnType.INTEGER, ColumnType.FLOAT})
_LARGE_INTEGER = re.compile(r"-?\d{16,20}", re.ASCII)


def large_integer(text: str) -> int | None:
    """Return the integer whose digits a text has; None unless it is one that no double holds.

    It is the form in which a client that cannot read large integers is sent them.
    """
    if _LARGE_INTEGER.fullmatch(text) and LARGEST_EXACT_INTEGER < abs(int(text)) < 2**64:
        return int(text)
    return None


def base_columns(columns: Iterable[Mapping[str, str]]) -> tuple[Column, ...]:
    """Return a dataset's columns, `{"name", "type"}` each, as a session's, keyed by position."""
    return tuple(
        Column(key=f"b{position}", name=column["name"], type=column["type"])
        for position, column in enumerate(columns)
    )


def unique_names(written_names: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each column: as written if possible, `column_3` for an empty third header,
    and `price_2` for the second `price`."""
    nonblank_names = {name for name in written_names if name.strip()}
    taken: set[str] = set()
    next_suffix: dict[str, int] = {}  # so that ten thousand columns of one name take no time
    names = []
    for position, written in enumerate(written_names, start=1):
        base = written if written.strip() else f"column_{position}"
        name, suffix = base, next_suffix.get(base, 2)
        while name in taken or (name != written and name in nonblank_names):
            name, suffix = f"{base}_{suffix}", suffix + 1
        next_suffix[base] = suffix
        taken.add(name)
        names.append(name)
    return tuple(names)
