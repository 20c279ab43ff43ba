"""Column blocks in the database. See Note [Column blocks]."""

from __future__ import annotations

import hashlib
import io
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import pyarrow as pa
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.functions import Now

from data_tools.column_blocks.binary_copy import Field, TupleReceiver, copies, integer
from data_tools.column_blocks.cutting import as_chunks
from data_tools.column_blocks.packing import packed, unpacked
from data_tools.models import StoredColumn
from session_events.error_names import without_values

logger = logging.getLogger(__name__)

_DIGEST_LENGTH = 64  # the key of a base column is shorter
_FIRST_COLUMN = "b0"
_KEY = ("dataset_id", "revision", "column")

_INSERT = """
COPY data_tools_columnblock
    (dataset_id, revision, "column", block, missing_count, digest, packed)
FROM STDIN (FORMAT binary)
"""
_FETCH = """
COPY (
    SELECT block, digest, packed
    FROM data_tools_columnblock
    WHERE dataset_id = %s::uuid AND revision = %s AND "column" = %s
    ORDER BY block
) TO STDOUT (FORMAT binary)
"""
_FETCH_SEVERAL = """
COPY (
    SELECT "column", block, digest, packed
    FROM data_tools_columnblock
    WHERE dataset_id = %s::uuid AND revision = %s AND "column" = ANY(%s)
    ORDER BY "column", block
) TO STDOUT (FORMAT binary)
"""
# The lock makes the dataset's deletion wait and take the column with it; or it came first, and
# there is nothing to insert.
_NEW_COMPUTED = """
INSERT INTO data_tools_storedcolumn
    (dataset_id, revision, "column", row_count, block_count, packed_bytes, used_at)
SELECT id, %s, %s, %s, %s, %s, now() FROM data_tools_datasource WHERE id = %s::uuid FOR KEY SHARE
ON CONFLICT DO NOTHING
"""
_FETCH_BLOCK = """
COPY (
    SELECT "column", xmin, missing_count, digest, packed
    FROM data_tools_columnblock
    WHERE dataset_id = %s::uuid AND revision = %s AND block = %s AND "column" = ANY(%s)
) TO STDOUT (FORMAT binary)
"""
# Returns a row without a block for each stored column, and a row for each block that lacks values.
# A join of the two took seconds: PostgreSQL expects few columns of a new dataset, and compared each
# of thousands with each block. A length is known without a look at what is out of line.
_GAPS = """
SELECT "column", NULL AS block, 0 AS missing_count, 0 AS packed_bytes
FROM data_tools_storedcolumn stored
WHERE stored.dataset_id = %(dataset_id)s::uuid AND revision = %(revision)s
    AND "column" = ANY(%(columns)s)
UNION ALL
SELECT "column", block, missing_count, octet_length(packed)
FROM data_tools_columnblock blocks
WHERE blocks.dataset_id = %(dataset_id)s::uuid AND revision = %(revision)s
    AND "column" = ANY(%(columns)s) AND missing_count > 0
ORDER BY block, missing_count DESC, "column"
"""
# Computed columns that were unused for too long, or are the longest unused beyond so many bytes.
# Those made or used in the last ten minutes stay, since a reader may need several; but of one owner
# only up to twice as many bytes, and beyond them those of the last minute. Locked ones are skipped:
# another process is removing them, or noting their use.
_LOCK_UNUSED = """
WITH by_use AS (
    SELECT dataset_id, stored.revision, "column",
        sum(packed_bytes) OVER (ORDER BY used_at DESC, dataset_id, stored.revision, "column")
            AS bytes_so_far,
        sum(packed_bytes) OVER (
            PARTITION BY owner_id ORDER BY used_at DESC, dataset_id, stored.revision, "column"
        ) AS bytes_of_owner_so_far
    FROM data_tools_storedcolumn AS stored LEFT JOIN data_tools_datasource AS dataset
        ON dataset.id = dataset_id
    WHERE used_at IS NOT NULL
)
SELECT dataset_id, revision, "column"
FROM data_tools_storedcolumn AS stored JOIN by_use USING (dataset_id, revision, "column")
WHERE bytes_so_far > %(most_bytes)s AND used_at < now() - interval '10 minutes'
    OR bytes_of_owner_so_far > %(most_of_owner)s AND used_at < now() - interval '1 minute'
    OR used_at < now() - make_interval(secs => %(unused_seconds)s)
FOR UPDATE OF stored SKIP LOCKED
"""
_DELETE = """
DELETE FROM data_tools_storedcolumn
WHERE dataset_id = %s::uuid AND revision = %s AND "column" = %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnKey:
    """A column of one revision: the key of a base column, or the digest of a computed one."""

    dataset_id: UUID
    revision: int
    column: str

    @property
    def is_base(self) -> bool:
        return len(self.column) < _DIGEST_LENGTH


@dataclass(frozen=True, slots=True)
class BlockGaps:
    """How many values a block lacks, at least one, by what was noted of it; and how long it is.

    The number is not under the block's digest: `fetch_block` compares it.
    """

    block: int
    column: str
    missing: int
    packed_bytes: int


class DamagedColumn(Exception):
    """A block is missing, or is not what was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedBlock:
    """One block of several columns, by column; None in place of one that is damaged.

    `written_by` has the database's numbers of the transactions that wrote them. Blocks of columns
    that one transaction wrote are cut at the same rows; others may be cut at any.
    """

    values: dict[str, pa.Array | None]
    written_by: frozenset[bytes]


