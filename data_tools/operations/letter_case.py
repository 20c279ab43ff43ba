"""Texts in another letter case, or without blanks, as the database makes them.

Note [Letters of every Unicode]
    `data_tools_lower` and `data_tools_upper` change ASCII, and then other letters by a list that
    migration 0012 made of the Unicode that Python knew when it ran. This process may know another.
    A letter that has a counterpart keeps it for ever, but a later Unicode can give one to a letter
    that had none. So texts are changed here only if all their characters are from blocks whose
    letters have all got theirs long ago. Any other text leaves its column to the database.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.column_blocks.packing import with_sorted_dictionary

OnTexts = Callable[[pa.DictionaryArray], pa.DictionaryArray | None]

_SETTLED = (
    (0x00, 0x17F),  # Latin of most of Europe
    (0x386, 0x3CE),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin of Vietnam and others
    (0x2000, 0x206F),  # punctuation
    (0x20A0, 0x20BF),  # currencies
    (0x3000, 0x30FF),  # kana
    (0x4E00, 0x9FFF),  # ideographs
    (0xAC00, 0xD7A3),  # Hangul
    (0x1F300, 0x1F64F),  # pictures
)
_RANGES = (rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in _SETTLED)
_UNSETTLED = f"[^{''.join(_RANGES)}]"
_TRIMS = {"both": pc.utf8_trim, "start": pc.utf8_ltrim, "end": pc.utf8_rtrim}


def trimmed(side: str, blanks: str) -> OnTexts:
    """Return a function of a column of texts that takes the blanks at this end, or both, away."""
    trim = _TRIMS[side]
    return _on_distinct_texts(lambda texts: trim(texts, characters=blanks))


@functools.cache
def in_case(case: str) -> OnTexts | None:
    """Return a function of a column of texts that puts them into this case; None for title case.

    The function returns None if a text has a letter that only the database knows: see Note [Letters
    of every Unicode].
    """
    if case == "lower":
        return _on_distinct_texts(_changed(pc.ascii_lower, str.lower))
    if case == "upper":
        return _on_distinct_texts(_changed(pc.ascii_upper, str.upper))
    return None


def _changed(
    in_ascii: Callable[[pa.Array], pa.Array], change: Callable[[str], str]
) -> Callable[[pa.Array], pa.Array | None]:
    letters = {
        letter: changed
        for first, last in _SETTLED
        for letter in map(chr, range(max(first, 0x80), last + 1))
        if (changed := change(letter)) != letter and len(changed) == 1
    }
    others = str.maketrans(letters)

    def on_array(texts: pa.Array) -> pa.Array | None:
        changed = in_ascii(texts)
        is_other = pc.invert(pc.string_is_ascii(texts))
        if not is_other.true_count:
            return changed
        if pc.match_substring_regex(texts, _UNSETTLED).true_count:
            return None
        translated = [text.translate(others) for text in changed.filter(is_other).to_pylist()]
        return pc.replace_with_mask(changed, is_other, pa.array(translated, texts.type))

    return on_array


def _on_distinct_texts(function: Callable[[pa.Array], Any]) -> OnTexts:
    """Return the function of texts as one of a column, of which it sees each text once."""

    def on_column(column: pa.DictionaryArray) -> pa.DictionaryArray | None:
        texts = function(column.dictionary)
        if texts is None:
            return None
        distinct = with_sorted_dictionary(texts.dictionary_encode())
        codes = distinct.indices.take(column.indices)
        return pa.DictionaryArray.from_arrays(codes, distinct.dictionary)

    return on_column
