"""Guess the encoding of text whose bytes do not tell it, from how usual its letters would be.

Note [The usual encoding first]
    On the few words that a table has, the guesser finds half a dozen encodings about equally
    likely and takes the first by name: "5 €" became cp1125, "20 °C" Big5, "Crème" the Czech
    "Crčme". Western European Windows is by far the most usual of them. So it is taken if there are
    too few letters to guess from, and otherwise unless another encoding is clearly more likely. A
    Czech or Hungarian file of three letters beyond ASCII loses by this. The report says that it is
    a guess.
"""

from __future__ import annotations

from pathlib import Path

import charset_normalizer
from charset_normalizer.models import CharsetMatch

from data_tools.ingest.encoding.guessed_by_alphabet import guess_by_alphabet
from data_tools.ingest.encoding.guessed_by_script import guess_by_script
from data_tools.ingest.exceptions import NotATable
from data_tools.ingest.guess import Certainty, Guess

_SAMPLE_BYTES = 64 * 1024
_USUAL = "cp1252"
_TOO_FEW_LETTERS = 4
_CLEARLY_MORE_LIKELY = 0.05
_MANY_LETTERS = 30
_NEARLY_ALL = 0.9

# Those that files are written in; all of them have ASCII, as the delimiters of a table do. Few
# letters look like anything, so the guesser is not asked for rarer ones.
_CANDIDATES = (
    ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"]
    + ["iso8859_2", "iso8859_5", "iso8859_7", "iso8859_9", "iso8859_15", "cp874"]
    + ["koi8_r", "koi8_u", "cp437", "cp850", "cp852", "cp866", "mac_roman"]
    + ["big5", "big5hkscs", "gb18030", "cp932", "shift_jis_2004", "euc_jp", "cp949", "euc_kr"]
)


def lines_beyond_ascii(path: Path) -> bytes:
    """Return the first 64 KiB of lines with bytes beyond ASCII: all encodings agree on the others.

    Raises:
        NotATable: the file is binary.
    """
    sample = bytearray()
    with path.open("rb") as file:
        while len(sample) < _SAMPLE_BYTES and (line := file.readline(_SAMPLE_BYTES)):
            if b"\0" in line:
                raise NotATable
            if not line.isascii():
                sample += line
    return bytes(sample)


def guess_encoding(sample: bytes) -> Guess[str] | None:
    """Return the encoding in which the sample's letters are the most usual; None if none fits."""
    letters = len({byte for byte in sample if byte > 0x7F})
    if letters < _TOO_FEW_LETTERS:
        return _usual(
            f"Only {_counted(letters)} beyond ASCII, too little to tell encodings apart, so the "
            "most usual one was taken"
        )
    if (by_script := guess_by_script(sample)) is not None:
        return by_script
    if (by_alphabet := guess_by_alphabet(sample)) is not None:
        return by_alphabet
    matches = charset_normalizer.from_bytes(sample, cp_isolation=_CANDIDATES)
    best = matches.best()
    if best is None:
        return None
    if any(_is_about_as_likely(match, best) for match in matches):
        return _usual("Its letters fit several encodings, of which the most usual one was taken")
    is_clear = letters >= _MANY_LETTERS and _is_east_asian(str(best))
    return Guess(
        value=best.encoding,
        certainty=Certainty.LIKELY if is_clear else Certainty.GUESS,
        why=f"The bytes are not UTF-8; read as {best.encoding}, their letters are the most usual"
        + (", and nearly all East Asian." if is_clear else ", but other encodings fit as well."),
    )


def _usual(reason: str) -> Guess[str]:
    return Guess(
        value=_USUAL,
        certainty=Certainty.GUESS,
        why=f"The bytes are not UTF-8. {reason}: Windows-1252.",
    )


def _counted(letters: int) -> str:
    return "one letter" if letters == 1 else f"{letters} different letters"


def _is_about_as_likely(match: CharsetMatch, best: CharsetMatch) -> bool:
    """Tell whether the usual encoding is. See Note [The usual encoding first]"""
    return (
        _USUAL in match.could_be_from_charset
        and match.chaos <= best.chaos
        and match.coherence >= best.coherence - _CLEARLY_MORE_LIKELY
    )


def _is_east_asian(text: str) -> bool:
    """Tell whether nearly all letters beyond ASCII are full East Asian ones. Katakana of half width
    do not count: each of them is one byte, as letters are in other encodings."""
    beyond = [letter for letter in text if letter > "\x7f"]
    own = sum("\u3000" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3" for letter in beyond)
    return own >= _NEARLY_ALL * len(beyond)
