"""A load that was cut off begins again, a few times, and ends with a reason if it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from data_tools import tasks
from data_tools.ingest import fail_interrupted, ingest, load_file, take_interrupted
from data_tools.ingest.loading import job
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.loading.interrupted import MOST_ATTEMPTS, RESEND_SECONDS
from data_tools.jobs import background
from data_tools.models import DataRow, DataSource
from data_tools.services import dataset_service
from session_events.advisory_locks import open_lock_holder
from tests.support.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)

Status = DataSource.Status
UNFINISHED = [Status.UPLOADING, Status.PROCESSING]
AGO = timedelta(hours=1)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The jobs that were started; nobody does them."""
    jobs: list[UUID] = []
    monkeypatch.setattr(background, "_start", lambda task, pk, **_: jobs.append(UUID(pk)))
    return jobs


def left(
    user: User, media: Path, status: Status, *, ago: timedelta = AGO, attempts: int = 1
) -> DataSource:
    """A dataset as a process leaves it that is killed; it was last heard of so long ago."""
    (media / "x.csv").write_text("a\n1\n2\n")
    datasource = DataSource.objects.create(
        owner=user,
        name="x",
        file="x.csv",
        status=status,
        progress_percent=70,
        load_attempts=attempts,
    )
    DataSource.objects.filter(pk=datasource.pk).update(updated_at=timezone.now() - ago)
    return datasource


@pytest.mark.parametrize("status", UNFINISHED)
@pytest.mark.parametrize("look", ["list", "one", "rename", "sweep"])
def test_it_begins_again_when_anybody_looks(
    user: User, media: Path, started: list[UUID], status: Status, look: str
) -> None:
    datasource = left(user, media, status)

    for _ in range(2):  # but once only, however many look
        match look:
            case "list":
                dataset_service.list_for(user)
            case "one":
                dataset_service.get_for(user, datasource.pk)
            case "rename":  # which is no sign of life of the load
                dataset_service.rename(owner=user, datasource_id=datasource.pk, name="y")
            case _:
                tasks.fail_interrupted_ingests()

    assert started == [datasource.pk]


def test_it_begins_again_though_the_files_of_others_cannot_be_deleted(
    user: User, media: Path, started: list[UUID]
) -> None:
    datasource = left(user, media, Status.PROCESSING)
    (media / "y.csv").write_text("a\n1\n")
    published = load_file(media / "y.csv", owner=user, name="y")
    DataSource.objects.filter(pk=published.pk).update(file="folder")
    (media / "folder" / "in the way").mkdir(parents=True)

    with pytest.raises(OSError, match="not empty"):
        tasks.fail_interrupted_ingests()

    assert started == [datasource.pk]


@pytest.mark.session_setting
def test_a_database_that_is_read_only_is_looked_at_all_the_same(
    user: User, media: Path, started: list[UUID]
) -> None:
    datasource = left(user, media, Status.PROCESSING)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")

    try:
        [listed] = dataset_service.list_for(user)
        assert dataset_service.get_for(user, datasource.pk) == listed == datasource
    finally:
        connection.close()

    assert started == []


def test_it_begins_from_the_start_and_the_report_says_that_it_did(user: User, media: Path) -> None:
    datasource = left(user, media, Status.PROCESSING)

    loaded = ingest(datasource.pk)

    assert (loaded.status, loaded.progress_percent, loaded.restarts) == (Status.READY, 100, 1)
    assert loaded.ingest_report["restarts"] == 1
    assert DataRow.objects.count() == 2


def test_a_load_that_was_not_interrupted_says_nothing_of_restarts(user: User, media: Path) -> None:
    loaded = ingest(left(user, media, Status.UPLOADING, attempts=0).pk)

    assert (loaded.restarts, "restarts" in loaded.ingest_report) == (0, False)


def test_a_file_that_ends_its_process_every_time_ends_with_the_reason(
    user: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasource = left(user, media, Status.UPLOADING, attempts=0)
    with monkeypatch.context() as patch:
        patch.setattr(job, "_load_or_fail", lambda *_: sys.exit())
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(SystemExit):
                ingest(datasource.pk)
            assert DataSource.objects.get().status == Status.PROCESSING

    ended = ingest(datasource.pk)

    assert (ended.status, ended.restarts) == (Status.ERROR, MOST_ATTEMPTS - 1)
    assert ended.error_reason == (
        "Loading this file was interrupted three times. Upload it again, or parts of it one by one."
    )
    assert ended.ingest_report == {"code": "INGEST_INTERRUPTED"}
    assert not (media / "x.csv").exists()


@pytest.mark.parametrize("lost", [SystemExit, KeyboardInterrupt, OperationalError])
def test_a_process_that_stops_or_loses_the_database_leaves_the_load_to_the_next(
    user: User, media: Path, monkeypatch: pytest.MonkeyPatch, lost: type[BaseException]
) -> None:
    datasource = left(user, media, Status.UPLOADING, attempts=0)

    def stop(*_: object, **__: object) -> None:
        raise lost

    with monkeypatch.context() as patch:
        patch.setattr(job, "copy_rows", stop)
        with pytest.raises(lost):
            ingest(datasource.pk)

    assert DataSource.objects.get().status == Status.PROCESSING
    assert ingest(datasource.pk).status == Status.READY


def test_losing_the_database_while_rows_are_copied_leaves_the_load_to_the_next(
    user: User, media: Path
) -> None:
    datasource = left(user, media, Status.UPLOADING, attempts=0)
    (media / "x.csv").write_text("a\n" + "1\n" * 300_000)

    def end_the_copy(percent: int) -> None:
        with closing(connection.copy()) as beside, beside.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'COPY \"data_tools_rows_%%'"
                " AND state = 'active'"
            )

    with pytest.raises(DatabaseError):
        ingest(datasource.pk, end_the_copy)

    assert DataSource.objects.get().status == Status.PROCESSING
    loaded = ingest(datasource.pk)
    assert (loaded.status, loaded.row_count) == (Status.READY, 300_000)


