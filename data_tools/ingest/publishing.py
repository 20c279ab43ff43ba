"""A dataset's way from uploaded to READY or ERROR; for another file of a dataset, back to READY."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from data_tools.columns import base_columns
from data_tools.ingest.advisory_locks import lock_for_connection
from data_tools.ingest.exceptions import (
    DatasetDeleted,
    FileChanged,
    FileMissing,
    IngestError,
    RecordTooLong,
)
from data_tools.ingest.limits import current_limits
from data_tools.ingest.outcome import fail, publish
from data_tools.ingest.progress import OnProgress, Progress
from data_tools.ingest.row_loading import load_rows
from data_tools.ingest.table_file import RECORD_BYTES, TableFile, open_table
from data_tools.jobs.connections import analyze_rows, second_connection, take_as_long_as_it_takes
from data_tools.models import DataRow, DataSource
from data_tools.profiles.stored import keep_base_profiles

_LOCK_TRIES = 20
_SECONDS_BETWEEN_TRIES = 0.1
_UNEXPECTED = "The file could not be loaded because of a fault of the service. Try it again later."

Status = DataSource.Status


def load_file(
    path: Path,
    *,
    owner: AbstractBaseUser,
    name: str,
    sheet: str = "",
    on_progress: OnProgress | None = None,
) -> DataSource:
    """Make a file of this machine a dataset, in this process; the file stays where it is.

    `sheet` names the one of a workbook to load, "" its first. Returns the dataset, READY or, with
    a reason, ERROR. Must not be called in a transaction.
    """
    datasource = DataSource.objects.create(
        owner=owner,
        name=name,
        original_filename=path.name,
        requested_sheet=sheet,
        status=Status.UPLOADING,
    )
    return _ingest(datasource.pk, path, on_progress)


def load_file_again(path: Path, *, datasource_id: UUID) -> DataSource:
    """Load a file of this machine as the dataset's next revision, in this process.

    Returns the dataset as it is afterwards; if the file cannot be loaded it is what it was, with
    the reason in `reupload_failure`. Must not be called in a transaction.
    """
    DataSource.objects.filter(pk=datasource_id).update(
        status=Status.UPLOADING, reupload_filename=path.name, reupload_failure=None
    )
    return _ingest(datasource_id, path, None)


def ingest(datasource_id: UUID, on_progress: OnProgress | None = None) -> DataSource:
    """Load the dataset's uploaded file and publish its rows, all of them or none.

    May be called again at any time: a READY or ERROR dataset stays as it is, one that somebody is
    loading is left to them, and one whose loading was interrupted is loaded from the start.
    Returns the dataset as it is afterwards. Must not be called in a transaction.

    Raises `DataSource.DoesNotExist`, also if it is deleted on the way. Anything unforeseen leaves
    the dataset in ERROR and is raised.
    """
    DataSource.objects.get(pk=datasource_id)
    return _ingest(datasource_id, None, on_progress)


def _ingest(datasource_id: UUID, path: Path | None, on_progress: OnProgress | None) -> DataSource:
    """Load the file at `path`, the dataset's own uploaded one for None."""
    with second_connection() as second:
        # The lock comes before PROCESSING and goes after it, so a PROCESSING dataset whose lock
        # is free was interrupted.
        if _lock(second, datasource_id):
            # Again for another file that came while the lock was still held for the first.
            while _claim(datasource_id):
                progress = Progress(
                    datasource_id=datasource_id, connection=second, on_progress=on_progress
                )
                _load_or_fail(datasource_id, path, progress)
                path = None
    return DataSource.objects.get(pk=datasource_id)


def _load_or_fail(datasource_id: UUID, path: Path | None, progress: Progress) -> None:
    try:
        # Read after the claim: before it, another file may still have taken this one's place.
        path = path or _uploaded_file(datasource_id)
        if path is None:
            raise FileMissing
        _load_and_publish(datasource_id, path, progress)
    except IngestError as error:
        _fail(datasource_id, error.reason, {"code": error.code} | error.report)
    except BaseException:
        connection.close_if_unusable_or_obsolete()
        _fail(datasource_id, _UNEXPECTED, {"code": IngestError.code})
        raise


def _uploaded_file(datasource_id: UUID) -> Path | None:
    datasource = DataSource.objects.filter(pk=datasource_id).first()
    if datasource is None:
        raise DatasetDeleted
    if datasource.revision > 0:  # then its own file is loaded already
        return Path(datasource.reupload_file.path) if datasource.reupload_file else None
    file = datasource.reupload_file or datasource.file
    return Path(file.path) if file else None


