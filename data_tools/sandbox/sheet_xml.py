"""What calamine does not say of an .xlsx sheet: where it ends, its cells without a value, and the
numbers that it reads wrong.

Regular expressions take time linear in the sheet. The expat of Python 3.11 (before its 2.6) does
not: it reads one huge comment or attribute again with every piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from data_tools.cells import Kind
from data_tools.sandbox.number_formats import EXACT_INTEGERS, Shown, corrected
from data_tools.sandbox.xlsx_styles import NumberFormats

_MOST_REPORTED_CELLS = 5
# A cell's text has at most 32,767 characters; anything longer is not a cell.
_LONGEST_CELL_BYTES = 4 << 20

_CELL = re.compile(rb"<(?:\w+:)?(c|row)\b([^>]*?)(/?)>")  # or the row that it is in
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,10})(\d{1,15})["']""")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
# A formula's text; an empty one is written as no value at all.
_FORMULA_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^>/]*>[^<]")
_STYLE = re.compile(rb"""\bs\s*=\s*["'](\d{1,9})["']""")
_TYPE = re.compile(rb"""\bt\s*=\s*["'](\w+)["']""")
_NUMBER = re.compile(rb"<(?:\w+:)?v\b[^>/]*>\s*([-+.\deE]{1,400})\s*<")
# Numbers that a double may not hold: many digits, or a large exponent.
_LONG_NUMBER = re.compile(
    rb"<(?:\w+:)?v\b[^>/]*>\s*(?:-?[\d.]{16,400}|-?[\d.]{1,400}[eE]\+?1\d)\s*<"
)
_END_OF_CELLS = re.compile(rb"</(?:\w+:)?sheetData\b")
_ROW_NUMBER = re.compile(rb"""\br\s*=\s*["'](\d{1,15})["']""")


@dataclass(slots=True)
class Cells:
    """The number of cells of one sort, and the names of the first of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, reference: str) -> None:
        self.count += 1
        if len(self.first) < _MOST_REPORTED_CELLS:
            self.first.append(reference)


@dataclass(slots=True)
class SheetScan:
    """What was seen of a sheet whose XML is fed piece by piece.

    A row or a cell without a reference of its own comes after the one before it.
    """

    last_row: int = 0
    last_column: int = 0
    formats: NumberFormats = field(default_factory=NumberFormats)
    error_cells: Cells = field(default_factory=Cells)
    formulas_without_value: Cells = field(default_factory=Cells)
    corrections: dict[tuple[int, int], str] = field(default_factory=dict)
    """The cells of `data_tools.cells` that calamine reads wrong, by row and column from 0."""
    _row: int = 0
    _column: int = 0
    """Where the cell is that was scanned last; both count from 1."""
    _has_long_numbers: bool = False
    _rest: bytes = b""

    def feed(self, piece: bytes) -> None:
        """Scan the next piece of the sheet's XML."""
        text = self._rest + piece
        starts = list(_CELL.finditer(text))
        self._has_long_numbers = _LONG_NUMBER.search(text) is not None
        for start, after in zip(starts, starts[1:], strict=False):
            self._scan(start, text, after.start())
        # Scan the last cell, or the tag that the piece ends in, again with the next piece.
        rest_from = starts[-1].start() if starts else max(0, text.rfind(b"<"))
        if starts and _END_OF_CELLS.search(text, rest_from):
            self._scan(starts[-1], text, len(text))
            rest_from = max(starts[-1].end(), text.rfind(b"<"))
        self._rest = text[rest_from:][:_LONGEST_CELL_BYTES]

    def _scan(self, start: re.Match[bytes], text: bytes, end: int) -> None:
        if start[1] == b"c":
            self._scan_cell(start, text, end)
            return
        number = _ROW_NUMBER.search(start[2])
        self._row, self._column = int(number[1]) if number else self._row + 1, 0
        self.last_row = max(self.last_row, self._row)

    def _scan_cell(self, start: re.Match[bytes], text: bytes, end: int) -> None:
        attributes = start[2]
        name = _REFERENCE.search(attributes)
        if name:
            reference = (name[1] + name[2]).decode().upper()
            self._row, self._column = int(name[2]), column_number(name[1].decode())
        else:
            self._column += 1
            reference = reference_of(self._row, self._column)
        self.last_row = max(self.last_row, self._row)
        self.last_column = max(self.last_column, self._column)
        self._correct(start, text, end, (self._row - 1, self._column - 1))
        if _ERROR.search(attributes):
            self.error_cells.add(reference)
        elif not start[3] and not _FORMULA_TEXT.search(attributes):
            formula = _FORMULA.search(text, start.end(), end)
            if formula and not _VALUE.search(text, formula.end(), end):
                self.formulas_without_value.add(reference)

    def _correct(
        self, start: re.Match[bytes], text: bytes, end: int, place: tuple[int, int]
    ) -> None:
        """Keep the cell at this place if calamine reads its number wrong."""
        style = _STYLE.search(start[2])
        shown = self.formats.shown_in(int(style[1])) if style else Shown.NUMBER
        if shown is Shown.NUMBER and not self._has_long_numbers:
            return
        type_ = _TYPE.search(start[2])
        number = _NUMBER.search(text, start.end(), end)
        if not number or (type_ and type_[1] != b"n"):
            return
        written = number[1].decode()
        try:
            cell = _exact(written) or corrected(
                float(written), shown, counts_from_1904=self.formats.counts_from_1904
            )
        except (ValueError, ArithmeticError):  # calamine says what it is
            return
        if cell:
            self.corrections[place] = cell


def _exact(written: str) -> str | None:
    """Return the cell of an integer that a double would change; None for any other number."""
    number = Decimal(written)
    is_written_out = "e" not in written.lower()
    if number != int(number) or abs(number) < EXACT_INTEGERS:
        return None
    return f"{Kind.NUMBER}{number:.0f}" if is_written_out or abs(number) < 2**63 else None


def reference_of(row: int, column: int) -> str:
    """Return the name of a cell, such as `B3`; both count from 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def column_number(letters: str) -> int:
    """Return the position of a column from its letters: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
