"""Lists of row numbers may be gone at any time; what is read through them is always the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg2.errors import ReadOnlySqlTransaction
from pytest_django.fixtures import Settings

from data_tools import tasks
from data_tools.exceptions import RowsNotReproduced
from data_tools.filtering import EVERYTHING, PageSpec, Selection, SortSpec, filter_from_json
from data_tools.models import DataRow, DataSource, RowList, RowListBlock
from data_tools.operations import fill_fitting
from data_tools.rows.lists import storage
from data_tools.rows.pages import read_page
from data_tools.rows.session_rows import SessionRows
from tests.support.at_once import at_once
from tests.support.reference_rows import Table, apply
from tests.support.small_datasets import publish
from tests.support.stored_rows import all_rows, stored
from tests.support.studio_client import STRUCTURED
from tests.support.studios import studio_of
from tests.support.users import UserFactory

pytestmark = pytest.mark.django_db

Requests = list[tuple[str, dict[str, Any]]]
LATE = Selection(
    filter=filter_from_json([{"column": "n", "op": "gte", "value": 20}]),
    sorts=(SortSpec(column_name="t", descending=True), SortSpec(column_name="n")),
)
# Each removal goes by what the fills before it found among the rows kept until then.
STACK: Requests = [
    ("drop_missing_rows", {"columns": ["n"]}),
    ("fill_missing_values", {"columns": ["t"], "strategy": "forward_fill"}),
    ("filter_rows", {"filter": [{"column": "t", "op": "ne", "value": "3"}]}),
    ("fill_missing_values", {"columns": ["f"], "strategy": "backward_fill"}),
    ("fill_missing_values", {"columns": ["f"], "strategy": "mean"}),
    ("drop_duplicate_rows", {"columns": ["t", "f"], "keep": "last"}),
]


def gappy(rows: int = 700) -> Table:
    return Table(
        names=["n", "t", "f"],
        types=["integer", "text", "float"],
        rows=[
            [
                number if number % 7 else None,
                str(number % 5) if number % 3 else None,
                number / 4 if number % 11 > 3 else None,
            ]
            for number in range(rows)
        ],
    )


def stacked(table: Table, requests: Requests) -> tuple[SessionRows, Table]:
    rows = stored(table)
    for name, parameters in requests:
        prepared = rows.prepare(name, parameters)
        table, changed = apply(table, name, parameters)
        assert (prepared.rows_after, prepared.cells_changed) == (len(table.rows), changed), name
        rows = rows.after(prepared)
    return rows, table


def truncate(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")


def remove_last_list() -> None:
    RowList.objects.filter(id=RowList.objects.latest("used_at").id).delete()


LOSSES: dict[str, Callable[[], Any]] = {
    "both tables": lambda: truncate("data_tools_rowlist, data_tools_rowlistblock"),
    "the lists": lambda: truncate("data_tools_rowlist"),
    "the blocks": lambda: truncate("data_tools_rowlistblock"),
    "the first list": lambda: RowList.objects.filter(parent=None).delete(),
    "the last list": remove_last_list,
    "nothing": lambda: None,
}


@pytest.mark.parametrize("lost", LOSSES)
def test_rows_are_the_same_whichever_of_their_lists_were_lost(lost: str) -> None:
    rows, expected = stacked(gappy(), STACK)
    selected = expected.selected(LATE.filter.written, [("t", True), ("n", False)])
    assert all_rows(rows, 100) == expected.rows
    assert all_rows(rows, 100, selection=LATE) == selected

    LOSSES[lost]()

    assert all_rows(rows, 100) == expected.rows
    LOSSES[lost]()
    assert all_rows(rows, 100, selection=LATE) == selected
    assert RowList.objects.count() == 4


@pytest.mark.parametrize("lost", LOSSES)
def test_an_operation_is_fitted_to_the_remaining_rows_whichever_lists_were_lost(lost: str) -> None:
    rows, expected = stacked(gappy(), STACK[:3])
    mean = ("fill_missing_values", {"columns": ["f"], "strategy": "mean"})
    LOSSES[lost]()

    prepared = rows.prepare(*mean)

    after, changed = apply(expected, *mean)
    assert prepared.cells_changed == changed > 0
    assert all_rows(rows.after(prepared)) == after.rows


@pytest.mark.parametrize("changed", [{"count": 5}, {"sha256": "0" * 64}])
def test_kept_rows_that_cannot_be_reproduced_are_an_error(changed: Any) -> None:
    rows, _ = stacked(gappy(), STACK[:1])
    [operation] = rows.operations
    kept = {**operation.fitted["kept"], **changed}
    rows = replace(rows, operations=(replace(operation, fitted={"kept": kept}),))
    truncate("data_tools_rowlist")

    for selection in (EVERYTHING, LATE):
        with pytest.raises(RowsNotReproduced):
            read_page(rows, PageSpec(), selection)
    assert not RowList.objects.exists()


def test_a_pass_over_rows_whose_list_was_just_removed_fails_instead_of_finding_none() -> None:
    rows, _ = stacked(gappy(), STACK[:1])
    query = rows.cells_query([rows.cells["b1"]])
    truncate("data_tools_rowlist")

    with pytest.raises(Exception, match="has just been removed"), transaction.atomic():
        rows.fetch_all(query)


def test_the_same_removal_or_view_after_other_operations_has_its_own_list() -> None:
    rows = stored(Table(names=["n"], types=["integer"], rows=[[1], [None], [9]]))
    large = [{"column": "n", "op": "gt", "value": 5}]
    for value, kept in ((2, [[9]]), (7, [[7], [9]]), (2, [[9]])):
        asked = {"columns": ["n"], "strategy": "constant", "fill_value": value}
        filled = rows.after(rows.prepare("fill_missing_values", asked))
        removed = filled.after(filled.prepare("filter_rows", {"filter": large}))

        assert all_rows(removed) == kept
        assert read_page(filled, PageSpec(), Selection(filter=filter_from_json(large))).rows == kept


def test_an_operation_that_removes_nothing_keeps_no_list() -> None:
    rows, expected = stacked(gappy(), [("drop_missing_rows", {"how": "all"})] * 2)

    assert [sorted(operation.fitted) for operation in rows.operations] == [["kept"], []]
    assert all_rows(rows) == expected.rows
    assert RowList.objects.count() == 1


def test_a_removal_can_be_tried_before_it_is_applied() -> None:
    rows, _ = stacked(gappy(), STACK[:2])

    tried, done = (rows.prepare(*STACK[2]) for _ in range(2))

    assert tried == done
    assert RowList.objects.count() == 2


def test_all_rows_can_be_removed() -> None:
    nothing = [("filter_rows", {"filter": [{"column": "n", "op": "lt", "value": -1}]})]
    rows, _ = stacked(gappy(), [*nothing, ("drop_duplicate_rows", {}), *nothing])

    assert rows.total_rows == 0
    assert all_rows(rows) == all_rows(rows, selection=LATE) == []


@pytest.mark.parametrize("strategy", ["forward_fill", "backward_fill"])
def test_a_fill_from_neighbours_finds_them_across_long_gaps_of_removed_rows(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill_fitting, "LONG_GAP_ROWS", 5)
    monkeypatch.setattr(fill_fitting, "MAX_GAPS", 2)
    gone = [*range(3), *range(10, 40), *range(45, 60), *range(90, 100)]
    present = {4, 8, 62, 80}
    table = Table(
        names=["x", "stays"],
        types=["integer", "boolean"],
        rows=[
            [number if number in present or number in gone else None, number not in gone]
            for number in range(100)
        ],
    )
    stay = {"filter": [{"column": "stays", "op": "eq", "value": True}]}

    rows, expected = stacked(
        table,
        [("filter_rows", stay), ("fill_missing_values", {"columns": ["x"], "strategy": strategy})],
    )

    assert all_rows(rows, 7) == expected.rows


# Pages


def queries_of_page(rows: SessionRows, page_number: int, selection: Selection) -> int:
    with CaptureQueriesContext(connection) as queries:
        read_page(rows, PageSpec(page_number=page_number, page_size=10), selection)
    return len(queries)


@pytest.mark.parametrize("selection", [EVERYTHING, LATE], ids=["all rows", "selected"])
def test_a_later_page_is_one_query_wherever_it_is(selection: Selection) -> None:
    rows, expected = stacked(gappy(), STACK[:3])
    read_page(rows, PageSpec(), selection)
    pages = len(expected.rows) // 10

    assert {queries_of_page(rows, page, selection) for page in (1, 2, pages // 2)} == {1}


def test_a_page_past_the_end_of_a_selection_is_empty_with_the_totals() -> None:
    rows = stored(gappy(100))

    page = read_page(rows, PageSpec(page_number=50, page_size=10), LATE)

    assert (page.rows, page.total_rows, page.filtered_rows) == ([], 100, 68)
    assert (page.total_pages, page.has_next, page.has_previous) == (7, False, True)


def test_a_read_only_database_answers_without_storing_the_list() -> None:
    rows, expected = stacked(gappy(), STACK[:3])
    selected = expected.selected(LATE.filter.written, [("t", True), ("n", False)])

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        assert all_rows(rows, 100, selection=LATE) == selected
        past = read_page(rows, PageSpec(page_number=99), LATE)
        assert (past.rows, past.filtered_rows) == ([], len(selected))
        with pytest.raises(Exception, match="read-only") as refused, transaction.atomic():
            RowList.objects.all().delete()
        assert isinstance(refused.value.__cause__, ReadOnlySqlTransaction)
        transaction.set_rollback(True)


# Bounds


def listed() -> set[int]:
    return set(RowList.objects.values_list("row_count", flat=True))


def from_row(number: int) -> Selection:
    return Selection(filter=filter_from_json([{"column": "n", "op": "gte", "value": number}]))


def test_beyond_the_limit_the_longest_unused_lists_are_removed(settings: Settings) -> None:
    rows = stored(Table(names=["n"], types=["integer"], rows=[[n] for n in range(100)]))
    for number in (60, 70, 80):
        read_page(rows, PageSpec(), from_row(number))
    for age, list_rows in enumerate((30, 20, 40)):
        RowList.objects.filter(row_count=list_rows).update(used_at=f"2026-01-0{9 - age}T00:00Z")

    settings.ROW_LISTS = {"UNUSED_SECONDS": 10**9, "MOST_ROWS": 50}
    assert tasks.prune_row_lists() == {"lists": 1, "columns": 0}
    assert listed() == {30, 20}

    read_page(rows, PageSpec(), from_row(75))  # what is made makes room for itself
    assert listed() == {25}
    assert set(RowListBlock.objects.values_list("list_id")) == set(
        RowList.objects.values_list("id")
    )


def test_rows_that_need_more_lists_than_the_limit_can_be_read_and_worked_on(
    settings: Settings,
) -> None:
    settings.ROW_LISTS = {"UNUSED_SECONDS": 10**9, "MOST_ROWS": 150}
    rows = stored(Table(names=["n"], types=["integer"], rows=[[n] for n in range(100)]))
    for number in (1, 2, 3):  # 99, 98 and 97 rows, each made of those before it
        asked = {"filter": [{"column": "n", "op": "gte", "value": number}]}
        rows = rows.after(rows.prepare("filter_rows", asked))

    assert read_page(rows, PageSpec(), EVERYTHING).total_rows == 97
    truncate("data_tools_rowlist")
    assert read_page(rows, PageSpec(page_size=2), EVERYTHING).rows == [[3], [4]]

    RowList.objects.update(used_at="2026-01-01T00:00Z")  # nobody needs them any more
    storage.prune()
    assert sum(RowList.objects.values_list("row_count", flat=True)) <= 150


def test_a_list_unused_for_long_is_removed_and_reading_counts_as_use(settings: Settings) -> None:
    settings.ROW_LISTS = {"UNUSED_SECONDS": 86_400, "MOST_ROWS": 10**9}
    rows = stored(Table(names=["n"], types=["integer"], rows=[[n] for n in range(100)]))
    for number in (60, 70):
        read_page(rows, PageSpec(), from_row(number))
    RowList.objects.update(used_at="2026-01-01T00:00Z")

    read_page(rows, PageSpec(), from_row(60))

    assert tasks.prune_row_lists() == {"lists": 1, "columns": 0}
    assert listed() == {40}


def test_lists_are_removed_with_their_dataset(user: User) -> None:
    datasource = publish(user)
    studio = studio_of(user, datasource, headers=STRUCTURED)
    assert studio.get("data/", {"sort": "delay"}).status == 200
    assert RowList.objects.count() == 1

    DataSource.objects.all().delete()

    assert not RowList.objects.exists()
    assert not RowListBlock.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_concurrent_first_reads_all_answer_and_make_one_list() -> None:
    user = UserFactory()
    datasource = publish(user, [("n", "integer")], [[number] for number in range(3000)])
    studio = studio_of(user, datasource, headers=STRUCTURED)
    query = {"sort": "-n", "filter": '[{"column": "n", "op": "lt", "value": 2000}]'}

    answers = at_once([lambda: studio.get("data/", query) for _ in range(6)])

    assert {answer.status for answer in answers} == {200}
    first = [{"n": number} for number in range(1999, 1974, -1)]
    assert all(answer.body["data"] == first for answer in answers)
    assert list(RowList.objects.values_list("row_count", flat=True)) == [2000]
    DataRow.objects.all().delete()


def test_a_page_is_answered_even_if_the_use_of_its_list_cannot_be_noted() -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        storage.note_use([uuid4()])
        transaction.set_rollback(True)
