"""Encodings that are not ASCII with more letters, told by their bytes without a byte-order mark."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path

from data_tools.ingest.encoding.bad_bytes import decodes

_SAMPLE_BYTES = 64 * 1024
_ASCII_SHARE = 0.4  # of any table: its delimiters, line ends and digits; by chance it is far less
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJI]|\$\)[CAG])")
_ISO_2022 = ("iso2022_jp", "iso2022_jp_2", "iso2022_kr")
_UTF_7 = re.compile(rb"\+[A-Za-z0-9+/]{3,}-?(?![A-Za-z0-9+/])")
_HANGUL = "\uac00"  # from here on, digits alone are letters in UTF-7: +4930 of a telephone
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
_EBCDIC = "cp037"
_EBCDIC_LINE_ENDS = (b"\x15", b"\x25")


def wide_encoding(path: Path, *, is_cut_off: bool) -> str | None:
    """Return UTF-16 or UTF-32, in which ASCII has NUL bytes; None if the file is in neither."""
    sample = _start_of(path)
    if b"\0" not in sample:
        return None
    for name in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        if _reads_as_text(sample, name) and decodes(path, name, is_cut_off=is_cut_off):
            return name
    return None


def escaped_encoding(path: Path) -> str | None:
    """Return the encoding of ASCII bytes whose escape sequences switch to other letters."""
    if _ESCAPES.search(_start_of(path)):
        return next((name for name in _ISO_2022 if decodes(path, name)), None)
    return None


def may_hide_letters(path: Path) -> str | None:
    """Return the encoding that would read letters out of the start of an ASCII file, if one would.

    UTF-7 and HZ write letters as ASCII; so may a text that is about such things.
    """
    sample = _start_of(path)
    for pattern, name, label in ((_UTF_7, "utf-7", "UTF-7"), (_HZ, "hz", "HZ")):
        if any(_is_lettered(found, name) for found in pattern.findall(sample)):
            return label
    return None


def is_ebcdic(path: Path) -> bool:
    """Tell whether the file is a mainframe's text: it has lines and words in EBCDIC alone."""
    sample = _start_of(path)
    if b"\n" in sample or b"\r" in sample or not any(end in sample for end in _EBCDIC_LINE_ENDS):
        return False
    text = sample.decode(_EBCDIC)
    usual = sum(letter.isascii() and (letter.isprintable() or letter in "\t\n") for letter in text)
    return usual + text.count("\x85") + text.count("\r") > 0.95 * len(text)


def _reads_as_text(sample: bytes, name: str) -> bool:
    text = codecs.getincrementaldecoder(name)(errors="replace").decode(sample)
    ascii_count = len(text.encode("ascii", "ignore"))
    return ascii_count > _ASCII_SHARE * len(text) and not any(map(_is_unusual, set(text)))


def _is_unusual(letter: str) -> bool:
    is_text = unicodedata.category(letter) not in ("Cc", "Cn", "Co", "Cs")
    return letter == "\ufffd" or not (is_text or letter in "\t\n\r")


def _is_lettered(written: bytes, name: str) -> bool:
    try:
        text = written.decode(name)
    except UnicodeDecodeError:
        return False
    letters = [letter for letter in text if letter > "\x7f"]
    return bool(letters) and all(letter.isalpha() and letter < _HANGUL for letter in letters)


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_SAMPLE_BYTES)
