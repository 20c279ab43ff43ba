"""The distinct values of a column, and how many rows have each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

PART_VALUES = 1 << 16  # what is computed of so many doubles stays in the processor's cache


@dataclass(frozen=True, slots=True)
class Groups:
    """The distinct values, ascending, and where the rows of each begin among all rows in order.

    `starts` has one number more than there are values: how many rows have any; fewer than 2^31. A
    missing value is in no group. Booleans are 0 and 1, dates are days and times microseconds since
    1970. There is no negative zero. Takes up to 12 bytes for each row, and no more while it is
    made.
    """

    values: NDArray[Any]
    starts: NDArray[np.int32]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Groups:
        """Group a column of any type but text."""
        return cls.of_numbers(present_values(column))

    @classmethod
    def of_numbers(cls, values: NDArray[Any]) -> Groups:
        """Group numbers, in whose place others may be afterwards."""
        if values.dtype.kind == "f":
            values += 0.0  # no negative zero
        elif len(values):
            low, high = values.min().item(), values.max().item()
            if high - low < PART_VALUES:  # counting is quicker than ordering
                return cls._counted(values, low, high)
        values.sort()
        return cls._of_ordered(values)

    @classmethod
    def _counted(cls, numbers: NDArray[Any], low: int, high: int) -> Groups:
        counts = np.zeros(high - low + 1, np.int64)
        for part in _parts(numbers):
            counts += np.bincount(part - low, minlength=len(counts))
        used = np.flatnonzero(counts)
        starts = np.zeros(len(used) + 1, np.int32)
        np.cumsum(counts[used], out=starts[1:])
        return cls(used + low, starts)

    @classmethod
    def _of_ordered(cls, numbers: NDArray[Any]) -> Groups:
        """Group numbers in order. The distinct ones take the places of the first."""
        starts = np.empty(len(numbers) + 1, np.int32)  # what is not used takes no memory
        groups = rows = 0
        last = None
        for part in _parts(numbers):
            is_first = np.empty(len(part), np.bool_)
            is_first[0] = part[0] != last
            np.not_equal(part[1:], part[:-1], out=is_first[1:])
            last = part[-1].item()
            first_rows = np.flatnonzero(is_first)
            upto = groups + len(first_rows)
            numbers[groups:upto] = part[first_rows]
            starts[groups:upto] = rows + first_rows
            groups, rows = upto, rows + len(part)
        starts[groups] = rows
        return cls(numbers[:groups], starts[: groups + 1])

    @property
    def total(self) -> int:
        """How many rows have a value."""
        return int(self.starts[-1])

    @property
    def distinct(self) -> int:
        """How many values there are."""
        return len(self.values)

    @property
    def ends(self) -> tuple[Any, Any]:
        """The least and the largest value; there must be one."""
        return self.values[0].item(), self.values[-1].item()

    def parts(self) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
        """Yield some of the values with the number of rows of each, and then the next, in order."""
        first = 0
        for values in _parts(self.values):
            upto = first + len(values)
            yield values, np.diff(self.starts[first : upto + 1]).astype(np.int64)
            first = upto

    def at(self, ranks: Sequence[int]) -> list[Any]:
        """Return the values at these places, from 0, among the rows in ascending order."""
        groups = np.searchsorted(self.starts, np.array(ranks, np.int32), side="right") - 1
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
        counts: list[int] = np.diff(self.starts[[*starts, len(self.values)]]).tolist()
        return counts

    def most_frequent(self, most: int) -> list[tuple[Any, int]]:
        """Return values with their counts, the largest count first, then by value."""
        chosen = np.empty(0, np.intp)
        counts = np.empty(0, np.int64)
        least = first = 0
        for values, of_part in self.parts():
            # Of an equal count those before have it: they are less.
            more = np.flatnonzero(of_part > least)
            if len(more):
                chosen = np.concatenate([chosen, first + more])
                counts = np.concatenate([counts, of_part[more]])
                order = np.argsort(-counts, kind="stable")[:most]
                chosen, counts = chosen[order], counts[order]
                if len(counts) == most:
                    least = int(counts[-1])
            first += len(values)
        return list(zip(self.values[chosen].tolist(), counts.tolist(), strict=True))


def present_values(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a copy of the values that are not missing, in row order, as `Groups` has them."""
    dtype = as_numbers(pa.array([], column.type)).dtype
    values = np.empty(len(column) - column.null_count, dtype)
    first = 0
    for chunk in column.chunks:
        part = as_numbers(chunk.drop_null())
        values[first : first + len(part)] = part
        first += len(part)
    return values


def _parts(numbers: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for first in range(0, len(numbers), PART_VALUES):
        yield numbers[first : first + PART_VALUES]


def as_numbers(values: pa.Array) -> NDArray[Any]:
    """Return values of any type but text, of which none is missing, as `Groups` has them."""
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
        for chunk in column.chunks or [pa.array([], column.type)]:
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
    def distinct(self) -> int:
        """How many texts there are."""
        return len(self.texts)

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
