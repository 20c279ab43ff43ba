"""Rows in an order, found on packed columns: any page of it alone, or all of it.

# Note [Words]
Sorting 64-bit integers is what the processor does best. So each value becomes a whole number of the
same order, counted from the least, and a missing one the number after the largest. The numbers of
all keys are put together into one word a row, the first key on top, with the row's place below
them. Sorted words are the order, with ties by place; and the words between two places are found
without sorting the others. Keys that are too long for a word are cut. Then the words say the order
but for runs of rows whose words agree above their places; those are ordered by their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_tools.figures.text_ranks import TextRanks, text_ranks
from data_tools.rows.lists import sorting
from data_tools.rows.lists.locale_order import ranks_by_locale
from data_tools.under_way.requests import require_time

Places = NDArray[np.int64]
_Numbers = NDArray[np.uint64]

_WORD_BITS = 64
_SIGN = np.uint64(1 << 63)
_MAGNITUDE = np.int64(2**63 - 1)
_LOOKED_AT_TOGETHER = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """Whole numbers, one for each row, in the order of a column's values; none over `largest`."""

    numbers: _Numbers
    largest: int

    def of(self, places: Places) -> Key:
        """Return the key of some of the rows."""
        return Key(self.numbers[places], self.largest)


def key_of(values: pa.ChunkedArray, *, descending: bool) -> Key:
    """Return the key of a column of any type; texts are ordered by code point.

    Raises:
        TookTooLong: the request's time is over.
    """
    if pa.types.is_dictionary(values.type):
        return _key_of_texts(values, _ranks_of_chunks(values).of_dictionaries, descending)
    return _key(values, lambda _, chunk: _numbers_of(chunk), descending)


def key_by_locale(
    values: pa.ChunkedArray,
    locale: str,
    *,
    ignore_case: bool,
    descending: bool,
    among: Places | None,
) -> Key:
    """Return the key of a column of texts in the order of a locale of `filtering.LOCALES`.

    Only the texts of the rows `among` are compared; None means all of them.

    Raises:
        InvalidSort: these texts are too many to order them by a locale.
        TookTooLong: the request's time is over.
    """
    ranks = _ranks_of_chunks(values)
    is_used = ranks.are_used(values, among)
    texts = ranks.texts.filter(pa.array(is_used))
    lengths = pc.min_element_wise(pc.utf8_length(texts), sorting.COMPARED_CHARACTERS)
    characters = (pc.sum(lengths).as_py() or 0) + sorting.CHARACTERS_OF_A_TEXT * len(texts)
    if characters > sorting.MOST_CHARACTERS:
        raise sorting.too_much_text(locale)
    cut = pc.utf8_slice_codeunits(texts, 0, sorting.COMPARED_CHARACTERS).to_pylist()
    by_locale = np.zeros(len(ranks.texts), np.int64)
    if cut:
        by_locale[is_used] = ranks_by_locale(cut, locale, ignore_case=ignore_case)
    return _key_of_texts(values, [by_locale[each] for each in ranks.of_dictionaries], descending)


class PackedOrder:
    """So many rows ordered by keys, the first of them first; ties by place.

    Takes 8 bytes a row, and 8 for each key unless all of them fit into a word. The whole order
    takes 8 more, and 24 for each row in a run out of order. One thread at a time may use it.
    """

    def __init__(self, keys: Sequence[Key], row_count: int) -> None:
        self.row_count = row_count
        self._place_bits = max(1, (row_count - 1).bit_length())
        self._words, is_exact = _words(keys, row_count, self._place_bits)
        self._keys = () if is_exact else tuple(keys)

    @property
    def held_bytes(self) -> int:
        """How much memory it holds before the whole order is asked for."""
        return self._words.nbytes + sum(key.numbers.nbytes for key in self._keys)

    def between(self, first: int, last: int) -> Places:
        """Return the places of the rows after the first `first`, up to the `last`, in order."""
        last = min(last, self.row_count)
        if first >= last:
            return np.empty(0, np.int64)
        self._words.partition(sorted({first, last - 1}))
        words = np.sort(self._words[first:last])
        if not self._keys:
            return self._places_of(words)
        lowest = words[0] >> self._place_bits << self._place_bits
        highest = words[-1] | self._place_mask
        ties = self._words[(self._words >= lowest) & (self._words <= highest)]
        before = int(np.count_nonzero(self._words < lowest))
        return self._by_keys(np.sort(self._places_of(ties)))[first - before : last - before]

    def whole(self) -> Places:
        """Return the places of all rows in order."""
        self._words.sort()
        places = self._places_of(self._words)
        if self._keys:
            is_to_be_ordered = self._in_runs_out_of_order(places)
            places[is_to_be_ordered] = self._by_keys(places[is_to_be_ordered])
        return places

    def _in_runs_out_of_order(self, places: Places) -> NDArray[np.bool_]:
        """Tell which rows, by sorted words, are in a run whose words do not say its order.

        Most runs are of rows with equal values, which are in order.
        """
        runs: list[_Numbers] = []
        for first in range(0, self.row_count - 1, _LOOKED_AT_TOGETHER):
            words = self._words[first : first + _LOOKED_AT_TOGETHER + 1]
            is_below = self._are_below(places[first : first + len(words)])
            runs.append(np.unique(words[1:][is_below] & ~self._place_mask))
        lowest = np.unique(np.concatenate(runs)) if runs else np.empty(0, np.uint64)
        changes = np.zeros(self.row_count + 1, np.int8)
        changes[np.searchsorted(self._words, lowest)] += 1
        changes[np.searchsorted(self._words, lowest | self._place_mask, side="right")] -= 1
        return np.cumsum(changes[:-1], dtype=np.int8).view(np.bool_)

    def _are_below(self, places: Places) -> NDArray[np.bool_]:
        """Tell for each row but the first whether its keys are below those of the row before."""
        is_below, are_equal = np.zeros(len(places) - 1, bool), np.ones(len(places) - 1, bool)
        for key in self._keys:
            numbers = key.numbers[places]
            is_below |= are_equal & (numbers[1:] < numbers[:-1])
            are_equal &= numbers[1:] == numbers[:-1]
        return is_below

    def _by_keys(self, places: Places) -> Places:
        """Order places, equal ones of which are in row order already."""
        # lexsort takes the primary key last, and is stable
        return places[np.lexsort([key.numbers[places] for key in reversed(self._keys)])]

    @property
    def _place_mask(self) -> np.uint64:
        return np.uint64((1 << self._place_bits) - 1)

    def _places_of(self, words: _Numbers) -> Places:
        return (words & self._place_mask).view(np.int64)


