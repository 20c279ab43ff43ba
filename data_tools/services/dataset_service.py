"""What a person does with datasets: upload, upload again, list, open, delete."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import PurePath
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile

from data_tools import tasks
from data_tools.exceptions import DatasourceNotReady
from data_tools.ingest import fail_interrupted, take_waiting
from data_tools.jobs import background
from data_tools.models import DataSource
from data_tools.saving.job import take_interrupted

_NAME_CHARACTERS = 255
_UNFINISHED = (DataSource.Status.UPLOADING, DataSource.Status.PROCESSING)


def create_from_upload(
    *,
    owner: AbstractBaseUser,
    uploaded_file: UploadedFile,
    name: str | None = None,
    sheet: str = "",
) -> DataSource:
    """Keep the uploaded file and start to load it; the dataset is named after it unless named.

    `sheet` names the one of a workbook to load, "" its first.

    Returns at once; `status` and `progress_percent` tell how far the loading is.
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
    with _stored_or_gone(datasource.file), transaction.atomic():
        datasource.save()
        start_ingest(datasource)
    return datasource


def upload_again(
    *,
    owner: AbstractBaseUser,
    datasource_id: UUID,
    uploaded_file: UploadedFile,
    sheet: str = "",
) -> DataSource:
    """Keep the uploaded file and start to load it as the dataset's next revision.

    Returns at once. Until the revision is published the dataset's rows can be read as before, and
    if it cannot be, the dataset is what it was; see `ingest.loading.outcome`.

    Raises:
        DataSource.DoesNotExist: also for somebody else's.
        DatasourceNotReady: another file of it is being loaded.
    """
    get_for(owner, datasource_id)  # ends a loading that was interrupted
    with transaction.atomic():
        datasource = DataSource.objects.select_for_update().get(owner=owner, pk=datasource_id)
        if datasource.status == DataSource.Status.PROCESSING:
            raise DatasourceNotReady(status=datasource.status, progress=datasource.progress_percent)
        if waiting := datasource.reupload_file:  # nobody has begun to load it
            transaction.on_commit(partial(waiting.storage.delete, waiting.name))
        original = PurePath(uploaded_file.name or "file").name
        datasource.reupload_file = uploaded_file
        datasource.reupload_filename = original[:_NAME_CHARACTERS]
        datasource.requested_sheet = sheet
        datasource.reupload_failure = None
        datasource.error_reason = ""
        datasource.status = DataSource.Status.UPLOADING
        datasource.progress_percent = 0
        with _stored_or_gone(datasource.reupload_file):
            datasource.save()
        start_ingest(datasource)
    return datasource


@contextmanager
def _stored_or_gone(file: FieldFile) -> Iterator[None]:
    """Remove the file that is stored within, if what it is stored for fails."""
    try:
        yield
    except BaseException:
        if file and file._committed:
            file.storage.delete(file.name)
        raise


def start_ingest(datasource: DataSource) -> None:
    """Load the dataset in the background once the current transaction is committed."""
    background.start(tasks.ingest_dataset, datasource.pk)


def list_for(owner: AbstractBaseUser) -> QuerySet[DataSource]:
    """The owner's datasets, newest first, without their reports, which may be long."""
    owned = DataSource.objects.filter(owner=owner)
    unfinished = owned.filter(status__in=_UNFINISHED).values_list("pk", flat=True)
    if found := list(unfinished):
        _look_after(found)
    return owned.defer("ingest_report", "recipe")


def get_for(owner: AbstractBaseUser, datasource_id: UUID) -> DataSource:
    """One dataset of the owner. Raises `DataSource.DoesNotExist`, also for somebody else's."""
    datasource = DataSource.objects.get(owner=owner, pk=datasource_id)
    if datasource.status in _UNFINISHED and _look_after([datasource.pk]):
        datasource.refresh_from_db()
    return datasource


def _look_after(unfinished: Collection[UUID]) -> int:
    """End each loading that was cut off, and begin each such saving again; count those ended.

    A loading whose job may be lost begins again as well.
    """
    for datasource_id in take_waiting(among=unfinished):
        background.start(tasks.ingest_dataset, datasource_id)
    for datasource_id in take_interrupted(among=unfinished):
        background.start(tasks.write_saved_rows, datasource_id)
    return fail_interrupted(among=unfinished)


@transaction.atomic
def delete(*, owner: AbstractBaseUser, datasource_id: UUID) -> None:
    """Delete a dataset with its file; its rows go with it. Raises `DataSource.DoesNotExist`."""
    # The lock first: rows that an ingest is publishing are then either seen below or never come.
    datasource = DataSource.objects.select_for_update().get(owner=owner, pk=datasource_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # ten million rows take their time
    for file in filter(None, (datasource.file, datasource.reupload_file)):
        transaction.on_commit(partial(file.storage.delete, file.name))
    datasource.delete()
