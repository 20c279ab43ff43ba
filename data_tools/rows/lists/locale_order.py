"""Texts in the order of a language's dictionaries.

# Note [ICU outside of the database]
The order is that of ICU. A PostgreSQL may be built without it, as the embedded one is, and those
that have it have different versions of it. So the distinct texts, and only these, are read into
this process, where DuckDB's ICU ranks them: one order everywhere, whatever the database. See
docs/decisions/0016.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_IN_MEMORY: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "enable_external_access": False,
    "temp_directory": "",
}
_RANKS = """
SELECT CAST(dense_rank() OVER (ORDER BY icu_sort_key(text, $locale)) AS BIGINT) AS rank
FROM texts
ORDER BY place
"""


def ranks_by_locale(texts: Sequence[str], locale: str, *, ignore_case: bool) -> NDArray[np.int64]:
    """Return the place, from 1, of each text in the order of a locale of `filtering.LOCALES`.

    Texts that the locale takes for equal have one place; with `ignore_case` those that differ in
    case alone are among them.
    """
    import duckdb  # here, for its quarter of a second: most processes never order by a locale

    array = pa.array(texts, pa.string())
    table = pa.table(
        {
            "place": np.arange(len(texts)),
            "text": _lowered(array, locale) if ignore_case else array,
        }
    )
    with duckdb.connect(config=_IN_MEMORY) as connection:
        connection.register("texts", table)
        ranked = connection.execute(_RANKS, {"locale": locale}).fetchnumpy()
    return np.asarray(ranked["rank"], np.int64)


def _lowered(texts: pa.StringArray, locale: str) -> pa.StringArray:
    if locale == "tr":  # a dotted and a dotless i, each with a capital of its own
        texts = pc.replace_substring(pc.replace_substring(texts, "İ", "i"), "I", "ı")
    return pc.utf8_lower(texts)
