"""How many values are missing, and how many rows miss any, told by blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_tools.column_blocks.reading import read_block
from data_tools.column_blocks.storage import BlockGaps, gaps_of_blocks
from data_tools.columns import ColumnType
from data_tools.rows.packed_columns import PackedRows, base_name
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored, lacking_as
from data_tools.under_way.requests import require_time
from session_events.events import Column

_READ_BYTES = 1 << 20  # of blocks together: often some columns have shown that all rows lack one

_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """How many values each of some columns lacks, and how many rows lack any of them."""

    missing: tuple[int, ...]
    rows_with_missing: int


def gaps_in_blocks(rows: SessionRows, columns: Sequence[Column]) -> Gaps | None:
    """Count what is missing; None if a column of those that lack values has no blocks.

    Of a column that operations made without losing a value, or making one, the dataset's own tells.
    Where all rows are there, those are counted by what is noted of each block. Only blocks that are
    noted to lack values are read, and only those are compared with what is noted. Takes a byte for
    each row beside a column. Lists of kept rows must exist.

    Raises:
        TookTooLong: the request's time is over.
    """
    cells = {column.key: lacking_as(rows.cells[column.key]) for column in columns}
    keys = [key for key, cell in cells.items() if cell is not None]
    packed = PackedRows(rows, only_gaps=True)
    if not packed.have_blocks(keys):
        return None
    own = {key: cell for key, cell in cells.items() if isinstance(cell, Stored) and not rows.kept}
    lacks_value = np.zeros(rows.total_rows, np.bool_)
    missing = _mark(lacks_value, packed, [key for key in keys if key not in own])
    if missing is None:
        return None
    noted = _noted(rows, own.values())
    if noted is None:
        return None
    missing |= {key: noted.by_column[base_name(cell)] for key, cell in own.items()}
    if not lacks_value.any() and noted.lack_one_at_most:
        rows_with_missing = noted.by_column.total()
    else:
        if noted.by_block and not _mark_noted(lacks_value, rows, noted, _a_short_one(packed, own)):
            lacks_value[:] = False  # rows may have been marked that lack nothing
            missing = _mark(lacks_value, packed, keys)
            if missing is None:
                return None
        rows_with_missing = int(np.count_nonzero(lacks_value))
    return Gaps(
        missing=tuple(missing.get(column.key, 0) for column in columns),
        rows_with_missing=rows_with_missing,
    )


def _mark(lacks_value: _Flags, packed: PackedRows, keys: Sequence[str]) -> dict[str, int] | None:
    """Mark the rows in which a column lacks a value, and return how many each column lacks."""
    missing: dict[str, int] = {}
    for key, column in zip(keys, packed.in_turn(keys), strict=True):
        if column is None:
            return None
        missing[key] = column.values.null_count
        first = 0
        for chunk in column.values.chunks:
            if chunk.null_count:
                lacks_value[first : first + len(chunk)] |= _is_null(chunk)
            first += len(chunk)
    return missing


@dataclass(frozen=True, slots=True)
class _Noted:
    """What is noted of the blocks of the dataset's own columns that lack values."""

    by_block: dict[int, list[BlockGaps]]
    by_column: Counter[str]

    @property
    def lack_one_at_most(self) -> bool:
        """Whether no row can lack the values of two columns."""
        return all(len(gaps) == 1 for gaps in self.by_block.values())


def _noted(rows: SessionRows, cells: Iterable[Stored]) -> _Noted | None:
    noted = _Noted({}, Counter())
    names = {base_name(cell) for cell in cells}
    found = gaps_of_blocks(rows.dataset_id, rows.revision, names) if names else []
    if found is None:
        return None
    for gaps in found:
        noted.by_block.setdefault(gaps.block, []).append(gaps)
        noted.by_column[gaps.column] += gaps.missing
    return noted


def _a_short_one(packed: PackedRows, own: Mapping[str, Stored]) -> pa.ChunkedArray | None:
    """Return a column of the dataset, to learn how many rows each block has."""
    key = min(own, key=lambda key: own[key].type is ColumnType.TEXT)
    found = packed.columns([key], may_scan=False)
    return found[0].values if found else None


def _mark_noted(
    lacks_value: _Flags, rows: SessionRows, noted: _Noted, column: pa.ChunkedArray | None
) -> bool:
    """Mark the rows in which blocks lack a value; tell whether all is as it was noted.

    The chunks of `column` are as long as the blocks.
    """
    if column is None or max(noted.by_block) >= column.num_chunks:
        return False
    first = 0
    for block, chunk in enumerate(column.chunks):
        part = lacks_value[first : first + len(chunk)]
        if not _mark_block(part, rows, noted.by_block.get(block, [])):
            return False
        first += len(chunk)
    return True


def _mark_block(lacks_value: _Flags, rows: SessionRows, gaps: Sequence[BlockGaps]) -> bool:
    """Mark the rows of one block that lack a value; tell whether all is as it was noted.

    Columns packed anew may be cut at other rows: a block then lacks more or fewer values.
    """
    read = 0
    while read < len(gaps) and not lacks_value.all():
        require_time()
        together: list[BlockGaps] = []
        read_bytes = 0
        while read < len(gaps) and read_bytes < _READ_BYTES:
            together.append(gaps[read])
            read_bytes += gaps[read].packed_bytes
            read += 1
        columns = [each.column for each in together]
        blocks = read_block(rows.dataset_id, rows.revision, gaps[0].block, columns)
        if blocks is None:
            return False
        for each, values in zip(together, blocks, strict=True):
            if (len(values), values.null_count) != (len(lacks_value), each.missing):
                return False
            lacks_value |= _is_null(values)
    return True


def _is_null(values: pa.Array) -> _Flags:
    flags: _Flags = values.is_null().to_numpy(zero_copy_only=False)
    return flags
