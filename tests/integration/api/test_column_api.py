"""Column metadata and value suggestions, from which a client builds a filter panel."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from data_tools.features import Feature
from data_tools.models import DataSource
from tests.contract.error_shape import faults
from tests.support.counted_queries import statements
from tests.support.small_datasets import COLUMNS, ROWS, publish
from tests.support.studio_client import MOUNTS, Answer, Studio
from tests.support.studios import open_studio, studio_of

pytestmark = pytest.mark.django_db

HOSTILE = (
    *("2024", "-1", "a/b", "/", 'x"; drop', "%", "%2F", "a%20b", "values", "..", "a?b#c"),
    *("größe 日本 🙂", " ", "+", "x" * 10_000),
)


def studio_on(user: User, columns: Any, rows: Any) -> Studio:
    return studio_of(user, publish(user, columns, rows))


def columns_by_name(studio: Studio) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in studio.get("columns/").body["columns"]}


def suggested(answer: Answer) -> list[tuple[Any, int]]:
    assert answer.status == 200, answer
    return [(item["value"], item["count"]) for item in answer.body["values"]]


@pytest.mark.parametrize("mount", MOUNTS)
def test_every_column_is_described_at_every_mount(
    datasource: DataSource, user: User, mount: str
) -> None:
    studio = studio_of(user, datasource, mount=mount)

    body = studio.get("columns/").body

    assert body["success"] is True
    assert body["total_rows"] == len(ROWS)
    assert body["version"] is None
    assert [(c["key"], c["name"], c["type"]) for c in body["columns"]] == [
        (f"b{at}", name, column_type) for at, (name, column_type) in enumerate(COLUMNS)
    ]
    for column in body["columns"]:
        assert set(column) == {
            *("key", "name", "type", "nullable", "null_count", "null_percentage"),
            *("distinct_count", "min", "max", "mean", "std", "quantiles", "histogram"),
            *("most_frequent", "date_range"),
        }


def test_statistics_suit_the_type_of_the_column(studio: Studio) -> None:
    columns = columns_by_name(studio)

    delay = columns["delay"]
    assert (delay["nullable"], delay["null_count"], delay["distinct_count"]) == (True, 2, 5)
    assert (delay["min"], delay["max"], delay["quantiles"]["0.50"]) == (-1.0, 33.25, 2.5)
    assert sum(delay["histogram"]["counts"]) == 5
    assert columns["id"]["max"] == 9007199254740993
    assert columns["carrier"]["most_frequent"][0] == {"value": "UA", "count": 2}
    assert (columns["carrier"]["mean"], columns["carrier"]["quantiles"]) == (None, {})
    assert columns["day"]["date_range"] == {"from": "2013-01-01", "to": "2013-01-03"}
    assert columns["carrier"]["date_range"] is None
    assert columns["cancelled"]["most_frequent"][0] == {"value": False, "count": 4}


def test_a_session_shows_its_own_columns_and_its_version(studio: Studio) -> None:
    studio.post("session/initialize/")
    studio.post("transform/columns/", {"operation": "drop", "columns": ["id"]})
    studio.post("session/fill-missing-values/", {"columns": ["carrier"], "strategy": "mode"})

    body = studio.get("columns/").body

    assert body["version"] == 3
    assert [column["key"] for column in body["columns"]] == ["b1", "b2", "b3", "b4", "b5"]
    assert body["columns"][0]["null_count"] == 0
    assert suggested(studio.get("columns/carrier/values/", {"limit": 1})) == [("UA", 3)]


def test_a_dataset_without_rows_has_columns_without_statistics(user: User) -> None:
    studio = studio_on(user, COLUMNS, [])

    for column in columns_by_name(studio).values():
        assert (column["null_count"], column["distinct_count"], column["nullable"]) == (0, 0, False)
        assert column["histogram"] is column["date_range"] is column["min"] is None
        assert suggested(studio.get(f"columns/{column['name']}/values/")) == []


def test_stored_metadata_costs_three_queries(studio: Studio) -> None:
    studio.get("columns/")

    with CaptureQueriesContext(connection) as captured:
        studio.get("columns/")

    assert len(statements(captured)) == 3, "who asks, which dataset, what is kept"


# Suggestions


def test_values_come_with_their_counts_and_prefix_matches_come_first(user: User) -> None:
    cells = ["banana", "banana", "Ananas", "bandana", "ban", None, "", "x"]
    studio = studio_on(user, [("fruit", "text")], [[cell] for cell in cells])

    every = suggested(studio.get("columns/fruit/values/"))
    some = studio.get("columns/fruit/values/", {"q": "AN"})
    few = studio.get("columns/fruit/values/", {"q": "an", "limit": 2})

    assert every == [("banana", 2), ("", 1), ("Ananas", 1), ("ban", 1), ("bandana", 1), ("x", 1)]
    assert suggested(some) == [("Ananas", 1), ("banana", 2), ("ban", 1), ("bandana", 1)]
    assert some.body["has_more"] is False
    assert suggested(few) == [("Ananas", 1), ("banana", 2)]
    assert few.body["has_more"] is True
    assert some.body["column"] == {"key": "b0", "name": "fruit", "type": "text"}


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("%", ["100%"]),
        ("_", ["a_b"]),
        ("\\", ["a\\b"]),
        ("'", ["it's"]),
        ("%s", []),
        ("É", ["café"]),
        (" ", ["a b"]),
    ],
)
def test_what_is_typed_is_taken_literally(user: User, q: str, expected: list[str]) -> None:
    cells = ["100%", "a_b", "a\\b", "it's", "café", "a b", "axb"]
    studio = studio_on(user, [("t", "text")], [[cell] for cell in cells])

    assert [value for value, _ in suggested(studio.get("columns/t/values/", {"q": q}))] == expected


@pytest.mark.parametrize(
    ("column", "q", "expected"),
    [
        ("id", "99254", [(9007199254740993, 1)]),
        ("delay", "2.5", [(2.5, 1)]),
        ("delay", "3", [(33.25, 1)]),
        ("cancelled", "TR", [(True, 2)]),
        ("day", "-03", [("2013-01-03", 2)]),
        ("seen_at", "t05", [("2013-01-01T05:15:00", 1), ("2013-01-01T05:40:00Z", 1)]),
    ],
)
def test_values_of_every_type_are_found_as_text_and_answered_as_they_are(
    studio: Studio, column: str, q: str, expected: list[tuple[Any, int]]
) -> None:
    answer = studio.get(f"columns/{column}/values/", {"q": q})

    assert suggested(answer) == expected
    assert [type(value) for value, _ in suggested(answer)] == [type(value) for value, _ in expected]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_can_be_given_by_path_query_and_key(user: User, name: str) -> None:
    studio = studio_on(user, [("a", "integer"), (name, "text")], [[1, "x"], [2, "y"]])

    answers = [
        studio.get(f"columns/{quote(name, safe='')}/values/", {"q": "x"}),
        studio.get("columns/values/", {"column": name, "q": "x"}),
        studio.get("columns/values/", {"key": "b1", "q": "x"}),
    ]

    assert [suggested(answer) for answer in answers] == [[("x", 1)]] * 3
    assert {answer.body["column"]["name"] for answer in answers} == {name}
    assert columns_by_name(studio)[name]["distinct_count"] == 2


@pytest.mark.parametrize("name", ["", "a\nb"])
def test_a_name_that_no_path_can_hold_is_given_by_query_or_key(user: User, name: str) -> None:
    studio = studio_on(user, [(name, "text")], [["x"]])

    assert suggested(studio.get("columns/values/", {"column": name})) == [("x", 1)]
    assert suggested(studio.get("columns/values/", {"key": "b0"})) == [("x", 1)]


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("columns/nope/values/", {}, "COLUMN_NOT_FOUND"),
        ("columns/%00/values/", {}, "COLUMN_NOT_FOUND"),
        ("columns/ID/values/", {}, "COLUMN_NOT_FOUND"),
        ("columns/values/", {}, "INVALID_PARAMETER"),
        ("columns/values/", {"key": "b9"}, "COLUMN_NOT_FOUND"),
        ("columns/values/", {"key": "b0", "column": "id"}, "INVALID_PARAMETER"),
    ],
)
def test_an_unknown_column_is_refused(
    studio: Studio, path: str, query: dict[str, str], code: str
) -> None:
    assert list(faults(studio.get(path, query), code)) == []


def test_a_long_value_is_cut_and_says_so(user: User) -> None:
    studio = studio_on(user, [("t", "text")], [["x" * 100_000]])

    answer = studio.get("columns/t/values/", {"q": "xxx"})

    assert answer.body["values"] == [{"value": "x" * 500, "count": 1, "is_shortened": True}]
    assert len(studio.get("columns/").content) < 5_000


def among(studio: Studio, column: str, *conditions: Any, **query: Any) -> Answer:
    query["filter"] = json.dumps(list(conditions))
    return studio.get(f"columns/{column}/values/", query)


def test_values_are_those_of_the_rows_that_a_filter_finds(studio: Studio) -> None:
    on_time = {"column": "delay", "op": "lte", "value": 2.5}

    found = among(studio, "carrier", on_time)

    assert suggested(found) == [("DL", 1), ("UA", 1)]
    assert (found.body["missing_count"], found.body["total_count"]) == (1, 3)
    assert suggested(among(studio, "carrier", on_time, q="u")) == [("UA", 1)]
    everything = studio.get("columns/carrier/values/").body
    assert (everything["missing_count"], everything["total_count"]) == (1, len(ROWS))


def test_rows_are_counted_even_if_no_value_contains_the_text(studio: Studio) -> None:
    body = studio.get("columns/carrier/values/", {"q": "nothing like it"}).body

    assert (body["values"], body["has_more"]) == ([], False)
    assert (body["missing_count"], body["total_count"]) == (1, len(ROWS))


def test_a_filter_on_the_column_itself_and_on_changed_ones_counts_what_a_page_shows(
    studio: Studio,
) -> None:
    studio.post("session/initialize/")
    studio.post("session/fill-missing-values/", {"columns": ["delay"], "strategy": "mean"})
    conditions = (
        {"column": "delay", "op": "gt", "value": 1},
        {"not": {"column": "carrier", "op": "eq", "value": "UA"}},
    )

    found = among(studio, "carrier", *conditions)

    shown = studio.get("data/", {"filter": json.dumps(list(conditions))}).body
    carriers = [row["carrier"] for row in shown["data"] if row["carrier"] is not None]
    assert dict(suggested(found)) == {name: carriers.count(name) for name in carriers}
    assert found.body["total_count"] == shown["totalRows"] == 3


def test_a_filter_that_does_not_suit_is_refused(studio: Studio) -> None:
    for path in ("columns/carrier/values/", "columns/delay/histogram/"):
        wrong = json.dumps([{"column": "gone", "op": "is_null"}])

        answer = studio.get(path, {"filter": wrong})

        assert (answer.status, answer.error["code"]) == (400, "INVALID_FILTER")


def test_a_suggestion_is_one_query_over_the_rows(studio: Studio) -> None:
    with CaptureQueriesContext(connection) as captured:
        among(studio, "carrier", {"column": "id", "op": "gt", "value": 1}, q="a")

    assert len(statements(captured)) == 4, "who asks, which dataset, whether in blocks, the values"


def test_without_filters_the_metadata_answers_404(studio: Studio, switch_off: Any) -> None:
    switch_off(Feature.FILTERS)

    for path in (
        *("columns/", "columns/carrier/values/", "columns/values/?column=carrier"),
        *("columns/delay/histogram/", "columns/histogram/?column=delay"),
    ):
        assert studio.get(path).error["code"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["columns/", "columns/carrier/values/"])
def test_columns_of_an_earlier_version_or_an_ended_session_are_those_of_its_rows(
    datasource: DataSource, user: User, path: str
) -> None:
    studio = open_studio(user, datasource)
    keep = {"filter": [{"column": "carrier", "op": "eq", "value": "UA"}]}
    studio.take(("operations/", {"operation": "filter_rows", "parameters": keep}))
    session_id = studio.get("session/status/").body["session_info"]["session_id"]
    studio.post("session/clear/")

    def counted(**past: Any) -> int:
        body = studio.get(path, past).body
        return int(body.get("total_count", body.get("total_rows", 0)))

    assert counted() == len(ROWS)
    assert counted(session_id=session_id) == 2
    assert counted(session_id=session_id, at_version=1) == len(ROWS)
    wrong = studio.get(path, {"session_id": session_id, "at_version": 99})
    assert wrong.error["code"] == "INVALID_VERSION"


def test_a_histogram_of_an_ended_session_counts_its_rows(
    datasource: DataSource, user: User
) -> None:
    studio = open_studio(user, datasource)
    session_id = studio.get("session/status/").body["session_info"]["session_id"]
    keep = {"filter": [{"column": "carrier", "op": "eq", "value": "UA"}]}
    studio.take(("operations/", {"operation": "filter_rows", "parameters": keep}))
    studio.post("session/clear/")

    body = studio.get("columns/delay/histogram/", {"session_id": session_id}).body

    assert (body["total_count"], sum(body["histogram"]["counts"])) == (2, 2)
