"""Dates written in a format that their owner gave, in ISO 8601."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.date_formats import FIRST_YEAR_OF_TWO_DIGITS, MONTHS, DateFormat

_MONTHS = pa.array([month[:3].lower() for month in MONTHS])
_MIDNIGHT = r"[T ]00:00(?::00(?:\.0+)?)?$"
_DATE = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})$"


def iso_datetimes(texts: pa.StringArray, format_: DateFormat) -> pa.StringArray | None:
    """Return the texts as `2013-01-31T05:00:00.000000+05:30`, without the offset if the format has
    none; None if one does not fit. Whether there is such a day is not checked."""
    # Days come again and again: each is read once.
    encoded = texts.dictionary_encode()
    moments = _iso_datetimes(encoded.dictionary, format_)
    return None if moments is None else moments.take(encoded.indices)


def _iso_datetimes(texts: pa.StringArray, format_: DateFormat) -> pa.StringArray | None:
    fields = pc.extract_regex(texts, rf"\A(?:{format_.pattern})\z")
    if fields.null_count > texts.null_count:
        return None
    written = {
        field.name: pc.struct_field(fields, [position])
        for position, field in enumerate(fields.type)
    }
    zero = pa.scalar("00")
    hours = _hours(written)
    if hours is None:
        return None
    seconds = pc.binary_join_element_wise(
        _two_digits(written["S"]) if "S" in written else zero,
        pc.utf8_rpad(written["f"], 6, "0") if "f" in written else pa.scalar("000000"),
        ".",
    )
    minutes = _two_digits(written["M"]) if "M" in written else zero
    days = pc.binary_join_element_wise(
        _years(written), _months(written), _two_digits(written["d"]), "-"
    )
    times = pc.binary_join_element_wise(hours, minutes, seconds, ":")
    moments = pc.binary_join_element_wise(days, times, "T")
    if "z" not in written:
        return moments
    offsets = pc.replace_substring_regex(written["z"], "^([+-][0-9]{2}):?", r"\1:")
    return pc.binary_join_element_wise(moments, offsets, "")


def without_midnight(texts: pa.StringArray) -> pa.StringArray:
    """Return datetimes at midnight as dates, others unchanged."""
    return pc.replace_substring_regex(texts, _MIDNIGHT, "")


def with_midnight(texts: pa.StringArray) -> pa.StringArray:
    """Return dates as datetimes at midnight, others unchanged."""
    return pc.replace_substring_regex(texts, _DATE, r"\1T00:00:00")


def _two_digits(numbers: pa.StringArray) -> pa.StringArray:
    return pc.utf8_lpad(numbers, 2, "0")


def _years(written: dict[str, pa.StringArray]) -> pa.StringArray:
    if "Y" in written:
        return written["Y"]
    years = written["y"].cast(pa.int32())
    is_late = pc.greater_equal(years, FIRST_YEAR_OF_TWO_DIGITS)
    return pc.add(years, pc.if_else(is_late, 1900, 2000)).cast(pa.string())


def _months(written: dict[str, pa.StringArray]) -> pa.StringArray:
    if "m" in written:
        return _two_digits(written["m"])
    names = written["b"] if "b" in written else written["B"]
    starts = pc.utf8_slice_codeunits(pc.ascii_lower(names), 0, 3)
    return _two_digits(pc.add(pc.index_in(starts, _MONTHS), 1).cast(pa.string()))


def _hours(written: dict[str, pa.StringArray]) -> pa.StringArray | pa.StringScalar | None:
    """Return hours of 24; None if one is no hour of 12."""
    if "H" in written:
        return _two_digits(written["H"])
    if "I" not in written:
        return pa.scalar("00")
    hours = written["I"].cast(pa.int32())
    if pc.all(pc.and_(pc.greater_equal(hours, 1), pc.less_equal(hours, 12))).as_py() is False:
        return None
    is_noon_or_midnight = pc.equal(hours, 12)
    hours = pc.if_else(is_noon_or_midnight, 0, hours)
    is_afternoon = pc.equal(pc.ascii_lower(written["p"]), "pm")
    return _two_digits(pc.add(hours, pc.if_else(is_afternoon, 12, 0)).cast(pa.string()))
