"""Each run of a job logs one line, wherever it runs. `test_lines_of_a_server` has a worker's."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools import tasks as dataset_tasks
from data_tools.jobs import background
from data_tools.observing import job_line
from data_tools.observing.activity import activity
from data_tools.observing.log_formats import fields_of
from session_events import snapshot_jobs, tasks
from tests.support.logged import JOB
from tests.support.patience import wait_for_threads
from tests.support.written_sessions import begin

pytestmark = pytest.mark.django_db


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [fields_of(record) for record in caplog.records if record.name == JOB]


@pytest.mark.parametrize("way", ["called", "applied"])
def test_a_job_that_is_called_logs_one_line(
    user: User, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    stream_id = str(begin(user, events=6).head.stream_id)

    if way == "called":
        tasks.take_snapshot(stream_id)
    else:
        tasks.take_snapshot.apply([stream_id])

    [line] = logged(caplog)
    assert line["task"] == "session_events.tasks.take_snapshot"
    assert (line["session_id"], line["dataset_id"]) == (stream_id, None)
    assert (line["outcome"], line["retries"]) == ("not_needed", 0)
    assert line["query_count"] > 0


def test_a_job_that_cannot_be_counted_is_done_all_the_same(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(job_line, "count_job", breaks)

    assert tasks.take_snapshot(str(begin(user, events=6).head.stream_id))["outcome"]


def test_a_job_that_fails_is_a_warning_and_names_the_error_without_its_message(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(stream_id: uuid.UUID) -> None:
        raise LookupError("a cell of somebody")

    monkeypatch.setattr(snapshot_jobs, "take_due", breaks)

    with pytest.raises(LookupError):
        tasks.take_snapshot(str(uuid.uuid4()))

    [line] = logged(caplog)
    assert (line["outcome"], line["error"]) == ("failed", "LookupError")
    assert "cell" not in str(line)
    assert [r.levelno for r in caplog.records if r.name == JOB] == [logging.WARNING]


def test_what_a_job_does_is_not_counted_for_the_request_that_calls_it(user: User) -> None:
    stream_id = str(begin(user, events=6).head.stream_id)

    with activity() as request:
        tasks.take_snapshot(stream_id)

    assert (request.query_count, request.facts) == (0, {})


@pytest.mark.django_db(transaction=True)
def test_a_job_in_a_thread_of_this_process_logs_one_line(
    user: User, caplog: pytest.LogCaptureFixture, datasource: Any
) -> None:
    background.start(dataset_tasks.write_saved_rows, datasource.pk)
    wait_for_threads("write-")

    [line] = logged(caplog)
    assert line["task"] == "data_tools.tasks.write_saved_rows"
    assert line["dataset_id"] == str(datasource.pk)
