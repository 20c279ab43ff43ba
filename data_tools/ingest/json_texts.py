"""Arrow arrays as arrays of JSON texts, and those as the lines of a table. Null stays null until
`lines` writes it.

A dataset's fingerprint is taken over these lines, so one value has one spelling here, whatever
file it came from.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc

_NEEDS_ESCAPE = r'["\\\x00-\x1f]'
_QUOTE = pa.scalar('"')
_NOTHING = pa.scalar("")


def of_texts(values: pa.StringArray) -> pa.StringArray:
    """Each text as a JSON string."""
    mask = pc.match_substring_regex(values, _NEEDS_ESCAPE)
    if mask.true_count:
        # Few cells hold a quote, a backslash or a line end: orjson sees only those.
        escaped = [orjson.dumps(text)[1:-1].decode() for text in values.filter(mask).to_pylist()]
        values = pc.replace_with_mask(values, mask, pa.array(escaped, pa.string()))
    return _quoted(values)


def of_numbers(values: pa.Array) -> pa.StringArray:
    """Integers, or finite doubles in the shortest spelling that reads back as the same double."""
    return values.cast(pa.string())


def of_booleans(values: pa.BooleanArray) -> pa.StringArray:
    return values.cast(pa.string())


def of_dates(values: pa.Date32Array) -> pa.StringArray:
    return _quoted(values.cast(pa.string()))


def of_plain_texts(values: pa.StringArray) -> pa.StringArray:
    """Texts known to need no escape, such as ISO dates."""
    return _quoted(values)


def iso_datetimes(values: pa.TimestampArray) -> pa.StringArray:
    """ISO 8601 with `T`, as many fraction digits as the array's unit has, and `Z` if it has a zone.

    Every value of a column gets the same number of digits, so the order of the texts is the
    order of the times.
    """
    if values.type.tz is not None:
        values = values.cast(pa.timestamp(values.type.unit, "UTC"))
    return pc.replace_substring(values.cast(pa.string()), " ", "T")


def lines(columns: Sequence[pa.StringArray]) -> pa.StringArray:
    """One JSON array and a line end per row, from columns of JSON texts."""
    inner = pc.binary_join_element_wise(
        *columns, ",", null_handling="replace", null_replacement="null"
    )
    return pc.binary_join_element_wise("[", inner, "]\n", "")


def _quoted(values: pa.StringArray) -> pa.StringArray:
    return pc.binary_join_element_wise(_QUOTE, values, _QUOTE, _NOTHING)
