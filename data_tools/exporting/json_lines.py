"""Arrow arrays as JSON Lines: one object a row, its keys the columns' names in order.

A float always has a point or an exponent, so that its reader knows it for one. The lines that a
dataset's fingerprint is taken over have no such rule; see `stored_rows.json_texts`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.exporting.arrow_rows import each_text, is_exact, json_array, parts, plain
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
    keys = [
        f"{',' if at else '{'}{orjson.dumps(column.name).decode()}:"
        for at, column in enumerate(columns)
    ]
    types = [ColumnType(column.type) for column in columns]
    key_bytes = sum(len(key.encode()) for key in keys)

    def lines_of(part: Sequence[pa.Array]) -> bytes:
        texts = [
            _texts(plain(array), type_, integers_as_text=integers_as_text)
            for array, type_ in zip(part, types, strict=True)
        ]
        return _lines(keys, texts)

    for arrays in slices:
        yield from map(lines_of, parts(_with_json_texts(arrays, types), row_bytes=key_bytes))
        del arrays


def _with_json_texts(arrays: Sequence[pa.Array], types: Sequence[ColumnType]) -> list[pa.Array]:
    """Return the arrays with JSON in place of texts, packed as they are."""
    return [
        each_text(array, json_texts.of_texts) if type_ is ColumnType.TEXT else array
        for array, type_ in zip(arrays, types, strict=True)
    ]


def _lines(keys: Sequence[str], texts: Sequence[pa.StringArray]) -> bytes:
    cells = itertools.chain.from_iterable(zip(keys, texts, strict=True))
    lines = pc.binary_join_element_wise(
        *cells, "}\n", "", null_handling="replace", null_replacement="null"
    )
    return bytes(bytes_of(lines))


def _texts(values: pa.Array, column_type: ColumnType, *, integers_as_text: bool) -> pa.StringArray:
    """Return a column's values as JSON, floats told from integers; texts are JSON already."""
    if column_type is ColumnType.TEXT:
        return values
    texts = json_array(values, column_type)
    if column_type is ColumnType.FLOAT:
        return _with_points(texts, values)
    if column_type is ColumnType.INTEGER and integers_as_text:
        return pc.if_else(is_exact(values), texts, json_texts.quoted(values))
    return texts


def _with_points(texts: pa.StringArray, floats: pa.FloatArray) -> pa.StringArray:
    """Return the texts with `.0` behind those that have neither a point nor an exponent."""
    is_whole = pc.fill_null(pc.equal(pc.floor(floats), floats), False)
    if not is_whole.true_count:
        return texts
    whole = texts.filter(is_whole)  # few of most columns
    has_exponent = pc.match_substring(whole, "e")
    whole = pc.if_else(has_exponent, whole, pc.binary_join_element_wise(whole, ".0", ""))
    return pc.replace_with_mask(texts, is_whole, whole)
