"""How many values a column of numbers has, and the least and the largest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.columns import ColumnType
from data_tools.operations.row_source import Rows
from data_tools.sql.exact_sums import factor_for
from session_events.events import Column


@dataclass(frozen=True, slots=True)
class Extent:
    """A column that has values: how many, the least and the largest one."""

    column: Column
    values: int
    least: int | float
    largest: int | float

    @property
    def is_integer(self) -> bool:
        return self.column.type == ColumnType.INTEGER

    @property
    def farthest(self) -> int | float:
        """The largest distance of any value from 0."""
        return max(abs(self.least), abs(self.largest))

    @property
    def factor(self) -> float:
        """The power of two that floats are multiplied by while they are computed with."""
        return 1.0 if self.is_integer else factor_for(self.farthest)


def measure_extents(rows: Rows, columns: Sequence[Column]) -> list[Extent]:
    """Return the extents of the columns that have any value, in order."""
    return [
        Extent(column, len(numbers), *numbers.ends)
        for column, numbers in zip(columns, rows.numbers_of(columns), strict=True)
        if len(numbers)
    ]
