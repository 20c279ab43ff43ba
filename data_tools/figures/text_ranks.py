"""The distinct texts of several dictionaries, ranked by code point.

# Note [Texts as words]
Each block of a column has a dictionary of its own, in order, and an order of the whole column needs
them merged. So that whole numbers are compared in place of texts, eight bytes of each text are read
as one number, the first on top, after the bytes that all texts begin with. A stable sort of these
words merges what is in order already. Where words are equal, the next eight bytes decide. UTF-8 has
the order of code points, and a text that ends is filled up with zeros, because no text that the
database stores has one.

Texts that most blocks repeat, as those of a small set do, are hashed first, and each is put in
order once.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_tools.under_way.requests import require_time

_Places = NDArray[np.int64]
_Words = NDArray[np.uint64]

_WORD_BYTES = 8
# Texts that agree for longer are few, or so long that comparing them is the least of the work.
_MOST_WORDS = 16
# Arrow's texts together have at most two gigabytes.
_MOST_MERGED_BYTES = 1 << 30
# Ordering each distinct text once is quicker where each is in four dictionaries or more.
_LEAST_REPEATED = 4
_COMPARED_TEXTS = 32
_NO_TEXT = pa.array([], pa.string())


@dataclass(frozen=True)  # without slots: the texts are put together once, if at all
class TextRanks:
    """The ranks, from 0, of the texts of each dictionary among the distinct texts of them all."""

    dictionaries: Sequence[pa.Array]
    of_dictionaries: Sequence[_Places]

    @functools.cached_property
    def texts(self) -> pa.Array:
        """The distinct texts in order."""
        is_new = np.ones(
            max((each.max(initial=-1) for each in self.of_dictionaries), default=-1) + 1, bool
        )
        pieces, ranks = [_NO_TEXT], [np.empty(0, np.int64)]
        for texts, of_texts in zip(self.dictionaries, self.of_dictionaries, strict=True):
            are_new = is_new[of_texts]
            is_new[of_texts] = False
            pieces.append(texts.filter(pa.array(are_new)))
            ranks.append(of_texts[are_new])
        return pa.concat_arrays(pieces).take(pa.array(np.argsort(np.concatenate(ranks))))

    def are_used(self, values: pa.ChunkedArray, among: _Places | None) -> NDArray[np.bool_]:
        """Tell for each distinct text whether a row has it; only of the rows `among`, if given.

        The dictionaries are those of the chunks of `values`.
        """
        codes = [
            pc.take(pa.array(ranks), chunk.indices).fill_null(len(self.texts))
            for ranks, chunk in zip(self.of_dictionaries, values.chunks, strict=True)
        ]
        of_rows = pa.chunked_array(codes, pa.int64()).to_numpy()
        is_used = np.zeros(len(self.texts) + 1, bool)
        is_used[of_rows if among is None else of_rows[among]] = True
        return is_used[:-1]


def text_ranks(dictionaries: Sequence[pa.Array]) -> TextRanks:
    """Rank the texts of dictionaries, each of which is in order and has no text twice.

    Takes some 60 bytes of memory for each text beside a copy of them. See Note [Texts as words].

    Raises:
        TookTooLong: the request's time is over.
    """
    present = [texts for texts in dictionaries if len(texts)]
    if len(present) < 2:
        return TextRanks(dictionaries, [np.arange(len(texts)) for texts in dictionaries])
    if _repeat_each_other(present):
        ranks = _ranks_by_hash(present)
    else:
        begins_with = _common_beginning(present)
        ranks = _Merged(pa.concat_arrays(present), begins_with=begins_with).ranks()
    ends = np.cumsum([len(texts) for texts in dictionaries])
    return TextRanks(dictionaries, np.split(ranks, ends[:-1]))


def _repeat_each_other(dictionaries: Sequence[pa.Array]) -> bool:
    """Tell whether most texts are in several of the dictionaries, going by the first two.

    Or whether they are too many bytes to be put together.
    """
    one, other, *_ = dictionaries
    if sum(texts.nbytes for texts in dictionaries) > _MOST_MERGED_BYTES:
        return True
    if sum(map(len, dictionaries)) < _LEAST_REPEATED * max(map(len, dictionaries)):
        return False
    places = np.linspace(0, len(other) - 1, _COMPARED_TEXTS).astype(np.int64)
    found = pc.sum(pc.is_in(other.take(pa.array(places)), value_set=one)).as_py()
    return bool(2 * found > _COMPARED_TEXTS)


def _ranks_by_hash(dictionaries: Sequence[pa.Array]) -> _Places:
    """Return the rank of each text, having put each distinct one in order once."""
    encoded = pa.chunked_array(dictionaries, pa.string()).dictionary_encode()
    require_time()
    texts = encoded.chunk(0).dictionary
    ranks = np.empty(len(texts), np.int64)
    ranks[pc.array_sort_indices(texts).to_numpy()] = np.arange(len(texts))
    require_time()
    return np.concatenate([ranks[chunk.indices.to_numpy()] for chunk in encoded.chunks])


class _Merged:
    """Texts that are put in order; all of them begin with so many equal bytes."""

    def __init__(self, texts: pa.StringArray, *, begins_with: int) -> None:
        _, offsets, content = texts.buffers()
        ends = np.frombuffer(offsets, np.int32, len(texts) + 1).astype(np.int64)
        self._texts = texts
        self._begins = ends[:-1] + begins_with
        self._lengths = ends[1:] - self._begins
        filled = np.zeros(ends[-1] + _WORD_BYTES, np.uint8)
        filled[: ends[-1]] = np.frombuffer(content, np.uint8, ends[-1]) if ends[-1] else 0
        self._bytes = np.lib.stride_tricks.sliding_window_view(filled, _WORD_BYTES)

    def ranks(self) -> _Places:
        """Return the rank of each text; equal ones have one."""
        tied = np.arange(len(self._texts))
        words = self._words(tied, 0)
        order = np.argsort(words, kind="stable")
        differs = _differ(words[order])
        for depth in range(_WORD_BYTES, _MOST_WORDS * _WORD_BYTES, _WORD_BYTES):
            require_time()
            tied = self._still_tied(tied, order, differs, depth)
            if not len(tied):
                break
            words = self._words(order[tied], depth)
            groups = np.cumsum(differs[tied])
            is_below = (words[1:] < words[:-1]) & (groups[1:] == groups[:-1])
            if is_below.any():
                by_words = np.lexsort([words, groups])
                order[tied], words = order[tied][by_words], words[by_words]
            differs[tied] |= _differ(words)
        self._compare_whole(tied, order, differs)
        ranks = np.empty(len(order), np.int64)
        ranks[order] = np.cumsum(differs) - 1
        return ranks

    def _still_tied(
        self, tied: _Places, order: _Places, differs: NDArray[np.bool_], depth: int
    ) -> _Places:
        """Return which places in order have texts that are not told apart, and go on."""
        groups = np.cumsum(differs[tied]) - 1
        count = np.bincount(groups)
        goes_on = np.zeros(len(count), bool)
        goes_on[groups[self._lengths[order[tied]] > depth]] = True
        still_tied: _Places = tied[(goes_on & (count > 1))[groups]]
        return still_tied

    def _compare_whole(self, tied: _Places, order: _Places, differs: NDArray[np.bool_]) -> None:
        """Put texts that are still tied in order as a whole, which keeps all others."""
        tied = self._still_tied(tied, order, differs, _MOST_WORDS * _WORD_BYTES)
        texts = self._texts.take(pa.array(order[tied]))
        by_text = pc.array_sort_indices(texts)
        require_time()
        order[tied] = order[tied][by_text.to_numpy()]
        texts = texts.take(by_text)
        differs[tied[1:]] |= pc.not_equal(texts[1:], texts[:-1]).to_numpy(zero_copy_only=False)

    def _words(self, which: _Places, depth: int) -> _Words:
        """Return the bytes after `depth` of some texts, as numbers of the same order."""
        begins = np.minimum(self._begins[which] + depth, len(self._bytes) - 1)
        words: _Words = self._bytes[begins].view(">u8").ravel().astype(np.uint64)
        left = np.clip(self._lengths[which] - depth, 0, _WORD_BYTES)
        words &= _OF_LENGTH[left]
        return words


# By how many bytes of a word belong to its text.
_OF_LENGTH = np.array(
    [(1 << 64) - (1 << (64 - 8 * length)) for length in range(_WORD_BYTES + 1)], np.uint64
)


def _differ(words: _Words) -> NDArray[np.bool_]:
    """Tell for each word whether it differs from the one before; the first does."""
    differs = np.ones(len(words), bool)
    np.not_equal(words[1:], words[:-1], out=differs[1:])
    return differs


def _common_beginning(dictionaries: Sequence[pa.Array]) -> int:
    """Return how many bytes all texts begin with: those that the first and the last share."""
    ends = [texts[at].as_py().encode() for texts in dictionaries for at in (0, -1)]
    return len(os.path.commonprefix([min(ends), max(ends)]))
