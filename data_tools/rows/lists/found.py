"""Rows that were found, in an order: their numbers at any place."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.rows.lists.packed_order import PackedOrder, Places
from data_tools.rows.lists.sorting import RowNumbers


class FoundRows(Protocol):
    """Rows in an order. One thread at a time may ask."""

    @property
    def row_count(self) -> int: ...

    @property
    def held_bytes(self) -> int:
        """How much memory they hold."""
        ...

    def between(self, first: int, last: int) -> RowNumbers:
        """Return the numbers of the rows after the first `first`, up to the `last`."""
        ...

    def whole(self) -> RowNumbers:
        """Return the numbers of all of them."""
        ...


class ListedRows:
    """Rows whose order is known."""

    def __init__(self, numbers: RowNumbers) -> None:
        self._numbers = numbers

    @property
    def row_count(self) -> int:
        return len(self._numbers)

    @property
    def held_bytes(self) -> int:
        return self._numbers.nbytes

    def between(self, first: int, last: int) -> RowNumbers:
        return self._numbers[first:last]

    def whole(self) -> RowNumbers:
        return self._numbers


def numbered(places: Places, numbers: RowNumbers | None) -> RowNumbers:
    """Return the numbers of the rows at places, from 0, among rows with `numbers`, or 1, 2, 3 …"""
    return places + 1 if numbers is None else numbers[places]


class FilteredRows:
    """The rows that meet a filter, in row order; only those that are asked for get their numbers.

    `is_met` tells of each row whether it does. The rows have `numbers`, or 1, 2, 3 … if it is None.
    """

    def __init__(self, is_met: pa.ChunkedArray, numbers: RowNumbers | None) -> None:
        self._is_met = is_met
        self._numbers = numbers
        self._found_until = np.cumsum([0, *(chunk.true_count for chunk in is_met.chunks)])

    @property
    def row_count(self) -> int:
        row_count: int = self._found_until[-1].item()
        return row_count

    @property
    def held_bytes(self) -> int:
        mask_bytes: int = self._is_met.nbytes
        return mask_bytes + (0 if self._numbers is None else self._numbers.nbytes)

    def between(self, first: int, last: int) -> RowNumbers:
        return numbered(self.places(first, last), self._numbers)

    def whole(self) -> RowNumbers:
        return self.between(0, self.row_count)

    def places(self, first: int, last: int) -> Places:
        """Return where the rows of `between` are, from 0, among all rows."""
        pieces: list[Places] = [np.arange(0)]
        rows_before = 0
        found = zip(self._is_met.chunks, self._found_until, self._found_until[1:], strict=False)
        for chunk, begin, end in found:
            if begin < last and first < end:
                places = pc.indices_nonzero(chunk).to_numpy()[max(0, first - begin) : last - begin]
                pieces.append(places.view(np.int64) + rows_before)
            rows_before += len(chunk)
        return np.concatenate(pieces)


class OrderedRows:
    """Rows with `numbers`, or 1, 2, 3 … if it is None, put into an order as far as one asks."""

    def __init__(self, order: PackedOrder, numbers: RowNumbers | None) -> None:
        self._order = order
        self._numbers = numbers

    @property
    def row_count(self) -> int:
        return self._order.row_count

    @property
    def held_bytes(self) -> int:
        return self._order.held_bytes + (0 if self._numbers is None else self._numbers.nbytes)

    def between(self, first: int, last: int) -> RowNumbers:
        return numbered(self._order.between(first, last), self._numbers)

    def whole(self) -> RowNumbers:
        places = self._order.whole()
        if self._numbers is not None:
            return self._numbers[places]
        places += 1
        return places
