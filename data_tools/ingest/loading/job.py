"""The job that loads a dataset's file: from uploaded to READY or ERROR.

A load of another file for the dataset always ends with it READY again; see
Note [A file that replaces another].
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from data_tools.columns import base_columns
from data_tools.ingest.exceptions import (
    DatasetDeleted,
    FileChanged,
    FileMissing,
    IngestError,
    Interrupted,
    InterruptedTooOften,
)
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.loading.interrupted import MOST_ATTEMPTS, is_interruption
from data_tools.ingest.loading.outcome import Stored, fail, no_room, publish
from data_tools.ingest.loading.progress import OnProgress, Progress
from data_tools.ingest.options import DEFAULT_OPTIONS, ReadingOptions
from data_tools.ingest.stored_rows.copying import copy_rows
from data_tools.ingest.typed_table import read_typed_table
from data_tools.ingest.written_options import options_as_json, options_from_json
from data_tools.jobs.connections import analyze_rows, second_connection, take_as_long_as_it_takes
from data_tools.models import DataSource
from data_tools.profiles.stored import keep_base_profiles
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.stored_bytes import RowsBudget, bytes_of_rows
from data_tools.row_tables.making import new_rows
from data_tools.row_tables.reading import are_kept
from session_events.advisory_locks import open_lock_holder

_LOCK_TRIES = 20
_SECONDS_BETWEEN_TRIES = 0.1
_UNEXPECTED = "The file could not be loaded because of an error in the service. Try again later."

Status = DataSource.Status


def load_file(
    path: Path,
    *,
    owner: AbstractBaseUser,
    name: str,
    options: ReadingOptions = DEFAULT_OPTIONS,
    on_progress: OnProgress | None = None,
) -> DataSource:
    """Make a file on this machine a dataset, in this process; the file stays where it is.

    Returns the dataset: READY, or ERROR with a reason. Must not be called in a transaction.
    """
    datasource = DataSource.objects.create(
        owner=owner,
        name=name,
        original_filename=path.name,
        reading_options=options_as_json(options),
        status=Status.UPLOADING,
    )
    return _ingest(datasource.pk, path, on_progress)


def load_file_again(path: Path, *, datasource_id: UUID) -> DataSource:
    """Load a file on this machine as the dataset's next revision, in this process.

    Returns the dataset after the load. If the file cannot be loaded, the dataset is unchanged but
    for the reason in `reupload_failure`. Must not be called in a transaction.
    """
    DataSource.objects.filter(pk=datasource_id).update(
        status=Status.UPLOADING,
        reupload_filename=path.name,
        reupload_failure=None,
        load_attempts=0,
    )
    return _ingest(datasource_id, path, None)


def ingest(datasource_id: UUID, on_progress: OnProgress | None = None) -> DataSource:
    """Load the dataset's uploaded file and publish its rows, all of them or none.

    May be called again at any time: a READY or ERROR dataset stays unchanged, one that another
    job is loading is left to that job, and one whose load was interrupted is loaded from the
    start. Returns the dataset after the load. Must not be called in a transaction.

    Raises:
        DataSource.DoesNotExist: there is no such dataset, or it was deleted during the load.
        BaseException: anything unforeseen. The dataset was put in ERROR; but if the process is to
            stop, or the database was lost, it is left as it is, for the load to begin again. See
            Note [A load begins again].
    """
    DataSource.objects.get(pk=datasource_id)
    return _ingest(datasource_id, None, on_progress)


def _ingest(datasource_id: UUID, path: Path | None, on_progress: OnProgress | None) -> DataSource:
    """Load the file at `path`, or the dataset's own uploaded file if it is None."""
    with open_lock_holder() as holder, second_connection() as second:
        # The lock is taken before PROCESSING is set and released after it, so a PROCESSING
        # dataset whose lock is free was interrupted.
        if _lock(holder, datasource_id):
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
        _load_and_publish(datasource_id, path, progress)
    except QuotaExceeded as error:
        refused = no_room(error)
        fail(datasource_id, reason=refused.reason, report={"code": refused.code} | refused.report)
    except IngestError as error:
        fail(datasource_id, reason=error.reason, report={"code": error.code} | error.report)
    except BaseException as error:
        connection.close_if_unusable_or_obsolete()
        if not is_interruption(error):
            fail(datasource_id, reason=_UNEXPECTED, report={"code": IngestError.code})
        elif path is not None:  # no other process has this file
            reason = Interrupted().reason
            fail(datasource_id, reason=reason, report={"code": Interrupted.code})
        raise


