"""Decide on a file's encoding, and hold all of the file to it."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_tools.ingest.encoding import unmarked_encodings
from data_tools.ingest.encoding.bad_bytes import BadBytes, decodes, find_bad_bytes
from data_tools.ingest.encoding.guessed_by_letters import guess_encoding, lines_beyond_ascii
from data_tools.ingest.encoding.utf8_evidence import (
    Utf8Text,
    has_utf8_words,
    read_as_utf8,
    share_of_utf8,
)
from data_tools.ingest.exceptions import NotATable, UnreadableEncoding
from data_tools.ingest.faulty_lines import of_line
from data_tools.ingest.guess import CHOSEN, Certainty, Guess
from data_tools.ingest.options import DEFAULT_OPTIONS, ReadingOptions

# The four-byte marks come before the UTF-16 ones, since the UTF-32 mark begins with one of those.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TOLD_BY_THEIR_MARK = ("utf-16", "utf-32")
_NEARLY_VALID = 0.5  # see Note [Nearly valid UTF-8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A character encoding, how it is known, and what of the file is not in it."""

    guess: Guess[str]
    """Its name, as Python's codecs have it."""
    known_by: str
    """`byte-order mark`, `valid UTF-8` (the whole file was checked), `nearly valid UTF-8`, `guess`
    or `option`."""
    replaced: BadBytes | None = None
    """What is no character in it, and is read as U+FFFD because the file's owner said so."""

    @property
    def name(self) -> str:
        return self.guess.value

    @property
    def errors(self) -> str:
        """How to decode the file, as Python's codecs name it: `strict` or `replace`."""
        return "replace" if self.replaced else "strict"

    def facts(self) -> dict[str, Any]:
        """Return what the ingest report says of it."""
        replaced = {"replaced_bytes": self.replaced.as_json()} if self.replaced else {}
        return {"encoding": self.name, "encoding_known_by": self.known_by, **replaced}


def detect_encoding(
    path: Path,
    *,
    options: ReadingOptions = DEFAULT_OPTIONS,
    is_cut_off: bool = False,
    advance: Callable[[float], None] = lambda _: None,
) -> Encoding:
    """Return the file's encoding: the one asked for; else by its byte-order mark; else UTF-8 if it
    is valid or nearly so; else a guess from its letters.

    All of the file is in the encoding, except bytes that are replaced because `options` say so. If
    the file `is_cut_off`, its last character may be incomplete. Memory is bounded. `advance` is
    told the fraction of the file that was checked. charset-normalizer is used for the guess only:
    its own `from_path` would hold the whole file in memory, and does not decode all of it.

    Raises:
        NotATable: the file is binary.
        UnreadableEncoding: no encoding fits, or the file contradicts the one that was asked for,
            that its byte-order mark says, or that most of it is in; with the line and the byte.
    """
    marked = _marked(path)
    if options.encoding is not None:
        name = marked if marked and _is_same(marked, options.encoding) else options.encoding
        if name in _TOLD_BY_THEIR_MARK and marked not in (None, name):
            raise UnreadableEncoding(
                f"The file was said to be {name} text, but begins with the byte-order mark of "
                f"{(marked or '').removesuffix('-sig')}. Leave out the option “encoding”."
            )
        if name in _TOLD_BY_THEIR_MARK and not marked:
            wide = unmarked_encodings.wide_encoding(path, is_cut_off=is_cut_off) or ""
            name = wide if wide.startswith(name) else f"{name}-le"
        guess = _certain(name, CHOSEN)
        return _held(path, guess, "option", options, is_cut_off, advance)
    if marked:
        guess = _certain(marked, "The file begins with the byte-order mark of this encoding.")
        return _held(path, guess, "byte-order mark", options, is_cut_off, advance)
    if text := read_as_utf8(path, is_cut_off=is_cut_off, advance=advance):
        return _valid_utf8(path, text, is_cut_off=is_cut_off)
    if wide := unmarked_encodings.wide_encoding(path, is_cut_off=is_cut_off):
        return _wide(wide)
    sample = lines_beyond_ascii(path)
    share = share_of_utf8(path, sample)
    if share >= _NEARLY_VALID or (share and has_utf8_words(path)):
        return _nearly_utf8(path, options, is_cut_off=is_cut_off)
    if unmarked_encodings.is_ebcdic(path):
        raise UnreadableEncoding(
            "The file looks like EBCDIC text of a mainframe, which has many kinds. Give the option "
            "“encoding”, such as “cp037” or “cp500”, or save it as UTF-8 and upload it again."
        )
    guess = guess_encoding(sample)
    if guess is None:
        raise UnreadableEncoding
    return _held(path, guess, "guess", options, is_cut_off, advance)


