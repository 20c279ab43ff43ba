"""Arrow arrays as JSON Lines: one object a row, its keys the columns' names in order.

A float always has a point or an exponent, so that its reader knows it for one. The lines that a
dataset's fingerprint is taken over have no such rule; see `stored_rows.json_texts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.exporting.arrow_rows import is_exact, json_arrays
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import bytes_of
from session_events.events import Column


def json_lines(
    slices: Iterable[Sequence[pa.Array]], columns: Sequence[Column], *, integers_as_text: bool
) -> Iterator[bytes]:
    """Yield the file; `slices` are arrays as `arrow_rows` makes them.

    With `integers_as_text`, integers that a double cannot hold are texts: see Note [Integers as
    text] in `http.json_answers`.
    """
    keys = [f"{orjson.dumps(column.name).decode()}:" for column in columns]
    for arrays in slices:
        texts = [
            _told_apart(values, array, ColumnType(column.type), integers_as_text=integers_as_text)
            for values, array, column in zip(
                json_arrays(arrays, columns), arrays, columns, strict=True
            )
        ]
        cells = [
            pc.binary_join_element_wise(
                key, values, "", null_handling="replace", null_replacement="null"
            )
            for key, values in zip(keys, texts, strict=True)
        ]
        members = pc.binary_join_element_wise(*cells, ",")
        yield bytes(bytes_of(pc.binary_join_element_wise("{", members, "}\n", "")))


def _told_apart(
    texts: pa.StringArray, values: pa.Array, column_type: ColumnType, *, integers_as_text: bool
) -> pa.StringArray:
    """Return the JSON texts of a column's values with those of floats told from integers."""
    if column_type is ColumnType.FLOAT:
        is_float = pc.match_substring_regex(texts, "[.e]")
        return pc.if_else(is_float, texts, pc.binary_join_element_wise(texts, ".0", ""))
    if column_type is ColumnType.INTEGER and integers_as_text:
        return pc.if_else(is_exact(values), texts, json_texts.quoted(values))
    return texts
