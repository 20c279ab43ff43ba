"""Another file for a dataset: its next revision, or an unchanged dataset with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from data_tools import tasks
from data_tools.exceptions import DatasourceNotReady
from data_tools.ingest import fail_interrupted, ingest, take_interrupted
from data_tools.ingest.loading import job
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.loading.interrupted import MOST_ATTEMPTS
from data_tools.models import DataRow, DataSource
from data_tools.services import dataset_service
from session_events.advisory_locks import open_lock_holder
from tests.support.patience import wait_for_ingests
from tests.support.studio_client import Studio
from tests.support.studios import studio_of
from tests.support.uploads import open_uploaded, upload_again
from tests.support.users import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

Status = DataSource.Status
FIRST = "id,delay\n1,2.5\n2,\n"
SECOND = "id,delay\n7,1.5\n8,3.5\n9,\n"
BAD = "id,delay\n1\n"


@pytest.fixture
def studio(user: User) -> Studio:
    return open_uploaded(user, FIRST)


@pytest.fixture
def kept_files(settings: Any) -> None:
    """Loaded files stay, so that a test can see which are there."""
    settings.KEEP_UPLOADED_FILES = True


def dataset(studio: Studio) -> dict[str, Any]:
    return studio.get(f"/api/datasources/{studio.datasource_id}/").body["datasource"]


def rows(studio: Studio) -> list[dict[str, Any]]:
    return studio.get("data/").body["data"]


def queued(studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    """Upload another file, which then waits for a worker; return the dataset."""
    settings.BACKGROUND_JOBS_USE_BROKER = True
    monkeypatch.setattr(tasks.ingest_dataset, "apply_async", lambda arguments, **_: None)
    assert upload_again(studio, SECOND).status == 202
    return DataSource.objects.get()


def stored_revisions() -> set[int]:
    return set(DataRow.objects.values_list("revision", flat=True))


def test_another_file_becomes_the_next_revision_and_the_old_rows_stay(studio: Studio) -> None:
    answer = upload_again(studio, SECOND)

    assert (answer.status, answer.body["datasource"]["status"]) == (202, "UPLOADING")
    found = dataset(studio)
    assert (found["status"], found["revision"], found["row_count"]) == ("READY", 2, 3)
    assert found["reupload_failure"] is None
    assert stored_revisions() == {1, 2}


@pytest.mark.usefixtures("kept_files")
def test_the_new_file_takes_the_place_of_the_old_one(studio: Studio, media: Path) -> None:
    upload_again(studio, SECOND)

    datasource = DataSource.objects.get()
    assert [Path(datasource.file.path)] == list(media.rglob("*.csv"))
    assert Path(datasource.file.path).read_text() == SECOND
    assert not datasource.reupload_file


@pytest.mark.usefixtures("kept_files")
def test_a_bad_file_leaves_the_dataset_unchanged_and_gives_the_reason(
    studio: Studio, media: Path
) -> None:
    before = dataset(studio)

    upload_again(studio, BAD)

    after = dataset(studio)
    failure = after.pop("reupload_failure")
    assert "line 2 has 1" in failure["reason"]
    assert failure["code"] == "INGEST_RAGGED_LINES"
    assert failure["original_filename"] == "flights.csv"
    assert after == {name: value for name, value in before.items() if name != "reupload_failure"}
    assert [row["id"] for row in rows(studio)] == [1, 2]
    assert len(list(media.rglob("*.csv"))) == 1


def test_a_good_file_after_a_bad_one_removes_the_reason(studio: Studio) -> None:
    upload_again(studio, BAD)
    upload_again(studio, SECOND)

    assert (dataset(studio)["revision"], dataset(studio)["reupload_failure"]) == (2, None)


@pytest.mark.usefixtures("kept_files")
def test_the_same_content_again_makes_no_new_revision(studio: Studio, media: Path) -> None:
    before = dataset(studio)

    upload_again(studio, FIRST)

    assert dataset(studio) == before
    assert stored_revisions() == {1}
    assert len(list(media.rglob("*.csv"))) == 1


def test_a_file_for_a_dataset_that_never_loaded_makes_it_ready(user: User) -> None:
    file = SimpleUploadedFile("bad.csv", BAD.encode())
    datasource = dataset_service.create_from_upload(owner=user, uploaded_file=file)
    wait_for_ingests()
    studio = studio_of(user, datasource)
    assert dataset(studio)["status"] == "ERROR"

    upload_again(studio, "id,delay\n1\n2,3,4\n")
    assert dataset(studio)["status"] == "ERROR"
    upload_again(studio, SECOND)

    found = dataset(studio)
    assert (found["status"], found["revision"], found["error_reason"]) == ("READY", 1, "")


def test_while_the_new_file_waits_everything_works_on_the_published_revision(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(studio, settings, monkeypatch)

    for status in (Status.UPLOADING, Status.PROCESSING):
        DataSource.objects.update(status=status)
        assert dataset(studio)["status"] == status
        assert [row["id"] for row in rows(studio)] == [1, 2]
        fill = {"columns": ["delay"], "strategy": "mean"}
        assert studio.post("session/fill-missing-values/", fill).status == 200
        assert studio.get("session/validate/").body["suggested_action"] == "continue"
        assert studio.post("session/clear/").status == 200
        assert studio.post("session/initialize/").status == 200


def test_a_file_that_is_being_loaded_is_not_replaced(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasource = queued(studio, settings, monkeypatch)
    DataSource.objects.update(status=Status.PROCESSING)

    assert upload_again(studio, FIRST).error["code"] == "DATASOURCE_NOT_READY"
    with pytest.raises(DatasourceNotReady):
        dataset_service.upload_again(
            owner=datasource.owner,
            datasource_id=datasource.pk,
            uploaded_file=SimpleUploadedFile("x.csv", FIRST.encode()),
        )


@pytest.mark.usefixtures("kept_files")
def test_a_waiting_file_is_replaced_by_a_newer_one(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    datasource = queued(studio, settings, monkeypatch)
    upload_again(studio, "id,delay\n5,6\n")
    assert len(list(media.rglob("*.csv"))) == 2

    assert tasks.ingest_dataset(str(datasource.pk)) == {"status": "READY", "row_count": 1}
    assert tasks.ingest_dataset(str(datasource.pk)) == {"status": "READY", "row_count": 1}

    assert stored_revisions() == {1, 2}


@pytest.mark.usefixtures("kept_files")
def test_a_load_that_is_interrupted_every_time_leaves_the_dataset_unchanged(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    datasource = queued(studio, settings, monkeypatch)
    DataSource.objects.update(status=Status.PROCESSING, load_attempts=MOST_ATTEMPTS)

    ingest(datasource.pk)

    found = dataset(studio)

    assert (found["status"], found["revision"], found["progress"]) == ("READY", 1, 100)
    assert found["reupload_failure"]["code"] == "INGEST_INTERRUPTED"
    assert [row["id"] for row in rows(studio)] == [1, 2]
    assert len(list(media.rglob("*.csv"))) == 1


def test_an_interrupted_load_can_be_repeated(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasource = queued(studio, settings, monkeypatch)
    DataSource.objects.update(status=Status.PROCESSING)

    assert ingest(datasource.pk).revision == 2
    assert (fail_interrupted(), take_interrupted()) == (0, [])


def test_another_file_has_all_its_attempts(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    DataSource.objects.update(load_attempts=MOST_ATTEMPTS)

    assert ingest(queued(studio, settings, monkeypatch).pk).revision == 2


def test_a_file_that_comes_while_the_lock_is_held_for_the_one_before_is_loaded(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasource = queued(studio, settings, monkeypatch)
    monkeypatch.setattr(job, "_LOCK_TRIES", 1_000)
    with open_lock_holder() as before:
        assert lock_for_transaction(before, datasource.pk)
        settings.BACKGROUND_JOBS_USE_BROKER = False
        dataset_service.start_ingest(datasource)

    wait_for_ingests()

    assert dataset(studio)["revision"] == 2


def test_an_unforeseen_error_leaves_the_dataset_unchanged(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasource = queued(studio, settings, monkeypatch)

    def fault(*args: object, **kwargs: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("data_tools.ingest.loading.job.copy_rows", fault)
    with pytest.raises(RuntimeError):
        ingest(datasource.pk)

    found = dataset(studio)
    assert (found["status"], found["revision"]) == ("READY", 1)
    assert found["reupload_failure"]["code"] == "INGEST_FAILED"
    assert "boom" not in found["reupload_failure"]["reason"]


def test_deleting_a_dataset_deletes_its_waiting_file_too(
    studio: Studio, settings: Any, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    datasource = queued(studio, settings, monkeypatch)

    dataset_service.delete(owner=datasource.owner, datasource_id=datasource.pk)

    assert list(media.rglob("*.csv")) == []


def test_nobody_can_replace_the_file_of_another_user(studio: Studio) -> None:
    stranger = studio_of(UserFactory(), studio.datasource_id)

    assert upload_again(stranger, SECOND).error["code"] == "DATASOURCE_NOT_FOUND"
    assert dataset(studio)["revision"] == 1