def _marked(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for mark, name in _BYTE_ORDER_MARKS if start.startswith(mark)), None)


def _is_same(marked: str, asked: str) -> bool:
    """Tell whether the encoding asked for is the one of the mark, which then is no text."""
    letters = asked.lower().replace("_", "").replace("-", "")
    return letters.startswith(marked.removesuffix("-sig").replace("-", ""))


def _certain(name: str, why: str) -> Guess[str]:
    return Guess(value=name, certainty=Certainty.CERTAIN, why=why)


def _held(
    path: Path,
    guess: Guess[str],
    known_by: str,
    options: ReadingOptions,
    is_cut_off: bool,
    advance: Callable[[float], None],
) -> Encoding:
    """Return the encoding if all of the file is in it, or may have its bad bytes replaced."""
    name = guess.value
    if decodes(path, name, is_cut_off=is_cut_off, advance=advance):
        return Encoding(guess=guess, known_by=known_by)
    bad = find_bad_bytes(path, name, is_cut_off=is_cut_off)
    if bad is None or options.replaces_bad_bytes:
        return Encoding(guess=guess, known_by=known_by, replaced=bad)
    said = {"option": "was said to be", "guess": "appears to be"}.get(known_by, "says that it is")
    remedy = "; or give the option “encoding”" if known_by == "guess" else ""
    raise UnreadableEncoding(
        f"The file {said} {name} text, but {_place(bad)}. "
        f"Save it as UTF-8 and upload it again{remedy}.",
        report={"bad_bytes": bad.as_json(), **of_line(bad.line, bad.line_text)},
    )


def _valid_utf8(path: Path, text: Utf8Text, *, is_cut_off: bool) -> Encoding:
    if text.has_nul and (wide := unmarked_encodings.wide_encoding(path, is_cut_off=is_cut_off)):
        return _wide(wide)
    if text.has_escape and (name := unmarked_encodings.escaped_encoding(path)):
        why = "Its escape sequences switch to other letters as this encoding does."
        guess = Guess(value=name, certainty=Certainty.LIKELY, why=why)
        return Encoding(guess=guess, known_by="guess")
    certainty = Certainty.CERTAIN
    if not text.is_ascii:
        why = "All of its bytes are valid UTF-8, which other encodings hardly ever are."
        if not text.is_certain:
            certainty = Certainty.LIKELY
            letters = "one letter tells" if text.letters == 1 else f"{text.letters} letters tell"
            why = f"All of its bytes are valid UTF-8, but only {letters} it from other encodings."
    elif hidden := unmarked_encodings.may_hide_letters(path):
        certainty = Certainty.LIKELY
        why = f"All of its bytes are ASCII; read as {hidden}, some of them would be other letters."
    else:
        why = "All of its bytes are ASCII, which UTF-8 and nearly every other encoding share."
    return Encoding(
        guess=Guess(value="utf-8", certainty=certainty, why=why), known_by="valid UTF-8"
    )


def _wide(name: str) -> Encoding:
    why = "Its NUL bytes lie as this encoding has them in ASCII; there is no byte-order mark."
    return Encoding(guess=Guess(value=name, certainty=Certainty.LIKELY, why=why), known_by="guess")


def _nearly_utf8(path: Path, options: ReadingOptions, *, is_cut_off: bool) -> Encoding:
    bad = find_bad_bytes(path, "utf-8", is_cut_off=is_cut_off)
    if bad is None:  # the file was replaced meanwhile
        raise NotATable
    if options.replaces_bad_bytes:
        why = "Most of what is not ASCII in it is valid UTF-8."
        guess = Guess(value="utf-8", certainty=Certainty.LIKELY, why=why)
        return Encoding(guess=guess, known_by="nearly valid UTF-8", replaced=bad)
    raise UnreadableEncoding(
        f"The file is UTF-8 in part, but {_place(bad)}. Save it as UTF-8 and upload it again; or "
        "give the option “bad_bytes” as “replace”, or the option “encoding”.",
        report={"bad_bytes": bad.as_json(), **of_line(bad.line, bad.line_text)},
    )


def _place(bad: BadBytes) -> str:
    if bad.is_at_end and bad.count == 1:
        return f"its last character, in line {bad.line:,}, is cut off ({bad.hexadecimal})"
    if bad.count == 1:
        return f"the byte {bad.hexadecimal} in line {bad.line:,} is not a character"
    first = f"first {bad.hexadecimal} in line {bad.line:,}"
    return f"{bad.count:,} bytes in it are not characters, {first}"
