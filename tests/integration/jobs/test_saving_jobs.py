"""Sessions too large for a request: saved at once, written by a job that may die at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from data_tools import tasks
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.loading.interrupted import RESEND_SECONDS
from data_tools.ingest.loading.progress import Progress
from data_tools.jobs import background
from data_tools.jobs.connections import second_connection
from data_tools.models import DataRow, DataSource
from data_tools.saving import job
from data_tools.services import dataset_service
from session_events.advisory_locks import open_lock_holder
from session_events.removal import erase_user
from tests.support import written_log
from tests.support.at_once import at_once
from tests.support.patience import PATIENCE_SECONDS, eventually, wait_for_threads
from tests.support.processes import database_url
from tests.support.serving import Server
from tests.support.small_datasets import ROWS, publish
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import fill, open_studio

pytestmark = pytest.mark.django_db(transaction=True)

Status = DataSource.Status


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[uuid.UUID]:
    """The datasets whose job was started, in order; no job runs by itself."""
    settings.SAVE_IN_REQUEST_ROWS = 5
    jobs: list[uuid.UUID] = []
    monkeypatch.setattr(background, "_start", lambda task, pk, **_: jobs.append(uuid.UUID(pk)))
    return jobs


@pytest.fixture
def source(user: User) -> DataSource:
    return publish(user)


@pytest.fixture
def studio(user: User, source: DataSource) -> Studio:
    return open_studio(user, source, steps=[fill("delay", "median")], headers=STRUCTURED)


def saved_by(answer: Answer) -> DataSource:
    assert answer.status == 200, answer
    return DataSource.objects.get(pk=answer.body["new_datasource"]["id"])


def silent(datasource: DataSource) -> None:
    """As if nobody had worked on it for a while."""
    long_ago = timezone.now() - timedelta(minutes=10)
    DataSource.objects.filter(pk=datasource.pk).update(updated_at=long_ago)


def rows_of(datasource: DataSource) -> list[Any]:
    rows = DataRow.objects.filter(dataset_id=datasource.pk)
    return list(rows.order_by("row_number").values_list("row_number", flat=True))


def test_a_large_session_is_saved_at_once_and_written_by_a_job(
    studio: Studio, started: list[uuid.UUID]
) -> None:
    answer = studio.post("session/save/")

    saved = saved_by(answer)
    assert answer.body["new_datasource"]["status"] == saved.status == "PROCESSING"
    assert (saved.progress_percent, rows_of(saved)) == (0, [])
    assert started == [saved.pk]
    assert studio.get("session/validate/").body["status"] == "saved"
    unread = replace(studio, datasource_id=saved.pk)
    assert unread.get("data/").error["code"] == "DATASOURCE_NOT_READY"

    assert tasks.write_saved_rows(str(saved.pk)) == {"status": "READY", "row_count": len(ROWS)}

    saved.refresh_from_db()
    assert (saved.progress_percent, saved.revision) == (100, 1)
    assert rows_of(saved) == list(range(1, len(ROWS) + 1))
    assert None not in [row["delay"] for row in unread.get("data/").body["data"]]


def test_how_far_the_job_is_can_be_seen_while_it_writes(
    studio: Studio, started: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_tools.ingest.loading.progress._SECONDS_BETWEEN_WRITES", 0.0)
    saved = saved_by(studio.post("session/save/"))
    seen: list[int] = []
    advance = Progress.advance

    def look(progress: Progress, fraction: float) -> None:
        advance(progress, fraction)
        with second_connection() as other, other.cursor() as cursor:
            cursor.execute(
                "SELECT progress_percent FROM data_tools_datasource WHERE id = %s", [saved.pk]
            )
            seen.append(cursor.fetchone()[0])

    monkeypatch.setattr(Progress, "advance", look)
    job.write_saved_rows(saved.pk)

    assert seen == sorted(seen)
    assert seen[:2] == [51, 85]  # copied; read again for the fingerprint
    assert seen[-1] == 99


def test_the_job_writes_what_was_saved_whatever_became_of_the_session(
    studio: Studio, started: list[uuid.UUID]
) -> None:
    saved = saved_by(studio.post("session/save/"))
    studio.post("session/recover/", {"strategy": "auto"})
    studio.post("transform/columns/", {"operation": "drop", "columns": ["delay"]})

    job.write_saved_rows(saved.pk)

    saved.refresh_from_db()
    assert "delay" in [column["name"] for column in saved.columns]


def test_few_rows_and_many_have_one_fingerprint(
    studio: Studio, started: list[uuid.UUID], settings: Any
) -> None:
    many = saved_by(studio.post("session/save/"))
    job.write_saved_rows(many.pk)
    studio.post("session/recover/", {"strategy": "auto"})
    settings.SAVE_IN_REQUEST_ROWS = len(ROWS)

    few = saved_by(studio.post("session/save/"))

    many.refresh_from_db()
    assert few.status == many.status == Status.READY
    assert few.fingerprint == many.fingerprint


def test_it_is_written_in_a_thread_of_the_process_where_there_is_no_broker(
    studio: Studio, settings: Any
) -> None:
    settings.SAVE_IN_REQUEST_ROWS = 5

    saved = saved_by(studio.post("session/save/"))

    wait_for_threads(f"write-{saved.pk}")
    saved.refresh_from_db()
    assert saved.status == Status.READY


@pytest.mark.parametrize("look", ["list", "one", "sweep"])
def test_a_saving_that_was_cut_off_begins_again_when_anybody_looks(
    studio: Studio, user: User, started: list[uuid.UUID], look: str
) -> None:
    saved = saved_by(studio.post("session/save/"))
    silent(saved)
    started.clear()

    for _ in range(2):  # but once only, however many look
        match look:
            case "list":
                dataset_service.list_for(user)
            case "one":
                dataset_service.get_for(user, saved.pk)
            case _:
                tasks.fail_interrupted_ingests()

    assert started == [saved.pk]
    assert DataSource.objects.get(pk=saved.pk).status == Status.PROCESSING


def test_who_does_not_know_the_queue_leaves_a_saving_its_time_unless_a_job_began_it(
    studio: Studio, started: list[uuid.UUID], settings: Any
) -> None:
    saved = saved_by(studio.post("session/save/"))
    settings.BACKGROUND_JOBS_USE_BROKER = True
    mine = DataSource.objects.filter(pk=saved.pk)
    lately = timezone.now() - timedelta(seconds=RESEND_SECONDS - 60)
    mine.update(updated_at=lately)

    assert job.take_interrupted() == []

    mine.update(updated_at=lately, saved_from={**(saved.saved_from or {}), "attempts": 1})

    assert job.take_interrupted() == [saved.pk]

    mine.update(updated_at=lately - timedelta(minutes=2), saved_from=saved.saved_from)

    assert job.take_interrupted() == [saved.pk]


def test_a_saving_that_is_cut_off_every_time_ends_with_the_reason(
    studio: Studio, started: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = saved_by(studio.post("session/save/"))
    monkeypatch.setattr(job, "_write", lambda datasource_id, origin, progress: None)
    for _ in range(job.MOST_ATTEMPTS):
        assert job.write_saved_rows(saved.pk).status == Status.PROCESSING

    ended = job.write_saved_rows(saved.pk)

    assert ended.status == Status.ERROR
    assert "interrupted too often" in ended.error_reason
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200


def test_two_jobs_for_one_dataset_write_it_once(studio: Studio, started: list[uuid.UUID]) -> None:
    saved = saved_by(studio.post("session/save/"))

    at_once([lambda: job.write_saved_rows(saved.pk)] * 3)
    job.write_saved_rows(saved.pk)

    saved.refresh_from_db()
    assert saved.status == Status.READY
    assert saved.saved_from is not None
    assert saved.saved_from["attempts"] == 1


def test_what_somebody_is_writing_is_left_to_them(studio: Studio, started: list[uuid.UUID]) -> None:
    saved = saved_by(studio.post("session/save/"))
    with open_lock_holder() as holder:
        assert lock_for_transaction(holder, saved.pk)

        assert job.write_saved_rows(saved.pk).status == Status.PROCESSING

    assert job.write_saved_rows(saved.pk).status == Status.READY


def test_a_source_deleted_before_its_rows_were_written_ends_it_with_the_reason(
    studio: Studio, user: User, source: DataSource, started: list[uuid.UUID]
) -> None:
    saved = saved_by(studio.post("session/save/"))
    dataset_service.delete(owner=user, datasource_id=source.pk)

    ended = job.write_saved_rows(saved.pk)

    assert (ended.status, ended.parent, rows_of(ended)) == (Status.ERROR, None, [])
    assert "was deleted" in ended.error_reason


def test_a_saved_dataset_deleted_before_it_was_written_leaves_no_rows(
    studio: Studio, user: User, started: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = saved_by(studio.post("session/save/"))
    publish_saved = job.publish

    def deleted_meanwhile(datasource_id: uuid.UUID, **published: Any) -> None:
        at_once([lambda: dataset_service.delete(owner=user, datasource_id=saved.pk)])
        publish_saved(datasource_id, **published)

    monkeypatch.setattr(job, "publish", deleted_meanwhile)

    assert tasks.write_saved_rows(str(saved.pk)) == {"status": "DELETED"}
    assert rows_of(saved) == []


def test_anything_unforeseen_ends_it_with_a_reason_that_tells_nothing_of_the_inside(
    studio: Studio, started: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*args: Any, **options: Any) -> None:
        raise RuntimeError("secret")

    saved = saved_by(studio.post("session/save/"))
    monkeypatch.setattr(job, "write_rows", fault)

    with pytest.raises(RuntimeError, match="secret"):
        job.write_saved_rows(saved.pk)

    saved.refresh_from_db()
    assert (saved.status, rows_of(saved)) == (Status.ERROR, [])
    assert "secret" not in saved.error_reason
    assert "Recover the session" in saved.error_reason
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200


# Killed


WRITER = """
import sys, django
django.setup()
from uuid import UUID
from data_tools.saving.job import write_saved_rows
write_saved_rows(UUID(sys.argv[1]))
"""


@contextmanager
def writer_waiting_for_the_last_row(saved: DataSource) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has written all rows but the last, for which it waits: we have one there."""
    with second_connection() as second:
        second.set_autocommit(False)
        with second.cursor() as cursor:
            cursor.execute(
                'INSERT INTO data_tools_datarow (dataset_id, revision, row_number, "values")'
                " VALUES (%s::uuid, 1, %s, '[]')",
                [str(saved.pk), len(ROWS)],
            )
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(saved.pk)],
            env={**os.environ, "DATABASE_URL": database_url()},
            cwd=django_settings.BASE_DIR,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE_SECONDS)


