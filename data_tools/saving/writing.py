"""A session's rows written as a new dataset, with the fingerprint of a file of the same rows.

The fingerprint is computed from the rows as stored. There is one thing that a session may store and
a file never does: where a text column became one of datetimes, some may have fractions, or offsets,
and others not. Such a column is saved as it was shown; a file of it would be spelled uniformly, and
so have another fingerprint.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from data_tools.columns import base_columns
from data_tools.exporting.arrow_rows import arrays_of, json_arrays
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import Fingerprint
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import copy_rows, json_slices

_COPYING = 0.6  # of the time; the rest goes to the fingerprint (measured on the flights)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRows:
    """What was written, in the form of the dataset's fields."""

    row_count: int
    columns: list[dict[str, str]]
    fingerprint: str


def write_rows(
    rows: SessionRows, *, dataset_id: uuid.UUID, advance: Callable[[float], None] = lambda _: None
) -> SavedRows:
    """Write a session's rows as revision 1 of a dataset without rows, in bounded memory.

    Runs in the caller's transaction: see `slices.copy_rows`.

    Raises:
        RowsGone: not all of them were there.
        RowsNotReproduced: as `SessionRows.require_kept`.
    """
    written = copy_rows(rows, dataset_id=dataset_id, advance=lambda part: advance(part * _COPYING))
    columns = [{"name": column.name, "type": column.type} for column in rows.columns]
    fingerprint, done = Fingerprint(columns), 0
    stored = SessionRows(
        dataset_id=dataset_id,
        revision=1,
        row_count=written,
        base_columns=base_columns(columns),
    )
    for texts in json_slices(stored):
        arrays = arrays_of(texts, stored.columns)
        fingerprint.add(json_texts.lines(json_arrays(arrays, stored.columns)))
        done += len(texts)
        advance(_COPYING + (1 - _COPYING) * done / written)
    return SavedRows(row_count=written, columns=columns, fingerprint=fingerprint.hexdigest())
