"""Copy the rows of a file into the database, streaming, with PostgreSQL's COPY.

Each column is stored twice: in the rows, and in blocks of its own (`data_tools.column_blocks`),
which are made of the same JSON texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from psycopg2 import sql

from data_tools.column_blocks.cutting import BlockCutter, Cut
from data_tools.column_blocks.writing import BaseColumnsWriter
from data_tools.columns import base_columns
from data_tools.ingest.exceptions import FileChanged
from data_tools.ingest.one_ahead import one_ahead
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import Fingerprint, bytes_of
from data_tools.ingest.table import TableFile
from data_tools.quotas.stored_bytes import bytes_of_rows
from data_tools.row_tables.making import NewRows

# Note [JSON through COPY's CSV format]
# COPY's text format would need every backslash doubled. JSON never contains a raw control
# character, so with two of them as quote and delimiter the CSV format takes JSON unchanged.
_COPY = sql.SQL(
    "COPY {table} (dataset_id, revision, row_number, values) FROM STDIN"
    " WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01', ENCODING 'UTF8'{frozen})"
)
# No later vacuum has to write the rows again. Possible for a table that this transaction made.
_FROZEN = sql.SQL(", FREEZE")
_DELIMITER = "\x02"
_READ_BYTES = 1 << 18


def copy_rows(
    table: TableFile,
    *,
    texts_of: Callable[[pa.RecordBatch], Sequence[pa.StringArray]],
    into: NewRows,
    columns: list[dict[str, str]],
    expected_rows: int,
    advance: Callable[[float], None],
    require_room: Callable[[int], None] = lambda row_bytes: None,
) -> CopiedRows:
    """Copy every row of the file, numbered from 1, as rows and as column blocks of a new revision.

    `texts_of` writes the values of a batch as JSON texts, a column at a time, and raises
    `pyarrow.ArrowInvalid` for values that were not observed.

    Runs in the caller's transaction, in bounded memory. `advance` is told the fraction done.
    Before each piece is sent, `require_room` is called with the bytes so far, as
    `quotas.stored_bytes` counts them. It runs in another thread, and what it raises ends the copy.

    Raises:
        FileChanged: the file does not have the rows from which its columns got their types.
    """
    blocks = BaseColumnsWriter(into.dataset_id, into.revision, base_columns(columns))
    lines = _CopyLines(
        table,
        texts_of=texts_of,
        prefix=f"{into.dataset_id}{_DELIMITER}{into.revision}",
        columns=columns,
        cutter=blocks.cutter,
        require_room=require_room,
    )
    stream = _CopyStream(
        one_ahead(lines.pieces()), on_piece=lambda: advance(lines.row_count / expected_rows)
    )
    while not stream.is_over:
        _copy(stream, into)
        blocks.write(stream.cuts())
    if lines.row_count != expected_rows:
        raise FileChanged
    blocks.finish()
    into.finish()
    return CopiedRows(fingerprint=lines.fingerprint.hexdigest(), row_bytes=lines.row_bytes)


def _copy(stream: _CopyStream, into: NewRows) -> None:
    table, frozen = sql.Identifier(into.table), _FROZEN if into.has_own_table else sql.SQL("")
    with connection.cursor() as cursor:
        try:
            # Django leaves this call of psycopg2's to raise psycopg2's own errors.
            with connection.wrap_database_errors:
                cursor.copy_expert(
                    _COPY.format(table=table, frozen=frozen), stream, size=_READ_BYTES
                )
        except Exception:
            # psycopg2 turns whatever the stream raised into a database error.
            if stream.failure is not None:
                raise stream.failure from None
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedRows:
    """What was copied: its fingerprint, and its bytes as `quotas.stored_bytes` counts them."""

    fingerprint: str
    row_bytes: int


class _CopyLines:
    """The file's rows as the bytes that COPY reads, counted, digested and cut into column blocks
    on the way."""

    def __init__(
        self,
        table: TableFile,
        *,
        texts_of: Callable[[pa.RecordBatch], Sequence[pa.StringArray]],
        prefix: str,
        columns: list[dict[str, str]],
        cutter: BlockCutter,
        require_room: Callable[[int], None],
    ) -> None:
        self._table = table
        self._texts_of = texts_of
        self._prefix = prefix
        self._cutter = cutter
        self._require_room = require_room
        self.row_count = 0
        self.fingerprint = Fingerprint(columns)

    @property
    def row_bytes(self) -> int:
        text_bytes, columns = self.fingerprint.text_bytes, len(self._table.columns)
        return bytes_of_rows(text_bytes, rows=self.row_count, columns=columns)

    def pieces(self) -> Iterator[pa.Buffer | Cut]:
        """Yield rows, and the column blocks that end with them."""
        for batch in self._table.batches():
            if not len(batch):
                continue
            try:
                texts = self._texts_of(batch)
            except pa.ArrowInvalid as error:
                raise FileChanged from error
            rows = json_texts.lines(texts)
            self.fingerprint.add(rows)
            numbers = pa.arange(self.row_count + 1, self.row_count + 1 + len(batch))
            self.row_count += len(batch)
            self._require_room(self.row_bytes)
            yield bytes_of(
                pc.binary_join_element_wise(
                    self._prefix, numbers.cast(pa.string()), rows, _DELIMITER
                )
            )
            yield from self._cutter.add(texts)


class _CopyStream:
    """The file-like object that psycopg2's COPY reads from.

    It ends wherever column blocks have to be written, for which a COPY of their own is needed, and
    then goes on, until it `is_over`.
    """

    def __init__(self, pieces: Iterator[pa.Buffer | Cut], *, on_piece: Callable[[], None]) -> None:
        self._pieces = pieces
        self._on_piece = on_piece
        self._piece = memoryview(b"")
        self._cut: Cut | None = None
        self.is_over = False
        self.failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            while not self._piece:
                match next(self._pieces, None):
                    case None:
                        self.is_over = True
                        return b""
                    case Cut() as cut:
                        self._cut = cut
                        return b""
                    case piece:
                        self._piece = memoryview(piece)
                        self._on_piece()
        except BaseException as error:
            self.failure = error
            raise
        taken, self._piece = self._piece[:size], self._piece[size:]
        return bytes(taken)

    def cuts(self) -> Iterator[Cut]:
        """Yield what it ended for, if it is not over."""
        if self._cut is not None:
            yield self._cut
            self._cut = None
