"""Sums of doubles that do not lose digits, as aggregates and as the fractions made of them.

Note [Three sums]
    Adding doubles rounds at every step, so that far from 0, or where large numbers cancel, few
    digits of a sum are left. Here each double is split, without rounding, into whole multiples of a
    unit, of another one 2^32 times as small, and the rest. Multiples are added as integers, which
    is exact. Of the largest values no rest is left, and what rounding takes from the sum of the
    others' is of no account. Powers of two only move a double's exponent.

    The rests are added in ascending order of their values. So each step of a sum is one whose
    result IEEE 754 defines, and `data_tools.figures` computes the same doubles in this process.

Note [Large and small doubles]
    PostgreSQL raises where a result is too large for a double, or not 0 and too small. So squared
    are only distances, as shares of the largest one. Where even a distance may be too large, or a
    unit too small, all values are multiplied by a power of two first; beside values that large,
    those below 1e-100 count as 0.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from data_tools.sql.fragment import Sql, bound, sql

UNIT_BITS = 32  # with 2^31 values, the sum of their multiples is still a 64-bit integer
FINENESS = 2.0**-UNIT_BITS
# See Note [Large and small doubles].
_LARGE, _LARGE_BY = 2.0**900, 2.0**-200
_SMALL, _SMALL_BY = 2.0**-600, 2.0**600
LEAST_MOVED = 1e-100  # of values that are made smaller; those below count as 0
LEAST_SHARE = 2.0**-500
LEAST_SQUARED = 1e-150


def power_above(largest: float) -> float:
    """Return the power of two above twice `largest`, at most 4 times as large; 1 for 0."""
    return 2.0 ** (math.frexp(largest)[1] + 1) if largest else 1.0


def power_above_sql(largest: Sql) -> Sql:
    """Return what `power_above` does, as SQL. A logarithm may round to the next power of two."""
    return sql(
        """
        (SELECT CASE WHEN x = 0 THEN 1 WHEN p > 4 * x THEN p / 2 WHEN p <= 2 * x THEN 2 * p ELSE p
            END
        FROM (
            SELECT x, CASE WHEN x > 0 THEN power(CAST(2 AS float8),
                floor(ln(x) / ln(CAST(2 AS float8))) + 2) END AS p
            FROM (
                SELECT CAST({largest} AS float8) AS x OFFSET 0
            ) AS of_x OFFSET 0
        ) AS of_p)
        """,
        largest=largest,
    )


def factor_for(farthest: float) -> float:
    """Return the power of two to multiply values by that are at most this distance from 0.

    It is 1 for most. See Note [Large and small doubles].
    """
    if farthest > _LARGE:
        return _LARGE_BY
    return _SMALL_BY if 0 < farthest < _SMALL else 1.0


def factor_sql(farthest: Sql) -> Sql:
    """Return what `factor_for` does, as SQL."""
    return sql(
        "CASE WHEN {v} > {large} THEN {large_by} WHEN {v} > 0 AND {v} < {small} THEN {small_by} "
        "ELSE 1 END",
        v=farthest,
        large=double(_LARGE),
        large_by=double(_LARGE_BY),
        small=double(_SMALL),
        small_by=double(_SMALL_BY),
    )


def moved(value: Sql, factor: Sql) -> Sql:
    """Return a value times its column's factor."""
    return sql(
        "CASE WHEN {factor} < 1 AND abs({v}) < {least} THEN 0 ELSE {v} * {factor} END",
        v=value,
        factor=factor,
        least=double(LEAST_MOVED),
    )


def share_of_reach(value: Sql, centre: Sql, reach: Sql) -> Sql:
    """Return a value's distance from a centre as a share of `reach`, a power of two above all."""
    return sql(
        "CASE WHEN abs({v} - {centre}) < {reach} * {least} THEN 0 "
        "ELSE ({v} - {centre}) / {reach} END",
        v=value,
        centre=centre,
        reach=reach,
        least=double(LEAST_SHARE),
    )


def unit_for(largest: float) -> float:
    """Return the unit to add up values of at most this distance from 0."""
    return power_above(largest) * FINENESS


def sum_aggregates(value: Sql, unit: Sql, fine_unit: Sql, *, weight: Sql) -> tuple[Sql, Sql]:
    """Return the sums of multiples that `sum_of` adds up, of values that count `weight` times.

    `fine_unit` is `FINENESS` of the unit. See Note [Three sums].
    """
    multiple, left = _multiple(value, unit)
    fine_multiple, _ = _multiple(left, fine_unit)
    return (
        sql("sum(CAST({m} AS bigint) * {weight})", m=multiple, weight=weight),
        sql("sum(CAST({m} AS bigint) * {weight})", m=fine_multiple, weight=weight),
    )


def rest_of(value: Sql, unit: Sql, fine_unit: Sql) -> Sql:
    """Return what the multiples of both units leave of a value."""
    _, left = _multiple(value, unit)
    _, rest = _multiple(left, fine_unit)
    return rest


def _multiple(value: Sql, unit: Sql) -> tuple[Sql, Sql]:
    """Return how many whole units a value has, and what is left of it."""
    multiple = sql(
        "(CASE WHEN abs({v}) >= {unit} THEN trunc({v} / {unit}) ELSE 0 END)", v=value, unit=unit
    )
    return multiple, sql("({v} - {multiple} * {unit})", v=value, multiple=multiple, unit=unit)


def sum_of(
    multiples: int | Decimal | None,
    fine_multiples: int | Decimal | None,
    rest: float | None,
    unit: float,
) -> Fraction:
    """Return the sum that the aggregates are of; 0 of no values."""
    units = Fraction(multiples or 0) + Fraction(fine_multiples or 0) * Fraction(FINENESS)
    return units * Fraction(unit) + Fraction(rest or 0.0)


def square_of(share: Sql) -> Sql:
    """Return the square of a share; one below LEAST_SQUARED counts as 0."""
    return sql(
        "CASE WHEN abs({s}) < {least} THEN 0 ELSE {s} * {s} END",
        s=share,
        least=double(LEAST_SQUARED),
    )


def variance_of(
    squares: Fraction,
    mean: Fraction,
    *,
    centre: float,
    reach: float,
    factor: float,
    values: int,
    is_constant: bool,
) -> Fraction:
    """Return the variance of the population, of the squares of the shares of `reach`.

    The shares, `centre` and `reach` are of the values' products with `factor`; `mean` is of the
    values. The centre lies beside the mean; what that makes of the squares is taken out again. The
    variance of a constant column is exactly 0.
    """
    if is_constant:
        return Fraction(0)
    moved_mean = mean * Fraction(factor)
    variance = squares * Fraction(reach) ** 2 / values - (moved_mean - Fraction(centre)) ** 2
    return max(variance / Fraction(factor) ** 2, Fraction(0))


def squares_of(*sums: int | Decimal | None) -> Fraction:
    """Return the sum of squares, of the sums of their multiples of 2^-32, 2^-64 and so on."""
    return sum(
        (Fraction(each or 0) / 2 ** (UNIT_BITS * at) for at, each in enumerate(sums, start=1)),
        Fraction(0),
    )


def square_root(square: Fraction) -> Fraction:
    """Return the square root, to 80 bits."""
    over, under = square.as_integer_ratio()
    shift = max(0, 161 - over.bit_length() + under.bit_length()) // 2
    return Fraction(math.isqrt((over << 2 * shift) // under), 1 << shift)


def nearest_double(exact: Fraction) -> float:
    """Return the nearest double, which is infinite beyond the largest one."""
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def double(value: float) -> Sql:
    """Bind a double."""
    return sql("CAST({value} AS float8)", value=bound(value))
