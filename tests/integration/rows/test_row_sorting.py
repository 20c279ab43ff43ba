"""Rows in an order, whatever their cells; and the list that is kept of them."""

from __future__ import annotations

import hashlib
import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from data_tools.columns import ColumnType
from data_tools.filtering import PageSpec, Selection, SortSpec, filter_from_json
from data_tools.models import RowList, RowListBlock
from data_tools.rows.lists import copy_format
from data_tools.rows.lists.sorting import SortKey, in_order, in_row_order
from data_tools.rows.pages import Page, read_page
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.database_errors import meaning_of
from data_tools.sql.fragment import Sql
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.counted_queries import statements
from tests.support.patience import PATIENCE_SECONDS
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

VALUES: dict[str, list[Any]] = {
    "integer": [0, -1, 2**53 + 1, 2**53, 2**63 - 1, -(2**63), 2**63 - 2, -(2**63) + 1],
    "float": [0.5, -0.0, 0.0, 1.7e308, -1.7e308, 5e-324, -2.25],
    "boolean": [True, False],
    "text": ["b", "", "a", "B", "é", "e\u0301", "\uffee", "\U0001f600", "a" * 3000, "a b", "%s"],
    "date": ["2013-01-31", "0001-01-01", "9999-12-31"],
    "datetime": [
        "2013-01-31T05:00:00Z",
        "2013-01-31T05:00:00",
        "2013-01-31T05:00:00.000001",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59.999999",
    ],
}


def of_all_types(rows: int = 60) -> Table:
    """Columns of coprime lengths, so that every pair of values meets sooner or later."""
    columns = [itertools.cycle([*values, None]) for values in VALUES.values()]
    return Table(
        names=list(VALUES),
        types=list(VALUES),
        rows=[[next(column) for column in columns] for _ in range(rows)],
    )


def by(*sorts: tuple[str, bool]) -> Selection:
    return Selection(sorts=tuple(SortSpec(column_name=n, descending=down) for n, down in sorts))


@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_in_order_by_a_column_of_any_type_to_its_last_digit(descending: bool) -> None:
    table = of_all_types()
    rows = stored(table)

    for name in VALUES:
        expected = table.sorted_by(name, descending)
        assert all_rows(rows, 7, selection=by((name, descending))) == expected, name


@pytest.mark.parametrize(
    "sorts",
    [
        [("text", True), ("integer", False), ("date", True)],
        [("boolean", True), ("text", False), ("float", True)],
        [("float", False), ("datetime", True)],
        [("date", False), ("boolean", False), ("text", True), ("integer", True)],
    ],
)
def test_rows_are_in_order_by_texts_and_numbers_together(sorts: list[tuple[str, bool]]) -> None:
    table = of_all_types(200)
    rows = stored(table)

    assert all_rows(rows, 50, selection=by(*sorts)) == table.selected(None, sorts)


def test_equal_rows_are_in_row_order_however_the_database_reads_them() -> None:
    backwards = Sql(
        "SELECT n, mod(n, 3) AS k0, mod(n, 2)::text AS k1 FROM generate_series(12::bigint, 1, -1) n"
    )
    keys = [
        SortKey(cell=Sql("k0"), type=ColumnType.INTEGER, descending=True),
        SortKey(cell=Sql("k1"), type=ColumnType.TEXT),
    ]

    assert in_order(backwards, keys).tolist() == [2, 8, 5, 11, 4, 10, 1, 7, 6, 12, 3, 9]


def test_an_empty_selection_can_be_ordered() -> None:
    rows = stored(of_all_types())
    nothing = filter_from_json([{"column": "integer", "op": "eq", "value": 77}])

    for sorts in ((), by(("float", True), ("text", False)).sorts):
        page = read_page(rows, PageSpec(), Selection(filter=nothing, sorts=sorts))
        assert (page.rows, page.filtered_rows) == ([], 0)
    assert not RowListBlock.objects.exists()


def test_ordering_stops_at_the_time_limit_of_a_statement() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        with pytest.raises(OperationalError) as ended:
            in_order(Sql("SELECT 1::bigint AS n FROM pg_sleep(60)"), ())
        transaction.set_rollback(True)

    assert meaning_of(ended.value) == "QUERY_TIMEOUT"


