"""Arrow arrays as the records of a CSV file (RFC 4180), in UTF-8: CRLF, quotes where needed.

A missing value is an empty field, the empty text a quoted one (""), so that they can be told apart.

# Note [Formulas in CSV]
A spreadsheet takes a text that begins with = + - @, a tab or a line end for a formula, so what a
stranger wrote into a cell would run on the reader's machine. A file for programs must hold the
values unchanged, so texts are escaped only on request: each such text, column names included, then
gets an apostrophe in front. Numbers are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.exporting.arrow_rows import each_text, parts, plain
from data_tools.exporting.csv_form import CsvForm
from data_tools.ingest.stored_rows.fingerprint import bytes_of
from session_events.events import Column

_FORMULA = r"^[=+\-@\t\r\n]"
_NOTHING = pa.scalar("")


def header(columns: Sequence[Column], form: CsvForm) -> bytes:
    """Return the record of the columns' names."""
    names = [pa.array([column.name]) for column in columns]
    return _records([_texts(name, form) for name in names], form)


def records(
    arrays: Sequence[pa.Array], columns: Sequence[Column], form: CsvForm
) -> Iterator[bytes]:
    """Yield rows as records; arrays as `arrow_rows` makes them, at least one row long."""
    fields = [
        each_text(array, lambda texts: _texts(texts, form))
        if column.type == ColumnType.TEXT
        else array
        for array, column in zip(arrays, columns, strict=True)
    ]
    for part in parts(fields):
        yield _records([plain(field).cast(pa.string()) for field in part], form)


def _records(fields: Sequence[pa.StringArray], form: CsvForm) -> bytes:
    lines = pc.binary_join_element_wise(
        *fields, form.delimiter, null_handling="replace", null_replacement=""
    )
    return bytes(bytes_of(pc.binary_join_element_wise(lines, "\r\n", "")))


def _texts(values: pa.StringArray, form: CsvForm) -> pa.StringArray:
    if form.escapes_formulas:
        mask = pc.match_substring_regex(values, _FORMULA)
        if mask.true_count:
            marked = pc.binary_join_element_wise(pa.scalar("'"), values, _NOTHING)
            values = pc.if_else(mask, marked, values)
    mask = pc.match_substring_regex(values, rf'["{re.escape(form.delimiter)}\r\n]|^$')
    if not mask.true_count:
        return values
    quote = pa.scalar('"')
    doubled = pc.replace_substring(values, '"', '""')
    return pc.if_else(mask, pc.binary_join_element_wise(quote, doubled, quote, _NOTHING), values)
