"""Uploaded files: read by nobody else on the machine, and gone when nothing needs them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile

from data_tools import tasks
from data_tools.models import DataSource
from data_tools.revisions import loaded_files
from data_tools.services import dataset_service
from hydroml.private_files import close_to_others
from session_events import broker
from tests.support.patience import wait_for_ingests
from tests.support.studio_client import Studio
from tests.support.studios import studio_of
from tests.support.uploads import open_uploaded, upload, upload_again
from tests.support.users import token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

SMALL = "id,delay\n1,2.5\n2,\n"
LARGE = "id,delay\n" + "1,2.5\n" * 500_000  # beyond what Django holds in memory
BROKEN = "id,delay\n1\n"


@pytest.fixture
def lenient() -> Iterator[None]:
    """The process gives new files every permission, unless told otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.usefixtures("lenient")
@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["in memory", "in a temporary file"])
def test_only_the_service_can_read_an_uploaded_file(
    user: User, media: Path, settings: Any, content: str
) -> None:
    settings.KEEP_UPLOADED_FILES = True

    upload(Studio(token=token_of(user)), content)

    assert len(files(media)) == 1
    assert {path.stat().st_mode & 0o777 for path in files(media)} == {0o600}
    folders = [path for path in media.rglob("*") if path.is_dir()]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


@pytest.mark.usefixtures("lenient")
def test_only_the_service_can_read_a_file_on_its_way() -> None:
    with (
        TemporaryUploadedFile("a.csv", "text/csv", 1, None) as arriving,
        tempfile.TemporaryFile() as spooled,
    ):
        assert os.stat(arriving.temporary_file_path()).st_mode & 0o777 == 0o600
        assert os.fstat(spooled.fileno()).st_mode & 0o777 == 0o600


def test_a_folder_that_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    earlier.mkdir(mode=0o755)
    earlier.chmod(0o755)

    close_to_others(earlier)
    close_to_others(tmp_path / "never made")

    assert earlier.stat().st_mode & 0o777 == 0o700


def test_a_file_goes_once_it_is_loaded_and_its_rows_serve_on(user: User, media: Path) -> None:
    studio = open_uploaded(user, SMALL)
    after_the_first = files(media)
    upload_again(studio, "id,delay\n7,1.5\n")

    assert after_the_first == files(media) == []
    dataset = DataSource.objects.get()
    assert (dataset.status, dataset.revision, dataset.file.name) == ("READY", 2, "")
    assert len(studio.get("data/").body["data"]) == 2  # the session stays on its rows
    fresh = studio_of(user, dataset).take(("session/initialize/", {"force_restart": True}))
    assert len(fresh.get("data/").body["data"]) == 1


def test_a_file_that_cannot_be_loaded_goes_as_well(user: User, media: Path) -> None:
    upload(Studio(token=token_of(user)), BROKEN)
    studio = open_uploaded(user, SMALL)
    upload_again(studio, BROKEN)

    assert files(media) == []


def test_a_load_that_waits_or_was_interrupted_still_has_its_file(
    user: User, media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKGROUND_JOBS_USE_BROKER = True
    with monkeypatch.context() as patch:
        patch.setattr(tasks.ingest_dataset, "apply_async", lambda *_, **__: None)
        upload(Studio(token=token_of(user)), SMALL)
    DataSource.objects.update(status="PROCESSING")  # as a killed worker leaves it
    monkeypatch.setattr(broker, "queued", list)

    tasks.fail_interrupted_ingests()
    assert len(files(media)) == 1
    tasks.ingest_dataset(str(DataSource.objects.get().pk))

    assert DataSource.objects.get().status == "READY"
    assert files(media) == []


def test_the_file_of_a_process_killed_after_publishing_goes_with_the_next_check(
    user: User, media: Path, settings: Any
) -> None:
    settings.KEEP_UPLOADED_FILES = True
    upload(Studio(token=token_of(user)), SMALL)
    assert len(files(media)) == 1
    settings.KEEP_UPLOADED_FILES = False

    tasks.fail_interrupted_ingests()

    assert files(media) == []
    assert DataSource.objects.get().file.name == ""


@pytest.mark.parametrize("way", ["service", "query", "user"])
def test_deleting_a_dataset_in_any_way_leaves_no_file(
    user: User, media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    settings.KEEP_UPLOADED_FILES = settings.BACKGROUND_JOBS_USE_BROKER = True
    monkeypatch.setattr(tasks.ingest_dataset, "apply_async", lambda *_, **__: None)
    studio = Studio(token=token_of(user))
    dataset_id = upload(studio, SMALL).body["datasource"]["id"]
    tasks.ingest_dataset(dataset_id)
    upload_again(studio_of(user, dataset_id), SMALL)
    assert len(files(media)) == 2

    if way == "service":
        dataset_service.delete(owner=user, datasource_id=dataset_id)
    elif way == "query":
        DataSource.objects.all().delete()
    else:
        user.delete()

    assert files(media) == []


def test_a_file_that_no_dataset_names_goes_after_a_while(user: User, media: Path) -> None:
    for name in ("lost", "arriving"):
        default_storage.save(f"datasources/2026/01/{name}.csv", ContentFile(b"a\n1\n"))
    old = media / "datasources" / "2026" / "01" / "lost.csv"
    os.utime(old, (0, 0))

    assert loaded_files.remove_left_behind() == 1
    assert [path.stem for path in files(media)] == ["arriving"]
    wait_for_ingests()
