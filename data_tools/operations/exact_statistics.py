"""Statistics of columns of numbers as fractions, rounded nowhere on the way.

Integers are computed with as integers, and so are exact. Floats are computed with as the doubles
that they are, not as the decimals that they are written as: means and quantiles are exact but for
what Note [Three sums] in `sql.exact_sums` allows, variances but for 2^-50 of themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from data_tools.operations.extents import COLUMNS_PER_PASS, Extent
from data_tools.operations.row_source import Rows
from data_tools.sql.exact_sums import (
    FINENESS,
    double,
    moved,
    nearest_double,
    power_above,
    share_of_reach,
    square_aggregates,
    square_root,
    squares_of,
    sum_aggregates,
    sum_of,
    unit_for,
    variance_of,
)
from data_tools.sql.fragment import Sql, bound, joined, number, sql

_EXACT_TWICE_IN_FLOAT = 2**52


@dataclass(frozen=True, slots=True)
class Moments:
    """The mean, and the variance of the population."""

    mean: Fraction
    variance: Fraction

    @property
    def deviation(self) -> Fraction:
        """The standard deviation of the population, to 80 bits."""
        return square_root(self.variance)


def measure_moments(rows: Rows, extents: Sequence[Extent]) -> list[Moments]:
    """Return each column's mean and variance: in one pass, or in two where any column is float."""
    moments: dict[str, Moments] = {}
    floats: list[tuple[Extent, Fraction]] = []
    for extent, (mean, squares) in zip(extents, _means_and_squares(rows, extents), strict=True):
        if extent.is_integer:
            moments[extent.column.key] = Moments(mean, squares / extent.values - mean**2)
        else:
            floats.append((extent, mean))
    for (extent, mean), variance in zip(floats, _variances(rows, floats), strict=True):
        moments[extent.column.key] = Moments(mean, variance)
    return [moments[extent.column.key] for extent in extents]


def _means_and_squares(
    rows: Rows, extents: Sequence[Extent]
) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield each column's mean, and the sum of the squares of integers; one pass."""

    def made_of(at: int, value: Sql) -> Sql:
        return value if extents[at].is_integer else _moved(extents[at], value)

    def aggregates(at: int, value: Sql) -> Sequence[Sql]:
        extent = extents[at]
        if not extent.is_integer:
            unit = unit_for(extent.farthest * extent.factor)
            units = double(unit), double(unit * FINENESS)
            return (*sum_aggregates(value, *units), Sql("NULL"))
        square = sql("sum(CAST({v} AS numeric) * {v})", v=value)
        return sql("sum({v})", v=value), Sql("NULL"), Sql("NULL"), square

    for extent, (multiples, fine_multiples, rest, square) in zip(
        extents, _measure(rows, extents, aggregates, made_of=made_of), strict=True
    ):
        unit = 1.0 if extent.is_integer else unit_for(extent.farthest * extent.factor)
        total = sum_of(multiples, fine_multiples, rest, unit) / Fraction(extent.factor)
        yield total / extent.values, Fraction(square or 0)


def _variances(rows: Rows, floats: Sequence[tuple[Extent, Fraction]]) -> Iterator[Fraction]:
    """Yield the variance of each column of floats, given its mean."""
    centres = [nearest_double(mean * Fraction(extent.factor)) for extent, mean in floats]
    reaches = [
        power_above(
            max(
                extent.largest * extent.factor - centre,
                centre - extent.least * extent.factor,
            )
        )
        for (extent, _), centre in zip(floats, centres, strict=True)
    ]

    def share(at: int, value: Sql) -> Sql:
        moved_value = _moved(floats[at][0], value)
        return share_of_reach(moved_value, double(centres[at]), double(reaches[at]))

    measured = _measure(
        rows,
        [extent for extent, _ in floats],
        lambda at, value: square_aggregates(value),
        made_of=share,
    )
    for (extent, mean), centre, reach, parts in zip(
        floats, centres, reaches, measured, strict=True
    ):
        yield variance_of(
            squares_of(*parts),
            mean,
            centre=centre,
            reach=reach,
            factor=extent.factor,
            values=extent.values,
            is_constant=extent.least == extent.largest,
        )


def measure_quantiles(
    rows: Rows, extents: Sequence[Extent], shares: Sequence[Fraction]
) -> list[list[Fraction]]:
    """Return each column's quantiles at the shares, linear between neighbours; one pass."""
    return list(_quantiles(rows, extents, shares, lambda at, value: value))


