"""Removal of superseded revisions' rows, and what is kept of them, once no session needs them.

A dataset keeps its old rows when it gets another file, for the sessions that began on them. The
published revision is never touched, nor one on which a session may be starting at this moment.

Note [Sessions that are starting]
    A session begins on the revision that was published when its request looked, and one that has
    ended may be recovered in the last second of its retention. So a revision is left alone until
    its dataset has been READY on another one, and all retention has been over, for longer than any
    request takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from data_tools.column_blocks import storage as column_storage
from data_tools.models import DataSource, StoredColumn, StoredRevision
from data_tools.profiles import stored
from data_tools.row_tables.reading import last_row_number, superseded_with_rows
from data_tools.row_tables.removing import drop_left_over, remove_some
from data_tools.rows.lists import storage
from session_events.needed_revisions import needed_revisions

ROWS_PER_RUN = 2_000_000
ROWS_PER_BATCH = 20_000
_LONGEST_REQUEST = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unneeded:
    """A revision whose rows nobody needs."""

    dataset_id: UUID
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How many rows were removed, and whether none are left to remove."""

    rows: int
    is_complete: bool


def prune(*, limit: int, on_removed: Callable[[int], None] = lambda rows: None) -> Pruned:
    """Remove at most `limit` rows that nobody needs, in batches that are committed one by one.

    Rows in a table of their own go all at once, however many they are.

    It is safe to stop it at any time, to run it again, and to run it twice at once. `on_removed` is
    called with the number of rows after each batch.
    """
    _remove_columns_without_rows()
    drop_left_over()
    removed = 0
    for unneeded in find_unneeded():
        dataset_id, revision = unneeded.dataset_id, unneeded.revision
        # Before the rows: without rows the revision would not be found again.
        stored.drop(dataset_id, revision=revision)
        storage.remove_of(dataset_id, revision)
        column_storage.remove_of(dataset_id, revision)
        StoredRevision.objects.filter(dataset_id=dataset_id, revision=revision).delete()
        while last_row_number(dataset_id, revision):
            if removed >= limit:
                return Pruned(rows=removed, is_complete=False)
            most_rows = min(ROWS_PER_BATCH, limit - removed)
            batch = remove_some(dataset_id, revision, most_rows=most_rows)
            if not batch:
                break  # somebody is reading its table, which a later run drops
            removed += batch
            on_removed(batch)
    return Pruned(rows=removed, is_complete=True)


def find_unneeded() -> Iterator[Unneeded]:
    """Yield the superseded revisions that have rows and that nobody needs, oldest first.

    See Note [Sessions that are starting].
    """
    now = timezone.now()
    for dataset_id, published in _replaced():
        superseded = list(superseded_with_rows(dataset_id, published))
        needed = needed_revisions(dataset_id, now=now - _LONGEST_REQUEST) if superseded else None
        if needed is None:
            continue
        for revision in superseded:
            if revision not in needed:
                yield Unneeded(dataset_id=dataset_id, revision=revision)


def _remove_columns_without_rows() -> None:
    """Remove columns that were packed, or computed, while the rows of their revision were removed.

    Older versions of the service leave them as well.
    """
    for dataset_id, published in _replaced():
        columns = StoredColumn.objects.filter(dataset_id=dataset_id, revision__lt=published)
        revisions = set(columns.values_list("revision", flat=True).distinct())
        if revisions:
            for revision in revisions.difference(superseded_with_rows(dataset_id, published)):
                column_storage.remove_of(dataset_id, revision)


def _replaced() -> Iterator[tuple[UUID, int]]:
    """Yield the datasets that have been READY on another than their first revision for a while."""
    replaced = DataSource.objects.filter(
        status=DataSource.Status.READY,
        revision__gt=1,
        updated_at__lte=timezone.now() - _LONGEST_REQUEST,
    )
    yield from replaced.order_by("pk").values_list("pk", "revision")