def wait_for_a_lock_wait() -> None:
    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            return bool(cursor.fetchone()[0])

    eventually(somebody_waits, told=lambda: "the writer never came so far")


def nobody_writes(saved: DataSource) -> bool:
    with open_lock_holder() as holder:
        return lock_for_transaction(holder, saved.pk)


def test_a_writer_killed_before_its_commit_leaves_no_row_and_the_next_one_writes_all(
    studio: Studio, started: list[uuid.UUID]
) -> None:
    saved = saved_by(studio.post("session/save/"))
    with writer_waiting_for_the_last_row(saved) as process:
        wait_for_a_lock_wait()
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)
    eventually(lambda: nobody_writes(saved))

    saved.refresh_from_db()
    assert (saved.status, rows_of(saved)) == (Status.PROCESSING, [])
    silent(saved)
    started.clear()
    tasks.fail_interrupted_ingests()
    assert started == [saved.pk]
    ended = job.write_saved_rows(saved.pk)
    assert (ended.status, rows_of(ended)) == (Status.READY, list(range(1, len(ROWS) + 1)))
    assert ended.saved_from is not None
    assert ended.saved_from["attempts"] == 2


def test_a_server_killed_before_the_commit_leaves_the_session_as_it_was_and_no_dataset(
    studio: Studio, source: DataSource, tmp_path: Path
) -> None:
    """The rows are written and the event appended; only the dataset waits, for a lock of ours."""
    server = Server(log=tmp_path / "log", workers=1)
    server.start()
    over_socket = replace(studio, transport=server.transport)
    body = {"name": "once", "client_operation_id": str(uuid.uuid4())}
    before = written_log.everything()

    def save() -> Answer | None:
        try:
            return over_socket.post("session/save/", body)
        except (OSError, HTTPException):
            return None

    try:
        with second_connection() as second:
            second.set_autocommit(False)
            with second.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM data_tools_datasource WHERE id = %s::uuid FOR UPDATE",
                    [str(source.pk)],
                )
            with ThreadPoolExecutor(max_workers=1) as client:
                answer = client.submit(save)
                wait_for_a_lock_wait()
                server.kill()
                assert answer.result(PATIENCE_SECONDS) is None

        assert written_log.everything() == before
        server.start()
        assert over_socket.get("session/status/").body["session_exists"] is True
        assert saved_by(over_socket.post("session/save/", body)).status == Status.READY
        assert over_socket.post("session/save/", body).body["repeated"] is True
    finally:
        server.kill()
    assert DataSource.objects.filter(parent=source).count() == 1


