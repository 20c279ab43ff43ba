"""Sums of many numbers, by the steps that `sql.exact_sums` writes as SQL.

IEEE 754 defines the result of each step to the last bit, so both ways give the same. Numbers come
in parts, each with how many rows have each of them: see `parts` of `Groups` and `Numbers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_tools.sql.exact_sums import FINENESS, LEAST_MOVED, LEAST_SHARE, LEAST_SQUARED, UNIT_BITS

_Doubles = NDArray[np.float64]
_Integers = NDArray[np.int64]
Parts = Iterable[tuple[NDArray[Any], _Integers]]

_LARGEST_SQUARED = 2**31  # integers below it have squares of 64 bits


def one_after_another(parts: Iterable[_Doubles]) -> float:
    """Add up doubles as the database does; numpy's own sum adds up pairs."""
    total = 0.0
    for numbers in parts:
        total = float(np.add.accumulate(np.concatenate([[total], numbers]))[-1])
    return total


def sums_of_floats(
    parts: Parts, *, factor: float, unit: float, add_rests: Callable[[Iterable[_Doubles]], float]
) -> tuple[int, int, float]:
    """Return multiples, finer multiples and the rest of the sum. See Note [Three sums].

    `add_rests` gets the rests of each part in turn, and has to take all.
    """
    multiples = fine_multiples = 0

    def rests() -> Iterator[_Doubles]:
        nonlocal multiples, fine_multiples
        for values, counts in parts:
            whole, left = _multiples(moved(values, factor), unit)
            multiples += int(whole @ counts)
            fine, left = _multiples(left, unit * FINENESS)
            fine_multiples += int(fine @ counts)
            is_left = left != 0
            if is_left.any():
                yield left[is_left] * counts[is_left]

    rest = add_rests(rests())
    return multiples, fine_multiples, rest


def squares_of_floats(
    parts: Parts, *, factor: float, centre: float, reach: float
) -> tuple[int, int, int]:
    """Return the sums that `squares_of` adds up, of the distances from a centre."""
    totals = [0, 0, 0]
    for values, counts in parts:
        distances = moved(values, factor) - centre
        shares = np.where(np.abs(distances) < reach * LEAST_SHARE, 0.0, distances / reach)
        left = np.where(np.abs(shares) < LEAST_SQUARED, 0.0, shares * shares)
        for at in range(len(totals)):
            left *= 2.0**UNIT_BITS
            whole = np.trunc(left)
            totals[at] += int(whole.astype(np.int64) @ counts)
            left -= whole
    return totals[0], totals[1], totals[2]


def sums_of_integers(parts: Parts) -> tuple[int, int]:
    """Return the sum and the sum of the squares of integers, both exact."""
    total = squares = 0
    for numbers, counts in parts:
        values = numbers.astype(np.int64, copy=False)
        total += _dot(values, counts)
        if -_LARGEST_SQUARED < values.min() and values.max() < _LARGEST_SQUARED:
            squares += _dot(values * values, counts)
            continue
        high, low = values >> 32, values & 0xFFFFFFFF
        squares += _dot(high * high, counts) << 64
        squares += _dot(high * low, counts) << 33
        low_squares = low.astype(np.uint64) ** 2
        squares += _dot((low_squares >> 32).astype(np.int64), counts) << 32
        squares += _dot((low_squares & 0xFFFFFFFF).astype(np.int64), counts)
    return total, squares


def moved(values: _Doubles, factor: float) -> _Doubles:
    """Return the values times their column's factor. See Note [Large and small doubles]."""
    if factor == 1.0:
        return values
    products = values * factor
    return np.where(np.abs(values) < LEAST_MOVED, 0.0, products) if factor < 1 else products


def _multiples(values: _Doubles, unit: float) -> tuple[_Integers, _Doubles]:
    """Return how many whole units each value has, and what is left of it; exact."""
    whole = np.where(np.abs(values) >= unit, np.trunc(values / unit), 0.0)
    return whole.astype(np.int64), values - whole * unit


def _dot(values: _Integers, counts: _Integers) -> int:
    """Return the sum of products, which may need more than 64 bits; exact for 2^31 rows."""
    return (int((values >> 32) @ counts) << 32) + int((values & 0xFFFFFFFF) @ counts)
