"""Columns that operations made, computed by the database once and kept in blocks.

The texts that PostgreSQL writes for the values are read here as those of stored rows are, so a
computed column holds what a dataset saved from the session would hold.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
from django.db import Error, connection, transaction
from pyarrow import csv

from data_tools.column_blocks import storage
from data_tools.column_blocks.cutting import BLOCK_ROWS, as_chunks
from data_tools.column_blocks.json_values import values_of
from data_tools.column_blocks.packing import packed, unpacked
from data_tools.column_blocks.reading import of_its_type
from data_tools.column_blocks.storage import ColumnKey
from data_tools.columns import ColumnType
from data_tools.observing import activity
from data_tools.rows.revision_rows import RevisionRows
from data_tools.sql.fragment import Sql, sql
from session_events.error_names import without_values
from session_events.events import Column

logger = logging.getLogger(__name__)

_MOST_BLOCK_BYTES = 64 << 20  # of texts; a block of long ones has fewer rows


def compute(
    rows: RevisionRows, column: Column, key: ColumnKey, *, most_bytes: int
) -> pa.ChunkedArray | None:
    """Return the values of a column, in row order, and keep them under `key`.

    None if its texts do not follow from values, or they take more than `most_bytes`, which is kept
    as well. Lists of kept rows must exist. That the values could not be kept is logged, not raised.
    """
    activity.count(rows_scanned=rows.total_rows)
    values = _computed(rows, column, most_bytes)
    try:
        storage.keep_computed(key, pa.chunked_array([], pa.null()) if values is None else values)
        with transaction.atomic():
            storage.prune()  # enforces the limits even without background jobs
    except Error as error:
        logger.warning("a computed column was not kept: %s", without_values(error))
    return values


def _computed(rows: RevisionRows, column: Column, most_bytes: int) -> pa.ChunkedArray | None:
    column_type = ColumnType(column.type)
    blocks: list[pa.Array] | None = []

    def receive(texts: pa.StringArray) -> None:
        nonlocal blocks  # psycopg2 must get to the end of a COPY, so nothing is raised here
        if blocks is None:
            return
        block = block_of_texts(texts, column_type)
        if block is None or sum(each.nbytes for each in (*blocks, block)) > most_bytes:
            blocks = None
        else:
            blocks.append(block)

    _copy(texts_query(rows, column), _Lines(receive))
    if not blocks:
        return None
    try:
        values = as_chunks(blocks)
    except pa.ArrowInvalid:  # datetimes of several forms
        return None
    return of_its_type(values, column_type) if len(values) == rows.total_rows else None


def texts_query(rows: RevisionRows, column: Column) -> Sql:
    """Query of the text of each of the column's values, in row order.

    No subquery: all rows are read by their key, in whose order they are wanted.
    """
    cells = rows.with_cells([rows.cells[column.key]])
    [cell] = cells.cells
    return sql(
        """
        {texts}
        ORDER BY {row_number}
        """,
        texts=cells.select([sql("CAST({cell} AS text)", cell=cell)]),
        row_number=cells.row_number,
    )


def block_of_texts(texts: pa.StringArray, column_type: ColumnType) -> pa.Array | None:
    """Return the values of texts, as they are read from blocks."""
    if column_type is ColumnType.TEXT:
        values = texts.dictionary_encode()
    else:
        if column_type in (ColumnType.DATE, ColumnType.DATETIME):
            texts = pc.binary_join_element_wise('"', texts, '"', "")  # as JSON
        values = values_of(texts, column_type)
    return None if values is None else unpacked(packed(values))


class _Lines:
    """The file that COPY writes lines of CSV to; hands over as many values at once as a block has.

    PostgreSQL sends each line in a message of its own, and psycopg2 writes each message at once.
    """

    def __init__(self, receive: Callable[[pa.StringArray], None]) -> None:
        self._receive = receive
        self._lines = io.BytesIO()
        self._count = 0

    def write(self, line: bytes) -> int:
        self._count += 1
        self._lines.write(line)
        if self._count == BLOCK_ROWS or self._lines.tell() > _MOST_BLOCK_BYTES:
            self.flush()
        return len(line)

    def flush(self) -> None:
        """Hand over the rest."""
        if not self._count:
            return
        self._receive(_values_of_lines(self._lines.getbuffer()))
        self._lines, self._count = io.BytesIO(), 0


def _values_of_lines(lines: memoryview) -> pa.StringArray:
    table = csv.read_csv(
        pa.py_buffer(lines),
        read_options=csv.ReadOptions(
            column_names=["v"], use_threads=False, block_size=max(1, len(lines))
        ),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types={"v": pa.string()},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table["v"].combine_chunks()


def _copy(query: Sql, lines: _Lines) -> None:
    # See `lists.sorting` on how a pass is planned. Quotes keep the byte order mark that a text may
    # begin with.
    statement = sql(
        """
        SET LOCAL enable_seqscan = off;
        SET LOCAL enable_bitmapscan = off;
        COPY (
            {query}
        ) TO STDOUT (FORMAT csv, FORCE_QUOTE *)
        """,
        query=query,
    )
    with transaction.atomic(), connection.cursor() as cursor:
        copy = cursor.mogrify(statement.text, statement.parameters).decode()
        with connection.wrap_database_errors:
            cursor.copy_expert(copy, lines)
        transaction.set_rollback(True)  # nothing was written, and a caller's settings come back
    lines.flush()
