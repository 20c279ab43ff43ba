"""The values that calamine reads as the cells of `data_tools.cells`, with its faults mended."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from data_tools.cells import Kind
from data_tools.sandbox.durations import spelled, time_of_day
from data_tools.sandbox.number_formats import EXACT_INTEGERS, LAST_DAY_FROM_1904, number_text
from data_tools.sandbox.ods_durations import DurationScan
from data_tools.sandbox.sheet_xml import Cells, reference_of

# Dates before this day may be numbers that are none, whichever year a workbook counts from.
_FIRST_SURE_DAY = dt.date(1905, 1, 3)
# Beyond this, a number is no id of which somebody misses the digits.
_LARGEST_INTEGER = 10**21
_DAY_NANOSECONDS = 86_400 * 10**9


class CellReader:
    """Turns the rows of a sheet into rows of cells, and counts what its owner should know."""

    def __init__(
        self,
        first_column: int,
        *,
        corrected: Callable[[int, int], str | None],
        durations: DurationScan | None,
        doubts_integers: bool,
    ) -> None:
        """`first_column` is the position of a row's first value in the sheet, from 0.

        `corrected` returns the cell at a row and a column, both from 0, if calamine reads it wrong.
        It is asked only about the numbers and dates of which some are. `durations` are those of an
        .ods. `doubts_integers` says that an integer may be a date.
        """
        self._first_column = first_column
        self._corrected = corrected
        self._durations = durations
        self._doubts_integers = doubts_integers
        self.numbers_as_dates: dict[int, Cells] = defaultdict(Cells)
        """Numbers in formats of dates that are no date, and stay numbers, by the position of their
        column in the rows."""
        self.large_integers: dict[int, Cells] = defaultdict(Cells)
        """Integers beyond 2^53, of which a workbook may have kept only the first digits."""

    def row(self, number: int, values: Sequence[Any]) -> list[str | None]:
        """Return the cells of the row with this number, which counts from 0."""
        return [
            self._cell(number, self._first_column + position, value)
            for position, value in enumerate(values)
        ]

    def _cell(self, row: int, column: int, value: Any) -> str | None:
        match value:
            case "" | None:  # an empty text cannot be told from an empty cell
                return None
            case bool():
                return Kind.BOOLEAN + ("true" if value else "false")
            case str():
                return self._text(value)
            case int() if self._doubts_integers and (cell := self._no_date(row, column)):
                return cell
            case int() | float():
                if abs(value) < EXACT_INTEGERS:
                    if value > LAST_DAY_FROM_1904:
                        self._no_date(row, column)  # for the note: it is a number already
                    return Kind.NUMBER + number_text(float(value))
                return self._corrected(row, column) or self._large(row, column, value)
            case dt.timedelta():
                return Kind.DURATION + spelled(value // dt.timedelta(microseconds=1) * 1000)
            case dt.time():
                return self._no_date(row, column) or Kind.TIME + value.isoformat()
            case dt.datetime():
                is_sure = value.date() >= _FIRST_SURE_DAY
                cell = None if is_sure else self._no_date(row, column)
                return cell or Kind.DATETIME + value.isoformat()
            case dt.date():
                cell = None if value >= _FIRST_SURE_DAY else self._no_date(row, column)
                return cell or Kind.DATE + value.isoformat()
        raise TypeError(type(value))

    def _text(self, text: str) -> str:
        nanoseconds = self._durations.nanoseconds(text) if self._durations else None
        if nanoseconds is None:
            return Kind.TEXT + text
        if 0 <= nanoseconds < _DAY_NANOSECONDS:  # as calamine reads most of them
            return Kind.TIME + time_of_day(nanoseconds)
        return Kind.DURATION + spelled(nanoseconds)

    def _no_date(self, row: int, column: int) -> str | None:
        cell = self._corrected(row, column)
        if cell and cell.startswith(Kind.NUMBER):
            self._count(self.numbers_as_dates, row, column)
        return cell

    def _large(self, row: int, column: int, value: float) -> str:
        text = number_text(float(value))
        if float(value).is_integer() and abs(value) < _LARGEST_INTEGER:
            self._count(self.large_integers, row, column)
        return Kind.NUMBER + text

    def _count(self, cells: dict[int, Cells], row: int, column: int) -> None:
        cells[column - self._first_column].add(reference_of(row + 1, column + 1))
