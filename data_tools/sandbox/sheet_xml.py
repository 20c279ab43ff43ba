"""What calamine does not say of an .xlsx sheet: where it ends, and its cells without a value.

Regular expressions take time linear in the sheet. The expat of Python 3.11 (before its 2.6) does
not: it reads one huge comment or attribute again with every piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MOST_REPORTED_CELLS = 5
# A cell's text has at most 32,767 characters; anything longer is not a cell.
_LONGEST_CELL_BYTES = 4 << 20

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(/?)>")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,10})(\d{1,15})["']""")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
# A formula's text; an empty one is written as no value at all.
_FORMULA_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)\b[^>/]*>[^<]")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["'](\d{1,15})["']""")


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

    Cells without a reference of their own are not seen. Calamine puts them one after the other,
    so the last of them is no further out than their number.
    """

    last_row: int = 0
    last_column: int = 0
    error_cells: Cells = field(default_factory=Cells)
    formulas_without_value: Cells = field(default_factory=Cells)
    _rest: bytes = b""

    def feed(self, piece: bytes) -> None:
        """Scan the next piece of the sheet's XML."""
        text = self._rest + piece
        starts = list(_CELL.finditer(text))
        for start, after in zip(starts, starts[1:], strict=False):
            self._scan_cell(start, text, after.start())
        for row in _ROW.finditer(text):
            self.last_row = max(self.last_row, int(row[1]))
        # Scan the last cell, or the tag that the piece ends in, again with the next piece.
        rest_from = starts[-1].start() if starts else max(0, text.rfind(b"<"))
        if starts and b"</sheetData" in text[rest_from:]:
            self._scan_cell(starts[-1], text, len(text))
            rest_from = max(starts[-1].end(), text.rfind(b"<"))
        self._rest = text[rest_from:][:_LONGEST_CELL_BYTES]

    def _scan_cell(self, start: re.Match[bytes], text: bytes, end: int) -> None:
        attributes = start[1]
        name = _REFERENCE.search(attributes)
        reference = ""
        if name:
            reference = (name[1] + name[2]).decode().upper()
            self.last_column = max(self.last_column, column_number(name[1].decode()))
            self.last_row = max(self.last_row, int(name[2]))
        if _ERROR.search(attributes):
            self.error_cells.add(reference)
        elif not start[2] and not _FORMULA_TEXT.search(attributes):
            formula = _FORMULA.search(text, start.end(), end)
            if formula and not _VALUE.search(text, formula.end(), end):
                self.formulas_without_value.add(reference)


def column_number(letters: str) -> int:
    """Return the position of a column from its letters: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
