"""Writes the column blocks of revisions that have none, and checks those that there are.

Revisions have none that were published before there were blocks, or by a server of an older version
beside this one, and those of which a block was found to be damaged.

Note [Packing beside everything else]
    A revision's blocks are written in one transaction, so it has those of all its columns or none,
    whenever the process dies. Rows never change, so they are read without a lock. Only at the end
    is the dataset's row locked, as its deletion locks it: either the deletion waits and takes the
    blocks with it, or it came first and nothing is written. Columns that were left of a damaged
    revision are removed before, in a transaction of their own: else a deletion would wait for
    these, and this for the deletion. Old revisions are packed only while a session needs them; what
    is left of one whose rows were removed meanwhile is removed by `pruning`. An advisory lock keeps
    two processes from packing the same revision.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from data_tools.column_blocks import storage
from data_tools.column_blocks.writing import BaseColumnsWriter
from data_tools.columns import base_columns
from data_tools.exceptions import RowsGone
from data_tools.exporting.arrow_rows import json_columns
from data_tools.jobs.connections import take_as_long_as_it_takes
from data_tools.models import DataSource
from data_tools.revisions.column_comparison import ColumnComparison
from data_tools.row_tables.reading import are_kept, superseded_with_rows
from data_tools.rows.session_rows import SessionRows
from session_events.needed_revisions import needed_sources

logger = logging.getLogger(__name__)

ROWS_PER_RUN = 20_000_000
_BATCH_DATASETS = 1_000
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('data_tools.column_blocks:' || %s, %s))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """How many revisions were packed, and whether none are left."""

    revisions: int
    is_complete: bool


def pack_missing(
    *,
    most_rows: int,
    begin: Callable[[SessionRows], object] = lambda rows: None,
    advance: Callable[[int], object] = lambda rows: None,
) -> Packed:
    """Pack the columns of the revisions that sessions can show and that have no blocks.

    Begins no further revision once it packed `most_rows` rows. A revision with a damaged row comes
    again each time; what is read of it does not count, and keeps no other from being packed. It is
    safe to stop it at any time, to run it again, and to run it twice at once. `begin` is called
    with the rows of each revision, and `advance` with how many more of them were read. Must not be
    called in a transaction.
    """
    revisions = rows_done = 0
    for rows in shown(are_packed=False):
        if rows_done >= most_rows:
            return Packed(revisions=revisions, is_complete=False)
        begin(rows)
        if pack(rows, advance=advance):
            revisions += 1
            rows_done += rows.row_count
    return Packed(revisions=revisions, is_complete=True)


def pack(rows: SessionRows, *, advance: Callable[[int], object] = lambda rows: None) -> bool:
    """Pack the columns of a revision, given as its rows before any operation.

    Returns False if another process packs them or has packed them, if the rows are gone, or if one
    of them does not fit its columns. See Note [Packing beside everything else].
    """
    with transaction.atomic(durable=True):
        take_as_long_as_it_takes()
        if not _lock(rows):
            return False
        storage.remove_base(rows.dataset_id, rows.revision)  # some may have been left
    with transaction.atomic(durable=True):
        take_as_long_as_it_takes()
        is_done = _lock(rows) and _write(rows, advance) and _lock_if_there(rows)
        if not is_done:
            transaction.set_rollback(True)
    return is_done


def remove_wrong(
    *,
    begin: Callable[[SessionRows], object] = lambda rows: None,
    advance: Callable[[int], object] = lambda rows: None,
) -> Iterator[tuple[SessionRows, list[str]]]:
    """Remove the blocks of each revision that are not all what its rows say.

    Yields the rows of the revision and the keys of the columns that differed. Reads all rows and
    all blocks. Rows that are gone or damaged say nothing, and their blocks stay.
    """
    for rows in shown(are_packed=True):
        begin(rows)
        comparison = ColumnComparison(rows)
        try:
            for texts in json_columns(rows):
                comparison.add(texts)
                advance(len(texts[0]))
        except (RowsGone, ValueError, TypeError):
            continue
        if differing := comparison.differing():
            storage.remove_base(rows.dataset_id, rows.revision)
            yield rows, differing


def is_packed(rows: SessionRows) -> bool:
    """Tell whether the revision has column blocks, as far as its columns can have any."""
    packed = storage.packed_revisions([rows.dataset_id])
    return rows.revision in packed.get(rows.dataset_id, ())


def shown(*, are_packed: bool) -> Iterator[SessionRows]:
    """Yield the revisions that sessions can show, those that have blocks or those that have none.

    Sessions can show the published revision of each dataset, and those that they began on. Each is
    given as its rows before any operation.
    """
    for datasets in _batches():
        packed = storage.packed_revisions([dataset_id for dataset_id, _ in datasets])
        for dataset_id, published in datasets:
            superseded = superseded_with_rows(dataset_id, published) if published > 1 else ()
            wanted = {
                revision
                for revision in (published, *superseded)
                if (revision in packed.get(dataset_id, ())) == are_packed
            }
            if wanted:
                yield from _rows_of(dataset_id, among=wanted)


def _batches() -> Iterator[list[tuple[UUID, int]]]:
    """Yield the datasets that have rows, each with its published revision."""
    last = UUID(int=0)
    in_order = DataSource.objects.filter(revision__gte=1).order_by("pk")
    in_order = in_order.values_list("pk", "revision")
    while batch := list(in_order.filter(pk__gt=last)[:_BATCH_DATASETS]):
        yield batch
        last = batch[-1][0]


def _rows_of(dataset_id: UUID, *, among: set[int]) -> Iterator[SessionRows]:
    """Yield those of a dataset's revisions that are published, or needed by a session."""
    dataset = DataSource.objects.filter(pk=dataset_id).first()
    if dataset is None or not dataset.columns:
        return
    if dataset.revision in among:
        yield SessionRows(
            dataset_id=dataset_id,
            revision=dataset.revision,
            row_count=dataset.row_count,
            base_columns=base_columns(dataset.columns),
        )
    if not among - {dataset.revision}:
        return
    sources = needed_sources(dataset_id, now=timezone.now()) or {}
    for revision, source in sorted(sources.items()):
        if revision != dataset.revision and revision in among:
            yield SessionRows(
                dataset_id=dataset_id,
                revision=revision,
                row_count=source.row_count,
                base_columns=source.columns,
            )


def _lock(rows: SessionRows) -> bool:
    """Take the revision's lock until the transaction ends.

    Returns False if it is taken, or was until the revision was packed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(rows.dataset_id), rows.revision])
        return cursor.fetchone() == (True,) and not is_packed(rows)


def _write(rows: SessionRows, advance: Callable[[int], object]) -> bool:
    writer = BaseColumnsWriter(rows.dataset_id, rows.revision, rows.base_columns)
    try:
        for texts in json_columns(rows):
            writer.add(texts)
            advance(len(texts[0]))
    except RowsGone:
        return False
    except (ValueError, TypeError) as error:
        logger.error(
            "revision %s of dataset %s has no column blocks, as a row does not fit its columns"
            " (%s); see `hydroml verify_server`",
            rows.revision,
            rows.dataset_id,
            type(error).__name__,
        )
        return False
    writer.finish()
    return True


def _lock_if_there(rows: SessionRows) -> bool:
    """Lock the dataset until the transaction ends; return False if it or its rows are gone."""
    dataset = DataSource.objects.select_for_update(no_key=True).filter(pk=rows.dataset_id)
    return dataset.exists() and are_kept(
        rows.dataset_id, revision=rows.revision, row_count=rows.row_count
    )
