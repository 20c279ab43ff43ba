"""How a load ends: published, or failed with a reason. A bad file never costs anyone a dataset.

Note [A file that replaces another]
    A dataset with rows keeps them, its columns, its file and its reading options until the next
    revision is published in one transaction. If its new file cannot be loaded, that file is deleted
    with the options that came with it, and the dataset is READY with its old rows and the reason in
    `reupload_failure`. A file with the same content as the published one changes nothing: it makes
    no revision, unless the published rows are gone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from data_tools.ingest.exceptions import DatasetDeleted, NoRoomForRows
from data_tools.models import DataSource
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.stored_bytes import note_published
from data_tools.row_tables.making import attach

Status = DataSource.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Rows that were written: their bytes as `quotas.stored_bytes` counts them, and where."""

    row_bytes: int
    has_own_table: bool


def publish(datasource_id: UUID, *, revision: int, stored: Stored | None, **published: Any) -> None:
    """Make the dataset READY and set these fields, at the end of the caller's transaction.

    `stored` is None if the revision's rows had been published before. Waits for a deletion under
    way, after which there is nothing to publish. See Note [A file that replaces another].

    Raises:
        DatasetDeleted: the dataset is gone, or no longer being loaded.
        QuotaExceeded: its owner has no room for these rows any more.
    """
    with transaction.atomic():
        if stored is not None:
            note_published(datasource_id, revision=revision, row_bytes=stored.row_bytes)
        datasource = _locked(datasource_id, among=(Status.PROCESSING,))
        if datasource is None:
            raise DatasetDeleted
        _take_new_file(datasource)
        for name, value in {"revision": revision, **published}.items():
            setattr(datasource, name, value)
        datasource.status = Status.READY
        datasource.progress_percent = 100
        datasource.error_reason = ""
        datasource.reupload_failure = None
        if stored is not None and stored.has_own_table:
            datasource.own_tables.append(revision)
        datasource.save()
        if stored is not None and stored.has_own_table:
            attach(datasource_id, revision)


def fail(
    datasource_id: UUID,
    *,
    reason: str,
    report: dict[str, Any],
    among: Collection[Status] = (Status.PROCESSING,),
) -> bool:
    """End the load of a dataset with a reason; return False if its status is not `among` these.

    A dataset without rows becomes an ERROR and its file is deleted, since its owner could only
    upload it again. See Note [A file that replaces another] for the others.
    """
    with transaction.atomic():
        datasource = _locked(datasource_id, among=among)
        if datasource is None:
            return False
        if datasource.revision > 0:
            datasource.reupload_failure = {
                "reason": reason,
                "original_filename": datasource.reupload_filename,
                "failed_at": timezone.now().isoformat(),
                **report,
            }
            _drop_new_file(datasource)
            datasource.status, datasource.progress_percent = Status.READY, 100
        else:
            _drop_new_file(datasource)
            _delete_when_committed(datasource.file)
            datasource.file = ""
            datasource.status = Status.ERROR
            datasource.error_reason = reason
            datasource.ingest_report = report
        datasource.save()
        return True


def no_room(refused: QuotaExceeded) -> NoRoomForRows:
    """Return the failure of a file whose rows its owner has no room for."""
    return NoRoomForRows(
        f"There is no room for the rows of this file. {refused.room}", report=refused.details
    )


def _locked(datasource_id: UUID, *, among: Collection[Status]) -> DataSource | None:
    datasets = DataSource.objects.select_for_update()
    return datasets.filter(pk=datasource_id, status__in=among).first()


def _drop_new_file(datasource: DataSource) -> None:
    _delete_when_committed(datasource.reupload_file)
    datasource.reupload_file, datasource.reupload_filename = "", ""
    datasource.reupload_options = None


def _take_new_file(datasource: DataSource) -> None:
    if not datasource.reupload_file:
        return
    _delete_when_committed(datasource.file)
    datasource.file = datasource.reupload_file.name
    datasource.file_bytes = datasource.reupload_file_bytes
    datasource.original_filename = datasource.reupload_filename
    datasource.reupload_file, datasource.reupload_filename = "", ""
    if datasource.reupload_options is not None:
        datasource.reading_options = datasource.reupload_options
        datasource.reupload_options = None


def _delete_when_committed(file: Any) -> None:
    if file:
        transaction.on_commit(partial(file.storage.delete, file.name))
