"""The texts that mean a missing value in a column that is not text: NA, null, NaN and others."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

# The quoted empty text is one of them, since an exporter that quotes everything writes a missing
# number as "". In a text column it stays the empty text.
NULLS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
INFINITIES = tuple(
    sign + word
    for sign in ("", "+", "-")
    for word in ("inf", "Inf", "INF", "infinity", "Infinity", "INFINITY")
)
# Those that the report mentions when they are kept in a text column.
REPORTED_IN_TEXT = tuple(token for token in NULLS if token)
NANS = ("NaN", "nan")

_NULLS = pa.array(NULLS)
_NULLS_AND_INFINITIES = pa.array(NULLS + INFINITIES)
_REPORTED_IN_TEXT = pa.array(REPORTED_IN_TEXT)


def _tokens(*, infinities: bool) -> pa.StringArray:
    return _NULLS_AND_INFINITIES if infinities else _NULLS


def nullified(values: pa.StringArray, *, infinities: bool) -> pa.StringArray:
    """Return the values with each null token (and infinity) made null; `values` if there is none.

    `infinities` says whether texts such as `-inf` count as null tokens too.
    """
    mask = pc.is_in(values, value_set=_tokens(infinities=infinities))
    if not mask.true_count:
        return values
    return pc.if_else(mask, pa.scalar(None, pa.string()), values)


def count(values: pa.StringArray, *, infinities: bool) -> Counter[str]:
    """Count the cells that are a null token (or an infinity), by token."""
    return _count(values, _tokens(infinities=infinities))


def count_reported_in_text(values: pa.StringArray) -> Counter[str]:
    """Count the cells of a text column that look like a null token; the empty text does not."""
    return _count(values, _REPORTED_IN_TEXT)


def _count(values: pa.StringArray, tokens: pa.StringArray) -> Counter[str]:
    mask = pc.is_in(values, value_set=tokens)
    if not mask.true_count:
        return Counter()
    return Counter(
        {
            entry["values"]: entry["counts"]
            for entry in pc.value_counts(values.filter(mask)).to_pylist()
        }
    )
