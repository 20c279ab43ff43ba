"""The distinct values of a column, and how many rows have each."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_NARROW = 1 << 16
PART_VALUES = 1 << 16  # what is computed of so many doubles stays in the processor's cache


@dataclass(frozen=True)  # without slots: ranks are computed once and kept
class Groups:
    """The distinct values, ascending, and how many rows have each; a missing value is in none.

    Booleans are 0 and 1, dates are days and times microseconds since 1970. There is no negative
    zero. Takes up to 16 bytes for each row, and twice that while it is made.
    """

    values: NDArray[Any]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Groups:
        """Group a column of any type but text."""
        return cls.of_numbers(present_values(column))

    @classmethod
    def of_numbers(cls, values: NDArray[Any]) -> Groups:
        """Group numbers, which may be put in order where they lie."""
        if values.dtype.kind == "f":
            values += 0.0  # no negative zero
        elif len(values):
            low, high = values.min().item(), values.max().item()
            if high - low <= max(_NARROW, len(values)):  # counting is quicker than ordering
                counts = np.bincount(values - low)
                used = np.flatnonzero(counts)
                return cls(used + low, counts[used])
        values.sort()
        is_first = np.empty(len(values), np.bool_)
        is_first[:1] = True
        np.not_equal(values[1:], values[:-1], out=is_first[1:])
        starts = np.flatnonzero(is_first)
        distinct = values if len(starts) == len(values) else values[starts]
        return cls(distinct, np.diff(starts, append=len(values)))

    @property
    def total(self) -> int:
        """How many rows have a value."""
        return int(self._upto[-1])

    @property
    def ends(self) -> tuple[Any, Any]:
        """The least and the largest value; there must be one."""
        return self.values[0].item(), self.values[-1].item()

    def parts(self) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
        """Yield some of the values with their counts, and then the next, in order."""
        for first in range(0, len(self.values), PART_VALUES):
            part = slice(first, first + PART_VALUES)
            yield self.values[part], self.counts[part]

    def at(self, ranks: Sequence[int]) -> list[Any]:
        """Return the values at these places, from 0, among the rows in ascending order."""
        groups = np.searchsorted(self._upto, ranks, side="right") - 1
        values: list[Any] = self.values[groups].tolist()
        return values

    def between(self, edges: Sequence[int | float]) -> list[int]:
        """Return how many rows are at least at each edge and below the next; no value is lower.

        The last count includes all values that are higher.
        """
        _, highest = self.ends
        starts = [
            int(np.searchsorted(self.values, edge)) if edge <= highest else len(self.values)
            for edge in edges
        ]
        counts: list[int] = np.diff(self._upto[[*starts, len(self.values)]]).tolist()
        return counts

    def most_frequent(self, most: int) -> list[tuple[Any, int]]:
        """Return values with their counts, the largest count first, then by value."""
        above, equal = _most(self.counts, most)
        chosen = np.concatenate([above, equal[: most - len(above)]])
        chosen = chosen[np.lexsort([chosen, -self.counts[chosen]])]
        return list(zip(self.values[chosen].tolist(), self.counts[chosen].tolist(), strict=True))

    @functools.cached_property
    def _upto(self) -> NDArray[np.int64]:
        """How many rows have a value below that of each group, and at the end, any."""
        upto = np.zeros(len(self.counts) + 1, np.int64)
        np.cumsum(self.counts, out=upto[1:])
        return upto


def present_values(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a copy of the values that are not missing, in row order, as `Groups` has them."""
    parts = [_as_numbers(chunk.drop_null()) for chunk in column.chunks]
    return np.concatenate(parts or [_as_numbers(pa.array([], column.type))])


def _as_numbers(values: pa.Array) -> NDArray[Any]:
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    elif pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    elif pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("us", values.type.tz)).cast(pa.int64())
    numbers: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return numbers


@dataclass(frozen=True, slots=True)
class TextGroups:
    """The distinct texts of a column in no order, how many rows have each, and the first of them.

    Rows are counted from 0.
    """

    texts: pa.Array
    counts: NDArray[np.int64]
    first_rows: NDArray[np.int64]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> TextGroups:
        """Group a column of texts, each chunk of which has a dictionary of its own."""
        texts, counts, first_rows = [], [], []
        rows_before = 0
        for chunk in column.chunks:
            has_text = chunk.is_valid().to_numpy(zero_copy_only=False)
            codes = chunk.indices.drop_null().to_numpy()
            occurs = np.bincount(codes, minlength=len(chunk.dictionary))
            first = np.zeros(len(occurs), np.int64)
            first[codes[::-1]] = np.flatnonzero(has_text)[::-1]  # of equal codes the last one stays
            used = np.flatnonzero(occurs)
            texts.append(chunk.dictionary.take(pa.array(used)))
            counts.append(occurs[used])
            first_rows.append(rows_before + first[used])
            rows_before += len(chunk)
        of_chunks = pa.table(
            {
                "text": pa.chunked_array(texts, column.type.value_type),
                "n": np.concatenate(counts),
                "first": np.concatenate(first_rows),
            }
        )
        if len(texts) > 1:
            of_chunks = of_chunks.group_by("text").aggregate([("n", "sum"), ("first", "min")])
        text, count, first_row = (each.combine_chunks() for each in of_chunks.columns)
        return cls(text, count.to_numpy(), first_row.to_numpy())

    @property
    def total(self) -> int:
        """How many rows have a text."""
        return int(self.counts.sum())

    @property
    def text_bytes(self) -> int:
        """The size of all rows' texts in UTF-8."""
        lengths = pc.binary_length(self.texts).to_numpy(zero_copy_only=False)
        return int(lengths.astype(np.int64) @ self.counts)

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last text by code point; there must be one."""
        ends = pc.min_max(self.texts)
        return ends["min"].as_py(), ends["max"].as_py()

    def most_frequent(self, most: int) -> list[tuple[str, int]]:
        """Return texts with their counts, the largest count first, then by code point."""
        above, equal = _most(self.counts, most)
        if len(above) + len(equal) > most:
            texts = pa.table({"text": self.texts.take(pa.array(equal))})
            first = pc.select_k_unstable(texts, most - len(above), [("text", "ascending")])
            equal = equal[first.to_numpy()]
        chosen = np.concatenate([above, equal])
        found = zip(
            self.texts.take(pa.array(chosen)).to_pylist(),
            self.counts[chosen].tolist(),
            strict=True,
        )
        # Python compares code points, which gives the order of their bytes in UTF-8.
        return sorted(found, key=lambda each: (-each[1], each[0]))


def _most(counts: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the largest counts: those above the least one, and all equal to it."""
    if len(counts) <= most:
        return np.arange(len(counts)), np.arange(0)
    # How many counts are this large, of each size: quicker than a selection among equal ones.
    sizes = np.bincount(counts)
    least = len(sizes) - 1 - np.searchsorted(np.cumsum(sizes[::-1]), most)
    return np.flatnonzero(counts > least), np.flatnonzero(counts == least)
