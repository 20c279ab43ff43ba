"""How a CSV file is written: delimiter, encoding, byte order mark, and what becomes of formulas.

Note [Encodings of CSV]
    Programs read UTF-8. Excel takes a CSV file for one of the computer's own encoding unless it
    begins with a byte order mark, so `has_bom` makes it read UTF-8; older programs need their own
    encoding. A character that the encoding lacks is never replaced: the export is refused before
    its first byte, for which all texts are read once beforehand.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from data_tools.columns import ColumnType
from data_tools.exporting.arrow_rows import each_text
from data_tools.exporting.exceptions import ExportDoesNotFit
from session_events.events import Column

DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"}
UTF_8, UTF_16 = "utf-8", "utf-16"
_CODECS = {UTF_16: "utf-16-le"}  # Python's own "utf-16" writes a mark before every piece
# The name of an encoding in a request, and the one that IANA has for it.
ENCODINGS: dict[str, str] = {
    UTF_8: "utf-8",
    UTF_16: "utf-16",
    **{f"cp{number}": f"windows-{number}" for number in range(1250, 1259)},
    **{name: name for name in ("iso-8859-1", "iso-8859-2", "iso-8859-15", "koi8-r")},
    **{"cp932": "windows-31j", "euc-jp": "euc-jp", "cp949": "ks_c_5601-1987"},
    **{"big5": "big5", "gb18030": "gb18030"},
}
_HOLD_EVERYTHING = frozenset({UTF_8, UTF_16, "gb18030"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvForm:
    """See Note [Encodings of CSV], and Note [Formulas in CSV] in `csv_texts`.

    `delimiter` is a value of DELIMITERS, `encoding` a key of ENCODINGS. `has_bom` is for UTF-8;
    UTF-16 always has one.
    """

    delimiter: str = ","
    encoding: str = UTF_8
    has_bom: bool = False
    escapes_formulas: bool = False

    @property
    def holds_everything(self) -> bool:
        """Whether every character can be written in the encoding."""
        return self.encoding in _HOLD_EVERYTHING

    @property
    def media_type(self) -> str:
        return f"text/csv; charset={ENCODINGS[self.encoding]}"

    def encoded(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the pieces, which are UTF-8, in the encoding.

        Raises:
            UnicodeEncodeError: it lacks a character; see `require_encodable`.
        """
        if self.encoding == UTF_16:
            yield codecs.BOM_UTF16_LE
        elif self.has_bom:
            yield codecs.BOM_UTF8
        for piece in pieces:
            yield piece if self.encoding == UTF_8 else piece.decode().encode(self._codec)

    def require_encodable(
        self, slices: Iterable[Sequence[pa.Array]], columns: Sequence[Column]
    ) -> None:
        """Raise unless the encoding has every character of the columns' names and texts.

        Raises:
            ExportDoesNotFit: it lacks one; the message names it, and the first place of it.
        """
        for column in columns:
            self._require(column.name, column, row=0)
        texts_at = [at for at, column in enumerate(columns) if column.type == ColumnType.TEXT]
        rows_before = 0
        for arrays in slices:
            for at in texts_at:
                try:
                    each_text(arrays[at], self._encodable)
                except UnicodeEncodeError:
                    for row, text in enumerate(arrays[at].to_pylist(), start=rows_before + 1):
                        self._require(text or "", columns[at], row=row)
            rows_before += len(arrays[0]) if arrays else 0

    def _encodable(self, texts: pa.StringArray) -> pa.StringArray:
        """Return the texts.

        Raises:
            UnicodeEncodeError: the encoding lacks a character of one.
        """
        "".join(text for text in texts.to_pylist() if text).encode(self._codec)
        return texts

    def _require(self, text: str, column: Column, *, row: int) -> None:
        try:
            text.encode(self._codec)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            where = f"in row {row}" if row else "in its name"
            raise ExportDoesNotFit(
                f'Column "{column.name}" has "{character}" {where}, a character that the encoding '
                f"{self.encoding} lacks. Choose utf-8.",
                details={
                    "parameter": "encoding",
                    "encoding": self.encoding,
                    "column": column.name,
                    "character": character,
                    "row": row or None,
                },
            ) from error

    @property
    def _codec(self) -> str:
        return _CODECS.get(self.encoding, self.encoding)
