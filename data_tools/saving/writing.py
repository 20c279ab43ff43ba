"""A session's rows written as those of a new dataset, with the fingerprint that a file of the same
rows would have.

The fingerprint is over the rows as stored. One thing a session may store that a file never makes:
datetimes of one column with and without fractions, or offsets, where a text column became one.
Such a column is saved as it was shown, and a file of it would be written, and told apart, anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from data_tools.exporting.arrow_rows import arrays_of, json_arrays
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import Fingerprint
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import copy_rows, json_slices
from session_events.events import Column

_COPYING = 0.6  # of the time; the rest is the fingerprint's (measured on the flights)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRows:
    """What was written, as the dataset's fields say it."""

    row_count: int
    columns: list[dict[str, str]]
    fingerprint: str


def write_rows(
    rows: SessionRows, *, dataset_id: uuid.UUID, advance: Callable[[float], None] = lambda _: None
) -> SavedRows:
    """Write a session's rows as revision 1 of a dataset that has none, in bounded memory.

    Runs in the caller's transaction, as `row_slices.copy_rows`. Raises: RowsGone.
    """
    written = copy_rows(rows, dataset_id=dataset_id, advance=lambda part: advance(part * _COPYING))
    columns = [{"name": column.name, "type": column.type} for column in rows.columns]
    fingerprint, done = Fingerprint(columns), 0
    stored = SessionRows(
        dataset_id=dataset_id,
        revision=1,
        row_count=written,
        base_columns=tuple(
            Column(key=f"b{at}", name=column.name, type=column.type)
            for at, column in enumerate(rows.columns)
        ),
    )
    for texts in json_slices(stored):
        arrays = arrays_of(texts, stored.columns)
        fingerprint.add(json_texts.lines(json_arrays(arrays, stored.columns)))
        done += len(texts)
        advance(_COPYING + (1 - _COPYING) * done / written)
    return SavedRows(row_count=written, columns=columns, fingerprint=fingerprint.hexdigest())