def _lock(second: BaseDatabaseWrapper, datasource_id: UUID) -> bool:
    """Take the dataset's lock; False if somebody has it who loads this file.

    Who has it may just be done with the file before, and not see the one that is waiting.
    """
    for _ in range(_LOCK_TRIES):
        if lock_for_connection(second, datasource_id):
            return True
        if not DataSource.objects.filter(pk=datasource_id, status=Status.UPLOADING).exists():
            return False
        time.sleep(_SECONDS_BETWEEN_TRIES)
    return False


def _claim(datasource_id: UUID) -> bool:
    with transaction.atomic(durable=True):
        return bool(
            DataSource.objects.filter(
                pk=datasource_id, status__in=[Status.UPLOADING, Status.PROCESSING]
            ).update(
                status=Status.PROCESSING,
                progress_percent=0,
                error_reason="",
                updated_at=timezone.now(),
            )
        )


def _load_and_publish(datasource_id: UUID, path: Path, progress: Progress) -> None:
    identity = _identity(path)
    settled = _settle(path, _requested_sheet(datasource_id), progress)
    progress.stage(35, 85)
    with transaction.atomic(durable=True):
        take_as_long_as_it_takes()
        before = DataSource.objects.filter(pk=datasource_id).first()
        if before is None:
            raise DatasetDeleted
        revision = before.revision + 1
        savepoint = transaction.savepoint()
        with _file_unchanged(path, identity):
            loaded = load_rows(
                settled.table,
                datasource_id=datasource_id,
                revision=revision,
                columns=settled.columns,
                expected_rows=settled.row_count,
                advance=progress.advance,
            )
        is_published = loaded.fingerprint == before.fingerprint
        if is_published and DataRow.are_kept(
            datasource_id, revision=before.revision, row_count=before.row_count
        ):
            transaction.savepoint_rollback(savepoint)  # see Note [A file that replaces another]
            revision = before.revision
        else:
            progress.stage(85, 99)
            keep_base_profiles(
                datasource_id,
                revision=revision,
                row_count=loaded.row_count,
                columns=base_columns(settled.columns),
                on_pass=progress.advance,
            )
        publish(
            datasource_id,
            revision=revision,
            row_count=loaded.row_count,
            columns=settled.columns,
            fingerprint=loaded.fingerprint,
            ingest_report=settled.report(),
        )
    analyze_rows(written=loaded.row_count)
    progress.stage(99, 100)
    progress.advance(1.0)


def _identity(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None if it is gone."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns)


@contextmanager
def _file_unchanged(path: Path, identity: tuple[int, int, int] | None) -> Iterator[None]:
    """Raise `FileChanged` at the end, also in place of another error, if the file is not what it
    was: its columns were settled for other values."""
    try:
        yield
    finally:
        if _identity(path) != identity:
            raise FileChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    """A file that was read once: its columns have their types."""

    table: TableFile
    columns: list[dict[str, str]]
    row_count: int

    def report(self) -> dict[str, Any]:
        return self.table.facts() | {
            "row_count": self.row_count,
            "columns": [column.facts() for column in self.table.columns],
        }


def _requested_sheet(datasource_id: UUID) -> str:
    sheets = DataSource.objects.filter(pk=datasource_id).values_list("requested_sheet", flat=True)
    sheet = sheets.first()
    if sheet is None:
        raise DatasetDeleted
    return sheet


def _settle(path: Path, sheet: str, progress: Progress) -> _Settled:
    """Read the whole file once, to know every column's type before the first row is stored."""
    *shorter, longest = RECORD_BYTES
    for record_bytes in shorter:
        try:
            return _settle_columns(path, sheet, record_bytes, progress)
        except RecordTooLong:
            continue
    return _settle_columns(path, sheet, longest, progress)


def _settle_columns(path: Path, sheet: str, record_bytes: int, progress: Progress) -> _Settled:
    limits = current_limits()
    progress.stage(0, 5)
    table = open_table(path, sheet=sheet, record_bytes=record_bytes, advance=progress.advance)
    progress.stage(5, 35)
    row_count = 0
    for batch in table.batches():
        limits.refuse_rows(row_count + len(batch))
        for name, column, values in zip(table.names, table.columns, batch.columns, strict=True):
            limits.refuse_cells(values, column=name, rows_before=row_count)
            column.observe(values)
        row_count += len(batch)
        progress.advance(table.fraction_read)
    columns = [
        {"name": name, "type": str(column.conclude())}
        for name, column in zip(table.names, table.columns, strict=True)
    ]
    return _Settled(table=table, columns=columns, row_count=row_count)


def _fail(datasource_id: UUID, reason: str, report: dict[str, Any]) -> None:
    fail(datasource_id, reason=reason, report=report, among=[Status.PROCESSING])