def insert_blocks(
    dataset_id: UUID, revision: int, blocks: Iterable[tuple[str, int, pa.Array]]
) -> Counter[str]:
    """Pack and insert blocks, each as its column, number and values; return bytes by column.

    In the caller's transaction, at whose end each column must have its `StoredColumn`. Holds a few
    megabytes beside the block that it is packing.
    """
    packed_bytes: Counter[str] = Counter()

    def tuples() -> Iterator[list[Field]]:
        for column, block, values in blocks:
            content = packed(values)
            packed_bytes[column] += len(content)
            yield [
                dataset_id.bytes,
                integer(revision),
                column.encode(),
                integer(block),
                integer(values.null_count),
                hashlib.sha256(content).digest(),
                content,
            ]

    with connection.cursor() as cursor, connection.wrap_database_errors:
        for copied in copies(tuples()):
            cursor.copy_expert(_INSERT, io.BytesIO(copied))
    return packed_bytes


def keep_computed(key: ColumnKey, values: pa.ChunkedArray) -> None:
    """Store the values of a computed column, a block for each chunk.

    Nothing is done if it is stored, or if there is no such dataset. In a transaction of its own, or
    a savepoint.
    """
    dataset_id, *revision_and_column = _parameters(key)
    kept = [*revision_and_column, len(values), values.num_chunks, values.nbytes]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEW_COMPUTED, [*kept, dataset_id])
        if cursor.rowcount:
            insert_blocks(
                key.dataset_id,
                key.revision,
                ((key.column, block, chunk) for block, chunk in enumerate(values.chunks)),
            )


def fetch(
    key: ColumnKey, *, row_count: int, on: BaseDatabaseWrapper | None = None
) -> pa.ChunkedArray | None:
    """Return the values of a column in row order, a chunk for each block; None if it has none.

    Takes as much memory as the blocks. The type is null if all values are missing. Reads `on` a
    connection, by default the primary's.

    Raises:
        DamagedColumn: a block does not have its digest, or there are not blocks for all rows.
    """
    values: list[pa.Array] = []
    damaged = False

    def receive(fields: list[bytes]) -> None:
        nonlocal damaged  # psycopg2 must get to the end of a COPY, so nothing is raised here
        block, digest, content = fields
        if block != integer(len(values)) or hashlib.sha256(content).digest() != digest:
            damaged = True
        if not damaged:
            values.append(unpacked(content))

    _copy_out(_FETCH, _parameters(key), receive, on=on)
    if damaged or (values and sum(map(len, values)) != row_count):
        raise DamagedColumn
    return as_chunks(values) if values else None


def fetch_several(
    dataset_id: UUID, revision: int, columns: Collection[str], *, row_count: int
) -> dict[str, pa.ChunkedArray]:
    """Return the values of columns as `fetch` does, by one statement.

    Those that have no blocks, or a damaged one, are left out.
    """
    found: dict[str, list[pa.Array]] = {}
    damaged: set[str] = set()

    def receive(fields: list[bytes]) -> None:
        name, block, digest, content = fields
        column = name.decode()
        values = found.setdefault(column, [])
        if block != integer(len(values)) or hashlib.sha256(content).digest() != digest:
            damaged.add(column)
        if column not in damaged:
            values.append(unpacked(content))

    _copy_out(_FETCH_SEVERAL, [str(dataset_id), revision, list(columns)], receive)
    return {
        column: as_chunks(values)
        for column, values in found.items()
        if column not in damaged and sum(map(len, values)) == row_count
    }