# At once


def test_of_two_savings_at_once_one_wins_and_there_is_one_dataset(
    studio: Studio, user: User
) -> None:
    answers = at_once([lambda: studio.post("session/save/")] * 4)

    won = [answer for answer in answers if answer.status == 200]
    lost = [answer.error["code"] for answer in answers if answer.status != 200]
    assert len(won) == 1, answers
    assert set(lost) <= {"SESSION_CONFLICT", "SESSION_NOT_FOUND"}
    assert DataSource.objects.filter(parent__isnull=False).count() == 1
    assert DataRow.objects.count() == 2 * len(ROWS)


def test_one_request_sent_several_times_at_once_makes_one_dataset(studio: Studio) -> None:
    body = {"name": "once", "client_operation_id": str(uuid.uuid4())}

    answers = at_once([lambda: studio.post("session/save/", body)] * 4)

    assert {answer.status for answer in answers} == {200}, answers
    assert len({answer.body["new_datasource"]["id"] for answer in answers}) == 1
    assert sorted(answer.body["repeated"] for answer in answers) == [False, True, True, True]
    assert DataSource.objects.filter(parent__isnull=False).count() == 1
    assert DataRow.objects.count() == 2 * len(ROWS)


def test_of_a_saving_and_an_operation_at_one_version_one_wins(
    studio: Studio, user: User, source: DataSource
) -> None:
    version = studio.get("session/status/").body["version"]
    rename = {"old_name": "id", "new_name": "key", "expected_version": version}

    saving, renaming = at_once(
        [
            lambda: studio.post("session/save/", {"expected_version": version}),
            lambda: studio.post("session/rename-column/", rename),
        ]
    )

    assert sorted([saving.status == 200, renaming.status == 200]) == [False, True]
    saved = DataSource.objects.filter(parent=source)
    assert saved.count() == (saving.status == 200)
    kinds = [event.wire_name for event in written_log.events(written_log.head(user.pk, source.pk))]
    assert ("session.saved" in kinds) is (saving.status == 200)


def test_a_saving_that_waits_for_the_log_of_an_erased_user_ends_with_a_reason(
    studio: Studio, user: User, started: list[uuid.UUID]
) -> None:
    saved = saved_by(studio.post("session/save/"))
    erase_user(user.pk, removed_by="a test")

    ended = job.write_saved_rows(saved.pk)

    assert ended.status == Status.ERROR
    assert "no longer exists" in ended.error_reason
