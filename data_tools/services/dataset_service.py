"""Upload, re-upload, list, open, rename and delete a user's datasets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import PurePath
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import Error, connection, transaction
from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.fields.files import FieldFile

from data_tools import tasks
from data_tools.exceptions import DatasourceNotFound, DatasourceNotReady, DeletingTookTooLong
from data_tools.ingest.options import DEFAULT_OPTIONS, ReadingOptions
from data_tools.ingest.written_options import options_as_json
from data_tools.jobs import background
from data_tools.models import DataSource
from data_tools.quotas.limits import Quota
from data_tools.quotas.room import require_storage
from data_tools.sql.database_errors import is_too_long, may_have_taken_effect, meaning_of
from data_tools.under_way.requests import to_its_end
from session_events import heads, removal
from session_events.removal import Removed

# For the form around an uploaded file: its boundaries and its other fields.
FORM_BYTES = 64 * 1024
_NAME_CHARACTERS = 255
# Enough for a dataset of 50 million rows, the most that one may have, on a slow disk.
_LONGEST_DELETION_SECONDS = 1_800
_UNFINISHED = (DataSource.Status.UPLOADING, DataSource.Status.PROCESSING)


def create_from_upload(
    *,
    owner: User,
    uploaded_file: UploadedFile[bytes],
    name: str | None = None,
    options: ReadingOptions = DEFAULT_OPTIONS,
    sheet: str = "",
) -> DataSource:
    """Store the uploaded file and start to load it as a new dataset.

    Without a name the dataset is named after the file. The `options` are kept for the files that
    replace it; `sheet` is asked for of this file alone. Returns at once; `status` and
    `progress_percent` tell how far the loading has come.

    Raises:
        QuotaExceeded: the owner has no room for another dataset, for the file or for any rows.
    """
    original = PurePath(uploaded_file.name or "file").name
    datasource = DataSource(
        owner=owner,
        name=(name or PurePath(original).stem)[:_NAME_CHARACTERS],
        original_filename=original[:_NAME_CHARACTERS],
        file=uploaded_file,
        file_bytes=uploaded_file.size or 0,
        reading_options=options_as_json(options),
        requested_sheet=sheet,
        status=DataSource.Status.UPLOADING,
    )
    with _deleted_on_failure(datasource.file), transaction.atomic():
        wanted = {Quota.DATASETS: 1, **_wanted(datasource.file_bytes)}
        require_storage(owner.pk, wanted, is_final=True)
        datasource.save()
        start_ingest(datasource)
    return datasource


def upload_again(
    *,
    owner: User,
    datasource_id: UUID,
    uploaded_file: UploadedFile[bytes],
    options: ReadingOptions | None = None,
    sheet: str = "",
) -> DataSource:
    """Store the uploaded file and start to load it as the dataset's next revision.

    The file is read with the dataset's own options, or with `options`, which replace them once the
    revision is published. `sheet` is asked for of this file alone.

    Returns at once. Until the revision is published, the dataset's rows can be read as before; if
    it cannot be published, the dataset stays as it was. See `ingest.loading.outcome`.

    Raises:
        DatasourceNotFound: there is no such dataset, or it belongs to somebody else.
        DatasourceNotReady: another file of the dataset is being loaded.
        QuotaExceeded: the owner has no room for the file or for any rows.
    """
    get_for(owner, datasource_id)  # has an interrupted load begin again, or end
    with ExitStack() as until_committed, transaction.atomic():
        require_storage(owner.pk, _wanted(uploaded_file.size or 0), is_final=True)
        datasource = _owned(DataSource.objects.select_for_update(), owner, datasource_id)
        if datasource.status == DataSource.Status.PROCESSING:
            raise DatasourceNotReady(status=datasource.status, progress=datasource.progress_percent)
        _delete_on_commit(datasource.reupload_file)  # a file that no job has begun to load
        original = PurePath(uploaded_file.name or "file").name
        datasource.reupload_file = uploaded_file
        datasource.reupload_file_bytes = uploaded_file.size or 0
        datasource.reupload_filename = original[:_NAME_CHARACTERS]
        datasource.reupload_options = None if options is None else options_as_json(options)
        datasource.requested_sheet = sheet
        datasource.reupload_failure = None
        datasource.error_reason = ""
        datasource.status = DataSource.Status.UPLOADING
        datasource.progress_percent = datasource.load_attempts = 0
        until_committed.enter_context(_deleted_on_failure(datasource.reupload_file))
        datasource.save()
        start_ingest(datasource)
    return datasource


def require_room_for_upload(owner: User, *, body_bytes: int, is_new: bool) -> None:
    """Raise if an upload with a body of this length cannot be kept, before any of it is read.

    The body is a little longer than the file in it, so the file is checked again later.

    Raises:
        QuotaExceeded: the owner has no room for it.
    """
    wanted = _wanted(max(0, body_bytes - FORM_BYTES))
    require_storage(owner.pk, {Quota.DATASETS: 1, **wanted} if is_new else wanted)


def _wanted(file_bytes: int) -> dict[Quota, int]:
    """Return the room that a file needs: its own, and that of one byte of rows at least."""
    return {Quota.FILES_BYTES: file_bytes, Quota.ROWS_BYTES: 1}


@contextmanager
def _deleted_on_failure(file: FieldFile) -> Iterator[None]:
    """Delete the file again if it is stored in this context and the context then fails.

    Keep it where the dataset that names it may have been committed all the same. If it was not,
    the sweep finds it: see Note [Files that stay behind] in `revisions.loaded_files`.
    """
    try:
        yield
    except BaseException as error:
        is_kept = isinstance(error, Error) and may_have_taken_effect(error)
        is_stored = file._committed  # type: ignore[attr-defined]  # there is no public name
        if file.name and is_stored and not is_kept:
            file.storage.delete(file.name)
        raise


def _delete_on_commit(file: FieldFile) -> None:
    if file.name:
        transaction.on_commit(partial(file.storage.delete, file.name))


def start_ingest(datasource: DataSource) -> None:
    """Load the dataset in the background once the current transaction is committed."""
    background.start(tasks.ingest_dataset, datasource.pk)


def list_for(owner: User) -> QuerySet[DataSource]:
    """Return the owner's datasets, newest first, without fields that may be long.

    Reports, recipes and columns are deferred; each dataset has the number of its columns as
    `column_count`.
    """
    owned = DataSource.objects.filter(owner=owner)
    if unfinished := list(owned.filter(status__in=_UNFINISHED).values_list("pk", flat=True)):
        _resume_or_fail(unfinished)
    return owned.defer("ingest_report", "recipe", "columns").annotate(
        column_count=Func(F("columns"), function="jsonb_array_length", output_field=IntegerField())
    )


def get_for(owner: User, datasource_id: UUID) -> DataSource:
    """Return one of the owner's datasets.

    Raises:
        DatasourceNotFound: there is no such dataset, or it belongs to somebody else.
    """
    datasource = _owned(DataSource.objects.all(), owner, datasource_id)
    if datasource.status in _UNFINISHED and _resume_or_fail([datasource.pk]):
        datasource.refresh_from_db()
    return datasource


def rename(*, owner: User, datasource_id: UUID, name: str) -> DataSource:
    """Give a dataset another name. Several may have the same one.

    `updated_at` stays, which says when its load was last heard of.

    Raises:
        DatasourceNotFound: there is no such dataset, or it belongs to somebody else.
    """
    DataSource.objects.filter(owner=owner, pk=datasource_id).update(name=name)
    return get_for(owner, datasource_id)


def _resume_or_fail(unfinished: list[UUID]) -> int:
    """Have interrupted loads begin again, or end; return how many ended.

    Where the database is read only, nothing can be loaded; reading goes on.
    """
    try:
        return tasks.resume_or_fail(among=unfinished)["failed"]
    except Error as error:
        if meaning_of(error) != "DATABASE_READ_ONLY":
            raise
        return 0


def _owned(datasets: QuerySet[DataSource], owner: User, datasource_id: UUID) -> DataSource:
    datasource = datasets.filter(owner=owner, pk=datasource_id).first()
    if datasource is None:
        raise DatasourceNotFound
    return datasource


def delete_ended_sessions(*, owner: User, datasource_id: UUID) -> Removed:
    """Delete the ended sessions of a dataset for good, all their events with them.

    They can no longer be recovered, and each leaves a tombstone. An open session stays. The dataset
    may already have been deleted. If interrupted, the next call continues.

    Raises:
        DatasourceNotFound: the owner has neither the dataset nor a session on it.
        DeletingTookTooLong: some may be deleted.
    """
    try:
        removed = removal.remove_ended(
            user_id=owner.pk, dataset_id=datasource_id, removed_by=f"user {owner.pk}"
        )
    except Error as error:
        if not is_too_long(error):
            raise
        raise DeletingTookTooLong from error
    if not removed.streams and not heads.latest_head(user_id=owner.pk, dataset_id=datasource_id):
        _owned(DataSource.objects.all(), owner, datasource_id)
    return removed


def delete(*, owner: User, datasource_id: UUID) -> None:
    """Delete a dataset with its files and its rows, even past the request's deadline.

    Raises:
        DatasourceNotFound: there is no such dataset, or it belongs to somebody else.
    """
    with to_its_end(_LONGEST_DELETION_SECONDS), transaction.atomic():
        # Locked first: rows that an ingest is publishing are then deleted here, or never come.
        datasource = _owned(DataSource.objects.select_for_update(), owner, datasource_id)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        datasource.delete()  # and its files: see `revisions.loaded_files`