# What is kept of them


@pytest.mark.django_db(transaction=True)
@pytest.mark.session_setting
@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_a_page_is_answered_even_if_its_list_cannot_be_stored_in_time(limit: str) -> None:
    rows = stored(of_all_types())
    selection = by(("text", True), ("integer", False))
    with nobody_inserts_into("data_tools_rowlistblock"), ThreadPoolExecutor(1) as others:
        page = others.submit(read_limited, rows, selection, limit).result(PATIENCE_SECONDS)

    assert not RowList.objects.exists()
    again = read_page(rows, PageSpec(), selection)
    assert page == again
    assert RowList.objects.count() == 1


def read_limited(rows: SessionRows, selection: Selection, limit: str) -> Page:
    """The first page, over a connection of this thread's own with a short limit."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET {limit} = '300ms'")
        return read_page(rows, PageSpec(), selection)
    finally:
        connection.close()


def multiples(rows: int, of: int) -> tuple[SessionRows, list[int]]:
    """Rows of which every so many-th is kept, and the numbers of those."""
    table = Table(["n"], ["integer"], [[number % of] for number in range(1, rows + 1)])
    kept = stored(table)
    asked = {"filter": [{"column": "n", "op": "eq", "value": 0}]}
    prepared = kept.prepare("filter_rows", asked)
    return kept.after(prepared), list(range(of, rows + 1, of))


def listed() -> list[tuple[int, int, list[int]]]:
    blocks = RowListBlock.objects.order_by("block")
    return list(blocks.values_list("block", "rows_before", "row_numbers"))


@pytest.mark.parametrize("at_once", [1, 2, 4096])
@pytest.mark.parametrize("of", [2, 300])
def test_kept_rows_are_in_blocks_by_their_numbers(
    of: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_format, "_BLOCKS_AT_ONCE", at_once)

    _, numbers = multiples(1000, of)

    blocks = itertools.groupby(numbers, key=lambda number: (number - 1) // 128)
    expected = [(block, list(in_block)) for block, in_block in blocks]
    assert [(block, row_numbers) for block, _, row_numbers in listed()] == expected
    before = itertools.accumulate((len(in_block) for _, in_block in expected), initial=0)
    assert [rows_before for _, rows_before, _ in listed()] == list(before)[:-1]


@pytest.mark.parametrize("at_once", [1, 2, 4096])
def test_a_view_is_listed_in_full_blocks(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy_format, "_BLOCKS_AT_ONCE", at_once)
    rows = stored(Table(["n"], ["integer"], [[-number] for number in range(300)]))

    read_page(rows, PageSpec(), by(("n", False)))

    numbers = list(range(300, 0, -1))
    pieces = [(0, numbers[:128]), (128, numbers[128:256]), (256, numbers[256:])]
    assert listed() == [(at, before, piece) for at, (before, piece) in enumerate(pieces)]


def test_kept_rows_are_proved_by_their_numbers_in_decimal() -> None:
    rows, numbers = multiples(100, 3)

    proof = hashlib.sha256(",".join(map(str, numbers)).encode()).hexdigest()
    assert rows.kept[0].sha256 == proof
    assert in_row_order(Sql("SELECT 9 AS row_number WHERE false")).dtype == np.int64


def test_a_first_page_without_blocks_is_eight_statements_one_of_them_a_copy() -> None:
    rows = stored(of_all_types())

    with CaptureQueriesContext(connection) as captured:
        read_page(rows, PageSpec(), by(("text", False)))

    sent = [text for text in statements(captured) if "SAVEPOINT" not in text]
    assert len(sent) == 8, sent
    assert sum(text.startswith("COPY") for text in sent) == 1


def test_reading_an_order_leaves_the_surrounding_transaction_unchanged() -> None:
    def settings() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings ORDER BY name")
            return cursor.fetchall()

    before = settings()

    with transaction.atomic():
        in_row_order(Sql("SELECT 1::bigint AS row_number"))
        assert settings() == before
