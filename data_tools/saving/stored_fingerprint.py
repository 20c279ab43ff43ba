"""The fingerprint of rows as they are stored."""

from __future__ import annotations

from collections.abc import Callable

from data_tools.exporting.arrow_rows import arrays_of, json_arrays
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import Fingerprint
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import json_slices


def fingerprint_of(
    rows: SessionRows, *, on_rows: Callable[[int], object] = lambda done: None
) -> Fingerprint:
    """Return the fingerprint that a file of these rows has; read them all, in bounded memory.

    `on_rows` is called with how many were read so far.

    Raises:
        RowsGone: not all of them were there.
        ValueError, TypeError: a row has other values than its columns say.
    """
    columns = [{"name": column.name, "type": column.type} for column in rows.columns]
    fingerprint = Fingerprint(columns)
    for texts in json_slices(rows):
        arrays = arrays_of(texts, rows.columns)
        fingerprint.add(json_texts.lines(json_arrays(arrays, rows.columns)))
        on_rows(fingerprint.row_count)
    return fingerprint