def test_a_file_that_no_job_has_begun_is_loaded_whatever_became_of_the_one_before(
    user: User, media: Path
) -> None:
    datasource = left(user, media, Status.UPLOADING, attempts=MOST_ATTEMPTS)

    loaded = ingest(datasource.pk)

    assert (loaded.status, loaded.load_attempts) == (Status.READY, 1)


def test_a_load_under_way_is_left_alone_however_long_it_takes(user: User, media: Path) -> None:
    datasource = left(user, media, Status.PROCESSING)

    with open_lock_holder() as holder:
        lock_for_transaction(holder, datasource.pk)
        assert take_interrupted() == []

    assert take_interrupted() == [datasource.pk]


def test_a_job_has_time_to_be_delivered_again(user: User, media: Path) -> None:
    left(user, media, Status.PROCESSING, ago=timedelta(seconds=5))

    assert take_interrupted() == []


def test_finished_datasets_are_never_interrupted(user: User, tmp_path: Path) -> None:
    for text in ("a\n1\n", ""):
        path = tmp_path / "x.csv"
        path.write_text(text)
        load_file(path, owner=user, name="x")
    DataSource.objects.update(updated_at=timezone.now() - AGO)

    assert (take_interrupted(), fail_interrupted()) == ([], 0)


def test_an_upload_in_the_queue_waits_and_one_whose_job_is_lost_begins(
    user: User, media: Path, settings: Settings
) -> None:
    settings.BACKGROUND_JOBS_USE_BROKER = True
    waiting, lost = (left(user, media, Status.UPLOADING, attempts=0) for _ in range(2))

    assert take_interrupted(queued={waiting.pk}) == [lost.pk]


def test_who_does_not_know_the_queue_leaves_an_upload_its_time(
    user: User, media: Path, settings: Settings
) -> None:
    settings.BACKGROUND_JOBS_USE_BROKER = True
    left(user, media, Status.UPLOADING, ago=timedelta(seconds=RESEND_SECONDS - 60))
    lost = left(user, media, Status.UPLOADING, ago=timedelta(seconds=RESEND_SECONDS + 60))

    assert take_interrupted() == [lost.pk]


# A file that the service does not keep, read by a command


def test_without_its_file_it_becomes_an_error(user: User) -> None:
    DataSource.objects.create(owner=user, name="x", status=Status.PROCESSING)

    assert fail_interrupted() == 1
    [datasource] = DataSource.objects.all()
    assert datasource.status == Status.ERROR
    assert datasource.error_reason == "Loading this file was interrupted. Upload it again."


def test_without_its_file_but_under_way_it_is_left_alone(user: User) -> None:
    datasource = DataSource.objects.create(owner=user, name="x", status=Status.PROCESSING)

    with open_lock_holder() as holder:
        lock_for_transaction(holder, datasource.pk)
        assert tasks.fail_interrupted_ingests() == {"failed": 0, "started_again": 0}

    assert tasks.fail_interrupted_ingests() == {"failed": 1, "started_again": 0}


LOAD_AND_HALT = """
import json, sys, time
from pathlib import Path
import django
from django.conf import settings
settings.DATABASES["default"] |= json.loads(sys.argv[1])
django.setup()
from django.contrib.auth.models import User
from data_tools.ingest import load_file

def halt(percent):
    if percent >= 50:
        print("halted", flush=True)
        time.sleep(600)

load_file(Path(sys.argv[2]), owner=User.objects.get(), name="x", on_progress=halt)
"""


def test_a_killed_process_leaves_no_rows_and_its_dataset_is_found_interrupted(
    user: User, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,abcdefgh\n" * 500_000)
    keys = ("HOST", "PORT", "USER", "PASSWORD", "NAME")
    database = json.dumps({key: connection.settings_dict[key] for key in keys})
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD_AND_HALT, database, str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == "halted\n"
        assert fail_interrupted() == 0
        process.kill()
        process.wait()

    eventually(lambda: fail_interrupted() == 1)

    datasource = DataSource.objects.get()
    assert datasource.status == Status.ERROR
    assert not DataRow.objects.exists()
