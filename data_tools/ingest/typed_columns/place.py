"""Where in a column a text stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One value of a column: the row, counted from 1, and the text."""

    row: int
    text: str
