"""Upload, list, open and delete datasets."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from data_tools import tasks
from data_tools.exceptions import DatasourceNotFound
from data_tools.models import DataRow, DataSource
from data_tools.services import dataset_service
from session_events import broker
from tests.support.patience import wait_for_ingests

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

Status = DataSource.Status


def upload(user: User, content: bytes = b"a,b\n1,2\n3,4\n", **kwargs: Any) -> DataSource:
    file = SimpleUploadedFile("My table.csv", content)
    return dataset_service.create_from_upload(owner=user, uploaded_file=file, **kwargs)


def test_an_upload_is_loaded_in_a_thread_without_a_broker(user: User) -> None:
    datasource = upload(user)
    wait_for_ingests()

    datasource.refresh_from_db()
    assert (datasource.status, datasource.row_count) == (Status.READY, 2)
    assert (datasource.name, datasource.original_filename) == ("My table", "My table.csv")


def test_the_thread_is_waited_for_when_the_process_ends(user: User) -> None:
    with transaction.atomic():
        upload(user)
        assert not [t for t in threading.enumerate() if t.name.startswith("ingest-")]
    started = [t for t in threading.enumerate() if t.name.startswith("ingest-")]

    assert not any(thread.daemon for thread in started)


def test_an_upload_goes_to_the_broker_if_there_is_one(
    user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKGROUND_JOBS_USE_BROKER = True
    sent: list[str] = []
    monkeypatch.setattr(
        tasks.ingest_dataset, "apply_async", lambda arguments, **_: sent.extend(arguments)
    )

    with transaction.atomic():
        datasource = upload(user, name="Mine")
        assert sent == []

    assert sent == [str(datasource.pk)]
    assert tasks.ingest_dataset(sent[0]) == {"status": "READY", "row_count": 2}
    assert tasks.ingest_dataset(sent[0]) == {"status": "READY", "row_count": 2}
    assert DataRow.objects.count() == 2


def test_an_upload_is_loaded_in_this_process_when_the_broker_does_not_answer(
    user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(arguments: tuple[str], **_: object) -> None:
        raise OperationalError

    settings.BACKGROUND_JOBS_USE_BROKER = True
    monkeypatch.setattr(broker, "_silent_until", 0.0)
    monkeypatch.setattr(tasks.ingest_dataset, "apply_async", unreachable)

    datasource = upload(user)
    wait_for_ingests()

    datasource.refresh_from_db()
    assert datasource.status == Status.READY


def test_rows_are_deleted_with_their_owner(user: User, other_user: User) -> None:
    kept = upload(other_user)
    upload(user)
    wait_for_ingests()

    user.delete()

    assert {row.dataset_id for row in DataRow.objects.all()} == {kept.pk}


def test_a_job_for_a_deleted_dataset_has_nothing_to_do(user: User) -> None:
    assert tasks.ingest_dataset(str(uuid.uuid4())) == {"status": "DELETED"}


def test_a_refused_upload_gives_its_reason(user: User) -> None:
    datasource = upload(user, b"a,b\n1\n")
    wait_for_ingests()

    refused = dataset_service.get_for(user, datasource.pk)
    assert refused.status == Status.ERROR
    assert "line 2 has 1" in refused.error_reason


def test_people_see_only_their_own_datasets(user: User, other_user: User) -> None:
    datasource = upload(user)
    wait_for_ingests()

    assert list(dataset_service.list_for(user)) == [datasource]
    assert list(dataset_service.list_for(other_user)) == []
    assert dataset_service.get_for(user, datasource.pk) == datasource
    with pytest.raises(DatasourceNotFound):
        dataset_service.get_for(other_user, datasource.pk)
    with pytest.raises(DatasourceNotFound):
        dataset_service.delete(owner=other_user, datasource_id=datasource.pk)
    assert DataSource.objects.count() == 1


def test_deleting_removes_rows_and_file_and_nothing_else(
    user: User, media: Path, settings: Any
) -> None:
    settings.KEEP_UPLOADED_FILES = True
    kept, gone = upload(user), upload(user)
    wait_for_ingests()
    assert len(list(media.rglob("*.csv"))) == 2

    dataset_service.delete(owner=user, datasource_id=gone.pk)

    assert list(DataSource.objects.all()) == [kept]
    assert {row.dataset_id for row in DataRow.objects.all()} == {kept.pk}
    kept.refresh_from_db()
    assert [Path(kept.file.path)] == list(media.rglob("*.csv"))


def test_a_deletion_that_is_rolled_back_keeps_the_file(
    user: User, media: Path, settings: Any
) -> None:
    settings.KEEP_UPLOADED_FILES = True
    datasource = upload(user)
    wait_for_ingests()

    with transaction.atomic():
        dataset_service.delete(owner=user, datasource_id=datasource.pk)
        transaction.set_rollback(True)

    assert Path(datasource.file.path).exists()
    assert DataRow.objects.count() == 2


def test_an_upload_waits_in_the_broker_and_its_job_is_resent_from_time_to_time(
    user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Redis that has restarted has forgotten its queue."""
    settings.BACKGROUND_JOBS_USE_BROKER = True
    sent: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        broker, "give", lambda task, *of, queue: sent.append((task.name, *of)) or True
    )
    monkeypatch.setattr(broker, "queued", lambda: None)  # does not say which jobs it has
    datasource = upload(user)
    job = ("data_tools.tasks.ingest_dataset", str(datasource.pk))
    assert sent == [job]

    for after, expected in [(9, [job]), (11, [job] * 2), (0, [job] * 2), (11, [job] * 3)]:
        DataSource.objects.filter(pk=datasource.pk, updated_at__lt=timezone.now()).update(
            updated_at=timezone.now() - timedelta(minutes=after)
        )
        assert dataset_service.get_for(user, datasource.pk).status == Status.UPLOADING
        tasks.fail_interrupted_ingests()
        assert sent == expected

    tasks.ingest_dataset(*sent[0][1:])
    tasks.ingest_dataset(*sent[1][1:])
    assert dataset_service.get_for(user, datasource.pk).status == Status.READY
    assert DataRow.objects.count() == 2


def test_listing_finished_datasets_takes_two_queries(
    user: User, django_assert_num_queries: Any
) -> None:
    upload(user)
    wait_for_ingests()

    with django_assert_num_queries(2):
        list(dataset_service.list_for(user))