def measure_median_distances(
    rows: Rows, extents: Sequence[Extent], centres: Sequence[Fraction]
) -> list[Fraction]:
    """Return the median distance of each column's values from its centre, in one pass."""
    factors = [Fraction(extent.factor) for extent in extents]

    def distance(at: int, value: Sql) -> Sql:
        extent = extents[at]
        if extent.is_integer and extent.farthest >= _EXACT_TWICE_IN_FLOAT:
            centre = bound(str(int(2 * centres[at])))  # a median is a half at most
            return sql(
                "abs(CAST({v} AS numeric) - CAST({centre} AS numeric) / 2)", v=value, centre=centre
            )
        near, rest = double_and_rest(centres[at] * factors[at])
        return sql(
            "abs({v} - {near} - {rest})",
            v=_moved(extent, value),
            near=double(near),
            rest=double(rest),
        )

    medians = _quantiles(rows, extents, [Fraction(1, 2)], distance)
    return [median / factor for [median], factor in zip(medians, factors, strict=True)]


def double_and_rest(exact: Fraction) -> tuple[float, float]:
    """Return the double nearest to a number, and that nearest to what is left of it."""
    nearest = nearest_double(exact)
    return nearest, nearest_double(exact - Fraction(nearest))


def _quantiles(
    rows: Rows,
    extents: Sequence[Extent],
    shares: Sequence[Fraction],
    made_of: Callable[[int, Sql], Sql],
) -> Iterator[list[Fraction]]:
    """Yield the quantiles of what `made_of` makes of each column's values, which keeps nulls."""

    def aggregates(at: int, value: Sql) -> Sequence[Sql]:
        values = extents[at].values
        ranks = [rank for share in shares for rank in _neighbours(share * (values - 1))]
        # In the middle between two ranks, where rounding cannot reach the next one.
        places = bound([(rank + 0.5) / values for rank in ranks])
        return [
            sql(
                "percentile_disc(CAST({places} AS float8[])) WITHIN GROUP (ORDER BY {v})",
                places=places,
                v=value,
            )
        ]

    for extent, [found] in zip(
        extents, _measure(rows, extents, aggregates, made_of=made_of), strict=True
    ):
        yield [
            _between(Fraction(found[2 * at]), Fraction(found[2 * at + 1]), share, extent.values)
            for at, share in enumerate(shares)
        ]


def _neighbours(rank: Fraction) -> tuple[int, int]:
    """Return the ranks, from 0, of the values on both sides; twice the same for a whole rank."""
    return rank.__floor__(), rank.__ceil__()


def _between(low: Fraction, high: Fraction, share: Fraction, values: int) -> Fraction:
    return low + (high - low) * (share * (values - 1) % 1)


def _measure(
    rows: Rows,
    extents: Sequence[Extent],
    aggregates: Callable[[int, Sql], Sequence[Sql]],
    *,
    made_of: Callable[[int, Sql], Sql] = lambda at, value: value,
) -> Iterator[Sequence[Any]]:
    """Yield the aggregates of what `made_of` makes of each column's values, each computed once.

    Every 200 columns take one pass.
    """
    for first in range(0, len(extents), COLUMNS_PER_PASS):
        together = extents[first : first + COLUMNS_PER_PASS]
        names = [sql("v{at}", at=number(at)) for at in range(len(together))]
        made = [
            sql("{value} AS {name}", value=made_of(first + at, name), name=name)
            for at, name in enumerate(names)
        ]
        selected = [each for at, name in enumerate(names) for each in aggregates(first + at, name)]
        measured = rows.fetch_one(
            sql(
                """
                SELECT {aggregates}
                FROM (
                    SELECT {made}
                    FROM ({cells}) AS cells
                    OFFSET 0
                ) AS made
                """,
                aggregates=joined(", ", selected),
                made=joined(", ", made),
                cells=rows.cells_query([rows.cells[extent.column.key] for extent in together]),
            )
        )
        each = len(measured) // len(together)
        for at in range(len(together)):
            yield measured[at * each : (at + 1) * each]


def _moved(extent: Extent, value: Sql) -> Sql:
    """Return a value as a double, and not near the ends of their range."""
    if extent.is_integer:
        return sql("CAST({v} AS float8)", v=value)
    return value if extent.factor == 1.0 else moved(value, double(extent.factor))
