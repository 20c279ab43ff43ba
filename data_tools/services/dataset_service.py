"""Upload, re-upload, list, open and delete a user's datasets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePath
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile

from data_tools import tasks
from data_tools.exceptions import DatasourceNotFound, DatasourceNotReady
from data_tools.jobs import background
from data_tools.models import DataSource

_NAME_CHARACTERS = 255
_UNFINISHED = (DataSource.Status.UPLOADING, DataSource.Status.PROCESSING)


def create_from_upload(
    *,
    owner: User,
    uploaded_file: UploadedFile[bytes],
    name: str | None = None,
    sheet: str = "",
) -> DataSource:
    """Store the uploaded file and start to load it as a new dataset.

    Without a name the dataset is named after the file. `sheet` names the sheet of a workbook to
    load; "" is its first. Returns at once; `status` and `progress_percent` tell how far the loading
    has come.
    """
    original = PurePath(uploaded_file.name or "file").name
    datasource = DataSource(
        owner=owner,
        name=(name or PurePath(original).stem)[:_NAME_CHARACTERS],
        original_filename=original[:_NAME_CHARACTERS],
        file=uploaded_file,
        requested_sheet=sheet,
        status=DataSource.Status.UPLOADING,
    )
    with _deleted_on_failure(datasource.file), transaction.atomic():
        datasource.save()
        start_ingest(datasource)
    return datasource


def upload_again(
    *,
    owner: User,
    datasource_id: UUID,
    uploaded_file: UploadedFile[bytes],
    sheet: str = "",
) -> DataSource:
    """Store the uploaded file and start to load it as the dataset's next revision.

    Returns at once. Until the revision is published, the dataset's rows can be read as before; if
    it cannot be published, the dataset stays as it was. See `ingest.loading.outcome`.

    Raises:
        DatasourceNotFound: there is no such dataset, or it belongs to somebody else.
        DatasourceNotReady: another file of the dataset is being loaded.
    """
    get_for(owner, datasource_id)  # ends a load that was interrupted
    with transaction.atomic():
        datasource = _owned(DataSource.objects.select_for_update(), owner, datasource_id)
        if datasource.status == DataSource.Status.PROCESSING:
            raise DatasourceNotReady(status=datasource.status, progress=datasource.progress_percent)
        _delete_on_commit(datasource.reupload_file)  # a file that no job has begun to load
        original = PurePath(uploaded_file.name or "file").name
        datasource.reupload_file = uploaded_file
        datasource.reupload_filename = original[:_NAME_CHARACTERS]
        datasource.requested_sheet = sheet
        datasource.reupload_failure = None
        datasource.error_reason = ""
        datasource.status = DataSource.Status.UPLOADING
        datasource.progress_percent = 0
        with _deleted_on_failure(datasource.reupload_file):
            datasource.save()
        start_ingest(datasource)
    return datasource


@contextmanager
def _deleted_on_failure(file: FieldFile) -> Iterator[None]:
    """Delete the file again if it is stored in this context and the context then fails."""
    try:
        yield
    except BaseException:
        if file.name and file._committed:  # type: ignore[attr-defined]  # no public name: is stored
            file.storage.delete(file.name)
        raise


def _delete_on_commit(file: FieldFile) -> None:
    if file.name:
        transaction.on_commit(partial(file.storage.delete, file.name))


def start_ingest(datasource: DataSource) -> None:
    """Load the dataset in the background once the current transaction is committed."""
    background.start(tasks.ingest_dataset, datasource.pk)


def list_for(owner: User) -> QuerySet[DataSource]:
    """Return the owner's datasets, newest first, without their reports, which may be long."""
    owned = DataSource.objects.filter(owner=owner)
    if unfinished := list(owned.filter(status__in=_UNFINISHED).values_list("pk", flat=True)):
        tasks.resume_or_fail(among=unfinished)
    return owned.defer("ingest_report", "recipe")


def get_for(owner: User, datasource_id: UUID) -> DataSource:
    """Return one of the owner's datasets.

    Raises:
        DatasourceNotFound: there is no such dataset, or it belongs to somebody else.
    """
    datasource = _owned(DataSource.objects.all(), owner, datasource_id)
    if datasource.status in _UNFINISHED and tasks.resume_or_fail(among=[datasource.pk])["failed"]:
        datasource.refresh_from_db()
    return datasource


def _owned(datasets: QuerySet[DataSource], owner: User, datasource_id: UUID) -> DataSource:
    datasource = datasets.filter(owner=owner, pk=datasource_id).first()
    if datasource is None:
        raise DatasourceNotFound
    return datasource


@transaction.atomic
def delete(*, owner: User, datasource_id: UUID) -> None:
    """Delete a dataset with its files and its rows.

    Raises:
        DatasourceNotFound: there is no such dataset, or it belongs to somebody else.
    """
    # Lock it first: rows that an ingest is publishing are then either deleted here or never come.
    datasource = _owned(DataSource.objects.select_for_update(), owner, datasource_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # ten million rows take their time
    _delete_on_commit(datasource.file)
    _delete_on_commit(datasource.reupload_file)
    datasource.delete()
