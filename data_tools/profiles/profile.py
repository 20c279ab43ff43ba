"""A column's profile, computed from what the database counted. Pure."""

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

MOST_BUCKETS = 20
MOST_FREQUENT = 20
QUANTILE_PERCENTS = (5, 25, 50, 75, 95)
LONGEST_VALUE_CHARACTERS = 500

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a column's times have no zone, or are all UTC
_LAST_SECOND = 253_402_300_799.0  # of the year 9999, where Python's times end

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

    Integers have whole edges, the last one beyond the maximum. For floats, and for dates and times,
    whose edges are ISO 8601 text, the last edge is the maximum, and included. Buckets are equally
    wide, up to the rounding of their edges.
    """

    edges: tuple[Value, ...]
    counts: tuple[int, ...]


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
    def missing_percentage(self) -> float:
        """From 0 to 100; 0 if there are no rows."""
        rows = self.values + self.missing
        return 100 * self.missing / rows if rows else 0.0


@dataclass(frozen=True, slots=True)
class Measures:
    """The database's figures of a column, in the order of the query's columns.

    `_x` are places on a number line. `centre` and `spread` are the mean and the sum of squared
    deviations of those places, after division by the largest absolute one.
    """

    values: int = 0
    missing: int = 0
    distinct: int = 0
    lowest_integer: int | None = None
    highest_integer: int | None = None
    lowest_x: float | None = None
    highest_x: float | None = None
    lowest_date: str | None = None
    highest_date: str | None = None
    lowest_text: str | None = None
    highest_text: str | None = None
    sum_of_integers: Decimal | None = None
    squares_of_integers: Decimal | None = None
    centre: float | None = None
    spread: float | None = None
    text_bytes: int = 0
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
            return measures.lowest_x, measures.highest_x
    low, high = measures.lowest_integer, measures.highest_integer
    if column_type is ColumnType.BOOLEAN and low is not None and high is not None:
        return bool(low), bool(high)
    return low, high


def _moments(column_type: ColumnType, measures: Measures) -> tuple[float | None, float | None]:
    """Return the mean and the standard deviation. See Note [Figures that do not overflow]."""
    count = measures.values
    if measures.sum_of_integers is not None and measures.squares_of_integers is not None:
        total = Fraction(measures.sum_of_integers)
        spread = Fraction(measures.squares_of_integers) - total**2 / count
        deviation = math.sqrt(spread / (count - 1)) if count > 1 else None
        return float(total / count), deviation
    if column_type is not ColumnType.FLOAT or measures.centre is None or measures.spread is None:
        return None, None
    scale = max(abs(measures.lowest_x or 0.0), abs(measures.highest_x or 0.0))
    deviation = math.sqrt(measures.spread / (count - 1)) * scale if count > 1 else None
    is_finite = deviation is not None and math.isfinite(deviation)
    return measures.centre * scale, deviation if is_finite else None


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
        low, high = ends[2 * at], ends[2 * at + 1]
        share = (measures.values - 1) * percent / 100 % 1
        if isinstance(low, float):
            between = low * (1 - share) + high * share  # high - low may overflow
        else:
            exact = Fraction(low) + Fraction(high - low) * Fraction(
                (measures.values - 1) * percent % 100, 100
            )
            between = int(exact) if exact.denominator == 1 else float(exact)
        quantiles[percent] = between
    return quantiles


def _histogram(column_type: ColumnType, measures: Measures) -> Histogram | None:
    if measures.bucket_counts is None or column_type is ColumnType.BOOLEAN:
        return None
    edges = _edges(column_type, measures)
    counted = orjson.loads(measures.bucket_counts)
    return Histogram(
        edges=edges, counts=tuple(counted.get(str(at), 0) for at in range(len(edges) - 1))
    )


def _edges(column_type: ColumnType, measures: Measures) -> tuple[Value, ...]:
    if measures.lowest_integer is not None and measures.highest_integer is not None:
        width = (measures.highest_integer - measures.lowest_integer) // MOST_BUCKETS + 1
        return tuple(range(measures.lowest_integer, measures.highest_integer + width + 1, width))
    low, high = measures.lowest_x or 0.0, measures.highest_x or 0.0
    buckets = MOST_BUCKETS if low < high else 1
    # high - low may overflow
    places = [low * (1 - at / buckets) + high * (at / buckets) for at in range(buckets + 1)]
    if column_type is ColumnType.FLOAT:
        return tuple(places)
    return tuple(
        (_EPOCH + dt.timedelta(seconds=min(place, _LAST_SECOND))).isoformat() for place in places
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
