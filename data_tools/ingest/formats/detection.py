"""Detect what kind of file it is from its content, since a file's name may say anything."""

from __future__ import annotations

import codecs
import re
from enum import Enum, auto
from pathlib import Path

from data_tools.ingest.encoding import Encoding
from data_tools.ingest.exceptions import EmptyFile, NotATable
from data_tools.ingest.formats import json_file, parquet_file
from data_tools.ingest.guess import Certainty, Guess


class FileKind(Enum):
    """The kinds of file that can be opened."""

    PARQUET = auto()
    WORKBOOK = auto()
    TEXT = auto()
    """CSV or JSON: see `text_kind`."""


_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and an .xlsx with a password
# A file that begins with one of these can only be read if all of it is there.
WHOLE_FILE_MAGICS = (*parquet_file.MAGICS, _ZIP, _OLE)

# Files that people mistake for tables, by how they begin.
_OTHER_KINDS = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1\x00", "an Arrow file; save it as Parquet"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"\x7fELF", "a program"),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table|script)\b", re.IGNORECASE)
_JSON_START = re.compile(r"""\s*(\[\s*[\[{\]]|\{\s*["}])""")
_START_BYTES = 1024
_START_TEXT_BYTES = 16 * 1024


def detect_kind(path: Path) -> FileKind:
    """Return the kind of the file. Any zip archive is a workbook here; its reader looks inside.

    Raises:
        EmptyFile: the file has no bytes.
        FileNotFoundError: there is no such file.
        NotATable: it is something else, which the error names.
    """
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    if not start:
        raise EmptyFile
    if start.startswith(parquet_file.MAGICS):
        return FileKind.PARQUET
    if start.startswith((_OLE, _ZIP)):
        return FileKind.WORKBOOK
    for magic, meaning in _OTHER_KINDS:
        if start.startswith(magic):
            raise NotATable(
                f"The file is {meaning}."
                if ";" in meaning
                else f"The file is {meaning}. Upload CSV, Excel, JSON or Parquet."
            )
    if _MARKUP.match(start.removeprefix(b"\xef\xbb\xbf")):
        raise NotATable("The file is a web page or XML. Save it as CSV or as a workbook.")
    return FileKind.TEXT


def text_kind(path: Path, encoding: Encoding) -> Guess[str]:
    """Return `json` if a text file's name says so, or it begins as no CSV file does; else `csv`."""
    suffix = path.suffix.lower()
    if suffix in json_file.SUFFIXES:
        return Guess(value="json", certainty=Certainty.CERTAIN, why=f"Its name ends in {suffix}.")
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    with path.open("rb") as file:
        start = decoder.decode(file.read(_START_TEXT_BYTES))  # which may end within a character
    if _JSON_START.match(start):
        return Guess(value="json", certainty=Certainty.LIKELY, why="It begins as JSON does.")
    why = "It is text, and neither JSON nor a web page."
    return Guess(value="csv", certainty=Certainty.LIKELY, why=why)
