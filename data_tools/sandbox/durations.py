"""Durations in one spelling, whatever file they come from: `26:15:00`, `-2:00:00`, `0:00:00.5`."""

from __future__ import annotations

import re
from decimal import Decimal

_NANOSECONDS = 10**9
# The durations that OpenDocument writes; those with months or years have no length of their own.
_ISO = re.compile(
    r"(-?)P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{0,9})?)S)?)?"
)


def spelled(nanoseconds: int) -> str:
    """Return hours, minutes and seconds, as a sheet shows them, with the fraction if there is one.

    Hours go on beyond a day, and have as many digits as they need.
    """
    seconds, fraction = divmod(abs(nanoseconds), _NANOSECONDS)
    sign = "-" if nanoseconds < 0 else ""
    text = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{fraction:09}".rstrip("0") if fraction else "")


def time_of_day(nanoseconds: int) -> str:
    """Return the time so long after midnight, as `datetime.time.isoformat` does."""
    seconds, fraction = divmod(nanoseconds, _NANOSECONDS)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{fraction // 1000:06}" if fraction >= 1000 else "")


def parse_iso(text: str) -> int | None:
    """Return the nanoseconds of an ISO 8601 duration such as `-PT26H15M00S`; None for others."""
    match = _ISO.fullmatch(text)
    if not match or text.endswith(("P", "T")):
        return None
    sign, days, hours, minutes, seconds = match.groups()
    whole = (int(days or 0) * 24 + int(hours or 0)) * 3600 + int(minutes or 0) * 60
    nanoseconds = whole * _NANOSECONDS + int(Decimal(seconds or 0) * _NANOSECONDS)
    return -nanoseconds if sign else nanoseconds
