"""The texts that mean a missing value in a column that is not text: NA, null, NaN and others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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


def mask(values: pa.StringArray, tokens: Sequence[str]) -> pa.BooleanArray:
    """Mark the cells that are one of the tokens."""
    return pc.is_in(values, value_set=pa.array(tokens, pa.string()))


def nullified(values: pa.StringArray, tokens: Sequence[str]) -> pa.StringArray:
    """Return the values with each of the tokens made null; `values` if there is none."""
    is_token = mask(values, tokens)
    if not is_token.true_count:
        return values
    return pc.if_else(is_token, pa.scalar(None, pa.string()), values)


def count(values: pa.StringArray, tokens: Sequence[str]) -> Counter[str]:
    """Count the cells that are one of the tokens, by token."""
    is_token = mask(values, tokens)
    if not is_token.true_count:
        return Counter()
    counts = pc.value_counts(values.filter(is_token)).to_pylist()
    return Counter({entry["values"]: entry["counts"] for entry in counts})
