"""Checks of whether a column of texts can be parsed as a type without losing anything.

Each `check_…` returns None if some value cannot, and otherwise what it found on the way. Nulls
are no evidence either way. All of them rest on one idea where they can: parsing loses nothing if
the parsed value, printed, is the text again.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import LARGEST_EXACT_INTEGER, ColumnType

# Below this a double has fewer than 53 significant bits.
_SMALLEST_NORMAL = 2.2250738585072014e-308
# Decimals of up to this many digits survive the way to a double and back.
SAFE_DIGITS = 15
# Integers from here to there could be dates.
_FIRST_DATE, _LAST_DATE = 19000101, 21001231
UNITS = ("s", "ms", "us")
# A sign or a zero that a number would not keep: +5, 007, -01.5.
_PREFIX_NOT_KEPT = r"^(\+|-?0[0-9])"
# How the database writes a number: every digit, no exponent, no zero at the end.
_AS_STORED = r"^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_SHORTEST_DATETIME = len("2013-01-31T05:00")
# A datetime as it is stored, by the unit of its column; those with an offset end in Z.
_STORED_DATETIMES = {
    "s": r"^[0-9-]{10}T[0-9:]{8}Z?$",
    "ms": r"^[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z?$",
    "us": r"^[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z?$",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check of one array found."""

    rounded_decimals: int = 0
    """Written with a point or an exponent, and with more digits than a double keeps."""
    first_rounded: int = -1
    """The position of the first of them."""
    inexact_integers: int = 0
    """Written as integers, and no double is exactly that integer."""
    first_inexact: int = -1
    """The position of the first of them."""
    negative_zero_count: int = 0
    shows_fraction: bool = False
    """Some value is written with a point or an exponent."""
    are_shortest: bool = False
    """Every value is written as the shortest form of its double, and none as minus zero."""
    unit: str = "s"
    """The coarsest Arrow unit that holds every datetime: s, ms or us."""
    extremes: tuple[int, int] | None = None
    """The least and the greatest integer."""
    may_be_days: bool = False
    """Every integer could be a date written as YYYYMMDD."""
    respelled: Mapping[str, pa.BooleanArray] = field(default_factory=dict)
    """The values that are stored otherwise than they are written: `float` if the column becomes
    one of floats, a unit if that is the unit of its datetimes, `boolean`. Those not here are
    stored as written."""


def check_integers(values: pa.StringArray) -> Findings | None:
    """Accept canonical integers within 64 bits: no leading zero, no plus, no minus zero."""
    numbers = cast_exactly(values, pa.int64())
    if numbers is None or not numbers.cast(pa.string()).equals(values):
        return None
    extremes = pc.min_max(numbers).as_py()
    if extremes["min"] is None:
        return Findings()
    least, greatest = extremes["min"], extremes["max"]
    findings = Findings(
        extremes=(least, greatest),
        may_be_days=least >= _FIRST_DATE and greatest <= _LAST_DATE and _are_days(values),
    )
    large = _beyond(values, numbers, LARGEST_EXACT_INTEGER)
    if not len(large):
        return findings
    inexact = _inexact(large)
    return replace(
        findings,
        inexact_integers=len(inexact),
        first_inexact=pc.index(values, inexact[0]).as_py() if inexact else -1,
        respelled={"float": _among(values, _shortened(large))},
    )


def _beyond(texts: pa.StringArray, numbers: pa.Array, limit: int) -> pa.StringArray:
    """Return the texts of the numbers of at least `limit`, either sign; mostly there are none."""
    ends = pc.min_max(numbers).as_py()
    if ends["min"] is None or (ends["min"] > -limit and ends["max"] < limit):
        return texts.slice(0, 0)
    return texts.filter(pc.or_(pc.greater_equal(numbers, limit), pc.less_equal(numbers, -limit)))


def _inexact(integers: pa.StringArray) -> list[str]:
    """Return those that no double is equal to."""
    texts = integers.drop_null().to_pylist()
    return [text for text in texts if int(float(text)) != int(text)]


def _shortened(integers: pa.StringArray) -> list[str]:
    """Return those whose double is written with fewer digits: 2^60 is 1152921504606847000."""
    texts = integers.drop_null().to_pylist()
    return [text for text in texts if Decimal(text) != Decimal(repr(float(text)))]


def _among(values: pa.StringArray, texts: list[str]) -> pa.BooleanArray:
    return pc.is_in(values, value_set=pa.array(texts, pa.string()))


