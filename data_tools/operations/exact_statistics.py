"""Statistics of columns of numbers as fractions, rounded nowhere on the way.

Integers are computed with as integers, and so are exact. Floats are computed with as the doubles
that they are, not as the decimals that they are written as: means and quantiles are exact but for
what Note [Three sums] in `sql.exact_sums` allows, variances but for 2^-50 of themselves.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from data_tools.figures.numbers import Numbers
from data_tools.figures.sums import moved, squares_of_floats, sums_of_floats, sums_of_integers
from data_tools.operations.extents import Extent
from data_tools.operations.row_source import Rows
from data_tools.sql.exact_sums import (
    nearest_double,
    power_above,
    square_root,
    squares_of,
    sum_of,
    unit_for,
    variance_of,
)


@dataclass(frozen=True, slots=True)
class Moments:
    """The mean, and the variance of the population."""

    mean: Fraction
    variance: Fraction

    @property
    def deviation(self) -> Fraction:
        """The standard deviation of the population, to 80 bits."""
        return square_root(self.variance)


def measure_means(rows: Rows, extents: Sequence[Extent]) -> list[Fraction]:
    """Return each column's mean."""
    return [_mean(extent, numbers) for extent, numbers in _with_numbers(rows, extents)]


def measure_moments(rows: Rows, extents: Sequence[Extent]) -> list[Moments]:
    """Return each column's mean and variance."""
    return [_moments(extent, numbers) for extent, numbers in _with_numbers(rows, extents)]


def measure_quantiles(
    rows: Rows, extents: Sequence[Extent], shares: Sequence[Fraction]
) -> list[list[Fraction]]:
    """Return each column's quantiles at the shares, linear between neighbours."""
    return [_quantiles(numbers, shares) for _, numbers in _with_numbers(rows, extents)]


def measure_median_distances(
    rows: Rows, extents: Sequence[Extent], centres: Sequence[Fraction]
) -> list[Fraction]:
    """Return the median distance of each column's values from its centre.

    The centre of integers must be a whole number or a half.
    """
    return [
        _median_distance(extent, numbers, centre)
        for (extent, numbers), centre in zip(_with_numbers(rows, extents), centres, strict=True)
    ]


def double_and_rest(exact: Fraction) -> tuple[float, float]:
    """Return the double nearest to a number, and that nearest to what is left of it."""
    nearest = nearest_double(exact)
    return nearest, nearest_double(exact - Fraction(nearest))


def _with_numbers(rows: Rows, extents: Sequence[Extent]) -> Iterator[tuple[Extent, Numbers]]:
    numbers = rows.numbers_of([extent.column for extent in extents])
    return zip(extents, numbers, strict=True)


def _mean(extent: Extent, numbers: Numbers) -> Fraction:
    if extent.is_integer:
        total, _ = sums_of_integers(numbers.parts())
        return Fraction(total, extent.values)
    unit = unit_for(extent.farthest * extent.factor)
    sums = sums_of_floats(
        numbers.parts(), factor=extent.factor, unit=unit, add_rests=_sum_in_any_order
    )
    return sum_of(*sums, unit) / Fraction(extent.factor) / extent.values


def _sum_in_any_order(rests: Iterable[NDArray[np.float64]]) -> float:
    """Add up exactly, and round once, so that the order of the numbers does not matter."""
    return math.fsum(itertools.chain.from_iterable(part.tolist() for part in rests))


def _moments(extent: Extent, numbers: Numbers) -> Moments:
    if extent.is_integer:
        total, of_squares = sums_of_integers(numbers.parts())
        mean = Fraction(total, extent.values)
        return Moments(mean, Fraction(of_squares, extent.values) - mean**2)
    mean, factor = _mean(extent, numbers), extent.factor
    centre = nearest_double(mean * Fraction(factor))
    reach = power_above(max(extent.largest * factor - centre, centre - extent.least * factor))
    squares = squares_of_floats(numbers.parts(), factor=factor, centre=centre, reach=reach)
    variance = variance_of(
        squares_of(*squares),
        mean,
        centre=centre,
        reach=reach,
        factor=factor,
        values=extent.values,
        is_constant=extent.least == extent.largest,
    )
    return Moments(mean, variance)


def _quantiles(numbers: Numbers, shares: Sequence[Fraction]) -> list[Fraction]:
    """Return the numbers at shares of the way up, linear between those of the nearest rows."""
    ranks = [share * (len(numbers) - 1) for share in shares]
    found = numbers.at([end for rank in ranks for end in (rank.__floor__(), rank.__ceil__())])
    lows, highs = map(Fraction, found[::2]), map(Fraction, found[1::2])
    return [
        low + (high - low) * (rank % 1) for rank, low, high in zip(ranks, lows, highs, strict=True)
    ]


def _median_distance(extent: Extent, numbers: Numbers, centre: Fraction) -> Fraction:
    values, factor = numbers.values, extent.factor
    beside = Fraction(0)
    if extent.is_integer:
        lower, upper = centre.__floor__(), centre.__ceil__()
        beside = centre - lower  # 0 or a half, by which each distance is more than what follows
        # Unsigned, since two 64-bit integers may be farther apart than a signed one can tell.
        distances = np.where(values > lower, values - upper, lower - values).view(np.uint64)
    else:
        near, rest = double_and_rest(centre * Fraction(factor))
        distances = np.abs(moved(values, factor) - near - rest)
    [median] = _quantiles(Numbers(distances), [Fraction(1, 2)])
    return (median + beside) / Fraction(factor)
