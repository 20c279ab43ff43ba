"""A whole list of row numbers, as COPY sends its blocks. See `copy_format` for their form."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from data_tools.column_blocks.binary_copy import BEGINNING
from data_tools.rows.lists.sorting import RowNumbers

_COPY_BLOCKS = """
COPY (
    SELECT row_numbers FROM data_tools_rowlistblock WHERE list_id = %s::uuid ORDER BY block
) TO STDOUT (FORMAT binary)
"""
_FIELDS = struct.Struct(">h")
# An array's bytes, dimensions, whether it has nulls, and its elements' type, count and first index.
_ARRAY = struct.Struct(">iiiiii")
_ELEMENT = np.dtype([("bytes", ">i4"), ("row_number", ">i8")])


def numbers_of_list(list_id: UUID) -> RowNumbers:
    """Return the row numbers of a list in order; none if it does not exist."""
    received = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        copy = cursor.mogrify(_COPY_BLOCKS, [str(list_id)]).decode()
        with connection.wrap_database_errors:
            cursor.copy_expert(copy, received)
    blocks = [elements["row_number"] for elements in _blocks(received.getbuffer())]
    return np.concatenate(blocks, dtype=np.int64) if blocks else np.empty(0, np.int64)


def _blocks(sent: memoryview) -> Iterator[NDArray[np.void]]:
    at = len(BEGINNING)
    while _FIELDS.unpack_from(sent, at) == (1,):  # -1 at the end
        at += _FIELDS.size
        _, _, _, _, count, _ = _ARRAY.unpack_from(sent, at)
        at += _ARRAY.size
        yield np.frombuffer(sent, _ELEMENT, count, at)
        at += count * _ELEMENT.itemsize
