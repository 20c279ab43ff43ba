"""Dates and times as text in ISO 8601, also those of years that Arrow writes as “out of range”."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

# The calendar repeats itself after so many days.
_CYCLE_DAYS, _CYCLE_YEARS = 146_097, 400
_EPOCH = dt.date(1970, 1, 1)
_UNITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_FAR_SECONDS = 30_000 * 365 * 86_400
_OUT_OF_RANGE = "<value out of range"


def iso_texts(values: pa.Array) -> pa.StringArray:
    """Return dates, or timestamps in UTC or without a zone, as Arrow writes them: with a blank
    before the time, and `Z` for UTC.

    Years beyond 9999 have five digits or more, and those before the year 0 a minus.
    """
    type_ = values.type
    if pa.types.is_date(type_):
        return _with_far_ones(values.cast(pa.date32()), pa.int32(), _date)
    per_second = 10 ** _UNITS[type_.unit]
    is_in_utc = type_.tz is not None
    if is_in_utc and _are_far(values, per_second):  # of these, Arrow writes other years
        values = values.cast(pa.int64()).cast(pa.timestamp(type_.unit))
        return pc.binary_join_element_wise(iso_texts(values), "Z", "")
    return _with_far_ones(values, pa.int64(), lambda ticks: _datetime(ticks, _UNITS[type_.unit]))


def _are_far(values: pa.TimestampArray, per_second: int) -> bool:
    ends = pc.min_max(values.cast(pa.int64()))
    far = _FAR_SECONDS * per_second
    return any(abs(ends[end].as_py() or 0) > far for end in ("min", "max"))


def _with_far_ones(
    values: pa.Array, storage: pa.DataType, written: Callable[[int], str]
) -> pa.StringArray:
    texts = values.cast(pa.string())
    is_far = pc.starts_with(texts, _OUT_OF_RANGE)
    if not is_far.true_count:
        return texts
    numbers = values.filter(is_far).cast(storage).to_pylist()
    return pc.replace_with_mask(texts, is_far, pa.array(map(written, numbers), pa.string()))


def _datetime(ticks: int, digits: int) -> str:
    seconds, fraction = divmod(ticks, 10**digits)
    days, second = divmod(seconds, 86_400)
    text = f"{_date(days)} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{text}.{fraction:0{digits}}" if digits else text


def _date(days: int) -> str:
    cycles, rest = divmod(days, _CYCLE_DAYS)
    day = _EPOCH + dt.timedelta(days=rest)
    year = day.year + cycles * _CYCLE_YEARS
    return f"{'-' if year < 0 else ''}{abs(year):04}-{day:%m-%d}"
