"""In which table a revision's rows lie. See Note [Where rows lie] in this package."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from data_tools.models import DataSource
from data_tools.row_tables.names import SHARED_ROWS, own_table

# Far less than moved rows stay in the shared table: see `revisions.row_moving`.
_REMEMBERED_SECONDS = 60
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    """What a dataset said of its revisions, up to the one that was published."""

    own_tables: frozenset[int]
    published: int
    read_at: float  # by time.monotonic()


_known: dict[UUID, _Known] = {}
# Revisions that a transaction of this process is writing, which nobody else can read yet.
_being_written: dict[tuple[UUID, int], bool] = {}


def has_own_table(dataset_id: UUID, revision: int) -> bool:
    """Tell whether the revision's rows lie in a table of their own.

    Takes a query unless this process has read the dataset within the last minute. Says nothing
    about whether there are any rows.
    """
    being_written = _being_written.get((dataset_id, revision))
    if being_written is not None:
        return being_written
    known = _known.get(dataset_id)
    if known is None or revision > known.published or _age(known) > _REMEMBERED_SECONDS:
        datasets = DataSource.objects.filter(pk=dataset_id)
        found = datasets.values_list("own_tables", "revision").first()
        if found is None:
            return False
        known = _remember(dataset_id, *found)
    return revision in known.own_tables


def source_of(dataset_id: UUID, revision: int) -> str:
    """Return what a statement that reads the revision's rows has in FROM, without an alias."""
    own = has_own_table(dataset_id, revision)
    return own_table(dataset_id, revision) if own else SHARED_ROWS


def note(dataset: DataSource) -> None:
    """Remember where the rows of a dataset lie that was just read."""
    _remember(dataset.pk, dataset.own_tables, dataset.revision)


@contextmanager
def being_written(dataset_id: UUID, revision: int, *, has_own_table: bool) -> Iterator[None]:
    """Say for the block where this process is writing a revision that is not published yet."""
    _being_written[dataset_id, revision] = has_own_table
    try:
        yield
    finally:
        del _being_written[dataset_id, revision]


def forget(dataset_id: UUID) -> None:
    """Forget where a dataset's rows lie, which this process is changing."""
    _known.pop(dataset_id, None)


def _remember(dataset_id: UUID, own_tables: list[int], published: int) -> _Known:
    if len(_known) >= _MOST_REMEMBERED:
        _known.clear()
    known = _Known(frozenset(own_tables), published, time.monotonic())
    _known[dataset_id] = known
    return known


def _age(known: _Known) -> float:
    return time.monotonic() - known.read_at
