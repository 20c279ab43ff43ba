"""What a person does with datasets: upload, upload again, list, open, delete."""

from __future__ import annotations

import logging
import threading
from functools import partial
from pathlib import PurePath
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from kombu.exceptions import OperationalError

from data_tools import tasks
from data_tools.exceptions import DatasourceNotReady
from data_tools.ingest import fail_interrupted, ingest
from data_tools.ingest.interrupted import suspected
from data_tools.models import DataSource

logger = logging.getLogger(__name__)

_NAME_CHARACTERS = 255


@transaction.atomic
def create_from_upload(
    *, owner: AbstractBaseUser, uploaded_file: UploadedFile, name: str | None = None
) -> DataSource:
    """Keep the uploaded file and start to load it; the dataset is named after it unless named.

    Returns at once; `status` and `progress_percent` tell how far the loading is.
    """
    original = PurePath(uploaded_file.name or "file").name
    datasource = DataSource.objects.create(
        owner=owner,
        name=(name or PurePath(original).stem)[:_NAME_CHARACTERS],
        original_filename=original[:_NAME_CHARACTERS],
        file=uploaded_file,
        status=DataSource.Status.UPLOADING,
    )
    start_ingest(datasource)
    return datasource


def upload_again(
    *, owner: AbstractBaseUser, datasource_id: UUID, uploaded_file: UploadedFile
) -> DataSource:
    """Keep the uploaded file and start to load it as the dataset's next revision.

    Returns at once. Until the revision is published the dataset's rows can be read as before, and
    if it cannot be, the dataset is what it was; see `ingest.outcome`.

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
        datasource.reupload_failure = None
        datasource.error_reason = ""
        datasource.status = DataSource.Status.UPLOADING
        datasource.progress_percent = 0
        datasource.save()
        start_ingest(datasource)
    return datasource


def start_ingest(datasource: DataSource) -> None:
    """Load the dataset in the background once the current transaction is committed.

    By the broker if there is one that answers (`BACKGROUND_JOBS_USE_BROKER`), else in a thread of
    this process that the process waits for when it ends.
    """
    transaction.on_commit(partial(_start_ingest, datasource.pk))


def _start_ingest(datasource_id: UUID) -> None:
    if getattr(settings, "BACKGROUND_JOBS_USE_BROKER", False):
        try:
            tasks.ingest_dataset.delay(str(datasource_id))
            return
        except OperationalError:
            logger.warning("the broker does not answer; dataset %s loads here", datasource_id)
    threading.Thread(
        target=_ingest_in_thread, args=[datasource_id], name=f"ingest-{datasource_id}"
    ).start()


def _ingest_in_thread(datasource_id: UUID) -> None:
    try:
        ingest(datasource_id)
    except DataSource.DoesNotExist:
        pass  # its owner deleted it meanwhile
    finally:
        connections.close_all()


def list_for(owner: AbstractBaseUser) -> QuerySet[DataSource]:
    """The owner's datasets, newest first."""
    interrupted = suspected().filter(owner=owner).values_list("pk", flat=True)
    if found := list(interrupted):
        fail_interrupted(among=found)
    return DataSource.objects.filter(owner=owner)


def get_for(owner: AbstractBaseUser, datasource_id: UUID) -> DataSource:
    """One dataset of the owner. Raises `DataSource.DoesNotExist`, also for somebody else's."""
    datasource = DataSource.objects.get(owner=owner, pk=datasource_id)
    unfinished = datasource.status in (DataSource.Status.UPLOADING, DataSource.Status.PROCESSING)
    if unfinished and fail_interrupted(among=[datasource.pk]):
        datasource.refresh_from_db()
    return datasource


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
