"""One column of a dataset packed into blocks of a table, and what one pass over it costs.

This is the least that anything kept in PostgreSQL takes to look at every value of a column: the
values lie side by side, are read by COPY in binary form, and numpy passes over them once.
"""

from __future__ import annotations

import io
import struct
import uuid
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection
from psycopg2 import Binary

TABLE = "bench_packed_column"
_BLOCK_ROWS = 65_536
_MISSING = -1
_HEADER_BYTES = 19  # of a binary COPY without object ids
_FIELD = struct.Struct(">hi")  # how many fields a row has, and the length of the only one


def pack(path: Path, column: str) -> uuid.UUID:
    """Store a column of a Parquet file, and return the id by which `read` finds it.

    Numbers are doubles, missing ones NaN; texts are codes of 32 bits, missing ones negative.
    """
    values = pq.read_table(path, columns=[column])[column].combine_chunks()
    if pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        packed = values.cast("float64").to_numpy(zero_copy_only=False)
    else:
        codes = values.dictionary_encode().indices.fill_null(_MISSING)
        packed = codes.to_numpy(zero_copy_only=False).astype(np.int32)
    column_id = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {TABLE}"
            " (column_id uuid, block int, packed bytea, PRIMARY KEY (column_id, block))"
        )
        cursor.execute(f"ALTER TABLE {TABLE} ALTER COLUMN packed SET STORAGE EXTERNAL")
        for block, start in enumerate(range(0, len(packed), _BLOCK_ROWS)):
            piece = packed[start : start + _BLOCK_ROWS].tobytes()
            cursor.execute(
                f"INSERT INTO {TABLE} VALUES (%s, %s, %s)", [column_id, block, Binary(piece)]
            )
    return column_id


def forget_all() -> None:
    """Remove every packed column."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def read(column_id: uuid.UUID, kind: type[np.generic]) -> np.ndarray:
    """Return the values of a packed column."""
    copied = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY (SELECT packed FROM {TABLE} WHERE column_id = '{column_id}' ORDER BY block)"
            " TO STDOUT (FORMAT binary)",
            copied,
        )
    buffer, at, pieces = copied.getbuffer(), _HEADER_BYTES, []
    while True:
        fields, *_ = struct.unpack_from(">h", buffer, at)
        if fields < 0:
            return np.concatenate(pieces)
        _, length = _FIELD.unpack_from(buffer, at)
        at += _FIELD.size
        pieces.append(np.frombuffer(buffer[at : at + length], dtype=kind))
        at += length
