"""Pages through SQL: one query each, bounded in length and depth, whatever is stacked or named."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from data_tools.filtering import EVERYTHING, PageSpec, Selection, SortSpec
from data_tools.filtering.filters import filter_from_json
from data_tools.operations import fill_fitting
from data_tools.operations.exceptions import ColumnNotFound, SessionTooComplex
from data_tools.profiles.measuring import measure
from data_tools.rows import rendering, session_rows
from data_tools.rows.pages import read_page
from data_tools.rows.session_rows import SessionRows
from tests.support.reference_rows import Table, apply
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db


def stacked(table: Table, requests: list[tuple[str, dict[str, Any]]]) -> tuple[SessionRows, Table]:
    rows = stored(table)
    for name, parameters in requests:
        rows = rows.after(rows.prepare(name, parameters))
        table, _ = apply(table, name, parameters)
    return rows, table


def by(name: str, *, descending: bool = False) -> Selection:
    return Selection(sorts=(SortSpec(column_name=name, descending=descending),))


def query_of(
    rows: SessionRows, selection: Selection = EVERYTHING, page: PageSpec | None = None
) -> str:
    """The one query of a page; of an order, of a page behind the first that was read."""
    if not selection.is_everything:
        read_page(rows, PageSpec(), selection)
    with CaptureQueriesContext(connection) as queries:
        read_page(rows, page or PageSpec(), selection)
    [query] = queries.captured_queries
    return query["sql"]


def gappy(rows: int = 60) -> Table:
    return Table(
        names=["i", "f", "t"],
        types=["integer", "float", "text"],
        rows=[
            [
                number if number % 3 else None,
                number / 4 if number % 5 else None,
                str(number) if number % 4 else ("x" if number % 8 else None),
            ]
            for number in range(rows)
        ],
    )


def mixed(count: int) -> list[tuple[str, dict[str, Any]]]:
    """Renames, fills, changes of type and copies, all on one column and its copies."""
    one_round = [
        ("change_column_type", {"column_name": "t", "new_type": "int", "on_error": "null"}),
        ("fill_missing_values", {"columns": ["t"], "strategy": "constant", "fill_value": "3"}),
        ("change_column_type", {"column_name": "t", "new_type": "bool", "on_error": "null"}),
        ("fill_missing_values", {"columns": ["t"], "strategy": "backward_fill"}),
        ("rename_column", {"old_name": "i", "new_name": "renamed"}),
        ("change_column_type", {"column_name": "t", "new_type": "int"}),
        ("change_column_type", {"column_name": "t", "new_type": "text"}),
        ("column_operation_duplicate", {"columns": ["t"]}),
        ("rename_column", {"old_name": "renamed", "new_name": "i"}),
    ]
    return list(itertools.islice(itertools.cycle(one_round), count))


def test_page__is_one_query() -> None:
    rows, _ = stacked(gappy(), mixed(20))

    assert query_of(rows)
    assert query_of(rows, by("t", descending=True))


def test_page__of_an_untouched_session_sends_the_stored_rows() -> None:
    rows = stored(gappy())

    query = query_of(rows)

    assert 'SELECT r0."values"::text AS json, r0.row_number AS n, r0.row_number AS at' in query
    assert "to_jsonb" not in query


@pytest.mark.parametrize("page_number", [1, 100, 200])
def test_page__of_kept_or_sorted_rows_reads_only_the_rows_it_shows(
    page_number: int,
) -> None:
    rows, _ = stacked(gappy(5000), [("drop_missing_rows", {"columns": ["i"]})])
    page = PageSpec(page_number=page_number, page_size=10)

    for selection in (EVERYTHING, by("f")):
        query = query_of(rows, selection, page)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query)
            [([plan],)] = cursor.fetchall()
        # Two blocks of 128 row numbers at most, and the rows of the page.
        assert _rows_read(plan["Plan"]) <= 2 * 128, selection


def test_page__past_the_end_is_empty_with_the_totals() -> None:
    page = read_page(stored(gappy(10)), PageSpec(page_number=9, page_size=5))

    assert (page.rows, page.total_rows, page.total_pages) == ([], 10, 2)
    assert (page.has_next, page.has_previous) == (False, True)


def test_page__of_no_rows_is_empty() -> None:
    page = read_page(stored(gappy(0)), PageSpec(), by("i"))

    assert (page.rows, page.total_pages, page.has_next) == ([], 0, False)


def test_page__sorted_by_an_unknown_column_is_refused() -> None:
    with pytest.raises(ColumnNotFound):
        read_page(stored(gappy()), PageSpec(), by('i"; DROP TABLE x'))


def test_page__reads_only_the_rows_it_shows() -> None:
    rows = stored(gappy(500))
    query = query_of(rows)

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query)
        [(plans,)] = cursor.fetchall()

    assert '"Actual Rows": 25' in str(plans).replace("'", '"')
    assert "Seq Scan" not in str(plans)


@pytest.mark.parametrize("descending", [False, True])
def test_page__sorting_ties_keep_row_order_and_missing_comes_last(descending: bool) -> None:
    table = Table(
        names=["k", "n"],
        types=["text", "integer"],
        rows=[[key, number] for number, key in enumerate(["b", None, "a", "b", "B", None, "a"])],
    )
    rows = stored(table)

    read = all_rows(rows, 2, SortSpec(column_name="k", descending=descending))

    assert read == table.sorted_by("k", descending)
    assert [row[1] for row in read[-2:]] == [1, 5]


def test_page__datetimes_sort_by_instant() -> None:
    times = ["2013-01-31T05:00:00.500000Z", "2013-01-31T05:00:00Z", "2013-01-31T04:59:59"]
    rows = stored(Table(names=["t"], types=["datetime"], rows=[[time] for time in times]))

    assert all_rows(rows, sort=SortSpec(column_name="t")) == [[time] for time in times[::-1]]


def test_page__200_operations_on_one_column_are_exact_and_linear() -> None:
    rows, expected = stacked(gappy(), mixed(200))
    half, _ = stacked(gappy(), mixed(100))

    assert all_rows(rows, 7) == expected.rows
    assert len(query_of(rows)) < 2.2 * len(query_of(half))
    assert len(query_of(rows)) < 20_000


def require_equal_pages(rows: SessionRows, expected: Table) -> None:
    """Hold the pages of all rows, in row order and by each column, to those of the reference."""
    assert all_rows(rows, 7) == expected.rows
    for name in expected.names:
        read = all_rows(rows, 7, SortSpec(column_name=name))
        assert read == expected.sorted_by(name, descending=False)


def test_page__a_shared_expression_in_a_layer_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "SHARED_WEIGHT", 1)
    monkeypatch.setattr(rendering, "STACKED_WEIGHT", 3)

    rows, expected = stacked(gappy(), mixed(60))

    assert "CROSS JOIN LATERAL (SELECT" in query_of(rows)
    require_equal_pages(rows, expected)


def test_page__1000_stacked_operations_work() -> None:
    table = gappy(20)
    rows = stored(table)
    to_float, to_int = (
        {"column_name": "i", "new_type": "float"},
        {"column_name": "i", "new_type": "int"},
    )
    first = rows.prepare("change_column_type", to_float)
    rows = rows.after(first)
    second = rows.prepare("change_column_type", to_int)
    # As if some value had not fitted: there and back is not simplified away, but stacked.
    first.fitted["made_missing"] = second.fitted["made_missing"] = 1
    for prepared in itertools.islice(itertools.cycle([second, first]), 999):
        rows = rows.after(prepared)

    assert query_of(rows).count("data_tools_integer_to_float") >= 499
    assert [row[0] for row in all_rows(rows)] == [row[0] for row in table.rows]
    # How many operations a session holds is for the log alone to bound.
    rows.prepare("rename_column", {"old_name": "i", "new_name": "j"})


def test_page__a_query_that_would_be_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = stored(gappy())
    monkeypatch.setattr(session_rows, "MAX_QUERY_CHARACTERS", 100)

    with pytest.raises(SessionTooComplex) as refused:
        rows.prepare("column_operation_duplicate", {"columns": ["i", "f", "t"]})

    assert refused.value.details["limit"] == "query characters"
    assert refused.value.details["found"] > refused.value.details["maximum"] == 100


def test_page__may_have_any_number_of_columns() -> None:
    """Functions of PostgreSQL take 100 arguments; rows here have more columns."""
    width = 500
    table = Table(
        names=[f"c{at}" for at in range(width)],
        types=["integer"] * width,
        rows=[list(range(width)), [None] * width],
    )
    rows, expected = stacked(
        table,
        [
            ("fill_missing_values", {"columns": table.names[:250], "strategy": "mode"}),
            ("column_operation_drop", {"columns": ["c1"]}),
        ],
    )

    assert all_rows(rows) == expected.rows


@pytest.mark.parametrize("strategy", ["forward_fill", "backward_fill"])
def test_fill_from_neighbours__is_exact_across_long_gaps(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fill_fitting, "LONG_GAP_ROWS", 5)
    monkeypatch.setattr(fill_fitting, "MAX_GAPS", 2)
    gaps = [7, 0, 3, 6, 9, 12, 8]
    values: list[Any] = []
    for number, gap in enumerate(gaps):
        values += [None] * gap + [number]
    values += [None] * 7
    table = Table(names=["x"], types=["integer"], rows=[[value] for value in values])

    rows, expected = stacked(
        table, [("fill_missing_values", {"columns": ["x"], "strategy": strategy})]
    )

    assert len(rows.operations[0].fitted["columns"]["b0"]["gaps"]) == 3
    assert all_rows(rows, 4) == expected.rows


@pytest.mark.parametrize(("strategy", "there"), [("forward_fill", 1), ("backward_fill", 3000)])
def test_fill_from_neighbours__jumps_a_long_gap(strategy: str, there: int) -> None:
    values = [number if number + 1 == there else None for number in range(3000)]
    rows, _ = stacked(
        Table(names=["x"], types=["integer"], rows=[[value] for value in values]),
        [("fill_missing_values", {"columns": ["x"], "strategy": strategy})],
    )
    page_number = 100 if there == 1 else 2

    with CaptureQueriesContext(connection) as queries:
        page = read_page(rows, PageSpec(page_number=page_number))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + queries[0]["sql"])
        [([plan],)] = cursor.fetchall()

    assert page.rows == [[there - 1]] * 25
    assert _rows_read(plan["Plan"]) <= 25 * 4


def _rows_read(node: dict[str, Any]) -> int:
    own = node["Actual Rows"] * node["Actual Loops"] + node.get("Rows Removed by Filter", 0)
    return max([own, *(_rows_read(below) for below in node.get("Plans", []))])


@pytest.mark.parametrize(
    "probe",
    [
        "'; DROP TABLE data_tools_datarow; --",
        '"; DROP TABLE data_tools_datarow; --',
        "%s",
        "%(x)s",
        "%",
        "$1",
        "\\'; SELECT pg_sleep(9); --",
        "x' || (SELECT version()) || '",
    ],
)
def test_user_text__never_becomes_part_of_the_sql_text(probe: str) -> None:
    def session(text: str) -> tuple[SessionRows, Table]:
        table = Table(names=[text, "t"], types=["text", "text"], rows=[[text, None], [None, "b"]])
        both = {"columns": [text, "t"], "strategy": "constant", "fill_value": text}
        return stacked(
            table,
            [
                ("fill_missing_values", both),
                ("column_operation_duplicate", {"columns": [text]}),
                ("change_column_type", {"column_name": "t", "new_type": "str"}),
                ("rename_column", {"old_name": "t", "new_name": text + "t"}),
            ],
        )

    rows, expected = session(probe)
    harmless, _ = session("harmless")

    texts = [each.rows_between(1, 1).text for each in (rows, harmless)]
    assert texts[0] == texts[1]
    sort = SortSpec(column_name=probe, descending=True)
    assert all_rows(rows, 1, sort) == expected.sorted_by(probe, descending=True)


def test_wide_rows_are_read_as_narrow_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures, fits, filters and orders, before and behind an operation that removes rows."""
    requests = [
        ("fill_missing_values", {"columns": ["f"], "strategy": "mean"}),
        ("drop_missing_rows", {"columns": ["i"]}),
        ("feature_scaling_standard", {"columns": ["i"]}),
    ]
    chosen = Selection(
        filter=filter_from_json([{"column": "i", "op": "gt", "value": 7}]), sorts=by("t").sorts
    )

    def read() -> list[Any]:
        read = []
        for done in range(len(requests)):
            rows, _ = stacked(gappy(), requests[:done])
            figures = [figure for batch in measure(rows, rows.columns) for _, figure in batch]
            read += [read_page(rows, PageSpec(), chosen), figures, rows.prepare(*requests[done])]
        return read

    narrow = read()
    monkeypatch.setattr(session_rows, "WIDE_COLUMNS", 0)
    monkeypatch.setattr(rendering, "CELLS_TO_UNPACK_FOR", 1)

    assert read() == narrow


def test_page__of_rows_that_are_unpacked_once_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "CELLS_TO_UNPACK_FOR", 3)

    rows, expected = stacked(gappy(), mixed(60))

    assert "|| '[]'::jsonb" in query_of(rows)
    require_equal_pages(rows, expected)
