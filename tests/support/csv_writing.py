"""Write tables as CSV in any dialect, independently of what reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDialect:
    """How a program writes CSV."""

    delimiter: str
    quote: str
    """"" if it never quotes."""
    quotes_all: bool
    escape: str
    """"" if it doubles marks."""
    line_end: str
    encoding: str
    has_header: bool
    ends_last_line: bool
    first_lines: str = ""
    """What stands before the table: a `sep=` line, a title, comments."""

    def write(self, names: Sequence[str], rows: Sequence[Row]) -> bytes:
        """Return the file.

        Raises:
            ValueError: the dialect has no way to write a cell.
            UnicodeEncodeError: the encoding has no way to.
        """
        records: list[Row] = [names, *rows] if self.has_header else list(rows)
        lines = [self.delimiter.join(self._field(cell) for cell in record) for record in records]
        text = self.first_lines + self.line_end.join(lines)
        if self.ends_last_line or not lines[-1]:
            text += self.line_end
        return text.encode(self.encoding)

    def _field(self, cell: str | None) -> str:
        if cell is None:
            return ""
        special = {self.delimiter, self.quote, self.escape, "\r", "\n"} - {""}
        has_special = any(sign in cell for sign in special)
        if not self.quote:
            if cell == "" or (has_special and not self.escape):
                raise ValueError(cell)
            return "".join(self.escape + sign if sign in special else sign for sign in cell)
        if not (has_special or self.quotes_all or cell == "" or cell != cell.strip()):
            return cell
        before = self.escape or self.quote
        inside = {self.quote, self.escape} - {""}
        text = "".join(before + sign if sign in inside else sign for sign in cell)
        return self.quote + text + self.quote
