"""What a workbook's number formats make of a number: a date, a time of day, a duration, or none.

A workbook stores them all as numbers of days. Calamine takes every number below 1 for a time of
day, also a negative one, and knows no day 60, the 29 February 1900 that Excel believes in.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import Enum, auto

from data_tools.cells import Kind
from data_tools.sandbox.durations import spelled, time_of_day


class Shown(Enum):
    """What a number format shows."""

    NUMBER = auto()
    DATE = auto()
    """A date, with or without a time."""
    TIME = auto()
    """The time of a day, without the day."""
    DATE_OR_TIME = auto()
    """A date in some languages, in others the time of a day."""
    DURATION = auto()
    """Hours, minutes or seconds that go on beyond a day."""


# From 27 to 36 and from 50 to 58, what is shown depends on the language: of those that are times in
# some languages and dates in others, only the number tells.
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 54, 57, 58), Shown.DATE),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 47), Shown.TIME),
    **dict.fromkeys((34, 35, 52, 53, 55, 56), Shown.DATE_OR_TIME),
    46: Shown.DURATION,
}
EXACT_INTEGERS = 2**53
"""Up to here every integer is a double; beyond, doubles have gaps."""
_BEYOND_INTEGERS = 2**63
_MILLISECONDS_PER_DAY = 86_400_000
# A time of day beyond this many days is rather a datetime of which only the time is shown.
_LONGEST_TIME_DAYS = 366
_DAY_THAT_NEVER_WAS = 60
_DAY_ZERO = dt.date(1899, 12, 30)
_LAST_DAY = 2_958_465
LAST_DAY_FROM_1904 = 2_957_003
"""The day 9999-12-31, which is later in the system from 1900."""
_FIRST_DAY_OF_1904 = dt.date(1904, 1, 1)
# What is not a code: quoted texts, characters that are escaped, filled or skipped, and colours,
# conditions and locales in brackets.
_LITERAL = re.compile(r'"[^"]*"|[\\_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|AM/PM|A/P', re.IGNORECASE)
_DURATION = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


def shown_by(code: str) -> Shown:
    """Return what the code of a number format, such as `yyyy-mm-dd`, shows of a positive number."""
    codes = _LITERAL.sub("", code).partition(";")[0].lower()
    if _DURATION.search(codes):
        return Shown.DURATION
    letters = set(codes)
    if letters & set("yd") or {"e", "m"} <= letters:
        return Shown.DATE
    if letters & set("hs"):
        return Shown.TIME
    return Shown.DATE if "m" in letters else Shown.NUMBER


def shown_by_built_in(number: int) -> Shown:
    """Return what the built-in format of this number shows."""
    return _BUILT_IN.get(number, Shown.NUMBER)


def corrected(days: float, shown: Shown, *, counts_from_1904: bool) -> str | None:
    """Return the cell of `data_tools.cells` for a number in such a format.

    Returns None where calamine reads it right. A number that is no date in a format of dates stays
    that number; in a format of times it is a duration. So does an integer that a double may not
    hold, of which the file has more digits.
    """
    if shown is Shown.DATE_OR_TIME:
        shown = Shown.TIME if 0 <= days < 1 else Shown.DATE
    if shown is Shown.TIME and (days < 0 or 1 <= days < _LONGEST_TIME_DAYS):
        return Kind.DURATION + spelled(round(days * _MILLISECONDS_PER_DAY) * 1_000_000)
    if shown is not Shown.DATE or abs(days) >= EXACT_INTEGERS:
        return None
    if counts_from_1904 and 0 <= days < 1:
        day, time = (
            _FIRST_DAY_OF_1904.isoformat(),
            time_of_day(round(days * _MILLISECONDS_PER_DAY) * 1_000_000),
        )
        return f"{Kind.DATETIME}{day}T{time}" if days else Kind.DATE + day
    if counts_from_1904:
        is_no_date = days < 0 or days >= LAST_DAY_FROM_1904 + 1
    else:
        is_no_date = days < 1 or days >= _LAST_DAY + 1 or int(days) == _DAY_THAT_NEVER_WAS
    return Kind.NUMBER + number_text(days) if is_no_date else None


def cell_of_day(day: int, shown: Shown, *, counts_from_1904: bool) -> str | None:
    """Return the cell for a whole number of days in such a format; None in one of numbers."""
    mended = corrected(float(day), shown, counts_from_1904=counts_from_1904)
    if mended or shown is Shown.NUMBER:
        return mended
    if shown is Shown.DURATION:
        return Kind.DURATION + spelled(day * _MILLISECONDS_PER_DAY * 1_000_000)
    if shown in (Shown.TIME, Shown.DATE_OR_TIME) and day == 0:
        return Kind.TIME + "00:00:00"
    if day > (LAST_DAY_FROM_1904 if counts_from_1904 else _LAST_DAY):
        return Kind.NUMBER + str(day)  # in a format of times
    first = _FIRST_DAY_OF_1904 if counts_from_1904 else _DAY_ZERO
    missing_day = not counts_from_1904 and day < _DAY_THAT_NEVER_WAS
    return Kind.DATE + (first + dt.timedelta(days=day + missing_day)).isoformat()


def number_text(value: float) -> str:
    """Return a number of a sheet, which has only doubles, as an integer if it is whole.

    Beyond 2^53 these are the fewest digits that name the double, as a sheet shows them.
    """
    if value.is_integer() and abs(value) < _BEYOND_INTEGERS:
        return str(int(value) if abs(value) < EXACT_INTEGERS else int(Decimal(repr(value))))
    return repr(value)