def _are_days(integers: pa.StringArray) -> bool:
    """Tell whether all, which have eight digits, are days of the calendar as YYYYMMDD."""
    days = pc.replace_substring_regex(integers, "^(.{4})(.{2})(.{2})$", r"\1-\2-\3")
    return check_dates(days) is not None


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
    large = _beyond(values, numbers, LARGEST_EXACT_INTEGER)
    large_integers = large.filter(_is_integer(large))
    inexact = _inexact(large_integers)
    rounded = _rounded(other_texts, other_numbers)
    negative_zero_count = count_negative_zeros(numbers)
    altered = rounded + _shortened(large_integers)
    return Findings(
        rounded_decimals=len(rounded),
        first_rounded=pc.index(values, rounded[0]).as_py() if rounded else -1,
        inexact_integers=len(inexact),
        first_inexact=pc.index(values, inexact[0]).as_py() if inexact else -1,
        negative_zero_count=negative_zero_count,
        shows_fraction=_shows_fraction(values),
        are_shortest=not len(other_texts) and not negative_zero_count,
        respelled={"float": _respelled_floats(values, is_other_form, altered)},
    )


def _respelled_floats(
    values: pa.StringArray, is_other_form: pa.BooleanArray, altered: list[str]
) -> pa.BooleanArray:
    """Mark the floats that are stored otherwise; `altered` are stored with other digits."""
    respelled = pc.or_(pc.match_substring(values, "e"), pc.equal(values, "-0"))
    if is_other_form.true_count:
        is_as_stored = pc.match_substring_regex(values, _AS_STORED)
        respelled = pc.or_(respelled, pc.and_not(is_other_form, is_as_stored))
    return pc.or_(respelled, _among(values, altered)) if altered else respelled


def _is_integer(numbers: pa.StringArray) -> pa.BooleanArray:
    """Mark the numbers that are written without a point and without an exponent."""
    return pc.invert(pc.match_substring_regex(numbers, "[.eE]"))


def _shows_fraction(values: pa.StringArray) -> bool:
    """Tell whether any number is written with a point or an exponent; often one of the first is."""
    return any(
        pc.any(pc.invert(_is_integer(part))).as_py()
        for part in (values.slice(0, 64), values.slice(64))
    )


def _rounded(texts: pa.StringArray, numbers: pa.DoubleArray) -> list[str]:
    """Return the decimals whose value differs from the shortest form of their double."""
    is_long = pc.greater(pc.binary_length(texts), SAFE_DIGITS)
    is_tiny = pc.less(pc.abs(numbers), _SMALLEST_NORMAL)
    may_be_rounded = pc.and_not(pc.or_(is_long, is_tiny), _is_integer(texts))
    return [
        text
        for text, number in zip(
            texts.filter(may_be_rounded).to_pylist(),
            numbers.filter(may_be_rounded).to_pylist(),
            strict=True,
        )
        if Decimal(text) != Decimal(repr(number))
    ]


def count_negative_zeros(numbers: pa.DoubleArray) -> int:
    """Count the zeros whose sign bit is set."""
    zeros = numbers.filter(pc.equal(numbers, 0.0))
    return pc.equal(zeros.cast(pa.string()), "-0").true_count if len(zeros) else 0


def check_booleans(values: pa.StringArray) -> Findings | None:
    """Accept true and false in any case; never 0, 1, yes or no."""
    spellings = pa.array(["true", "false"])
    is_boolean = pc.is_in(pc.ascii_lower(values), value_set=spellings)
    if is_boolean.true_count != len(values) - values.null_count:
        return None
    return Findings(
        respelled={"boolean": pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, spellings)))}
    )


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
    return Findings(unit=coarsest_unit(times), respelled=_respelled_datetimes(values))


def _respelled_datetimes(values: pa.StringArray) -> dict[str, pa.BooleanArray]:
    """Mark, for each unit, the datetimes that a column of that unit stores otherwise."""
    respelled: dict[str, pa.BooleanArray] = {}
    for unit, pattern in _STORED_DATETIMES.items():
        respelled[unit] = pc.invert(pc.match_substring_regex(values, pattern))
        if not respelled[unit].true_count:
            # As in most columns, all are written in this unit.
            return dict.fromkeys(UNITS, pc.is_valid(values)) | {unit: respelled[unit]}
    return respelled


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
    """Tell whether every date or time lies in the years 1 to 9999, which Python and SQL share."""
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


class TextParser(Enum):
    """A way to parse a column's texts; the order is the order in which they are tried."""

    INTEGER = ColumnType.INTEGER, check_integers
    FLOAT = ColumnType.FLOAT, check_floats
    BOOLEAN = ColumnType.BOOLEAN, check_booleans
    DATE = ColumnType.DATE, check_dates
    LOCAL_DATETIME = ColumnType.DATETIME, partial(check_datetimes, zone=None)
    ZONED_DATETIME = ColumnType.DATETIME, partial(check_datetimes, zone="UTC")
    TEXT = ColumnType.TEXT, None

    def __init__(
        self, type_: ColumnType, check: Callable[[pa.StringArray], Findings | None] | None
    ) -> None:
        self.column_type = type_
        self.check = check
