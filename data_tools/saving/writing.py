"""A session's rows written as a new dataset, with the fingerprint of a file of the same rows.

The fingerprint and the column blocks are made of the rows as stored. There is one thing that a
session may store and a file never does: where a text column became one of datetimes, some may have
fractions, or offsets, and others not. Such a column is saved as it was shown, and has no blocks; a
file of it would be spelled uniformly, and so have another fingerprint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data_tools.column_blocks.writing import BaseColumnsWriter
from data_tools.columns import base_columns
from data_tools.exporting.arrow_rows import json_columns
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import Fingerprint
from data_tools.quotas.stored_bytes import RowsBudget, bytes_of_rows
from data_tools.row_tables.making import NewRows
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import copy_rows

_COPYING = 0.6  # of the time; the rest goes to the fingerprint and the blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRows:
    """What was written, in the form of the dataset's fields."""

    row_count: int
    columns: list[dict[str, str]]
    fingerprint: str
    row_bytes: int


def write_rows(
    rows: SessionRows,
    *,
    into: NewRows,
    budget: RowsBudget,
    advance: Callable[[float], None] = lambda _: None,
) -> SavedRows:
    """Write a session's rows, and their column blocks, as a new revision of another dataset.

    Runs in the caller's transaction, in bounded memory: see `slices.copy_rows`.

    Raises:
        RowsGone: not all of them were there.
        RowsNotReproduced: as `SessionRows.require_kept`.
        QuotaExceeded: they do not fit into the budget, which is checked after each slice.
    """

    def copied(part: float, row_bytes: int) -> None:
        budget.require(row_bytes)
        advance(part * _COPYING)

    budget.require(least_bytes(rows))
    written = copy_rows(rows, into=into, advance=copied)
    columns = [{"name": column.name, "type": column.type} for column in rows.columns]
    stored = SessionRows(
        dataset_id=into.dataset_id,
        revision=into.revision,
        row_count=written,
        base_columns=base_columns(columns),
    )
    fingerprint = Fingerprint(columns)
    blocks = BaseColumnsWriter(into.dataset_id, into.revision, stored.base_columns)
    for texts in json_columns(stored):
        fingerprint.add(json_texts.lines(texts))
        blocks.add(texts)
        advance(_COPYING + (1 - _COPYING) * fingerprint.row_count / written)
    blocks.finish()
    row_bytes = bytes_of_rows(fingerprint.text_bytes, rows=written, columns=len(columns))
    return SavedRows(
        row_count=written,
        columns=columns,
        fingerprint=fingerprint.hexdigest(),
        row_bytes=row_bytes,
    )


def least_bytes(rows: SessionRows) -> int:
    """Return the fewest bytes that the rows can count as, without reading any."""
    return bytes_of_rows(0, rows=rows.total_rows, columns=len(rows.columns))
