"""Old rows stay as long as a session can need them, and are removed after that."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from freezegun import freeze_time

from data_tools import tasks, urls  # noqa: F401 - pyarrow must not load under frozen time
from data_tools.models import DataRow, DataSource
from data_tools.revisions import pruning
from session_events.events import VOCABULARY
from session_events.models import SessionStream
from tests.support.log_damage import alter_event
from tests.support.small_datasets import COLUMNS, ROWS, publish, replace_rows
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import studio_of
from tests.support.users import UserFactory

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
RETENTION = dt.timedelta(days=30)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with freeze_time(NOON) as clock:
        yield clock


@pytest.fixture
def studio(datasource: DataSource, user: User) -> Studio:
    return studio_of(user, datasource, headers=STRUCTURED)


def prune(limit: int = 1_000) -> pruning.Pruned:
    return pruning.prune(limit=limit)


def revisions() -> set[int]:
    return set(DataRow.objects.values_list("revision", flat=True))


def test_rows_that_no_session_began_on_are_removed_once_no_request_can_need_them(
    datasource: DataSource, at_noon: Any
) -> None:
    replace_rows(datasource, ROWS)

    at_noon.move_to(NOON + HOUR - SECOND)
    assert prune().rows == 0
    at_noon.move_to(NOON + HOUR)
    assert prune() == pruning.Pruned(rows=len(ROWS), is_complete=True)

    assert revisions() == {2}


@pytest.mark.parametrize("status", ["UPLOADING", "PROCESSING", "ERROR"])
def test_a_dataset_that_is_not_ready_is_left_alone(
    datasource: DataSource, at_noon: Any, status: str
) -> None:
    replace_rows(datasource, ROWS)
    DataSource.objects.update(status=status)
    at_noon.move_to(NOON + 2 * HOUR)

    assert prune().rows == 0


def test_the_published_rows_are_never_touched(datasource: DataSource, at_noon: Any) -> None:
    at_noon.move_to(NOON + 10 * RETENTION)

    assert prune().rows == 0
    assert revisions() == {1}


def test_an_open_session_keeps_its_rows_however_old_it_is(
    datasource: DataSource, studio: Studio, at_noon: Any
) -> None:
    studio.post("session/initialize/")
    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 10 * RETENTION)

    assert prune().rows == 0
    studio.post("session/initialize/")
    assert len(studio.get("data/").body["data"]) == len(ROWS)


@pytest.mark.parametrize(
    "end",
    [
        lambda studio: studio.post("session/clear/"),
        lambda studio: studio.post("session/recover/", {"strategy": "auto"}),
        lambda studio: studio.post("session/recover/", {"strategy": "start_new"}),
    ],
    ids=["cleared", "carried over", "started anew"],
)
def test_an_ended_session_keeps_its_rows_until_an_hour_after_its_retention(
    datasource: DataSource, studio: Studio, at_noon: Any, end: Callable[[Studio], Any]
) -> None:
    studio.post("session/initialize/")
    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + HOUR)
    old = studio.get("session/status/").body["session_info"]["session_id"]
    assert end(studio).status == 200

    at_noon.move_to(NOON + HOUR + RETENTION - SECOND)
    assert prune().rows == 0
    replayed = {"strategy": "replay", "session_id": old}
    assert studio.get("session/validate/", {"session_id": old}).body["recovery_possible"]
    at_noon.move_to(NOON + HOUR + RETENTION)
    answer = studio.post("session/recover/", replayed)
    assert answer.error["code"] == "RECOVERY_IMPOSSIBLE"
    at_noon.move_to(NOON + HOUR + RETENTION + HOUR - SECOND)
    assert prune().rows == 0
    at_noon.move_to(NOON + HOUR + RETENTION + HOUR)
    assert prune().rows == len(ROWS)

    assert revisions() == {2}


def test_rows_stay_while_any_one_user_needs_them(
    datasource: DataSource, studio: Studio, at_noon: Any
) -> None:
    studio.post("session/initialize/")
    studio.post("session/clear/")
    at_noon.move_to(NOON + RETENTION)
    studio.post("session/initialize/")
    replace_rows(datasource, ROWS)
    other = publish(UserFactory(), COLUMNS, ROWS)
    replace_rows(other, ROWS)
    at_noon.move_to(NOON + RETENTION + 2 * HOUR)

    assert prune().rows == len(ROWS)

    assert set(DataRow.objects.filter(dataset=datasource).values_list("revision", flat=True)) == {
        1,
        2,
    }
    assert set(DataRow.objects.filter(dataset=other).values_list("revision", flat=True)) == {2}


def test_unneeded_revisions_between_needed_ones_are_removed(
    datasource: DataSource, studio: Studio, at_noon: Any
) -> None:
    studio.post("session/initialize/")
    for _ in range(3):
        replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 2 * HOUR)

    assert prune().rows == 2 * len(ROWS)

    assert revisions() == {1, 4}


def test_a_session_begun_by_a_newer_server_keeps_all_revisions(
    datasource: DataSource, studio: Studio, at_noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.post("session/initialize/")
    replace_rows(datasource, ROWS)
    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 2 * HOUR)
    monkeypatch.delitem(VOCABULARY, "session.started")

    assert prune().rows == 0


def test_a_session_whose_first_event_cannot_be_read_keeps_no_revision(
    datasource: DataSource, studio: Studio, at_noon: Any
) -> None:
    studio.post("session/initialize/")
    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 2 * HOUR)
    alter_event(SessionStream.objects.get().pk, 1, "payload = '{'")

    assert prune().rows == len(ROWS)


def test_a_bounded_run_continues_where_the_last_one_stopped(
    datasource: DataSource, at_noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "ROWS_PER_BATCH", 2)
    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 2 * HOUR)

    assert prune(limit=5) == pruning.Pruned(rows=5, is_complete=False)
    assert prune() == pruning.Pruned(rows=len(ROWS) - 5, is_complete=True)
    assert prune() == pruning.Pruned(rows=0, is_complete=True)


def test_rows_are_removed_from_the_first_so_that_a_half_pruned_revision_counts_as_removed(
    datasource: DataSource, at_noon: Any
) -> None:
    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 2 * HOUR)

    prune(limit=1)

    left = DataRow.objects.filter(revision=1).values_list("row_number", flat=True)
    assert sorted(left) == list(range(2, len(ROWS) + 1))


def test_the_job_and_the_command_do_the_same(datasource: DataSource, at_noon: Any) -> None:
    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 2 * HOUR)
    assert tasks.prune_old_revisions() == {"rows": len(ROWS)}

    replace_rows(datasource, ROWS)
    at_noon.move_to(NOON + 4 * HOUR)
    output = io.StringIO()
    call_command("prune_old_revisions", "--limit", "3", stdout=output)
    call_command("prune_old_revisions", stdout=output)

    assert output.getvalue().splitlines() == [
        "Removed 3 rows that no session needs; there may be more: run the command again.",
        f"Removed {len(ROWS) - 3} rows that no session needs.",
    ]
