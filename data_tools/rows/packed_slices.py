"""Rows of a session, many at a time, as the packed values of all their columns together.

See Note [Column blocks] in `column_blocks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from data_tools.column_blocks.reading import read_together
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored
from session_events.events import Column


def packed_slices(rows: SessionRows, columns: Sequence[Column]) -> Iterator[list[pa.Array]]:
    """Yield the values of some of the columns, all rows in row order, the same rows of each.

    The Arrow types are those of `column_blocks.json_values`. Ends before the first rows that only
    the database can read: that is the first of all if an operation removed rows, or changed the
    values of one of the columns.
    """
    cells = [rows.cells[column.key] for column in columns]
    stored = [cell for cell in cells if isinstance(cell, Stored)]
    if rows.kept or not stored or len(stored) < len(cells):
        return
    types = {_key(cell): cell.type for cell in stored}
    for values in read_together(rows.dataset_id, rows.revision, types, row_count=rows.row_count):
        yield [values[_key(cell)] for cell in stored]


def _key(cell: Stored) -> str:
    return f"b{cell.position}"
