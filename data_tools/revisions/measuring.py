"""Measures rows and files that were stored before there were quotas, and checks the figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from data_tools.jobs.connections import take_as_long_as_it_takes
from data_tools.models import DataSource, StoredRevision
from data_tools.quotas.stored_bytes import measure
from data_tools.row_tables.reading import last_row_number, superseded_with_rows

# A share: the file may spell a number differently from the database, such as 1e300.
_TOLERATED = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A recorded figure that differs from what its rows take up."""

    dataset_id: UUID
    revision: int
    noted_bytes: int
    measured_bytes: int


def measure_missing() -> int:
    """Measure every stored revision that has no figure yet; return how many there were.

    Can be stopped at any time, repeated, and run twice at once. Takes no lock while it reads rows,
    so nobody waits for it.
    """
    _measure_files()
    measured = 0
    for dataset_id, revision in _without_figure():
        with transaction.atomic():
            take_as_long_as_it_takes()
            measured += _note(dataset_id, revision, measure(dataset_id, revision))
    return measured


def check() -> Iterator[Difference]:
    """Yield each figure that is wrong, and correct it. Reads all rows of all datasets."""
    for figure in StoredRevision.objects.order_by("dataset_id", "revision"):
        with transaction.atomic():
            take_as_long_as_it_takes()
            measured = measure(figure.dataset_id, figure.revision)
            if abs(measured - figure.row_bytes) <= _TOLERATED * measured:
                continue
            StoredRevision.objects.filter(pk=figure.pk).update(row_bytes=measured)
        yield Difference(
            dataset_id=figure.dataset_id,
            revision=figure.revision,
            noted_bytes=figure.row_bytes,
            measured_bytes=measured,
        )


def _without_figure() -> Iterator[tuple[UUID, int]]:
    figures = StoredRevision.objects.filter(dataset=OuterRef("pk"), revision=OuterRef("revision"))
    candidates = DataSource.objects.filter(
        Q(revision__gt=1) | ~Exists(figures), revision__gte=1
    ).order_by("pk")
    for dataset_id, published in candidates.values_list("pk", "revision"):
        noted = set(
            StoredRevision.objects.filter(dataset_id=dataset_id).values_list("revision", flat=True)
        )
        for revision in (*superseded_with_rows(dataset_id, published), published):
            if revision not in noted:
                yield dataset_id, revision


def _note(dataset_id: UUID, revision: int, row_bytes: int) -> bool:
    """Record the figure unless there is one, or the rows have been removed meanwhile."""
    kept = DataSource.objects.filter(pk=dataset_id).select_for_update(no_key=True)
    if not kept.exists() or (row_bytes and not last_row_number(dataset_id, revision)):
        return False
    _, is_new = StoredRevision.objects.get_or_create(
        dataset_id=dataset_id, revision=revision, defaults={"row_bytes": row_bytes}
    )
    return is_new


def _measure_files() -> None:
    for field in ("file", "reupload_file"):
        unmeasured = DataSource.objects.filter(**{f"{field}_bytes": 0}).exclude(**{field: ""})
        for dataset_id, name in unmeasured.values_list("pk", field):
            try:
                size = default_storage.size(name)
            except FileNotFoundError:
                continue
            DataSource.objects.filter(pk=dataset_id, **{field: name}).update(
                **{f"{field}_bytes": size}
            )
