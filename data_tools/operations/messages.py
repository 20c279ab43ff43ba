"""Phrases that the messages of operations share."""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """Return "1 row", "2 rows" …"""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def first_in_rows(row_numbers: Sequence[int]) -> str:
    """Return "first in row 3", "first in rows 3, 4" …"""
    rows = "row" if len(row_numbers) == 1 else "rows"
    return f"first in {rows} {', '.join(map(str, row_numbers))}"
