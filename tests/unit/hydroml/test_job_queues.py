"""Which queue each job by the clock waits in, and that the documents say the same."""

from __future__ import annotations

import re

from django.conf import settings

from tests.support.documents import ROOT

ON_MANY_ROWS = {"pack_columns", "move_rows", "measure_rows", "prune_old_revisions"}


def names_in(queue: str) -> set[str]:
    """Return the jobs by the clock that wait in the queue."""
    routes = settings.CELERY_TASK_ROUTES
    return {job.rpartition(".")[2] for job in routes if routes[job]["queue"] == queue}


def test_what_goes_through_many_rows_does_not_hold_up_the_search_for_lost_jobs() -> None:
    assert names_in(settings.LARGE_QUEUE) == ON_MANY_ROWS
    assert "fail_interrupted_ingests" in names_in(settings.HOUSEKEEPING_QUEUE)


def test_every_job_by_the_clock_has_one_of_the_two_queues() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert settings.CELERY_TASK_ROUTES.keys() == scheduled
    assert len(names_in("large") | names_in("housekeeping")) == len(scheduled)


def test_the_documents_say_which_jobs_are_apart() -> None:
    text = (ROOT / "docs" / "jobs.md").read_text()
    [row] = re.findall(r"^\| `large` \|(.*)$", text, re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", row)) == ON_MANY_ROWS
