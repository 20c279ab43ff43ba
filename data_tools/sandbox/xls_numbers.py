"""The numbers in an .xls that calamine reads wrong, found by xlrd, which gives each cell's format.

Reading a sheet again takes time, so it is done only when a cell is asked for.
"""

from __future__ import annotations

import io
import struct
from functools import cached_property
from pathlib import Path

import xlrd
import xlrd.compdoc

from data_tools.sandbox.number_formats import Shown, corrected, shown_by, shown_by_built_in

# It has no class of its own for much of what it meets in damaged files.
_DAMAGED = (
    *(xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, ArithmeticError, AssertionError),
    *(AttributeError, LookupError, TypeError, ValueError),
)
_NUMBERS = (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE)


class XlsNumbers:
    """The cells of one sheet whose number, in a format of dates, needs a second look."""

    def __init__(self, path: Path, sheet_name: str) -> None:
        self._path = path
        self._sheet_name = sheet_name

    def __call__(self, row: int, column: int) -> str | None:
        """Return the cell of `data_tools.cells` at this place; None if calamine reads it right."""
        if self._sheet is None:
            return None
        sheet, book = self._sheet, self._sheet.book
        if row >= sheet.nrows or column >= sheet.row_len(row):
            return None
        if sheet.cell_type(row, column) not in _NUMBERS:
            return None
        shown = self._shown(sheet.cell_xf_index(row, column))
        days = sheet.cell_value(row, column)
        return corrected(days, shown, counts_from_1904=book.datemode == 1)

    @cached_property
    def _sheet(self) -> xlrd.sheet.Sheet | None:
        """The sheet, or None if xlrd, which is stricter than calamine, cannot read it."""
        try:
            book = xlrd.open_workbook(
                self._path,
                logfile=io.StringIO(),
                on_demand=True,
                formatting_info=True,
                ragged_rows=True,
            )
            return book.sheet_by_name(self._sheet_name)
        except _DAMAGED:
            return None

    def _shown(self, style: int) -> Shown:
        if style not in self._shown_by_style:
            assert self._sheet
            book = self._sheet.book
            number = book.xf_list[style].format_key
            format_ = book.format_map.get(number)
            code = format_.format_str if format_ else None  # xlrd has no codes of some languages
            self._shown_by_style[style] = shown_by(code) if code else shown_by_built_in(number)
        return self._shown_by_style[style]

    @cached_property
    def _shown_by_style(self) -> dict[int, Shown]:
        return {}
