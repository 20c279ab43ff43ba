"""Sums of doubles that do not lose digits, as aggregates and as the fractions made of them.

Note [Three sums]
    Adding doubles rounds at every step, so that far from 0, or where large numbers cancel, few
    digits of a sum are left. Here each double is split, without rounding, into whole multiples of a
    unit, of another one 2^32 times as small, and the rest. Multiples are added as integers, which
    is exact. Of the largest values no rest is left, and what rounding takes from the sum of the
    others' is of no account. Powers of two only move a double's exponent.

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

from data_tools.sql.fragment import Sql, bound, number, sql

UNIT_BITS = 32  # with 2^31 values, the sum of their multiples is still a 64-bit integer
FINENESS = 2.0**-UNIT_BITS
_ONCE = Sql("1")
# See Note [Large and small doubles].
_LARGE, _LARGE_BY = 2.0**900, 2.0**-200
_SMALL, _SMALL_BY = 2.0**-600, 2.0**600


def power_above(largest: float) -> float:
    """Return a power of two above `largest`, not over 4 times as large; 1 for 0."""
    return 2.0 ** (math.frexp(largest)[1] + 1) if largest else 1.0


def power_above_sql(largest: Sql) -> Sql:
    """Return what `power_above` does, as SQL."""
    return sql(
        "CASE WHEN {largest} > 0 THEN power(CAST(2 AS float8), floor(ln(CAST({largest} AS float8))"
        " / ln(CAST(2 AS float8))) + 2) ELSE 1 END",
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
        "CASE WHEN {factor} < 1 AND abs({v}) < 1e-100 THEN 0 ELSE {v} * {factor} END",
        v=value,
        factor=factor,
    )


def share_of_reach(value: Sql, centre: Sql, reach: Sql) -> Sql:
    """Return a value's distance from a centre as a share of `reach`, a power of two above all."""
    return sql(
        "CASE WHEN abs({v} - {centre}) < {reach} * {least} THEN 0 "
        "ELSE ({v} - {centre}) / {reach} END",
        v=value,
        centre=centre,
        reach=reach,
        least=double(2.0**-500),
    )


def unit_for(largest: float) -> float:
    """Return the unit to add up values of at most this distance from 0."""
    return power_above(largest) * FINENESS


def sum_aggregates(
    value: Sql, unit: Sql, fine_unit: Sql, *, weight: Sql = _ONCE
) -> tuple[Sql, Sql, Sql]:
    """Return the aggregates that `sum_of` adds up, of values that each count `weight` times.

    `fine_unit` is `FINENESS` of the unit. See Note [Three sums].
    """
    multiple = _multiple(value, unit)
    left = sql("({v} - {multiple} * {unit})", v=value, multiple=multiple, unit=unit)
    fine_multiple = _multiple(left, fine_unit)
    rest = sql("({left} - {multiple} * {unit})", left=left, multiple=fine_multiple, unit=fine_unit)
    return (
        sql("sum(CAST({m} AS bigint) * {weight})", m=multiple, weight=weight),
        sql("sum(CAST({m} AS bigint) * {weight})", m=fine_multiple, weight=weight),
        sql("sum({rest} * {weight})", rest=rest, weight=weight),
    )


def _multiple(value: Sql, unit: Sql) -> Sql:
    return sql(
        "(CASE WHEN abs({v}) >= {unit} THEN trunc({v} / {unit}) ELSE 0 END)", v=value, unit=unit
    )


def sum_of(
    multiples: int | Decimal | None,
    fine_multiples: int | Decimal | None,
    rest: float | None,
    unit: float,
) -> Fraction:
    """Return the sum that the aggregates are of; 0 of no values."""
    units = Fraction(multiples or 0) + Fraction(fine_multiples or 0) * Fraction(FINENESS)
    return units * Fraction(unit) + Fraction(rest or 0.0)


def square_aggregates(share: Sql, *, weight: Sql = _ONCE) -> tuple[Sql, Sql]:
    """Return the aggregates that `squares_of` adds up; no share may be beyond -1 to 1.

    Shares below 1e-150 count as 0.
    """
    square = sql(
        "(CASE WHEN abs({s}) < 1e-150 THEN 0 ELSE {s} * {s} * {multiples} END)",
        s=share,
        multiples=number(2**UNIT_BITS),
    )
    return (
        sql("sum(CAST(trunc({square}) AS bigint) * {weight})", square=square, weight=weight),
        sql("sum(({square} - trunc({square})) * {weight})", square=square, weight=weight),
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


def squares_of(multiples: int | Decimal | None, rest: float | None) -> Fraction:
    """Return the sum of the squares of the shares; 0 of none."""
    return (Fraction(multiples or 0) + Fraction(rest or 0.0)) * Fraction(FINENESS)


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
