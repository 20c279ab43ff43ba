"""Which date formats every value of a text column fits, so that its owner can choose one."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from data_tools.date_formats import DateFormat, candidates_for, parse_format, without_repetition
from data_tools.ingest.typed_columns import text_parsers, written_dates

ISO_DATE = parse_format("%Y-%m-%d")


def first_formats(values: pa.StringArray) -> list[DateFormat] | None:
    """Return the usual formats that the first text fits; None if there is no text.

    Without those that texts of another type fit: a column that begins with such texts is taken
    for integers or datetimes first.
    """
    present = values.drop_null()
    if not len(present):
        return None
    return [
        format_
        for format_ in candidates_for(present[0].as_py())
        if not format_.startswith("%Y%m")
        and not (format_.startswith(ISO_DATE) and format_.gives_time)
    ]


def still_fitting(formats: Sequence[DateFormat], values: pa.StringArray) -> list[DateFormat]:
    """Return the formats that all of these texts fit, too."""
    texts = values.unique()  # days come again and again
    return without_repetition(format_ for format_ in formats if _fits(texts, format_))


def _fits(texts: pa.StringArray, format_: DateFormat) -> bool:
    moments = written_dates.iso_datetimes(texts, format_)
    if moments is None:
        return False
    zone = "UTC" if format_.gives_offset else None
    times = text_parsers.cast_exactly(moments, pa.timestamp("us", zone))
    return times is not None and text_parsers.within_calendar(times)
