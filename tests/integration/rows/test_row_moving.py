"""Large revisions move into tables of their own, and at any moment every row is seen once."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from data_tools import tasks
from data_tools.models import DataRow, DataSource, MovedRevision
from data_tools.revisions import pruning, row_moving
from data_tools.row_tables import making, placement
from data_tools.row_tables.names import own_table
from data_tools.rows.session_rows import SessionRows
from data_tools.services import dataset_service
from data_tools.services.session_data import facts
from tests.support.at_once import at_once
from tests.support.own_tables import (
    as_a_new_process,
    drop_by_hand,
    own_tables,
    places,
    somebody_reads,
)
from tests.support.small_datasets import COLUMNS, ROWS, publish, replace_rows
from tests.support.studio_client import STRUCTURED
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

LARGE = len(ROWS)
NOTHING = {"copied": 0, "finished": 0}


@pytest.fixture(autouse=True)
def few_are_many(settings: Settings) -> None:
    settings.OWN_TABLE_ROWS = LARGE


@pytest.fixture
def dataset(user: User, settings: Settings) -> DataSource:
    """A dataset whose rows lie in the shared table, though they are many."""
    return publish(user)


def an_hour_later() -> None:
    copied_at = dt.datetime.now(dt.UTC) - row_moving.LONGEST_READING
    MovedRevision.objects.update(copied_at=copied_at)


def move() -> dict[str, int]:
    return tasks.move_rows()


def test_a_large_revision_is_copied_and_an_hour_later_leaves_the_shared_table(
    dataset: DataSource, caplog: pytest.LogCaptureFixture
) -> None:
    assert move() == {"copied": 1, "finished": 0}
    assert places(dataset.pk) == (LARGE, LARGE, LARGE)
    assert move() == NOTHING

    an_hour_later()
    assert move() == {"copied": 0, "finished": 1}

    assert places(dataset.pk) == (0, LARGE, LARGE)
    assert not MovedRevision.objects.exists()
    assert move() == NOTHING
    assert row_moving.finish(dataset.pk, 1) is False  # another process was as far as this one
    assert "not moved" not in caplog.text
    assert places(dataset.pk) == (0, LARGE, LARGE)


def test_every_reader_sees_each_row_once_between_the_steps(user: User, dataset: DataSource) -> None:
    studio = open_studio(user, dataset, headers=STRUCTURED)
    before = studio.get("data/").body["data"]
    rows = SessionRows.of_dataset(facts(dataset))
    slow = rows.rows_in_order(0, LARGE)  # a statement that was made before, and runs later

    def look() -> None:
        assert studio.get("data/").body["data"] == before
        as_a_new_process()
        assert studio.get("data/").body["data"] == before
        assert [row.values for row in DataRow.objects.order_by("row_number")] == list(ROWS)

    look()
    move()
    look()
    assert len(rows.fetch_all(slow)) == LARGE
    an_hour_later()
    move()
    look()
    assert len(rows.fetch_all(rows.rows_in_order(0, LARGE))) == LARGE


def test_a_process_that_remembers_the_old_place_still_reads_it(
    dataset: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = SessionRows.of_dataset(facts(dataset))
    assert not placement.has_own_table(dataset.pk, 1)

    with monkeypatch.context() as patch:
        patch.setattr(placement, "forget", lambda dataset_id: None)  # as if another process did it
        assert move()["copied"] == 1

    assert not placement.has_own_table(dataset.pk, 1)
    assert len(rows.fetch_all(rows.rows_in_order(0, LARGE))) == LARGE


def test_revisions_that_sessions_began_on_move_as_well(dataset: DataSource, user: User) -> None:
    studio = open_studio(user, dataset)
    before = studio.get("data/").body["data"]
    replace_rows(dataset, ROWS[:3])

    assert move() == {"copied": 1, "finished": 0}
    an_hour_later()
    move()

    assert places(dataset.pk, 1) == (0, LARGE, LARGE)
    assert places(dataset.pk, 2) == (3, 0, 3)
    assert studio.get("data/").body["data"] == before


@pytest.mark.parametrize("least_rows", [0, LARGE + 1])
def test_nothing_else_moves(dataset: DataSource, settings: Settings, least_rows: int) -> None:
    settings.OWN_TABLE_ROWS = least_rows

    assert move() == NOTHING


def test_a_move_that_dies_anywhere_leaves_all_rows_and_goes_on_later(
    dataset: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    def dies_in(module: Any, name: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, die)
            with pytest.raises(SystemExit):
                move()

    for step in ("make", "finish"):
        dies_in(making, step)
        assert places(dataset.pk) == (LARGE, 0, LARGE)
    dies_in(row_moving, "_list")
    assert places(dataset.pk) == (LARGE, 0, LARGE)
    assert move()["copied"] == 1
    an_hour_later()
    dies_in(making, "attach")
    assert places(dataset.pk) == (LARGE, LARGE, LARGE)
    assert move()["finished"] == 1
    assert places(dataset.pk) == (0, LARGE, LARGE)


def test_two_movers_at_once_move_it_once(dataset: DataSource) -> None:
    assert sum(done["copied"] for done in at_once([move] * 4)) == 1
    an_hour_later()
    assert sum(done["finished"] for done in at_once([move] * 4)) == 1

    assert places(dataset.pk) == (0, LARGE, LARGE)


def test_readers_of_the_own_table_are_waited_for(dataset: DataSource) -> None:
    move()
    an_hour_later()

    for table in ("data_tools_datarow", own_table(dataset.pk, 1)):
        with somebody_reads(table), CaptureQueriesContext(connection) as queries:
            assert move() == NOTHING
            assert places(dataset.pk) == (LARGE, LARGE, LARGE)
        # It gives up before the work of deleting.
        assert not [query for query in queries if query["sql"].startswith("DELETE")]

    assert move() == {"copied": 0, "finished": 1}


def test_a_reader_of_another_own_table_is_not_waited_for(user: User, dataset: DataSource) -> None:
    move()
    an_hour_later()
    move()
    publish(user)
    move()
    an_hour_later()

    with somebody_reads(own_table(dataset.pk, 1)):
        assert move() == {"copied": 0, "finished": 1}


def test_the_dataset_is_not_locked_while_the_copies_are_compared(
    dataset: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = row_moving._contents

    def lock() -> str:
        with transaction.atomic():
            return DataSource.objects.select_for_update(nowait=True).get().name

    def compare_while_somebody_locks(*revision: Any) -> list[tuple[int, int | None]]:
        compared = contents(*revision)
        assert at_once([lock]) == [dataset.name]
        return compared

    monkeypatch.setattr(row_moving, "_contents", compare_while_somebody_locks)
    move()
    an_hour_later()

    assert move() == {"copied": 0, "finished": 1}


def test_rows_removed_since_they_were_compared_are_left_alone(
    dataset: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = row_moving._contents

    def compare_and_prune(*revision: Any) -> list[tuple[int, int | None]]:
        compared = contents(*revision)
        DataRow.objects.filter(row_number=1).delete()
        return compared

    move()
    an_hour_later()
    with monkeypatch.context() as patch:
        patch.setattr(row_moving, "_contents", compare_and_prune)
        assert move() == NOTHING

    assert places(dataset.pk) == (LARGE - 1, LARGE, LARGE - 1)


def test_where_the_copy_was_removed_by_hand_the_shared_rows_are_read_again(
    dataset: DataSource,
) -> None:
    move()
    drop_by_hand(dataset.pk)
    an_hour_later()

    assert row_moving.finish(dataset.pk, 1) is False

    assert DataSource.objects.get().own_tables == []
    assert not MovedRevision.objects.exists()
    assert places(dataset.pk) == (LARGE, 0, LARGE)
    assert move() == {"copied": 1, "finished": 0}


def test_a_revision_that_the_database_refuses_keeps_no_other_from_moving(
    user: User,
    dataset: DataSource,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(user)
    copy_rows, refused = row_moving._copy_rows, []

    def refuse_once(*arguments: Any) -> int:
        if not refused:
            refused.append(arguments)
            raise DataError
        return copy_rows(*arguments)

    monkeypatch.setattr(row_moving, "_copy_rows", refuse_once)

    assert move() == {"copied": 1, "finished": 0}
    assert "were not moved" in caplog.text


def change_a_copy(dataset: DataSource) -> None:
    with connection.cursor() as cursor:
        table = own_table(dataset.pk, 1)
        cursor.execute(f"DELETE FROM {table} WHERE row_number = 1")
        cursor.execute(
            f'INSERT INTO {table} (dataset_id, revision, row_number, "values")'
            " VALUES (%s, 1, 1, '[7]')",
            [dataset.pk],
        )


def test_a_copy_that_differs_is_dropped_and_the_rows_stay(
    dataset: DataSource, caplog: pytest.LogCaptureFixture
) -> None:
    move()
    change_a_copy(dataset)
    an_hour_later()

    assert row_moving.finish(dataset.pk, 1) is False

    assert places(dataset.pk) == (LARGE, 0, LARGE)
    assert DataSource.objects.get().own_tables == []
    assert "was not moved" in caplog.text
    assert caplog.records[-1].levelname == "ERROR"


def test_rows_that_only_the_copy_has_are_never_dropped(
    dataset: DataSource, caplog: pytest.LogCaptureFixture
) -> None:
    move()
    DataRow.objects.filter(row_number__gt=3).delete()  # as the version before prunes
    an_hour_later()

    assert row_moving.finish(dataset.pk, 1) is False

    assert caplog.records[-1].levelname == "WARNING"

    assert places(dataset.pk) == (3, LARGE, 3)
    assert DataSource.objects.get().own_tables == [1]


def test_a_revision_with_a_gap_is_not_copied(
    dataset: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    DataRow.objects.filter(row_number=3).delete()
    monkeypatch.setattr(row_moving, "_copy_rows", None)

    assert move() == NOTHING
    assert own_tables() == set()


def delete(dataset: DataSource) -> None:
    dataset_service.delete(owner=dataset.owner, datasource_id=dataset.pk)


def prune(dataset: DataSource) -> None:
    replace_rows(dataset, ROWS[:3])
    DataSource.objects.update(updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert pruning.prune(limit=1_000).is_complete


@pytest.mark.parametrize("remove", [delete, prune])
def test_a_revision_that_goes_while_it_moves_goes_from_both_places(
    dataset: DataSource, remove: Callable[[DataSource], None]
) -> None:
    move()

    remove(dataset)

    assert places(dataset.pk) == (0, 0, 0)
    assert own_tables() == set()
    assert not MovedRevision.objects.exists()
    an_hour_later()
    assert move() == NOTHING


def test_the_command_says_what_it_did(user: User, dataset: DataSource) -> None:
    publish(user, COLUMNS, ROWS[:3])
    out = io.StringIO()

    call_command("move_rows", stdout=out)
    an_hour_later()
    call_command("move_rows", stdout=out)

    assert out.getvalue().splitlines() == [
        "Copied 1 revisions, and removed 0 from the shared table. 1 are to be removed from it.",
        "Copied 0 revisions, and removed 1 from the shared table. 0 are to be removed from it.",
    ]