def _words(keys: Sequence[Key], row_count: int, place_bits: int) -> tuple[_Numbers, bool]:
    """Return a word for each row, and whether they hold the keys whole. See Note [Words]."""
    words = np.zeros(row_count, np.uint64)
    free_bits, is_exact = _WORD_BITS - place_bits, True
    for key in keys:
        bits = key.largest.bit_length()
        held = min(bits, free_bits)
        if held:
            words <<= np.uint64(held)
            words |= key.numbers >> np.uint64(bits - held)
        free_bits -= held
        if held < bits:
            is_exact = False
            break
    words <<= np.uint64(place_bits)
    words |= np.arange(row_count, dtype=np.uint64)
    return words, is_exact


def _key(
    values: pa.ChunkedArray,
    numbers_of: Callable[[int, pa.Array], _Numbers],
    descending: bool,
) -> Key:
    """Return the key that `numbers_of` makes of each chunk; it takes the chunk's index as well.

    What it makes of a missing value is ignored.
    """
    numbers = np.empty(len(values), np.uint64)
    is_missing = np.zeros(len(values), bool)
    end = 0
    for at, chunk in enumerate(values.chunks):
        require_time()
        begin, end = end, end + len(chunk)
        numbers[begin:end] = numbers_of(at, chunk)
        if chunk.null_count:
            is_missing[begin:end] = chunk.is_null().to_numpy(zero_copy_only=False)
    if is_missing.all():
        return Key(np.zeros(len(values), np.uint64), 0)
    some_are_missing = bool(is_missing.any())
    if some_are_missing:
        numbers[is_missing] = numbers[np.argmin(is_missing)]
    least, largest = numbers.min(), numbers.max()
    numbers -= least
    span = int(largest) - int(least)
    if span == 2**_WORD_BITS - 1 and some_are_missing:  # leaves no number for a missing value
        distinct, ranks = np.unique(numbers, return_inverse=True)
        numbers, span = ranks.astype(np.uint64), len(distinct) - 1
    if descending:
        np.subtract(np.uint64(span), numbers, out=numbers)
    if some_are_missing:
        span += 1
        numbers[is_missing] = span
    return Key(numbers, span)


def _key_of_texts(
    values: pa.ChunkedArray, ranks: Sequence[NDArray[np.int64]], descending: bool
) -> Key:
    def ranks_of(at: int, chunk: pa.Array) -> _Numbers:
        if not len(ranks[at]):  # all are missing
            return np.zeros(len(chunk), np.uint64)
        codes: NDArray[np.int32] = chunk.indices.fill_null(0).to_numpy(zero_copy_only=False)
        return ranks[at][codes].astype(np.uint64)

    return _key(values, ranks_of, descending)


def _numbers_of(chunk: pa.Array) -> _Numbers:
    """Return for each value a number of the same order."""
    if pa.types.is_floating(chunk.type):
        doubles: NDArray[np.float64] = chunk.fill_null(0.0).to_numpy(zero_copy_only=False)
        bits = (doubles + 0.0).view(np.int64)  # -0.0 is 0.0
        signed = bits ^ ((bits >> np.int64(63)) & _MAGNITUDE)  # negative ones are in order then
    else:
        signed = _integers_of(chunk).astype(np.int64)
    return signed.view(np.uint64) ^ _SIGN


def _integers_of(chunk: pa.Array) -> NDArray[Any]:
    if pa.types.is_boolean(chunk.type):
        chunk = chunk.cast(pa.uint8())
    elif pa.types.is_date32(chunk.type):
        chunk = chunk.view(pa.int32())
    elif pa.types.is_timestamp(chunk.type):
        chunk = chunk.view(pa.int64())
    integers: NDArray[Any] = chunk.fill_null(0).to_numpy(zero_copy_only=False)
    return integers


def _ranks_of_chunks(values: pa.ChunkedArray) -> TextRanks:
    return text_ranks([chunk.dictionary for chunk in values.chunks])
