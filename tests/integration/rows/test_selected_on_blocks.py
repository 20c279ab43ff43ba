"""Filters and orders on column blocks, and their lists, which may be stored later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from data_tools.features import Feature
from data_tools.filtering import PageSpec, Selection, SortSpec, filter_from_json
from data_tools.models import ColumnBlock, DataRow, RowList, StoredColumn
from data_tools.observing.activity import activity
from data_tools.rows import computed_columns
from data_tools.rows import packed_columns as reading
from data_tools.rows.lists import keeping, packed_filter, storage
from data_tools.rows.lists.found import ListedRows
from data_tools.rows.lists.keeping import Keeper
from data_tools.rows.lists.queries import ListKey
from data_tools.rows.lists.reading import numbers_of_list
from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.pages import Page, read_page
from data_tools.rows.session_rows import SessionRows
from tests.support.patience import PATIENCE_SECONDS
from tests.support.reference_rows import Table
from tests.support.stored_blocks import stored_with_blocks
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

UP = Selection(sorts=(SortSpec(column_name="n"),))


def numbered(rows: int = 40) -> Table:
    return Table(
        names=["n", "t"],
        types=["integer", "text"],
        rows=[
            [(number * 7) % rows, None if number % 9 == 0 else f"Text {number % 5}"]
            for number in range(rows)
        ],
    )


def where(column: str, op: str, value: Any, **options: Any) -> Selection:
    condition = {"column": column, "op": op, "value": value} | options
    return Selection(filter=filter_from_json([condition]))


def read(rows: SessionRows, selection: Selection, **page: int) -> tuple[Page, str]:
    """Return a page, and where its rows were found."""
    with activity() as done:
        found = read_page(rows, PageSpec(**page), selection)
    return found, str(done.facts["read_from"])


# Where rows are found


@pytest.mark.parametrize(
    "selection", [UP, where("n", "gte", 20), where("t", "eq", "Text 2")], ids=str
)
def test_the_first_page_is_found_on_blocks_and_the_next_in_the_list(selection: Selection) -> None:
    table = numbered()
    rows = stored_with_blocks(table)

    first, found_on = read(rows, selection, page_size=5)
    second, next_from = read(rows, selection, page_size=5, page_number=2)

    condition = selection.filter and selection.filter.written
    expected = table.selected(condition, [(sort.column_name, False) for sort in selection.sorts])
    assert (found_on, next_from) == ("blocks", "list")
    assert [*first.rows, *second.rows] == expected[:10]
    assert first.filtered_rows == second.filtered_rows == len(expected)


def test_without_blocks_the_rows_answer() -> None:
    rows = stored(numbered())

    assert read(rows, UP)[1] == "computed"


def test_with_blocks_of_some_columns_only_the_rows_answer_for_the_others() -> None:
    rows = stored_with_blocks(numbered())
    StoredColumn.objects.filter(column="b1").delete()

    assert read(rows, UP)[1] == "blocks"
    assert read(rows, where("t", "eq", "Text 2"))[1] == "computed"
    assert PackedRows(rows).columns(["b0", "b1"]) is None


def test_a_feature_turns_reading_blocks_off(switch_off: Callable[..., None]) -> None:
    rows = stored_with_blocks(numbered())
    switch_off(Feature.COLUMN_BLOCKS)

    assert read(rows, UP)[1] == "computed"


def test_columns_that_take_too_much_memory_together_are_left_to_the_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = stored_with_blocks(numbered())
    column = StoredColumn.objects.get(column="b0")
    monkeypatch.setattr(reading, "MOST_BYTES", column.packed_bytes)

    assert PackedRows(rows).columns(["b0"]) is not None
    assert PackedRows(rows).columns(["b0", "b1"]) is None


def test_columns_that_this_process_computes_count_towards_the_memory_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = stored_with_blocks(numbered())
    for name, by in (("a", 3), ("b", 4)):
        parameters = {"left_column": "n", "operator": "divide", "value": by, "new_name": name}
        rows = rows.after(rows.prepare("calculate_column", parameters))
    [*_, a, b] = [column.key for column in rows.columns]
    monkeypatch.setattr(reading, "MOST_BYTES", 40 * 8)

    assert PackedRows(rows).columns(["b0"]) is not None
    assert PackedRows(rows).columns([a]) is not None
    assert PackedRows(rows).columns([a, b]) is None


def test_a_damaged_block_is_passed_over() -> None:
    table = numbered()
    rows = stored_with_blocks(table)
    ColumnBlock.objects.filter(column="b0", block=1).update(digest=bytes(32))

    page, found_on = read(rows, UP)

    assert found_on == "computed"
    assert list(page.rows) == table.sorted_by("n", False)[:25]


def test_an_order_without_case_is_left_to_the_database() -> None:
    rows = stored_with_blocks(numbered())
    without_case = Selection(sorts=(SortSpec(column_name="t", ignore_case=True),))

    assert read(rows, without_case)[1] == "computed"


# Texts without case


@pytest.mark.parametrize("op", ["eq", "ne", "in", "contains", "starts_with", "ends_with"])
def test_the_database_is_asked_which_distinct_texts_match_without_case(op: str) -> None:
    texts = ["STRASSE", "Straße", "straße", "İstanbul", "istanbul", "", None, "ΣΑΣ", "σας", "a%_\\"]
    table = Table(["t"], ["text"], [[text] for text in texts * 2])
    rows, without_blocks = stored_with_blocks(table), stored(table)

    for value in ("straße", "İ", "i", "ΣΑΣ", "", "%_\\"):
        selection = where("t", op, [value] if op == "in" else value, ignore_case=True)
        with CaptureQueriesContext(connection) as captured:
            page, found_on = read(rows, selection)

        assert found_on == "blocks"
        assert list(page.rows) == list(read(without_blocks, selection)[0].rows)
        asked = [query["sql"] for query in captured if "distinct_texts" in query["sql"]]
        assert len(asked) == 1


@pytest.mark.parametrize("limit", ["MOST_TEXTS_ASKED_FOR", "MOST_BYTES_ASKED_FOR"])
def test_the_database_looks_at_the_rows_where_texts_are_too_many(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_filter, limit, 3)
    table = numbered()
    rows = stored_with_blocks(table)
    selection = where("t", "contains", "TEXT 3", ignore_case=True)

    page, found_on = read(rows, selection)

    assert found_on == "computed"
    assert page.filtered_rows == sum(row[1] == "Text 3" for row in table.rows) > 0


# Operations


def test_a_column_that_only_the_database_can_compute_is_computed_once_and_kept() -> None:
    rows = stored_with_blocks(numbered())
    filled = rows.after(
        rows.prepare("fill_missing_values", {"columns": ["t"], "strategy": "backward_fill"})
    )

    with CaptureQueriesContext(connection) as first:
        found = read(filled, where("t", "eq", "Text 1"))
    with CaptureQueriesContext(connection) as second:
        again = read(filled, where("t", "ne", "Text 1"))

    assert (found[1], again[1]) == ("blocks", "blocks")
    assert (found[0].filtered_rows, again[0].filtered_rows) == (8, 32)
    assert [sum("FORCE_QUOTE" in query["sql"] for query in each) for each in (first, second)] == (
        [1, 0]
    )
    assert read(rows, where("t", "eq", "Text 1"))[0].filtered_rows == 7


def test_of_too_many_rows_no_column_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = stored_with_blocks(numbered())
    filled = rows.after(
        rows.prepare("fill_missing_values", {"columns": ["t"], "strategy": "backward_fill"})
    )
    monkeypatch.setattr(reading, "MOST_COMPUTED_ROWS", 39)

    assert read(filled, where("t", "eq", "Text 1"))[1] == "computed"
    assert read(filled, UP)[1] == "blocks"


@pytest.mark.parametrize("most_bytes", [200, 10_000])
def test_a_column_that_turns_out_too_large_is_left_to_the_rows_and_this_is_remembered(
    most_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [[f"{number} {'x' * 90}" if number % 9 else None] for number in range(20)]
    rows = stored_with_blocks(Table(["t"], ["text"], texts))
    filled = rows.after(
        rows.prepare("fill_missing_values", {"columns": ["t"], "strategy": "backward_fill"})
    )
    monkeypatch.setattr(computed_columns, "BLOCK_ROWS", 5)
    monkeypatch.setattr(reading, "MOST_BYTES", most_bytes)

    column = filled.columns[0].key
    values = PackedRows(filled).columns([column])

    is_small = most_bytes == 10_000
    assert (values is not None) == is_small
    [known] = StoredColumn.objects.exclude(used_at=None)
    assert known.block_count == (4 if is_small else 0)
    with CaptureQueriesContext(connection) as captured:
        assert (PackedRows(filled).columns([column]) is not None) == is_small
    assert not any("FORCE_QUOTE" in query["sql"] for query in captured)


def test_texts_come_from_computed_columns_as_they_are() -> None:
    texts = [
        '"',
        '""',
        "a,b",
        "a\nb",
        "a\r\n",
        "\ufeffx",
        "\\.",
        "\\",
        " ",
        "",
        "é\U0001f600",
        None,
    ]
    rows = stored_with_blocks(Table(["t"], ["text"], [[text] for text in texts]))
    filled = rows.after(
        rows.prepare(
            "fill_missing_values",
            {"columns": ["t"], "strategy": "constant", "fill_value": "\ufeff"},
        )
    )

    for _ in range(2):
        [column] = PackedRows(filled).columns(["b0"]) or [None]
        assert column is not None
        assert column.values.to_pylist() == [*texts[:-1], "\ufeff"]


def test_datetimes_of_several_forms_are_left_to_the_rows_and_this_is_remembered() -> None:
    times = ["2013-01-31T05:00:00", None, "2013-01-30T05:00:00"]
    rows = stored_with_blocks(Table(["t"], ["datetime"], [[time] for time in times]))
    value = "2013-02-01T00:00:00.5"
    filled = rows.after(
        rows.prepare(
            "fill_missing_values", {"columns": ["t"], "strategy": "constant", "fill_value": value}
        )
    )
    by_time = Selection(sorts=(SortSpec(column_name="t", descending=True),))
    spellings = {row[0] for row in all_rows(filled)}
    assert len({len(text) for text in spellings}) == 2, spellings

    first, found_on = read(filled, by_time)

    assert found_on == "computed"
    assert [row[0][:10] for row in first.rows] == ["2013-02-01", "2013-01-31", "2013-01-30"]
    [known] = StoredColumn.objects.exclude(used_at=None)
    assert known.block_count == 0
    RowList.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        assert read(filled, by_time)[1] == "computed"
    assert not any("FORCE_QUOTE" in query["sql"] for query in captured)


def test_rows_that_operations_kept_are_found_by_their_own_numbers() -> None:
    table = numbered(600)
    rows = stored_with_blocks(table, block_rows=250)
    kept = rows.after(
        rows.prepare("filter_rows", {"filter": [{"column": "n", "op": "gte", "value": 300}]})
    )

    page, found_on = read(kept, UP, page_size=10)

    assert found_on == "blocks"
    assert [row[0] for row in page.rows] == list(range(300, 310))
    numbers = {row[0]: at for at, row in enumerate(table.rows, start=1)}
    assert list(page.row_numbers) == [numbers[n] for n in range(300, 310)]


# Lists


def key_of_a_list(**parts: Any) -> ListKey:
    return ListKey(
        **{"list_id": uuid4(), "parent_id": None, "dataset_id": uuid4(), "revision": 1} | parts
    )


@pytest.mark.parametrize("is_in_row_order", [True, False])
@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 1000])
def test_a_whole_list_is_read_as_it_was_stored(count: int, is_in_row_order: bool) -> None:
    key, numbers = key_of_a_list(), np.arange(1, 3 * count + 1, 3)
    if not is_in_row_order:
        numbers = numbers[::-1].copy()

    storage.store(key, numbers, is_in_row_order=is_in_row_order)

    assert numbers_of_list(key.list_id).tolist() == numbers.tolist()


@pytest.mark.django_db(transaction=True)
def test_a_list_of_kept_rows_that_were_removed_meanwhile_is_not_stored() -> None:
    """A page of a list relies on every list before it."""
    parent = key_of_a_list()
    child = key_of_a_list(parent_id=parent.list_id)

    keeping.keep(child, ListedRows(np.array([1, 2])), at_once=True)
    assert not RowList.objects.exists()
    keeping.keep(parent, ListedRows(np.array([1, 2, 3])), at_once=True)
    keeping.keep(child, ListedRows(np.array([1, 2])), at_once=True)

    assert set(RowList.objects.values_list("pk", flat=True)) == {parent.list_id, child.list_id}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """Every list is long enough to be stored later, by a keeper of this test."""
    keeper = Keeper()
    monkeypatch.setattr(keeping, "KEEPER", keeper)
    monkeypatch.setattr(keeping, "LONG_LIST_ROWS", 1)
    yield keeper
    assert keeper.finish(PATIENCE_SECONDS)


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_stored_after_its_first_page(later: Keeper) -> None:
    table = numbered()
    rows = stored_with_blocks(table)

    first, found_on = read(rows, UP, page_size=5)
    assert later.finish(PATIENCE_SECONDS)
    second, next_from = read(rows, UP, page_size=5, page_number=2)

    assert (found_on, next_from) == ("blocks", "list")
    assert [*first.rows, *second.rows] == table.sorted_by("n", False)[:10]
    DataRow.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_pages_are_found_again_while_their_list_is_being_stored(
    later: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_store = threading.Event()
    store = keeping._store

    def wait_and_store(key: ListKey, found: Any) -> None:
        assert may_store.wait(PATIENCE_SECONDS)
        store(key, found)

    monkeypatch.setattr(keeping, "_store", wait_and_store)
    table = numbered()
    rows = stored_with_blocks(table)

    pages = [read(rows, UP, page_size=5, page_number=number) for number in (1, 2, 1)]
    may_store.set()
    assert later.finish(PATIENCE_SECONDS)

    assert [found_on for _, found_on in pages] == ["blocks"] * 3
    assert [*pages[0][0].rows, *pages[1][0].rows] == table.sorted_by("n", False)[:10]
    assert RowList.objects.count() == 1
    DataRow.objects.all().delete()


class Slow(ListedRows):
    """Rows whose order takes until the test says so."""

    def __init__(
        self, numbers: np.ndarray, is_asked: threading.Event, may: threading.Event
    ) -> None:
        super().__init__(numbers)
        self.is_asked, self.may = is_asked, may

    def whole(self) -> np.ndarray:
        self.is_asked.set()
        assert self.may.wait(PATIENCE_SECONDS)
        return super().whole()


@pytest.mark.django_db(transaction=True)
def test_lists_that_would_hold_too_much_memory_are_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "MOST_WAITING_BYTES", 5 * 8)
    monkeypatch.setattr(keeping, "MOST_BYTES_ALONE", 6 * 8)
    keeper, is_asked, may = Keeper(), threading.Event(), threading.Event()
    first, second, too_much = key_of_a_list(), key_of_a_list(), key_of_a_list()

    keeper.add(too_much, ListedRows(np.arange(1, 8)))
    keeper.add(first, Slow(np.arange(1, 4), is_asked, may))
    assert is_asked.wait(PATIENCE_SECONDS)
    keeper.add(second, ListedRows(np.arange(1, 3)))
    keeper.add(too_much, ListedRows(np.arange(1, 2)))
    may.set()
    assert keeper.finish(PATIENCE_SECONDS)

    assert set(RowList.objects.values_list("pk", flat=True)) == {first.list_id, second.list_id}


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_thread_has_died_the_next_list_begins_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken(ListedRows):
        def whole(self) -> np.ndarray:
            raise MemoryError

    keeper, lost, kept = Keeper(), key_of_a_list(), key_of_a_list()

    keeper.add(lost, Broken(np.arange(1, 4)))
    assert keeper.finish(PATIENCE_SECONDS)
    keeper.add(kept, ListedRows(np.arange(1, 4)))
    assert keeper.finish(PATIENCE_SECONDS)

    assert list(RowList.objects.values_list("pk", flat=True)) == [kept.list_id]


@pytest.mark.django_db(transaction=True)
def test_where_no_thread_can_start_the_list_is_let_go_and_the_next_one_tries_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keeper, lost, kept = Keeper(), key_of_a_list(), key_of_a_list()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse_to_start)
        keeper.add(lost, ListedRows(np.arange(1, 4)))
    assert "a list of rows was not kept: the system has no thread left" in caplog.text

    keeper.add(kept, ListedRows(np.arange(1, 4)))
    assert keeper.finish(PATIENCE_SECONDS)

    assert list(RowList.objects.values_list("pk", flat=True)) == [kept.list_id]


def refuse_to_start(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