def gaps_of_blocks(
    dataset_id: UUID, revision: int, columns: Collection[str]
) -> list[BlockGaps] | None:
    """Return which blocks of the columns lack values, by block, the most values first.

    None if one of the columns has no blocks: the one statement tells that from no gaps.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _GAPS, {"dataset_id": dataset_id, "revision": revision, "columns": list(columns)}
        )
        found = cursor.fetchall()
    if {column for column, *_ in found} != set(columns):
        return None
    return [
        BlockGaps(block, column, missing, packed_bytes)
        for column, block, missing, packed_bytes in found
        if block is not None
    ]


def fetch_block(
    dataset_id: UUID,
    revision: int,
    block: int,
    columns: Collection[str],
    *,
    on: BaseDatabaseWrapper | None = None,
) -> FetchedBlock:
    """Return one block of each of the columns that has it. Reads `on` a connection, as `fetch`."""
    found: dict[str, pa.Array | None] = {}
    written_by: set[bytes] = set()

    def receive(fields: list[bytes]) -> None:
        column, transaction_number, missing_count, digest, content = fields
        written_by.add(transaction_number)
        is_whole = hashlib.sha256(content).digest() == digest
        values = unpacked(content) if is_whole else None
        if values is not None and missing_count != integer(values.null_count):
            values = None
        found[column.decode()] = values

    _copy_out(_FETCH_BLOCK, [str(dataset_id), revision, block, list(columns)], receive, on=on)
    return FetchedBlock(values=found, written_by=frozenset(written_by))


def _copy_out(
    statement: LiteralString,
    parameters: Sequence[str | int | list[str] | None],
    receive: Callable[[list[bytes]], None],
    *,
    on: BaseDatabaseWrapper | None = None,
) -> None:
    reading = on or connection
    with reading.cursor() as cursor:
        copy = cursor.mogrify(statement, parameters).decode()
        with reading.wrap_database_errors:
            cursor.copy_expert(copy, TupleReceiver(receive))


def base_columns_of(dataset_id: UUID, revision: int) -> dict[str, StoredColumn]:
    """Return what is known of the base columns of a revision, by their keys."""
    stored = StoredColumn.objects.filter(
        dataset_id=dataset_id, revision=revision, used_at__isnull=True
    )
    return {column.column: column for column in stored}


def packed_revisions(dataset_ids: Collection[UUID]) -> dict[UUID, set[int]]:
    """Return the revisions whose base columns were packed, by dataset; see Note [Column blocks]."""
    first_columns = StoredColumn.objects.filter(dataset_id__in=dataset_ids, column=_FIRST_COLUMN)
    revisions: dict[UUID, set[int]] = {}
    for dataset_id, revision in first_columns.values_list("dataset_id", "revision"):
        revisions.setdefault(dataset_id, set()).add(revision)
    return revisions


def present(dataset_id: UUID, revision: int, columns: Collection[str]) -> set[str]:
    """Return which of the columns have blocks."""
    stored = StoredColumn.objects.filter(
        dataset_id=dataset_id, revision=revision, column__in=columns, block_count__gt=0
    )
    return set(stored.values_list("column", flat=True))


def note_use(dataset_id: UUID, revision: int, columns: Collection[str]) -> None:
    """Keep computed columns from being pruned for their age. Errors are logged, not raised."""
    try:
        with transaction.atomic():
            _computed().filter(dataset_id=dataset_id, revision=revision, column__in=columns).update(
                used_at=Now()
            )
    except Error as error:
        logger.info("the use of a computed column was not noted: %s", without_values(error))


def prune() -> int:
    """Remove computed columns that were unused for too long, then the longest unused beyond
    MOST_BYTES; return how many.

    The setting `COMPUTED_COLUMNS` says after how many seconds a column is unused, and how many
    bytes are kept. Those made or used in the last ten minutes stay up to twice the limit for each
    owner, and those of the last minute always. Any may be made again.
    """
    limits = settings.COMPUTED_COLUMNS
    most_bytes = limits["MOST_BYTES"]
    most = {
        "most_bytes": most_bytes,
        "most_of_owner": 2 * most_bytes,
        "unused_seconds": limits["UNUSED_SECONDS"],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK_UNUSED, most)
        unused = cursor.fetchall()
        for key in unused:
            cursor.execute(_DELETE, key)
    return len(unused)


def remove(key: ColumnKey) -> None:
    """Remove a column; with a base column the first one too, so that its revision is packed again.

    The other base columns stay until then, and may be read.
    """
    columns = {key.column, _FIRST_COLUMN} if key.is_base else {key.column}
    _remove_one_by_one(_of(key.dataset_id, key.revision).filter(column__in=columns))


def remove_base(dataset_id: UUID, revision: int) -> None:
    """Remove all base columns of a revision, as `remove_of` does."""
    _remove_one_by_one(_of(dataset_id, revision).filter(used_at__isnull=True))


def remove_of(dataset_id: UUID, revision: int) -> None:
    """Remove all columns of a revision, base and computed, with their blocks.

    A statement for each, in order: outside a transaction, what was removed stays so if a later one
    takes too long.
    """
    _remove_one_by_one(_of(dataset_id, revision))


def _remove_one_by_one(columns: QuerySet[StoredColumn]) -> None:
    with connection.cursor() as cursor:
        for key in columns.order_by(*_KEY).values_list(*_KEY):
            cursor.execute(_DELETE, key)


def _of(dataset_id: UUID, revision: int) -> QuerySet[StoredColumn]:
    return StoredColumn.objects.filter(dataset_id=dataset_id, revision=revision)


def _computed() -> QuerySet[StoredColumn]:
    return StoredColumn.objects.filter(used_at__isnull=False)


def _parameters(key: ColumnKey) -> list[str | int]:
    return [str(key.dataset_id), key.revision, key.column]
