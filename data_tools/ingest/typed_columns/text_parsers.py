"""Checks of whether a column of texts can be parsed as a type without losing anything.

Each `check_…` returns None if some value cannot, and otherwise what it found on the way. Nulls
are no evidence either way. All of them rest on one idea where they can: parsing loses nothing if
the parsed value, printed, is the text again.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

# Up to here every integer is a double; beyond, doubles have gaps.
_EXACT_INTEGERS = 2**53
# Below this a double has fewer than 53 significant bits.
_SMALLEST_NORMAL = 2.2250738585072014e-308
# Decimals of up to this many digits survive the way to a double and back.
_SAFE_DIGITS = 15
# A sign or a zero that a number would not keep: +5, 007, -01.5.
_PREFIX_NOT_KEPT = r"^(\+|-?0[0-9])"
_SHORTEST_DATETIME = len("2013-01-31T05:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check of one array found."""

    rounded_decimals: int = 0
    """Written with a point or an exponent, and with more digits than a double keeps."""
    inexact_integers: int = 0
    """Written as integers, and no double is exactly that integer."""
    negative_zero_count: int = 0
    shows_fraction: bool = False
    """Some value is written with a point or an exponent."""
    unit: str = "s"
    """The coarsest Arrow unit that holds every datetime: s, ms or us."""


def check_integers(values: pa.StringArray) -> Findings | None:
    """Accept canonical integers within 64 bits: no leading zero, no plus, no minus zero."""
    numbers = cast_exactly(values, pa.int64())
    if numbers is None or not numbers.cast(pa.string()).equals(values):
        return None
    return Findings(inexact_integers=_count_inexact(_beyond(values, numbers, _EXACT_INTEGERS)))


def _beyond(texts: pa.StringArray, numbers: pa.Array, limit: int) -> pa.StringArray:
    """Return the texts of the numbers of at least `limit`, either sign; mostly there are none."""
    ends = pc.min_max(numbers).as_py()
    if ends["min"] is None or (ends["min"] > -limit and ends["max"] < limit):
        return texts.slice(0, 0)
    return texts.filter(pc.or_(pc.greater_equal(numbers, limit), pc.less_equal(numbers, -limit)))


def _count_inexact(integers: pa.StringArray) -> int:
    return sum(text is not None and int(float(text)) != int(text) for text in integers.to_pylist())


def check_floats(values: pa.StringArray) -> Findings | None:
    """Accept finite doubles in decimal or exponent notation, without a plus or a leading zero."""
    numbers = cast_exactly(values, pa.float64())
    if numbers is None or pc.all(pc.is_finite(numbers)).as_py() is False:
        return None
    # Most numbers are written as the shortest form of their double: those need no second look.
    is_other_form = pc.not_equal(numbers.cast(pa.string()), values)
    other_texts, other_numbers = values.filter(is_other_form), numbers.filter(is_other_form)
    if pc.any(pc.match_substring_regex(other_texts, _PREFIX_NOT_KEPT)).as_py():
        return None
    large = _beyond(values, numbers, _EXACT_INTEGERS)
    return Findings(
        rounded_decimals=_count_rounded(other_texts, other_numbers),
        inexact_integers=_count_inexact(large.filter(_is_integer(large))),
        negative_zero_count=count_negative_zeros(numbers),
        shows_fraction=_shows_fraction(values),
    )


def _is_integer(numbers: pa.StringArray) -> pa.BooleanArray:
    """Mark the numbers that are written without a point and without an exponent."""
    return pc.invert(pc.match_substring_regex(numbers, "[.eE]"))


def _shows_fraction(values: pa.StringArray) -> bool:
    """Whether any number is written with a point or an exponent; often one of the first is."""
    return any(
        pc.any(pc.invert(_is_integer(part))).as_py()
        for part in (values.slice(0, 64), values.slice(64))
    )


def _count_rounded(texts: pa.StringArray, numbers: pa.DoubleArray) -> int:
    """Count the decimals whose value differs from the shortest form of their double."""
    is_long = pc.greater(pc.binary_length(texts), _SAFE_DIGITS)
    is_tiny = pc.less(pc.abs(numbers), _SMALLEST_NORMAL)
    may_be_rounded = pc.and_not(pc.or_(is_long, is_tiny), _is_integer(texts))
    return sum(
        Decimal(text) != Decimal(repr(number))
        for text, number in zip(
            texts.filter(may_be_rounded).to_pylist(),
            numbers.filter(may_be_rounded).to_pylist(),
            strict=True,
        )
    )


def count_negative_zeros(numbers: pa.DoubleArray) -> int:
    """Count the zeros whose sign bit is set."""
    zeros = numbers.filter(pc.equal(numbers, 0.0))
    return pc.equal(zeros.cast(pa.string()), "-0").true_count if len(zeros) else 0


def check_booleans(values: pa.StringArray) -> Findings | None:
    """Accept true and false in any case; never 0, 1, yes or no."""
    is_boolean = pc.is_in(pc.ascii_lower(values), value_set=pa.array(["true", "false"]))
    return Findings() if is_boolean.true_count == len(values) - values.null_count else None


def check_dates(values: pa.StringArray) -> Findings | None:
    """Accept days of the calendar in the years 1 to 9999, as YYYY-MM-DD."""
    dates = cast_exactly(values, pa.date32())
    if dates is None or not within_calendar(dates):
        return None
    return Findings() if dates.cast(pa.string()).equals(values) else None


def check_datetimes(values: pa.StringArray, *, zone: str | None) -> Findings | None:
    """Accept ISO 8601 to the microsecond, either all with an offset (`zone` is UTC) or none."""
    if pc.any(pc.less(pc.binary_length(values), _SHORTEST_DATETIME)).as_py():
        return None
    times = cast_exactly(values, pa.timestamp("us", zone))
    if times is None or not within_calendar(times):
        return None
    return Findings(unit=coarsest_unit(times))


def cast_exactly(values: pa.Array, type_: pa.DataType) -> pa.Array | None:
    """Return the values as this type; None if Arrow cannot parse one, or would cut it off."""
    try:
        return values.cast(type_)
    except pa.ArrowInvalid:
        return None


def coarsest_unit(times: pa.TimestampArray) -> str:
    """Return the coarsest of s, ms, us and ns that holds every one of the times exactly."""
    for unit in ("s", "ms", "us"):
        if cast_exactly(times, pa.timestamp(unit, times.type.tz)) is not None:
            return unit
    return "ns"


def within_calendar(moments: pa.Array) -> bool:
    """Whether every date or time lies in the years 1 to 9999, which Python and SQL share."""
    ends = pc.min_max(moments.cast(pa.int32() if pa.types.is_date32(moments.type) else pa.int64()))
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is None:
        return True
    per_day = _TICKS_PER_DAY[getattr(moments.type, "unit", "day")]
    return low >= _FIRST_DAY * per_day and high < (_LAST_DAY + 1) * per_day


_EPOCH = datetime.date(1970, 1, 1).toordinal()
_FIRST_DAY = datetime.date.min.toordinal() - _EPOCH
_LAST_DAY = datetime.date.max.toordinal() - _EPOCH
_TICKS_PER_DAY = {
    "day": 1,
    "s": 86_400,
    "ms": 86_400_000,
    "us": 86_400_000_000,
    "ns": 86_400 * 10**9,
}
