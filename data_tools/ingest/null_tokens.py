"""The texts that stand for a missing value in a column that is not text."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

# The quoted empty text is one of them: an exporter that quotes everything writes a missing
# number as "". In a text column it stays what it is, the empty text.
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
INFINITIES = tuple(
    sign + word
    for sign in ("", "+", "-")
    for word in ("inf", "Inf", "INF", "infinity", "Infinity", "INFINITY")
)
# Those worth a remark when they stay in a column of text.
KEPT = tuple(spelling for spelling in MISSING if spelling)
NOT_A_NUMBER = ("NaN", "nan")

_MISSING = pa.array(MISSING)
_MISSING_OR_INFINITE = pa.array(MISSING + INFINITIES)
_KEPT = pa.array(KEPT)


def _spelled(*, infinities: bool) -> pa.StringArray:
    return _MISSING_OR_INFINITE if infinities else _MISSING


def without(values: pa.StringArray, *, infinities: bool) -> pa.StringArray:
    """The values with each spelling of a missing value (and of an infinity) made null."""
    mask = pc.is_in(values, value_set=_spelled(infinities=infinities))
    if not mask.true_count:
        return values
    return pc.if_else(mask, pa.scalar(None, pa.string()), values)


def count(values: pa.StringArray, *, infinities: bool) -> Counter[str]:
    """How many cells spell a missing value (or an infinity), by spelling."""
    return _count(values, _spelled(infinities=infinities))


def count_kept(values: pa.StringArray) -> Counter[str]:
    """How many cells of a text column look like a missing value; the empty text does not."""
    return _count(values, _KEPT)


def _count(values: pa.StringArray, spellings: pa.StringArray) -> Counter[str]:
    mask = pc.is_in(values, value_set=spellings)
    if not mask.true_count:
        return Counter()
    return Counter(
        {
            entry["values"]: entry["counts"]
            for entry in pc.value_counts(values.filter(mask)).to_pylist()
        }
    )
