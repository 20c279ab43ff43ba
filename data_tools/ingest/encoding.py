"""Guess the character encoding of a text file, and check that all of the file is in it."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from data_tools.ingest.exceptions import NotATable, UnreadableEncoding

_CHUNK_BYTES = 1 << 20
_SAMPLE_BYTES = 64 * 1024

# The four-byte marks come before the UTF-16 ones, since the UTF-32 mark begins with one of those.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A character encoding and how it is known."""

    name: str
    """As Python's codecs name it."""
    known_by: str
    """`byte-order mark`, `valid UTF-8` (the whole file was checked) or `guess`."""


def detect_encoding(path: Path, *, advance: Callable[[float], None] = lambda _: None) -> Encoding:
    """Return the file's encoding: by its byte-order mark, else UTF-8 if it is valid, else a guess.

    The guess is made from the lines that contain non-ASCII characters, wherever they are, and
    holds only if the whole file can be decoded with it. Memory is bounded. `advance` is told the
    fraction of the file that was checked. charset-normalizer is used for the guess only: its own
    `from_path` would hold the whole file in memory, and does not decode all of it.

    Raises:
        NotATable: the file is binary.
        UnreadableEncoding: no encoding fits, or the file contradicts its byte-order mark.
    """
    with path.open("rb") as file:
        start = file.read(4)
    for mark, name in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            _check_decodes(path, name, advance)
            return Encoding(name=name, known_by="byte-order mark")
    if _decodes(path, "utf-8", advance):
        return Encoding(name="utf-8", known_by="valid UTF-8")
    name = _guess(_non_ascii_sample(path))
    _check_decodes(path, name, advance)
    return Encoding(name=name, known_by="guess")


def _decodes(path: Path, name: str, advance: Callable[[float], None]) -> bool:
    decoder = codecs.getincrementaldecoder(name)(errors="strict")
    size_bytes = path.stat().st_size or 1
    done_bytes = 0
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK_BYTES):
                decoder.decode(chunk)
                done_bytes += len(chunk)
                advance(min(1.0, done_bytes / size_bytes))
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def _check_decodes(path: Path, name: str, advance: Callable[[float], None]) -> None:
    if not _decodes(path, name, advance):
        raise UnreadableEncoding(
            f"The file appears to be {name} text, but part of it cannot be decoded. "
            "Save it as UTF-8 and upload it again."
        )


def _non_ascii_sample(path: Path) -> bytes:
    """Return the first 64 KiB of lines with non-ASCII bytes: all encodings agree on the others."""
    sample = bytearray()
    with path.open("rb") as file:
        while len(sample) < _SAMPLE_BYTES and (line := file.readline(_SAMPLE_BYTES)):
            if b"\0" in line:
                raise NotATable
            if not line.isascii():
                sample += line
    return bytes(sample)


# Note [The usual encoding first]
# On the few words that a table has, the guesser finds half a dozen encodings about equally likely
# and takes the first by name: "5 €" became cp1125, "20 °C" Big5, "Crème" the Czech "Crčme".
# Western European Windows is by far the most usual of them. So it is taken if there are too few
# letters to guess from, and otherwise unless another encoding is clearly more likely. A Czech or
# Hungarian file of few words loses by this. The report says that the encoding is a guess.
_USUAL = "cp1252"
_TOO_FEW_LETTERS = 4
_CLEARLY_MORE_LIKELY = 0.05

# Few letters look like anything, even like UTF-16 or a mainframe's text. A CSV file without a
# byte-order mark has its delimiters in ASCII.
_NOT_OVER_ASCII = (
    ["utf_7", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"]
    + ["cp037", "cp1026", "cp1140", "cp273", "cp424", "cp500", "cp875"]
    + ["hz", "iso2022_jp", "iso2022_kr"]
)


def _guess(sample: bytes) -> str:
    if len({byte for byte in sample if byte > 0x7F}) < _TOO_FEW_LETTERS:
        return _USUAL
    matches = charset_normalizer.from_bytes(sample, cp_exclusion=_NOT_OVER_ASCII)
    best = matches.best()
    if best is None:
        raise UnreadableEncoding
    for match in matches:
        if (
            _USUAL in match.could_be_from_charset
            and match.chaos <= best.chaos
            and match.coherence >= best.coherence - _CLEARLY_MORE_LIKELY
        ):
            return _USUAL  # See Note [The usual encoding first]
    return best.encoding
