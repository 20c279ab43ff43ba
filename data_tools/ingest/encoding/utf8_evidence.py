"""How much of a file looks like UTF-8.

Note [Nearly valid UTF-8]
    In other encodings, few of the bytes beyond ASCII form sequences that UTF-8 allows. A file in
    which as many do as do not is therefore UTF-8 with bad bytes: cut off, or put together from
    files of several encodings. Reading it as anything else would spoil every letter that is right.
    So it is refused with the place of the first bad byte, or keeps UTF-8 and has the bad bytes
    replaced if its owner says so. Sequences that have the shape of UTF-8 but encode no character
    (surrogates, overlong forms, one that the end of the file cuts off) count as well.

Note [Words of UTF-8]
    A file of another encoding with some lines of UTF-8 in it cannot be read right either. In those
    lines, whatever is between two bytes of ASCII is valid UTF-8 as a whole. In Latin text that is
    one or two letters beside others; "Ã©" next to a letter is no text in any encoding. In other
    scripts it is a word, of which three letters that are valid by chance are hardly ever of one
    script.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from data_tools.ingest.encoding.bad_bytes import chunks_of

# So many different continuation bytes are no coincidence: of random pairs of Chinese characters in
# GBK, fewer than one in ten thousand is valid UTF-8 at such a length.
_ENOUGH_EVIDENCE = 6
_SHAPED = re.compile(
    rb"[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3}"
    rb"|(?:[\xe0-\xef][\x80-\xbf]|[\xf0-\xf7][\x80-\xbf]{1,2})\Z"
    rb"|(?<=[a-z])[\xc2\xc3]\Z"  # the capitals Â and Ã end no word of small letters
)
_VALID_RUN = re.compile(
    rb"(?<![\x80-\xff])"
    rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+"
    rb"(?![\x80-\xff])"
)
_LATIN_LEADS = b"\xc2\xc3\xc4\xc5\xe2"
_USUAL_LATIN_LEAD = 0xC3
_LONG_WORD = 6
_SCRIPTS = {
    "CYRILLIC",
    "GREEK",
    "HEBREW",
    "ARABIC",
    "THAI",
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
}
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(slots=True)
class Utf8Text:
    """What was seen of the characters of a text that is valid UTF-8."""

    has_nul: bool = False
    has_escape: bool = False
    _beyond_ascii: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        self.has_nul = self.has_nul or "\0" in text
        self.has_escape = self.has_escape or "\x1b" in text
        if not text.isascii() and not self.is_certain:
            self._beyond_ascii |= {letter for letter in set(text) if letter > "\x7f"}

    @property
    def is_ascii(self) -> bool:
        return not self._beyond_ascii

    @property
    def letters(self) -> int:
        """How many different characters beyond ASCII were seen; more need not be counted."""
        return len(self._beyond_ascii)

    @property
    def is_certain(self) -> bool:
        """Whether the characters beyond ASCII are too many to be valid UTF-8 by chance."""
        evidence = sum(len(letter.encode()) - 1 for letter in self._beyond_ascii)
        return evidence >= _ENOUGH_EVIDENCE


def read_as_utf8(
    path: Path, *, is_cut_off: bool, advance: Callable[[float], None]
) -> Utf8Text | None:
    """Return what the file's text is like; None if it is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
    seen = Utf8Text()
    try:
        for chunk in chunks_of(path, advance):
            seen.add(decoder.decode(chunk))
        if not is_cut_off:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return seen


def has_utf8_words(path: Path) -> bool:
    """Tell whether words of UTF-8 stand in a file that is not UTF-8, perhaps only a few.

    See Note [Words of UTF-8]
    """
    in_latin, alone = 0, 0
    for chunk in chunks_of(path):
        for run in _VALID_RUN.finditer(chunk):
            word = run.group()
            if len(word) >= _LONG_WORD and _is_of_one_script(word.decode("utf-8", "replace")):
                alone += 1
            elif word[0] in _LATIN_LEADS and _touches_a_letter(chunk, run.start(), run.end()):
                in_latin += 2 if word[0] == _USUAL_LATIN_LEAD else 1
        if in_latin >= 2 or alone >= 2:
            return True
    return False


def _touches_a_letter(chunk: bytes, start: int, end: int) -> bool:
    return chunk[max(0, start - 1) : start].isalpha() or chunk[end : end + 1].isalpha()


def _is_of_one_script(word: str) -> bool:
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in word}
    return len(scripts) == 1 and scripts <= _SCRIPTS


def share_of_utf8(path: Path, sample: bytes) -> float:
    """Return which share of what is beyond ASCII has the form of UTF-8, from 0 to 1.

    The whole file counts, by valid sequences and bytes in none; or `sample` of it, by the shape of
    the sequences, if more of that looks like UTF-8.
    """
    replacing = codecs.getincrementaldecoder("utf-8")(errors="replace")
    ignoring = codecs.getincrementaldecoder("utf-8")(errors="ignore")
    valid = bad = 0
    for chunk in chunks_of(path):
        text, kept = replacing.decode(chunk), ignoring.decode(chunk)
        valid += len(kept) - len(kept.encode("ascii", "ignore"))
        bad += len(text) - len(kept)
    bad += len(replacing.decode(b"", final=True))
    shaped = len(_SHAPED.findall(sample))
    shapeless = len(_BEYOND_ASCII.findall(_SHAPED.sub(b"", sample)))
    return max(_share(valid, bad), _share(shaped, shapeless))


def _share(count: int, others: int) -> float:
    return count / (count + others) if count else 0.0
