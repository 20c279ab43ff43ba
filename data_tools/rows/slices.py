"""All rows of a session, a slice at a time: read into bounded memory, or copied to a new dataset.

Rows never change, so slices read one after another show one state without a transaction: however
slow the reader, it holds nothing open. If rows are deleted meanwhile, their count gives it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from data_tools.columns import ColumnType
from data_tools.exceptions import RowsGone
from data_tools.filtering import EVERYTHING, Selection
from data_tools.observing.activity import count
from data_tools.operations.row_source import measure_columns
from data_tools.quotas.stored_bytes import BYTES_OF_ROW
from data_tools.row_tables.making import NewRows
from data_tools.row_tables.names import SHARED
from data_tools.rows.answer_room import Room
from data_tools.rows.packed_slices import packed_slices
from data_tools.rows.pages import read_rows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored
from data_tools.sql.fragment import Sql, own_rows_table, sql
from session_events.events import Column

# A slice is some megabytes of text, however wide the rows are.
_SLICE_CHARACTERS = 2 << 20
_FIRST_SLICE_ROWS = 256
_MOST_SLICE_ROWS = 16_384
# The most that a slice holds, even if its rows are much longer than those before.
_ROOM = Room(total_bytes=24 << 20)
_FRACTION_DIGITS = {"s": 0, "ms": 3, "us": 6}
_COPIED_ROWS = 50_000  # by one statement; progress is reported after each


def selected_rows(rows: SessionRows, selection: Selection) -> int:
    """Return how many rows a selection has.

    Raises:
        As `rows.pages.read_page`.
    """
    if selection.is_everything:
        return rows.total_rows
    return read_rows(rows, selection, 0, 1, _ROOM).row_count


def json_slices(
    rows: SessionRows, selection: Selection = EVERYTHING, *, done: int = 0
) -> Iterator[list[str]]:
    """Yield the rows, in row order or the selection's order, each as the text of a JSON array.

    The first `done` rows are left out.

    Raises:
        RowsGone: not all rows of a slice were there; nothing of that slice was yielded.
        Others as `rows.pages.read_page`.
    """
    step, total_rows = _FIRST_SLICE_ROWS, selected_rows(rows, selection)
    while done < total_rows:
        size = min(step, total_rows - done)
        texts = read_rows(rows, selection, done, size, _ROOM).texts
        if not texts:  # the next row alone does not fit into a slice
            texts = read_rows(rows, selection, done, 1, _ROOM.without_end).texts
        count(rows_returned=len(texts))
        yield texts
        done += len(texts)
        size, characters = len(texts), sum(map(len, texts))
        step = max(1, min(2 * size, size * _SLICE_CHARACTERS // characters, _MOST_SLICE_ROWS))


def copy_rows(rows: SessionRows, *, into: NewRows, advance: Callable[[float, int], None]) -> int:
    """Write the rows as a new revision of another dataset, numbered from 1; return how many.

    Runs in the caller's transaction; the values never leave the database. `advance` is called with
    the fraction that is done, and the bytes so far, as `quotas.stored_bytes` counts them.

    Raises:
        RowsGone: not all of them were there.
        RowsNotReproduced: as `SessionRows.require_kept`.
    """
    own_table = own_rows_table(into.dataset_id, into.revision)
    table = own_table if into.has_own_table else Sql(SHARED)
    written = row_bytes = 0
    while written < rows.total_rows:
        size = min(_COPIED_ROWS, rows.total_rows - written)
        rows.require_kept()
        query = sql(
            """
            WITH written AS (
                INSERT INTO {table} (dataset_id, revision, row_number, "values")
                SELECT {dataset_id}::uuid, {revision}, at, json::jsonb
                FROM (
                    {rows}
                ) AS slice
                RETURNING {row_bytes} AS row_bytes
            )
            SELECT count(*), coalesce(sum(row_bytes), 0) FROM written
            """,
            table=table,
            row_bytes=Sql(BYTES_OF_ROW),
            dataset_id=into.dataset_id,
            revision=into.revision,
            rows=rows.rows_in_order(written, size),
        )
        with connection.cursor() as cursor:
            cursor.execute(query.text, query.parameters)
            copied_rows, copied_bytes = cursor.fetchone()
        if copied_rows != size:
            raise RowsGone
        written += size
        row_bytes += int(copied_bytes)
        count(rows_scanned=size)
        advance(written / rows.total_rows, row_bytes)
    into.finish()
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """How the datetimes of one column are written.

    `fraction_digits` is the most that any of them has.
    """

    fraction_digits: int = 0
    some_with_zone: bool = False
    some_without_zone: bool = False

    @classmethod
    def of(cls, type_: pa.TimestampType) -> Spellings:
        """Return how all packed values of this type are written."""
        has_zone = type_.tz is not None
        return cls(
            fraction_digits=_FRACTION_DIGITS[type_.unit],
            some_with_zone=has_zone,
            some_without_zone=not has_zone,
        )


def datetime_spellings(rows: SessionRows) -> dict[str, Spellings]:
    """Return how each datetime column is written, by column key.

    Reads all rows if there is such a column and blocks do not tell.
    """
    columns = [column for column in rows.columns if column.type == ColumnType.DATETIME]
    if not columns:
        return {}
    if (packed := _packed_spellings(rows, columns)) is not None:
        return packed
    rows.require_kept()
    count(rows_scanned=rows.total_rows)
    spellings = measure_columns(rows, columns, _spellings, columns_per_pass=500)
    return {
        column.key: Spellings(
            fraction_digits=max(0, (longest or 0) - len("2013-01-31T05:00:00.")),
            some_with_zone=bool(with_zone),
            some_without_zone=bool(without_zone),
        )
        for column, (longest, with_zone, without_zone) in zip(columns, spellings, strict=True)
    }


def _packed_spellings(rows: SessionRows, columns: list[Column]) -> dict[str, Spellings] | None:
    """Return how columns are written, by the first block of each that has values; None if it is
    not known. All values of a column of the dataset that has blocks are written in one way."""
    if not all(isinstance(rows.cells[column.key], Stored) for column in columns):
        return None
    found: dict[str, Spellings] = {}
    rows_done = 0
    for slice_ in packed_slices(rows, columns):
        rows_done += len(slice_[0])
        for column, values in zip(columns, slice_, strict=True):
            if column.key not in found and values.null_count < len(values):
                found[column.key] = Spellings.of(values.type)
        if len(found) == len(columns):
            return found
    if rows_done < rows.total_rows:
        return None
    return {column.key: found.get(column.key, Spellings()) for column in columns}


def text_bytes(rows: SessionRows) -> tuple[int, int]:
    """Return the bytes, in UTF-8, of the longest text of these rows, and of all their texts.

    Reads all rows if there is a column of text and blocks do not tell.
    """
    columns = [column for column in rows.columns if column.type == ColumnType.TEXT]
    if not columns:
        return 0, 0
    if (packed := _packed_text_bytes(rows, columns)) is not None:
        return packed
    rows.require_kept()
    count(rows_scanned=rows.total_rows)
    measured = list(measure_columns(rows, columns, _bytes, columns_per_pass=500))
    longest = max(longest or 0 for longest, _ in measured)
    return longest, int(sum(total or 0 for _, total in measured))


def _packed_text_bytes(rows: SessionRows, columns: list[Column]) -> tuple[int, int] | None:
    """Return what `text_bytes` does, None if there are not blocks of all rows."""
    longest = total = rows_done = 0
    for slice_ in packed_slices(rows, columns):
        rows_done += len(slice_[0])
        for values in slice_:
            lengths = pc.binary_length(values.dictionary).take(values.indices)
            longest = max(longest, pc.max(lengths).as_py() or 0)
            total += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    return (longest, total) if rows_done == rows.total_rows else None


def _bytes(_: int, value: Sql) -> list[Sql]:
    return [
        sql("max(octet_length({value}))", value=value),
        sql("sum(octet_length({value}))", value=value),
    ]


def _spellings(_: int, value: Sql) -> list[Sql]:
    return [
        sql("max(length(rtrim({value}, 'Z')))", value=value),
        sql("bool_or(right({value}, 1) = 'Z')", value=value),
        sql("bool_or(right({value}, 1) <> 'Z')", value=value),
    ]
