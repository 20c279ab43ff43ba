"""Columns read from blocks, where they can be."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from uuid import UUID

import pyarrow as pa
from django.db import Error, InternalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from data_tools.column_blocks.cutting import MOST_CUT_BYTES, of_type
from data_tools.column_blocks.json_values import ARROW_TYPES
from data_tools.column_blocks.storage import (
    ColumnKey,
    DamagedColumn,
    FetchedBlock,
    fetch,
    fetch_block,
    fetch_several,
    remove,
)
from data_tools.columns import ColumnType
from data_tools.features import Feature, is_on
from data_tools.observing.metrics import DAMAGED_COLUMNS
from data_tools.replica.reading import SHORT_SECONDS, read_on_replica
from session_events.error_names import without_values

logger = logging.getLogger(__name__)

# A column of so many rows and bytes is read in a moment; longer ones may take a replica longer.
_ROWS_OF_A_MOMENT = 1_000_000
_BYTES_OF_A_MOMENT = 8 << 20
_MOMENTS_OF_A_BLOCK = MOST_CUT_BYTES / _BYTES_OF_A_MOMENT  # of all columns together


def read_column(
    key: ColumnKey, column_type: ColumnType, *, row_count: int, packed_bytes: int = 0
) -> pa.ChunkedArray | None:
    """Return the values of a column in row order, of the Arrow type of `json_values.values_of`.

    None if it has no blocks, or damaged ones, which are reported and removed, or the feature is
    off; then the rows have the values. If all values are missing, the type is that of
    `json_values.ARROW_TYPES`. `packed_bytes` is how long its blocks are, if that is known.
    """
    if not is_on(Feature.COLUMN_BLOCKS):
        return None

    def whole(replica: BaseDatabaseWrapper) -> pa.ChunkedArray | None:
        try:
            return fetch(key, row_count=row_count, on=replica)
        except DamagedColumn:  # the primary's blocks may be sound, and are those to look at
            return None

    try:
        moments = max(row_count / _ROWS_OF_A_MOMENT, packed_bytes / _BYTES_OF_A_MOMENT)
        seconds = SHORT_SECONDS * max(1.0, moments)
        values = read_on_replica(whole, seconds=seconds)
        if values is None:
            with _savepoint_in_a_transaction():
                values = fetch(key, row_count=row_count)
    except (DamagedColumn, InternalError) as error:
        _report(key, error)
        return None
    return None if values is None else of_its_type(values, column_type)


def read_columns(
    dataset_id: UUID, revision: int, types: Mapping[str, ColumnType], *, row_count: int
) -> dict[str, pa.ChunkedArray]:
    """Return the values of columns as `read_column` does, by one statement for all.

    Those that it does not return have to be read one by one: nothing is reported here.
    """
    if not is_on(Feature.COLUMN_BLOCKS):
        return {}
    try:
        with _savepoint_in_a_transaction():
            found = fetch_several(dataset_id, revision, types.keys(), row_count=row_count)
    except InternalError:
        return {}
    return {column: of_its_type(values, types[column]) for column, values in found.items()}


def read_block(
    dataset_id: UUID, revision: int, block: int, columns: Collection[str]
) -> list[pa.Array] | None:
    """Return one block of each of the columns, in that order.

    None if one is missing or damaged, or lacks more or fewer values than is noted beside it.
    Nothing is reported here: `read_column` does so.
    """
    fetched = _fetched(dataset_id, revision, block, columns, seconds=SHORT_SECONDS)
    if fetched is None or not _is_sound(fetched, columns):
        return None
    return [fetched.values[column] for column in columns]


def read_together(
    dataset_id: UUID, revision: int, types: Mapping[str, ColumnType], *, row_count: int
) -> Iterator[dict[str, pa.Array]]:
    """Yield the values of base columns in row order, the same rows of each, a block at a time.

    Ends before the first rows of which a column has no sound block, and also if all were packed
    anew meanwhile, perhaps cut at other rows, or the feature is off; then the rows have the values.
    Damage is reported as by `read_column`. Holds nothing while the next block comes.
    """
    done, block, written_by = 0, 0, frozenset[bytes]()
    while done < row_count and is_on(Feature.COLUMN_BLOCKS):
        fetched = _block_together(dataset_id, revision, block, types)
        if fetched is None or len(fetched.written_by) != 1:
            return
        if block and fetched.written_by != written_by:
            return
        written_by = fetched.written_by
        values = {
            column: of_type(found, ARROW_TYPES[types[column]])
            for column, found in fetched.values.items()
            if found is not None
        }
        lengths = set(map(len, values.values()))
        if len(lengths) != 1 or not 0 < (length := lengths.pop()) <= row_count - done:
            return
        done += length
        block += 1
        del fetched
        yield values
        del values


def _block_together(
    dataset_id: UUID, revision: int, block: int, types: Mapping[str, ColumnType]
) -> FetchedBlock | None:
    """Return one block of all of the columns; None if one has none, or a damaged one."""
    seconds = SHORT_SECONDS * _MOMENTS_OF_A_BLOCK
    fetched = _fetched(dataset_id, revision, block, types.keys(), seconds=seconds)
    if fetched is None or _is_sound(fetched, types):
        return fetched
    for column, values in fetched.values.items():
        if values is None:
            key = ColumnKey(dataset_id=dataset_id, revision=revision, column=column)
            _report(key, DamagedColumn())
    return None


def _fetched(
    dataset_id: UUID, revision: int, block: int, columns: Collection[str], *, seconds: float
) -> FetchedBlock | None:
    """Return what is stored of one block: a replica's if that is sound, or else the primary's.

    None if the primary cannot read it.
    """

    def on_replica(replica: BaseDatabaseWrapper) -> FetchedBlock | None:
        fetched = fetch_block(dataset_id, revision, block, columns, on=replica)
        return fetched if _is_sound(fetched, columns) else None

    fetched = read_on_replica(on_replica, seconds=seconds)
    if fetched is not None:
        return fetched
    try:
        with _savepoint_in_a_transaction():
            return fetch_block(dataset_id, revision, block, columns)
    except InternalError:  # it does not say which column's
        return None


def _is_sound(fetched: FetchedBlock, columns: Collection[str]) -> bool:
    are_whole = all(values is not None for values in fetched.values.values())
    return are_whole and fetched.values.keys() == set(columns)


def of_its_type(values: pa.ChunkedArray, column_type: ColumnType) -> pa.ChunkedArray:
    """Return the values; those of Arrow's null type, all of them missing, in the column's type."""
    if not pa.types.is_null(values.type):
        return values
    return pa.chunked_array([of_type(chunk, ARROW_TYPES[column_type]) for chunk in values.chunks])


def _savepoint_in_a_transaction() -> AbstractContextManager[None]:
    """Keep an error of the database from ending the caller's transaction, if there is one."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _report(key: ColumnKey, error: Exception) -> None:
    DAMAGED_COLUMNS.inc()
    logger.error(
        "the blocks of column %s of dataset %s, revision %s, are damaged, and are made anew: %s",
        key.column,
        key.dataset_id,
        key.revision,
        type(error).__name__,
    )
    try:
        with transaction.atomic():
            remove(key)
    except Error as failure:
        logger.info("they were not removed: %s", without_values(failure))
