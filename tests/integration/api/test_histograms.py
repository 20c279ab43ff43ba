"""A histogram's counts are what a filter finds with the edges that are answered."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.filtering import PageSpec, Selection
from data_tools.filtering.filters import filter_from_json
from data_tools.profiles import measuring
from data_tools.profiles.profile import Histogram
from data_tools.rows.pages import read_page
from data_tools.rows.session_rows import SessionRows
from tests.support.examples import examples
from tests.support.reference_rows import Table
from tests.support.small_datasets import publish
from tests.support.stored_rows import stored
from tests.support.studio_client import Studio
from tests.support.studios import open_studio, studio_of

pytestmark = pytest.mark.django_db

WIND_GUSTS = [round(at * 1.150779, 6) for at in range(9, 58) for _ in range(1 + at % 3)]
BILL_DEPTHS = [round(13.1 + at / 10, 1) for at in range(85)]
DAY = dt.date(2013, 1, 1)


def found(studio: Studio, *conditions: tuple[str, Any]) -> int:
    row_filter = [{"column": "x", "op": op, "value": value} for op, value in conditions]
    answer = studio.get("data/", {"filter": json.dumps(row_filter), "pageSize": 1})
    assert answer.status == 200, answer
    return int(answer.body["pagination"]["filtered_rows"])


def agree(studio: Studio) -> int:
    """Check each bucket of `x` against a filter; return how many values they hold."""
    [column] = [each for each in studio.get("columns/").body["columns"] if each["name"] == "x"]
    edges, counts = column["histogram"]["edges"], column["histogram"]["counts"]
    assert len(edges) == len(counts) + 1
    for at, count in enumerate(counts):
        until = "lte" if at == len(counts) - 1 else "lt"
        assert found(studio, ("gte", edges[at]), (until, edges[at + 1])) == count, at
    return sum(counts)


@pytest.mark.parametrize(
    ("column_type", "cells"),
    [
        pytest.param("float", [32.1, 43.1, 59.6], id="one value beside an edge"),
        pytest.param("float", WIND_GUSTS, id="wind gusts"),
        pytest.param("float", BILL_DEPTHS, id="bill depths"),
        pytest.param("float", [1e15 + at / 8 for at in range(40)], id="far from 0"),
        pytest.param("float", [-1.0, -0.05, 0.0, 0.05, 1.0], id="both signs"),
        pytest.param("float", [1.0, 1.0000000000000002], id="neighbours"),
        pytest.param("float", [1.7976931348623157e308, -1.7976931348623157e308, 3.0], id="ends"),
        pytest.param("float", [7.5, 7.5], id="one value twice"),
        pytest.param("integer", [2**53 + at for at in range(45)], id="integers beyond 2^53"),
        pytest.param("integer", [2**63 - 1, -(2**63), 0], id="all integers"),
        pytest.param("date", [str(DAY + dt.timedelta(at * at)) for at in range(30)], id="dates"),
        pytest.param("date", ["2013-01-01", "2013-01-03"], id="three days"),
        pytest.param("datetime", ["2013-01-01T00:00:00Z", "2013-01-01T00:00:07Z"], id="seconds"),
        pytest.param(
            "datetime",
            [f"{year:04}-06-30T23:59:59.999999" for year in (1, 1204, 2013, 9999)],
            id="microseconds of all years",
        ),
    ],
)
def test_each_bucket_holds_what_a_filter_finds_between_its_edges(
    user: User, column_type: str, cells: list[Any]
) -> None:
    studio = studio_of(user, publish(user, [("x", column_type)], [[cell] for cell in cells]))

    assert agree(studio) == len(cells)


def recounted(studio: Studio, *conditions: tuple[str, str, Any], column: str = "x") -> Any:
    row_filter = [{"column": name, "op": op, "value": value} for name, op, value in conditions]
    answer = studio.get(f"columns/{column}/histogram/", {"filter": json.dumps(row_filter)})
    assert answer.status == 200, answer
    return answer.body


CASES_OF_EVERY_TYPE = [
    pytest.param("float", [*WIND_GUSTS, None, None], id="wind gusts"),
    pytest.param("float", [-1.0, -0.05, 0.0, 0.05, 1.0], id="both signs"),
    pytest.param("float", [1.7976931348623157e308, -1.7976931348623157e308, 3.0], id="ends"),
    pytest.param("float", [5e-324, 0.0, 1e-300, 1.0], id="tiny"),
    pytest.param("float", [7.5, 7.5, None], id="one value twice"),
    pytest.param("integer", [2**53 + at for at in range(45)], id="integers beyond 2^53"),
    pytest.param("integer", [2**63 - 1, -(2**63), 0, None], id="all integers"),
    pytest.param("date", [str(DAY + dt.timedelta(at * at)) for at in range(30)], id="dates"),
    pytest.param("date", ["9999-12-31", "9999-01-01", None], id="the last day"),
    pytest.param(
        "datetime",
        [f"{year:04}-06-30T23:59:59.999999Z" for year in (1, 1204, 2013, 9999)],
        id="microseconds of all years",
    ),
]


@pytest.mark.parametrize(("column_type", "cells"), CASES_OF_EVERY_TYPE)
def test_counted_without_a_filter_a_histogram_is_the_columns_own(
    user: User, column_type: str, cells: list[Any]
) -> None:
    studio = studio_of(user, publish(user, [("x", column_type)], [[cell] for cell in cells]))
    [own] = studio.get("columns/").body["columns"]

    body = recounted(studio)

    assert body["histogram"] == own["histogram"]
    assert (body["missing_count"], body["total_count"]) == (cells.count(None), len(cells))
    assert body["column"] == {"key": "b0", "name": "x", "type": column_type}


@pytest.mark.parametrize(("column_type", "cells"), CASES_OF_EVERY_TYPE)
def test_a_filter_on_another_column_counts_its_rows_between_the_same_edges(
    user: User, column_type: str, cells: list[Any]
) -> None:
    rows = [[cell, "even" if at % 2 == 0 else "odd"] for at, cell in enumerate(cells)]
    studio = studio_of(user, publish(user, [("x", column_type), ("half", "text")], rows))
    edges = studio.get("columns/").body["columns"][0]["histogram"]["edges"]

    even, odd = (recounted(studio, ("half", "eq", half)) for half in ("even", "odd"))

    assert even["histogram"]["edges"] == odd["histogram"]["edges"] == edges
    whole = recounted(studio)["histogram"]["counts"]
    parts = zip(even["histogram"]["counts"], odd["histogram"]["counts"], strict=True)
    assert [sum(pair) for pair in parts] == whole
    assert (even["total_count"], odd["total_count"]) == (-(-len(cells) // 2), len(cells) // 2)
    assert even["missing_count"] == cells[::2].count(None)
    for body in (even, odd):
        assert sum(body["histogram"]["counts"]) == body["total_count"] - body["missing_count"]


def test_a_filter_that_finds_nothing_leaves_empty_buckets(user: User) -> None:
    studio = studio_of(user, publish(user, [("x", "float")], [[cell] for cell in BILL_DEPTHS]))

    body = recounted(studio, ("x", "gt", 1000))

    assert set(body["histogram"]["counts"]) == {0}
    assert (body["missing_count"], body["total_count"]) == (0, 0)


def test_a_column_without_a_value_has_no_histogram_but_rows_without_one(user: User) -> None:
    rows = [[None, number] for number in range(5)]
    studio = studio_of(user, publish(user, [("x", "date"), ("n", "integer")], rows))

    body = recounted(studio, ("n", "gte", 3))

    assert (body["histogram"], body["missing_count"], body["total_count"]) == (None, 2, 2)


def test_rows_that_operations_removed_and_changed_are_counted_as_they_stand(user: User) -> None:
    rows = [[cell, at] for at, cell in enumerate([1.0, None, 2.0, 400.0, None, 3.0])]
    studio = open_studio(user, publish(user, [("x", "float"), ("n", "integer")], rows))
    studio.take(
        ("operations/", {"operation": "drop_missing_rows", "parameters": {"columns": ["x"]}}),
        ("operations/", {"operation": "outlier_treatment_winsorize", "parameters": {}}),
    )

    body = recounted(studio, ("n", "gt", 0))

    assert body["version"] == 3
    assert (sum(body["histogram"]["counts"]), body["total_count"]) == (3, 3)
    assert body["histogram"]["edges"][-1] < 400.0


@pytest.mark.parametrize("column_type", ["text", "boolean"])
def test_a_column_that_lies_on_no_line_is_refused_by_name(user: User, column_type: str) -> None:
    studio = studio_of(user, publish(user, [("x", column_type)], [[None]]))

    answer = studio.get("columns/x/histogram/")

    assert (answer.status, answer.error["code"]) == (400, "INVALID_PARAMETER")
    assert f'"x" is of {column_type}' in answer.error["user_message"]


def test_the_last_day_of_the_calendar_is_in_the_last_bucket(user: User) -> None:
    cells = [["9999-12-31"], ["9999-01-01"]]

    assert agree(studio_of(user, publish(user, [("x", "date")], cells))) == 2


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("feature_scaling_standard", {"columns": ["x"]}),
        ("fill_missing_values", {"columns": ["x"], "strategy": "mean"}),
        ("outlier_treatment_winsorize", {"columns": ["x"], "tail": "both"}),
    ],
)
def test_buckets_agree_with_filters_after_operations(
    user: User, operation: str, parameters: dict[str, Any]
) -> None:
    rows = [[cell] for cell in [*WIND_GUSTS[:40], None, 900.5]]
    studio = open_studio(user, publish(user, [("x", "float")], rows))
    studio.take(("operations/", {"operation": operation, "parameters": parameters}))

    assert agree(studio) >= 41


@settings(max_examples=examples(15))
@given(
    cells=st.lists(
        st.floats(allow_nan=False, allow_infinity=False)
        | st.decimals(-50, 50, places=1).map(float)
        | st.sampled_from((5e-324, -5e-324, 1e-310, 1e15, 1e15 + 0.125)),
        min_size=1,
        max_size=12,
    )
)
def test_buckets_of_any_floats_agree_with_filters(cells: list[float]) -> None:
    rows = stored(Table(["x"], ["float"], [[cell] for cell in cells]))
    [[(_, profile)]] = measuring.measure(rows, rows.columns)

    assert profile.histogram is not None
    assert list(profile.histogram.counts) == _filtered(rows, profile.histogram)
    assert sum(profile.histogram.counts) == len(cells)


def _filtered(rows: SessionRows, histogram: Histogram) -> list[int]:
    counts = []
    for at in range(len(histogram.counts)):
        until = "lte" if at == len(histogram.counts) - 1 else "lt"
        ends = (("gte", histogram.edges[at]), (until, histogram.edges[at + 1]))
        selection = Selection(
            filter=filter_from_json([{"column": "x", "op": op, "value": edge} for op, edge in ends])
        )
        page = read_page(rows, PageSpec(page_number=1, page_size=1), selection)
        counts.append(page.filtered_rows)
    return counts
