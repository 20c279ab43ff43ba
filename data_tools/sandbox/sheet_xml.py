"""What calamine does not say of an .xlsx sheet: where it ends, and its cells without a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

_MOST_REPORTED_CELLS = 5
_REFERENCE = re.compile(r"([A-Z]{1,10})([0-9]{1,15})")
_ROW_NUMBER = re.compile(r"[0-9]{1,15}")
# The types of a cell that holds an error, and of one whose formula gave a text. An empty text is
# written as no value at all.
_ERROR, _FORMULA_TEXT = "e", "str"


@dataclass(slots=True)
class Cells:
    """The number of cells of one sort, and the names of the first of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, reference: str) -> None:
        self.count += 1
        if len(self.first) < _MOST_REPORTED_CELLS:
            self.first.append(reference)


class SheetScan:
    """What was seen of a sheet whose XML is fed piece by piece.

    Cells without a reference of their own are not seen. Calamine puts them one after the other,
    so the last of them is no further out than their number. XML that is not well formed is scanned
    up to the fault: whether the sheet can be read is for calamine to say.
    """

    def __init__(self) -> None:
        self.last_row = self.last_column = 0
        self.error_cells = Cells()
        self.formulas_without_value = Cells()
        self._reference = self._type = ""
        self._has_formula = self._has_value = self._is_in_value = False
        self._parser: expat.XMLParserType | None = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Scan the next piece of the sheet's XML."""
        try:
            if self._parser:
                self._parser.Parse(piece, is_last)
        except expat.ExpatError:
            self._parser = None

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "c":
                self._reference = attributes.get("r", "").upper()
                self._type = attributes.get("t", "")
                self._has_formula = self._has_value = False
                if reference := _REFERENCE.fullmatch(self._reference):
                    self.last_column = max(self.last_column, column_number(reference[1]))
                    self.last_row = max(self.last_row, int(reference[2]))
            case "f":
                self._has_formula = True
            case "v" | "t":
                self._is_in_value = True
            case "row" if _ROW_NUMBER.fullmatch(number := attributes.get("r", "")):
                self.last_row = max(self.last_row, int(number))

    def _text(self, text: str) -> None:
        self._has_value |= self._is_in_value

    def _end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "v" | "t":
                self._is_in_value = False
            case "c" if self._type == _ERROR:
                self.error_cells.add(self._reference)
            case "c" if self._has_formula and not self._has_value and self._type != _FORMULA_TEXT:
                self.formulas_without_value.add(self._reference)


@lru_cache(maxsize=1 << 14)
def column_number(letters: str) -> int:
    """Return the position of a column from its letters: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