def _lock(holder: BaseDatabaseWrapper, datasource_id: UUID) -> bool:
    """Take the dataset's lock; return False if the job that holds it will load this file.

    That job may have just finished with the file before, and not see the one that is waiting.
    Hence several tries while the dataset is still UPLOADING.
    """
    for _ in range(_LOCK_TRIES):
        if lock_for_transaction(holder, datasource_id):
            return True
        if not DataSource.objects.filter(pk=datasource_id, status=Status.UPLOADING).exists():
            return False
        time.sleep(_SECONDS_BETWEEN_TRIES)
    return False


def _claim(datasource_id: UUID) -> bool:
    """Make the dataset PROCESSING and count one more attempt.

    Return False if there is nothing to load, or no attempt is left; the load has then failed.
    """
    with transaction.atomic(durable=True):
        # Locked, so that no other file arrives between this look and what is decided by it.
        datasets = DataSource.objects.select_for_update().only("status", "load_attempts")
        found = datasets.filter(pk=datasource_id).first()
        if found is None or found.status not in (Status.UPLOADING, Status.PROCESSING):
            return False
        # A file that is still UPLOADING was never begun, whatever became of the one before it.
        attempts = found.load_attempts if found.status == Status.PROCESSING else 0
        if attempts >= MOST_ATTEMPTS:
            reason, report = InterruptedTooOften().reason, {"code": InterruptedTooOften.code}
            fail(datasource_id, reason=reason, report=report)
            return False
        DataSource.objects.filter(pk=datasource_id).update(
            status=Status.PROCESSING,
            load_attempts=attempts + 1,
            progress_percent=0,
            error_reason="",
            updated_at=timezone.now(),
        )
        return True


def _load_and_publish(datasource_id: UUID, path: Path | None, progress: Progress) -> None:
    # Looked up after the claim: before it, another file could still replace this one.
    claimed = _dataset(datasource_id)
    path = path or _uploaded_file(claimed)
    file_state = _state_of(path)
    budget = RowsBudget.of(claimed.owner_id)
    budget.require(1)
    progress.stage(0, 35)
    typed = read_typed_table(
        path,
        options=options_from_json(claimed.newest_options),
        advance=progress.advance,
    )
    budget.require(bytes_of_rows(0, rows=typed.row_count, columns=len(typed.columns)))
    progress.stage(35, 85)
    with transaction.atomic(durable=True):
        take_as_long_as_it_takes()
        before = _dataset(datasource_id)
        revision = before.revision + 1
        savepoint = transaction.savepoint()
        with new_rows(datasource_id, revision, row_count=typed.row_count) as into:
            with _file_unchanged(path, file_state):
                copied = copy_rows(
                    typed.table,
                    texts_of=typed.json_texts,
                    into=into,
                    columns=typed.columns,
                    expected_rows=typed.row_count,
                    advance=progress.advance,
                    require_room=budget.require,
                )
            stored = Stored(row_bytes=copied.row_bytes, has_own_table=into.has_own_table)
            is_published = copied.fingerprint == before.fingerprint
            if is_published and are_kept(
                datasource_id, revision=before.revision, row_count=before.row_count
            ):
                # See Note [A file that replaces another].
                transaction.savepoint_rollback(savepoint)
                revision, stored = before.revision, None
            else:
                progress.stage(85, 99)
                keep_base_profiles(
                    datasource_id,
                    revision=revision,
                    row_count=typed.row_count,
                    columns=base_columns(typed.columns),
                    on_pass=progress.advance,
                )
        publish(
            datasource_id,
            revision=revision,
            stored=stored,
            row_count=typed.row_count,
            columns=typed.columns,
            fingerprint=copied.fingerprint,
            ingest_report=typed.report() | _restarts(claimed),
        )
    if not into.has_own_table:
        analyze_rows(written=typed.row_count)
    progress.stage(99, 100)
    progress.advance(1.0)


def _dataset(datasource_id: UUID) -> DataSource:
    datasource = DataSource.objects.filter(pk=datasource_id).first()
    if datasource is None:
        raise DatasetDeleted
    return datasource


def _restarts(claimed: DataSource) -> dict[str, int]:
    return {"restarts": claimed.restarts} if claimed.restarts else {}


def _uploaded_file(datasource: DataSource) -> Path:
    file = datasource.reupload_file
    if not file and datasource.revision == 0:  # otherwise its own file is loaded already
        file = datasource.file
    if not file:
        raise FileMissing
    return Path(file.path)


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """Return what changes whenever the file does; None if it is gone."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns)


@contextmanager
def _file_unchanged(path: Path, state: tuple[int, int, int] | None) -> Iterator[None]:
    """Raise `FileChanged` at the end, even in place of another error, unless the file still has
    this state: its columns got their types from other values."""
    try:
        yield
    finally:
        if _state_of(path) != state:
            raise FileChanged
