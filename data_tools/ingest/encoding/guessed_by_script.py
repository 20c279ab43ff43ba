"""Guess the encoding of text in a script of its own, by the letters that its languages use most.

The guesser for all languages reads one Cyrillic or Greek table in three as Japanese or as another
of these scripts. The encodings of one script permute its letters, so in all but one of them the
most frequent letters of the language are rare.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from data_tools.ingest.guess import Certainty, Guess

_SAMPLE_BYTES = 16 * 1024
_FEWEST_LETTERS = 8
_MANY_LETTERS = 60
_OF_ONE_SCRIPT = 0.97
_MISPLACED = 0.04
_SIGMA_WITHIN = re.compile(r"ς[^\W\d_]")
_LATIN_NEIGHBOURS = re.compile(r"[A-Za-z][^\W\d_a-zA-Z]|[^\W\d_a-zA-Z][A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Script:
    name: str
    """As in the names of Unicode's characters."""
    label: str
    encodings: tuple[str, ...]
    """Of two that fit equally, the first is taken."""
    frequent: frozenset[str]
    share: float
    """At least so many of the letters are frequent ones; usually a tenth more are."""


_SCRIPTS = (
    _Script(
        name="CYRILLIC",
        label="Cyrillic",
        encodings=("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic", "cp855"),
        frequent=frozenset("оеаинтсрвлкі"),
        share=0.6,
    ),
    _Script(
        name="GREEK",
        label="Greek",
        encodings=("cp1253", "iso8859_7", "cp737", "mac_greek"),
        frequent=frozenset("αοιετσςνηυρπκ"),
        share=0.7,
    ),
    _Script(
        name="HEBREW",
        label="Hebrew",
        encodings=("cp1255", "cp862"),
        frequent=frozenset("יוהלאמרתבנש"),
        share=0.7,
    ),
    _Script(
        name="ARABIC",
        label="Arabic",
        encodings=("cp1256", "iso8859_6"),
        frequent=frozenset("اليمنوترةبعدی"),
        share=0.7,
    ),
)


def guess_by_script(sample: bytes) -> Guess[str] | None:
    """Return the encoding in which the sample is text of a script; None if there is none."""
    sample = sample[:_SAMPLE_BYTES]
    fits = [
        (fit, -position, script, encoding)
        for script in _SCRIPTS
        for position, encoding in enumerate(script.encodings)
        if (fit := _fit(sample, script, encoding)) is not None
    ]
    if not fits:
        return None
    fit, _, script, encoding = max(fits, key=lambda each: each[:2])
    is_clear = fit[1] >= _MANY_LETTERS
    return Guess(
        value=encoding,
        certainty=Certainty.LIKELY if is_clear else Certainty.GUESS,
        why=f"The bytes are not UTF-8, and in {encoding} they are {script.label} letters, each "
        f"about as frequent as usual{'' if is_clear else '; but there are few of them'}.",
    )


def _fit(sample: bytes, script: _Script, encoding: str) -> tuple[float, int] | None:
    """Return how well it fits, greater is better, and the number of letters; None if not."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    counts = Counter(text)
    beyond = Counter(
        {
            letter: count
            for letter, count in counts.items()
            if letter > "\x7f" and not _is_mark(letter)
        }
    )
    total = beyond.total()
    own = Counter(
        {letter: count for letter, count in beyond.items() if _is_of(letter, script.name)}
    )
    if total < _FEWEST_LETTERS or own.total() < _OF_ONE_SCRIPT * total:
        return None
    plain = Counter[str]()
    for letter, count in own.items():
        plain[unicodedata.normalize("NFD", letter)[0].casefold()] += count
    frequent = sum(plain[letter] for letter in script.frequent)
    if frequent < script.share * own.total() or _misplaced(text) > _MISPLACED * own.total():
        return None
    return frequent / own.total() + own.total() / total, own.total()


def _misplaced(text: str) -> int:
    """Count the letters where no word of the scripts has them.

    Next to a Latin letter, where they are accented ones in truth; capitals after small letters,
    since the scripts' encodings exchange the cases, or read other scripts as both; and the final
    sigma within a word.
    """
    turns = sum(
        first.islower() and second.isupper() for first, second in zip(text, text[1:], strict=False)
    )
    return turns + len(_LATIN_NEIGHBOURS.findall(text)) + len(_SIGMA_WITHIN.findall(text))


def _is_of(letter: str, script: str) -> bool:
    return letter.isalpha() and unicodedata.name(letter, "").startswith(script)


def _is_mark(letter: str) -> bool:
    """Tell whether it is punctuation, such as a dash, which many texts have beyond ASCII."""
    return unicodedata.category(letter)[0] in "PZ" or letter in "№°§©®™"
