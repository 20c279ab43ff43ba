"""Rows of a session, many at a time, as the packed values of all their columns together.

See Note [Column blocks] in `column_blocks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from data_tools.column_blocks.reading import read_together
from data_tools.rows.evaluation import evaluate, stored_inputs
from data_tools.rows.packed_columns import PackedRows, base_name
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored
from session_events.events import Column

# A row that is read as JSON takes some twenty times as long as one in a block.
_LEAST_SHARE_KEPT = 1 / 20
_MOST_KEPT_ROWS = 2_000_000  # whose numbers are in memory until the last row

_Values = Mapping[int, pa.Array]


def packed_slices(rows: SessionRows, columns: Sequence[Column]) -> Iterator[list[pa.Array]]:
    """Yield the values of some of the columns, all rows in row order, the same rows of each.

    The Arrow types are those of `column_blocks.json_values`. Ends before the first rows that are
    read from the database, which is the first of all if operations made a column of what this
    process cannot compute, or kept a small share of the rows, or very many. Nothing of a slice is
    held while the next block is read.

    Raises:
        RowsNotReproduced: as `SessionRows.require_kept`.
        TookTooLong: the request's time is over, or the list of kept rows was removed again.
    """
    cells = [rows.cells[column.key] for column in columns]
    stored = stored_inputs(cells)
    if not stored or not _may_be_taken(rows):
        return
    for values in _kept_values(rows, stored):
        inputs = {position: pa.chunked_array([array]) for position, array in values.items()}
        del values
        for computed in evaluate(cells, inputs):
            if computed is None:
                return
            yield computed
            del computed
        del inputs


def _may_be_taken(rows: SessionRows) -> bool:
    if not rows.kept:
        return True
    return rows.row_count * _LEAST_SHARE_KEPT <= rows.total_rows <= _MOST_KEPT_ROWS


def _kept_values(rows: SessionRows, cells: Sequence[Stored]) -> Iterator[_Values]:
    """Yield the values of stored columns by their positions, of the rows that were kept."""
    types = {base_name(cell): cell.type for cell in cells}
    packed, rows_before = PackedRows(rows), 0
    for found in read_together(rows.dataset_id, rows.revision, types, row_count=rows.row_count):
        values = {cell.position: found[base_name(cell)] for cell in cells}
        del found
        if not rows_before:
            rows.require_kept()
        length = _length(values)
        if (numbers := packed.numbers) is not None:
            ends = np.searchsorted(numbers, (rows_before, rows_before + length), side="right")
            places = pa.array(numbers[slice(*ends)] - rows_before - 1)
            values = {position: array.take(places) for position, array in values.items()}
        rows_before += length
        if _length(values):
            yield values
        del values


def _length(values: _Values) -> int:
    return len(next(iter(values.values())))
