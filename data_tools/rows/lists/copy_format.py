"""The blocks of a list of row numbers, as COPY takes them.

Source: PostgreSQL's documentation of COPY, "Binary Format", and `array_recv` in its arrayfuncs.c.
The text format takes three times as long to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import numpy as np

from data_tools.column_blocks.binary_copy import BEGINNING, END
from data_tools.rows.lists.queries import BLOCK_ROWS
from data_tools.rows.lists.sorting import RowNumbers

COPY_BLOCKS = (
    "COPY data_tools_rowlistblock (list_id, block, rows_before, row_numbers)"
    " FROM STDIN (FORMAT binary)"
)

_BLOCKS_AT_ONCE = 4096  # some 6 MB
_BIGINT_OID = 20

# Each value has its length in bytes before it; an array is its dimensions, then its elements.
_HEADER = np.dtype(
    [
        ("columns", ">i2"),
        *(("list_id_bytes", ">i4"), ("list_id", "V16")),
        *(("block_bytes", ">i4"), ("block", ">i8")),
        *(("rows_before_bytes", ">i4"), ("rows_before", ">i8")),
        *(("array_bytes", ">i4"), ("dimensions", ">i4"), ("has_nulls", ">i4")),
        *(("element_oid", ">i4"), ("elements", ">i4"), ("lower_bound", ">i4")),
    ]
)
_ELEMENT = np.dtype([("bytes", ">i4"), ("row_number", ">i8")])
_ARRAY_HEADER_BYTES = 20


def blocks_by_place(list_id: UUID, numbers: RowNumbers) -> Iterator[bytes]:
    """Yield the blocks of a list, all but the last of them full; each piece is input of a COPY."""
    starts = np.arange(0, len(numbers), BLOCK_ROWS)
    return _copies(list_id, numbers, starts, starts // BLOCK_ROWS)


def blocks_by_number(list_id: UUID, numbers: RowNumbers) -> Iterator[bytes]:
    """Yield the blocks of a list in row order, cut at multiples of BLOCK_ROWS; none is empty."""
    blocks = (numbers - 1) // BLOCK_ROWS
    starts = np.flatnonzero(np.diff(blocks, prepend=-1))
    return _copies(list_id, numbers, starts, blocks[starts])


def _copies(
    list_id: UUID, numbers: RowNumbers, starts: RowNumbers, blocks: RowNumbers
) -> Iterator[bytes]:
    ends = np.append(starts[1:], len(numbers))
    for first in range(0, len(starts), _BLOCKS_AT_ONCE):
        part = slice(first, first + _BLOCKS_AT_ONCE)
        headers = np.zeros(len(starts[part]), _HEADER)
        headers["columns"], headers["list_id_bytes"] = 4, 16
        headers["list_id"] = np.void(list_id.bytes)
        headers["block_bytes"], headers["block"] = 8, blocks[part]
        headers["rows_before_bytes"], headers["rows_before"] = 8, starts[part]
        headers["elements"] = ends[part] - starts[part]
        headers["array_bytes"] = _ARRAY_HEADER_BYTES + headers["elements"] * _ELEMENT.itemsize
        headers["dimensions"] = headers["lower_bound"] = 1
        headers["element_oid"] = _BIGINT_OID
        elements = np.empty(ends[part][-1] - starts[part][0], _ELEMENT)
        elements["bytes"] = 8
        elements["row_number"] = numbers[starts[part][0] : ends[part][-1]]
        yield BEGINNING + _interleaved(headers, elements) + END


def _interleaved(headers: np.ndarray, elements: np.ndarray) -> bytes:
    """Put after each header as many of the elements as it counts."""
    lengths = np.full(2 * len(headers), _HEADER.itemsize)
    lengths[1::2] = headers["elements"] * _ELEMENT.itemsize
    is_header = np.repeat(np.tile([True, False], len(headers)), lengths)
    copied = np.empty(len(is_header), np.uint8)
    copied[is_header] = headers.view(np.uint8)
    copied[~is_header] = elements.view(np.uint8)
    return copied.tobytes()
