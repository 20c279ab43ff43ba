"""Rows that were found, in an order: their numbers at any place."""

from __future__ import annotations

from typing import Protocol

from data_tools.rows.lists.packed_order import PackedOrder
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
        places = self._order.between(first, last)
        return places + 1 if self._numbers is None else self._numbers[places]

    def whole(self) -> RowNumbers:
        places = self._order.whole()
        if self._numbers is not None:
            return self._numbers[places]
        places += 1
        return places
