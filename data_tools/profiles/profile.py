"""A column's profile, computed from what was counted. Pure."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson

from data_tools.columns import ColumnType
from data_tools.sql.exact_sums import (
    nearest_double,
    square_root,
    squares_of,
    sum_of,
    variance_of,
)

MOST_BUCKETS = 20
MOST_FREQUENT = 20
QUANTILE_PERCENTS = (5, 25, 50, 75, 95)
LONGEST_VALUE_CHARACTERS = 500
MICROSECONDS_OF_DAY = 86_400_000_000

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a column's times have no zone, or are all UTC
_LAST_DAY = 2_932_896  # of the year 9999, where Python's dates end

Value = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """How often a value occurs. `is_shortened` is true where a long text was cut."""

    value: Value
    count: int
    is_shortened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many values each bucket has: `counts[k]` are at least `edges[k]`, below `edges[k + 1]`.

    A filter with the edges as they are here finds as many rows. Integers have whole edges, and
    dates have days, the last one beyond the maximum where the calendar has one. For floats and
    times the last edge is the maximum, and included. Edges of dates and times are ISO 8601 text.
    Buckets are equally wide, up to the rounding of their edges.
    """

    edges: tuple[Value, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """How many rows have a value in a column, and how many have none."""

    values: int
    missing: int

    @property
    def missing_percentage(self) -> float:
        """From 0 to 100; 0 if there are no rows."""
        rows = self.values + self.missing
        return 100 * self.missing / rows if rows else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """A column's figures.

    `minimum` and `maximum` are null without a value; texts are ordered by code point and cut after
    LONGEST_VALUE_CHARACTERS. Numbers have a `mean`, a `standard_deviation` (of a sample: n - 1) and
    `quantiles` (by percent, linear between neighbours); so do booleans, counted as 0 and 1. They
    are null where a double cannot hold them. `most_frequent` is ordered by count, then by value.
    `text_bytes` is the size of all texts in UTF-8.
    """

    values: int
    missing: int
    distinct: int
    minimum: Value | None
    maximum: Value | None
    mean: float | None
    standard_deviation: float | None
    quantiles: dict[int, int | float]
    histogram: Histogram | None
    most_frequent: tuple[Frequency, ...]
    text_bytes: int

    @property
    def presence(self) -> Presence:
        return Presence(values=self.values, missing=self.missing)

    @property
    def missing_percentage(self) -> float:
        """From 0 to 100; 0 if there are no rows."""
        return self.presence.missing_percentage


@dataclass(frozen=True, slots=True)
class Measures:
    """What was counted and added up of a column, in the order of the query's columns.

    `_place` are integers, or microseconds since 1970 of dates and times. Floats were measured as
    their products with `factor`, a power of two, 1 for most: `multiples` of `unit`, finer ones and
    `rest` add up to their sum, and `squares`, finer and finest ones to that of the squares of their
    distances from `centre`, as shares of `reach`. See `sql.exact_sums`.
    """

    values: int = 0
    missing: int = 0
    distinct: int = 0
    lowest_place: int | None = None
    highest_place: int | None = None
    lowest_float: float | None = None
    highest_float: float | None = None
    lowest_date: str | None = None
    highest_date: str | None = None
    lowest_text: str | None = None
    highest_text: str | None = None
    sum_of_integers: Decimal | int | None = None
    squares_of_integers: Decimal | int | None = None
    factor: float | None = None
    unit: float | None = None
    multiples: Decimal | int | None = None
    fine_multiples: Decimal | int | None = None
    rest: float | None = None
    centre: float | None = None
    reach: float | None = None
    squares: Decimal | int | None = None
    fine_squares: Decimal | int | None = None
    finest_squares: Decimal | int | None = None
    text_bytes: int = 0
    float_edges: Sequence[float] | None = None
    bucket_counts: str | None = None
    integer_quantiles: Sequence[int] | None = None
    float_quantiles: Sequence[float] | None = None
    most_frequent: str = "[]"


def profile_of(column_type: ColumnType, measures: Measures) -> ColumnProfile:
    """Return the profile of a column of this type."""
    low, high = _ends(column_type, measures)
    mean, deviation = _moments(column_type, measures)
    return ColumnProfile(
        values=measures.values,
        missing=measures.missing,
        distinct=measures.distinct,
        minimum=low,
        maximum=high,
        mean=mean,
        standard_deviation=deviation,
        quantiles=_quantiles(column_type, measures),
        histogram=_histogram(column_type, measures),
        most_frequent=tuple(
            frequency(column_type, next(v for v in values if v is not None), count)
            for *values, count in orjson.loads(measures.most_frequent or "[]")
        ),
        text_bytes=measures.text_bytes,
    )


def _ends(column_type: ColumnType, measures: Measures) -> tuple[Value | None, Value | None]:
    match column_type:
        case ColumnType.TEXT:
            return measures.lowest_text, measures.highest_text
        case ColumnType.DATE | ColumnType.DATETIME:
            return measures.lowest_date, measures.highest_date
        case ColumnType.FLOAT:
            return measures.lowest_float, measures.highest_float
    low, high = measures.lowest_place, measures.highest_place
    if column_type is ColumnType.BOOLEAN and low is not None and high is not None:
        return bool(low), bool(high)
    return low, high


def _moments(column_type: ColumnType, measures: Measures) -> tuple[float | None, float | None]:
    """Return the mean and the standard deviation of a sample, each rounded once."""
    count = measures.values
    if measures.sum_of_integers is not None and measures.squares_of_integers is not None:
        mean = Fraction(measures.sum_of_integers) / count
        variance = Fraction(measures.squares_of_integers) / count - mean**2
    elif column_type is ColumnType.FLOAT and count:
        mean, variance = _float_moments(measures)
    else:
        return None, None
    deviation = None
    if count > 1:
        deviation = nearest_double(square_root(variance * count / (count - 1)))
    is_finite = deviation is not None and math.isfinite(deviation)
    return nearest_double(mean), deviation if is_finite else None


def _float_moments(measures: Measures) -> tuple[Fraction, Fraction]:
    """Return the mean, and the variance of the population. There must be a value."""
    factor = measures.factor or 1.0
    total = sum_of(measures.multiples, measures.fine_multiples, measures.rest, measures.unit or 1.0)
    mean = total / Fraction(factor) / measures.values
    return mean, variance_of(
        squares_of(measures.squares, measures.fine_squares, measures.finest_squares),
        mean,
        centre=measures.centre or 0.0,
        reach=measures.reach or 1.0,
        factor=factor,
        values=measures.values,
        is_constant=measures.lowest_float == measures.highest_float,
    )


def _quantiles(column_type: ColumnType, measures: Measures) -> dict[int, int | float]:
    ends: Sequence[int] | Sequence[float] | None = None
    if column_type is ColumnType.FLOAT:
        ends = measures.float_quantiles
    elif column_type in (ColumnType.INTEGER, ColumnType.BOOLEAN):
        ends = measures.integer_quantiles
    if not ends or not measures.values:
        return {}
    quantiles: dict[int, int | float] = {}
    for at, percent in enumerate(QUANTILE_PERCENTS):
        low, high = map(Fraction, ends[2 * at : 2 * at + 2])
        share = Fraction((measures.values - 1) * percent % 100, 100)
        exact = low + (high - low) * share
        is_integer = column_type is not ColumnType.FLOAT and exact.denominator == 1
        quantiles[percent] = int(exact) if is_integer else float(exact)
    return quantiles


def _histogram(column_type: ColumnType, measures: Measures) -> Histogram | None:
    if measures.bucket_counts is None or column_type is ColumnType.BOOLEAN:
        return None
    edges = _edges(column_type, measures)
    counted = orjson.loads(measures.bucket_counts)
    if edges[0] == edges[-1]:
        return Histogram(edges=edges, counts=(measures.values,))
    return Histogram(
        edges=edges, counts=tuple(counted.get(str(at), 0) for at in range(len(edges) - 1))
    )


def _edges(column_type: ColumnType, measures: Measures) -> tuple[Value, ...]:
    """Return the edges that the query counted by; one bucket for floats and times of one value."""
    if measures.float_edges is not None:
        edges = tuple(edge + 0.0 for edge in measures.float_edges)  # no negative zero
        return edges if edges[0] < edges[-1] else (edges[0], edges[-1])
    low, high = measures.lowest_place or 0, measures.highest_place or 0
    match column_type:
        case ColumnType.DATETIME:
            buckets = MOST_BUCKETS if low < high else 1
            moments = [low + (high - low) * at // buckets for at in range(buckets + 1)]
            return tuple(
                (_EPOCH + dt.timedelta(microseconds=moment)).isoformat() for moment in moments
            )
        case ColumnType.DATE:
            low, high = low // MICROSECONDS_OF_DAY, high // MICROSECONDS_OF_DAY
    width = (high - low) // MOST_BUCKETS + 1
    places = range(low, high + width + 1, width)
    if column_type is ColumnType.INTEGER:
        return tuple(places)
    return tuple(
        (_EPOCH + dt.timedelta(days=min(place, _LAST_DAY))).date().isoformat() for place in places
    )


def frequency(column_type: ColumnType, value: Any, count: int) -> Frequency:
    """Return how often a value occurs.

    The database cuts a text one character after LONGEST_VALUE_CHARACTERS.
    """
    if column_type is ColumnType.BOOLEAN:
        value = bool(value)
    elif column_type is ColumnType.FLOAT:
        value = float(value)
    is_shortened = isinstance(value, str) and len(value) > LONGEST_VALUE_CHARACTERS
    shown = value[:LONGEST_VALUE_CHARACTERS] if is_shortened else value
    return Frequency(value=shown, count=count, is_shortened=is_shortened)
