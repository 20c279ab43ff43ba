"""Phrases that the messages of operations share."""

from __future__ import annotations

from collections.abc import Sequence

from data_tools.columns import ColumnType

HELD = {
    ColumnType.INTEGER: "whole numbers",
    ColumnType.FLOAT: "numbers",
    ColumnType.TEXT: "text",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "dates",
    ColumnType.DATETIME: "dates and times",
}
"""What a column of a type holds, to people."""

_CHARACTERS_SHOWN = 100

CHOOSE_COLUMNS = "Choose at least one column."
NO_COLUMN_LEFT = "At least one column has to stay."


def counted(count: int, noun: str) -> str:
    """Return "1 row", "2 rows" …"""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def what_holds(name: str, column_type: str) -> str:
    """Return '"carrier" holds text'."""
    return f'"{name}" holds {HELD[ColumnType(column_type)]}'


def does_not_belong(typed: object, name: str, column_type: str) -> str:
    """Return '"many" does not belong in "seats", which holds whole numbers.'"""
    kind = HELD[ColumnType(column_type)]
    return f'"{str(typed)[:_CHARACTERS_SHOWN]}" does not belong in "{name}", which holds {kind}.'


def first_in_rows(row_numbers: Sequence[int]) -> str:
    """Return "first in row 3", "first in rows 3, 4" …"""
    rows = "row" if len(row_numbers) == 1 else "rows"
    return f"first in {rows} {', '.join(map(str, row_numbers))}"
