"""A revision of many rows has a table of its own, from its load to its deletion."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from data_tools.ingest import load_file, load_file_again
from data_tools.ingest.loading import job
from data_tools.models import DataRow, DataSource
from data_tools.revisions import pruning, row_moving
from data_tools.revisions.pruning import _LONGEST_REQUEST
from data_tools.row_tables import placement
from data_tools.row_tables.names import own_table
from data_tools.row_tables.removing import drop_left_over
from data_tools.services import dataset_service
from tests.support.own_tables import (
    as_a_guest,
    as_a_new_process,
    drop_by_hand,
    own_tables,
    places,
    rows_in,
    somebody_reads,
)
from tests.support.patience import wait_for_threads
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import fill, open_studio, rename

pytestmark = pytest.mark.django_db(transaction=True)

LARGE = 6
ROWS = [[number, None if number % 3 else number / 2, "ab"[number % 2]] for number in range(1, 7)]


@pytest.fixture(autouse=True)
def few_are_many(settings: Settings) -> None:
    settings.OWN_TABLE_ROWS = LARGE


def write_csv(path: Path, rows: int = LARGE, *, plus: int = 0) -> Path:
    lines = [
        f"{number + plus},{'' if number % 3 else number / 2},{'ab'[number % 2]}"
        for number in range(1, rows + 1)
    ]
    path.write_text("id,delay,word\n" + "\n".join(lines) + "\n")
    return path


def load(user: User, tmp_path: Path, rows: int = LARGE) -> DataSource:
    dataset = load_file(write_csv(tmp_path / "a.csv", rows), owner=user, name="a")
    assert dataset.status == DataSource.Status.READY
    return dataset


def page(studio: Studio, **query: Any) -> list[dict[str, Any]]:
    answer = studio.get("data/", query)
    assert answer.status == 200, answer
    return answer.body["data"]


# Loading


@pytest.mark.parametrize(
    ("rows", "setting", "has_own"), [(6, 6, True), (5, 6, False), (6, 0, False)]
)
def test_a_revision_of_many_rows_gets_a_table_and_others_share_one(
    user: User, tmp_path: Path, settings: Settings, rows: int, setting: int, has_own: bool
) -> None:
    settings.OWN_TABLE_ROWS = setting

    dataset = load(user, tmp_path, rows)

    assert dataset.own_tables == ([1] if has_own else [])
    assert places(dataset.pk) == ((0, rows, rows) if has_own else (rows, 0, rows))


@pytest.mark.session_setting
def test_a_database_user_who_may_make_no_table_goes_on_with_the_shared_one(
    user: User, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = load(user, tmp_path)

    with as_a_guest():
        shared = load(user, tmp_path)
        delete_by_service(before)
        assert drop_left_over() == 0
        assert row_moving.move(most_rows=100).copied == 0

    assert shared.own_tables == []
    assert places(shared.pk) == (LARGE, 0, LARGE)
    assert "may not make tables" in caplog.text
    assert rows_in(own_table(before.pk, 1), before.pk) == 0
    assert drop_left_over() == 1


def test_its_rows_are_read_from_that_table_alone(user: User, tmp_path: Path) -> None:
    dataset = load(user, tmp_path)
    steps = [rename("delay", "late"), fill("late", "forward_fill")]

    with CaptureQueriesContext(connection) as queries:
        studio = open_studio(user, dataset, steps=steps, headers=STRUCTURED)
        rows = page(studio)
        filtered = page(studio, filter='{"column": "word", "op": "eq", "value": "a"}')
        ordered = page(studio, sort="-id")

    assert [row["late"] for row in rows] == [None, None, 1.5, 1.5, 1.5, 3.0]
    assert [row["id"] for row in filtered] == [2, 4, 6]
    assert [row["id"] for row in ordered] == [6, 5, 4, 3, 2, 1]
    statements = " ".join(query["sql"] for query in queries)
    assert own_table(dataset.pk, 1) in statements
    assert "data_tools_datarow" not in statements


@pytest.mark.parametrize("rows", [LARGE, LARGE - 1], ids=["own table", "shared table"])
def test_where_the_rows_lie_is_read_with_the_dataset(user: User, tmp_path: Path, rows: int) -> None:
    studio = open_studio(user, load(user, tmp_path, rows))
    as_a_new_process()

    with CaptureQueriesContext(connection) as queries:
        page(studio)

    asked = [query["sql"] for query in queries if "own_tables" in query["sql"]]
    assert len(asked) == 1
    assert "open_head" in asked[0]  # the statement of every request


def test_the_rows_of_both_kinds_are_seen_by_who_reads_the_shared_table(
    user: User, tmp_path: Path
) -> None:
    large, small = load(user, tmp_path), load(user, tmp_path, 2)

    assert DataRow.objects.filter(dataset=large).count() == LARGE
    assert DataRow.objects.filter(dataset=small).count() == 2


@pytest.mark.parametrize("table", ["own", "data_tools_own_rows", "data_tools_datarow"])
def test_its_rows_are_never_changed(user: User, tmp_path: Path, table: str) -> None:
    dataset = load(user, tmp_path)
    name = own_table(dataset.pk, 1) if table == "own" else table

    with pytest.raises(DatabaseError, match="never updated"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {name} SET row_number = row_number + 10")


def test_it_takes_no_rows_of_others(user: User, tmp_path: Path) -> None:
    dataset = load(user, tmp_path)

    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {own_table(dataset.pk, 1)} (dataset_id, revision, row_number, "values")'
            " VALUES (%s, 2, 1, '[]')",
            [dataset.pk],
        )


def test_a_load_that_fails_leaves_no_table(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(job, "publish", fault)
        with pytest.raises(RuntimeError):
            load(user, tmp_path)
    assert own_tables() == set()

    again = load_file_again(
        write_csv(tmp_path / "b.csv", LARGE - 1), datasource_id=DataSource.objects.get().pk
    )
    assert places(again.pk) == (LARGE - 1, 0, LARGE - 1)
    assert len(page(open_studio(user, again))) == LARGE - 1


def test_the_same_content_again_makes_no_table(user: User, tmp_path: Path) -> None:
    dataset = load(user, tmp_path)

    again = load_file_again(write_csv(tmp_path / "b.csv"), datasource_id=dataset.pk)

    assert (again.revision, again.own_tables) == (1, [1])
    assert own_tables() == {own_table(dataset.pk, 1)}


def test_rows_that_are_gone_are_loaded_again(user: User, tmp_path: Path) -> None:
    dataset = load(user, tmp_path)
    drop_by_hand(dataset.pk)

    again = load_file_again(write_csv(tmp_path / "b.csv"), datasource_id=dataset.pk)

    assert (again.revision, again.own_tables) == (2, [1, 2])
    assert places(dataset.pk, 2) == (0, LARGE, LARGE)


@pytest.mark.parametrize("in_request", [True, False], ids=["in the request", "by a job"])
def test_a_saved_session_gets_a_table_as_a_file_does(
    user: User, tmp_path: Path, settings: Settings, in_request: bool
) -> None:
    settings.SAVE_IN_REQUEST_ROWS = LARGE if in_request else 0
    studio = open_studio(user, load(user, tmp_path), steps=[rename("id", "key")])

    saved = studio.post("session/save/").body["new_datasource"]["id"]
    wait_for_threads(f"write-{saved}")
    dataset = DataSource.objects.get(pk=saved)

    assert (dataset.status, dataset.own_tables) == (DataSource.Status.READY, [1])
    assert places(dataset.pk) == (0, LARGE, LARGE)
    assert [row["key"] for row in page(open_studio(user, dataset))] == [1, 2, 3, 4, 5, 6]


# Removing


def delete_by_service(dataset: DataSource) -> None:
    dataset_service.delete(owner=dataset.owner, datasource_id=dataset.pk)


def delete_by_sql(dataset: DataSource) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM data_tools_datasource WHERE id = %s", [dataset.pk])


@pytest.mark.parametrize("delete", [delete_by_service, delete_by_sql])
def test_it_goes_with_its_dataset(user: User, tmp_path: Path, delete: Any) -> None:
    dataset, other = load(user, tmp_path), load(user, tmp_path)

    delete(dataset)

    assert own_tables() == {own_table(other.pk, 1)}
    assert not DataRow.objects.filter(dataset=dataset).exists()


def test_a_deletion_waits_for_no_reader_and_a_later_look_drops_the_table(
    user: User, tmp_path: Path
) -> None:
    dataset = load(user, tmp_path)

    with somebody_reads(own_table(dataset.pk, 1)):
        delete_by_service(dataset)
        assert rows_in(own_table(dataset.pk, 1), dataset.pk) == 0
        assert drop_left_over() == 0

    assert drop_left_over() == 1
    assert own_tables() == set()


def test_rows_whose_table_is_gone_are_answered_as_rows_that_are_gone(
    user: User, tmp_path: Path
) -> None:
    studio = open_studio(user, load(user, tmp_path), headers=STRUCTURED)
    shared = open_studio(user, load(user, tmp_path, LARGE - 1), headers=STRUCTURED)
    DataRow.objects.filter(dataset_id=shared.datasource_id).delete()
    drop_by_hand(DataSource.objects.exclude(pk=shared.datasource_id).get().pk)

    for each in (studio, shared):
        assert each.get("data/").error["code"] == "ROWS_GONE"
        assert each.get("data/", {"sort": "-id"}).error["code"] == "ROWS_GONE"
    verdicts = [each.get("session/validate/").body for each in (studio, shared)]
    assert verdicts[0]["suggested_action"] == verdicts[1]["suggested_action"]


def replaced_long_ago(user: User, tmp_path: Path) -> DataSource:
    dataset = load(user, tmp_path)
    load_file_again(write_csv(tmp_path / "b.csv", plus=10), datasource_id=dataset.pk)
    long_ago = timezone.now() - 2 * _LONGEST_REQUEST
    DataSource.objects.update(updated_at=long_ago)
    return DataSource.objects.get()


def test_pruning_drops_the_table_of_a_revision_that_nobody_needs(
    user: User, tmp_path: Path
) -> None:
    dataset = replaced_long_ago(user, tmp_path)
    assert dataset.own_tables == [1, 2]

    assert pruning.prune(limit=100) == pruning.Pruned(rows=LARGE, is_complete=True)

    assert own_tables() == {own_table(dataset.pk, 2)}
    assert DataSource.objects.get().own_tables == [2]


def test_pruning_leaves_a_table_alone_that_somebody_reads(user: User, tmp_path: Path) -> None:
    dataset = replaced_long_ago(user, tmp_path)

    with somebody_reads(own_table(dataset.pk, 1)):
        assert pruning.prune(limit=100).rows == 0
    assert rows_in(own_table(dataset.pk, 1), dataset.pk) == LARGE

    assert pruning.prune(limit=100).rows == LARGE
    assert DataSource.objects.get().own_tables == [2]


def test_a_table_that_the_version_before_has_emptied_is_dropped(user: User, tmp_path: Path) -> None:
    dataset = replaced_long_ago(user, tmp_path)
    DataRow.objects.filter(dataset=dataset, revision=1).delete()  # which is how it prunes

    assert drop_left_over() == 1

    assert own_tables() == {own_table(dataset.pk, 2)}
    assert DataSource.objects.get().own_tables == [2]


def test_a_table_is_not_taken_for_an_empty_one_by_who_remembers_the_shared_table(
    user: User, tmp_path: Path
) -> None:
    dataset = replaced_long_ago(user, tmp_path)
    placement._remember(dataset.pk, [], dataset.revision)

    assert drop_left_over() == 0

    assert rows_in(own_table(dataset.pk, 1), dataset.pk) == LARGE


# Lying together


def wide_rows(path: Path, rows: int) -> Path:
    numbers = random.Random(7)
    lines = [
        ",".join(f"{numbers.random():.{numbers.randint(3, 9)}f}" for _ in range(90))
        for _ in range(rows)
    ]
    header = ",".join(f"c{at}" for at in range(90))
    path.write_text(f"{header}\n" + "\n".join(lines) + "\n")
    return path


def pages_of(dataset: DataSource) -> tuple[int, float]:
    """Return how many pages its rows touch, and how many their bytes need."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT (tableoid, (ctid::text::point)[0])),"
            " sum(24 + 8 + 4 + 8 + 4 + 4 + pg_column_size(values)) / 8168.0"
            " FROM data_tools_datarow AS row WHERE dataset_id = %s",
            [dataset.pk],
        )
        pages, needed = cursor.fetchone()
        return pages, float(needed)


@pytest.mark.parametrize("has_own", [True, False], ids=["own table", "shared table"])
def test_in_a_lived_in_database_the_rows_of_a_large_dataset_lie_together(
    user: User, tmp_path: Path, settings: Settings, has_own: bool
) -> None:
    settings.OWN_TABLE_ROWS = 0
    for number in range(6):
        name = f"wide {number}"
        wide = load_file(wide_rows(tmp_path / "wide.csv", 1_000), owner=user, name=name)
        if number % 2:
            delete_by_service(wide)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM data_tools_datarow")
    settings.OWN_TABLE_ROWS = 10_000 if has_own else 0

    pages, needed = pages_of(load(user, tmp_path, 10_000))

    if has_own:
        assert pages <= 1.2 * needed
    else:
        assert pages > 1.5 * needed  # or else the test shows nothing
