"""Arrow arrays as arrays of JSON texts, and those joined into one line per row.

Null stays null until `lines` writes it. A dataset's fingerprint is taken over these lines, so each
value is written in one way only, whatever file it came from.
"""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.sandbox.far_moments import iso_texts

_NEEDS_ESCAPE = r'["\\\x00-\x1f]'


def of_texts(values: pa.StringArray) -> pa.StringArray:
    """Return each text as a JSON string."""
    mask = pc.match_substring_regex(values, _NEEDS_ESCAPE)
    if mask.true_count:
        # Few cells hold a quote, a backslash or a line end: orjson sees only those.
        escaped = [orjson.dumps(text)[1:-1].decode() for text in values.filter(mask).to_pylist()]
        values = pc.replace_with_mask(values, mask, pa.array(escaped, pa.string()))
    return quoted(values)


def quoted(values: pa.Array) -> pa.StringArray:
    """Return texts that need no escape, or dates in ISO 8601, as JSON strings."""
    return pc.binary_join_element_wise('"', values.cast(pa.string()), '"', "")


def unquoted(values: pa.Array) -> pa.StringArray:
    """Return integers, `true` and `false`, or finite doubles in the shortest form that parses as
    the same double. Minus zero is 0, as jsonb stores it."""
    if pa.types.is_floating(values.type):
        values = pc.add(values, pa.scalar(0.0, values.type))
    return values.cast(pa.string())


def iso_datetimes(values: pa.TimestampArray) -> pa.StringArray:
    """Return ISO 8601 with `T`, the fraction digits of the array's unit, and `Z` if it has a zone.

    All values get the same number of digits, so the texts sort in the order of the times.
    """
    if values.type.tz is not None:
        values = values.cast(pa.timestamp(values.type.unit, "UTC"))
    return pc.replace_substring(iso_texts(values), " ", "T")


def lines(columns: Sequence[pa.StringArray]) -> pa.StringArray:
    """Return one JSON array and a line end for each row, from columns of JSON texts."""
    inner = pc.binary_join_element_wise(
        *columns, ",", null_handling="replace", null_replacement="null"
    )
    return pc.binary_join_element_wise("[", inner, "]\n", "")
