"""`session/column-statistics/` and `nan/analysis/` as existing clients read them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from data_tools import ingest
from data_tools.models import DataSource
from tests.contract.shapes import (
    COLUMN_NULLITY,
    COLUMN_STATISTICS,
    DATASET_STATISTICS,
    MISSING_VALUES,
    NUMBER_STATISTICS,
    TEXT_STATISTICS,
    TRUE,
    mismatches,
)
from tests.support.counted_queries import statements
from tests.support.small_datasets import COLUMNS, ROWS, publish
from tests.support.studio_client import MOUNTS, STRUCTURED, Studio
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db

STATISTICS, MISSING = "session/column-statistics/", "nan/analysis/"
CLIENTS = pytest.mark.parametrize("headers", [{}, STRUCTURED], ids=["old client", "capable"])
HOSTILE = ("2024", "-1", "a/b", 'x"; drop', "%", "", "x" * 10_000, "größe 日本 🙂")


def opened_on(user: User, columns: Any, rows: Any) -> Studio:
    studio = open_studio(user, publish(user, columns, rows))
    return studio


@CLIENTS
@pytest.mark.parametrize("mount", MOUNTS)
def test_statistics_have_every_key_with_its_type(
    opened: Studio, mount: str, headers: dict[str, str]
) -> None:
    studio = replace(opened, mount=mount)

    body = studio.get(STATISTICS, headers=headers).body

    assert mismatches(body, {"success": TRUE, "dataset_statistics": DATASET_STATISTICS}) == []
    of = body["column_statistics"]
    assert list(of) == [name for name, _ in COLUMNS]
    for name, statistics in of.items():
        more: dict[str, Any] = {"id": NUMBER_STATISTICS, "delay": NUMBER_STATISTICS}.get(name, {})
        more = more or {"cancelled": NUMBER_STATISTICS, "carrier": TEXT_STATISTICS}.get(name, {})
        assert mismatches(statistics, COLUMN_STATISTICS | more) == []
        assert set(statistics) == {*COLUMN_STATISTICS, *more}
    assert [statistics["dtype"] for statistics in of.values()] == [
        *("int64", "object", "float64", "bool", "datetime64[ns]", "datetime64[ns]")
    ]


def test_statistics_describe_the_rows_after_the_operations(opened: Studio) -> None:
    opened.post(
        "session/fill-missing-values/",
        {"columns": ["delay"], "strategy": "constant", "fill_value": 1.25},
    )
    opened.post("session/rename-column/", {"old_name": "delay", "new_name": "late"})

    body = opened.get(STATISTICS).body

    late = body["column_statistics"]["late"]
    assert (late["null_count"], late["null_percentage"], late["unique_count"]) == (0, 0.0, 6)
    assert (late["min"], late["median"], late["max"]) == (-1.0, 1.25, 33.25)
    assert body["dataset_statistics"]["total_null_values"] == 5


@CLIENTS
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (STATISTICS, "No active session found"),
        (MISSING, "No hay datos cargados en la sesión actual"),
    ],
)
def test_without_a_session_both_are_refused_in_the_existing_words(
    studio: Studio, path: str, sentence: str, headers: dict[str, str]
) -> None:
    answer = studio.get(path, headers=headers)

    assert answer.status == 400
    assert answer.error["code"] == "SESSION_NOT_FOUND"
    assert answer.error["user_message"] == sentence
    assert isinstance(answer.body["error"], dict if headers else str)
    assert headers or answer.body["error"] == sentence


@CLIENTS
def test_missing_values_have_every_key_with_its_type(
    opened: Studio, headers: dict[str, str]
) -> None:
    body = opened.get(MISSING, headers=headers).body

    assert mismatches(body, {"success": TRUE, "data": MISSING_VALUES}) == []
    assert mismatches(body["data"], {"column_nullity": COLUMN_NULLITY}) == []


def test_missing_values_are_counted_by_cell_column_and_row(opened: Studio) -> None:
    data = opened.get(MISSING).body["data"]

    missing = {name: sum(row[at] is None for row in ROWS) for at, (name, _) in enumerate(COLUMNS)}
    gappy = {name: count for name, count in missing.items() if count}
    rows = sum(None in row for row in ROWS)
    assert data["nan_analysis"] == gappy
    assert data["total_cells"] == len(ROWS) * len(COLUMNS)
    assert data["total_nan_cells"] == sum(gappy.values())
    assert (data["columns_with_nan"], data["columns_completely_nan"]) == (len(gappy), 0)
    assert data["rows_with_nan"] == rows
    assert data["rows_with_nan_percentage"] == pytest.approx(100 * rows / len(ROWS))
    assert [one["column"] for one in data["column_details"]] == list(gappy)
    assert {one["column"]: one["null_percentage"] for one in data["column_nullity"]} == (
        pytest.approx({name: 100 * count / len(ROWS) for name, count in missing.items()})
    )
    assert data["recommendations"]


def test_the_list_that_the_existing_client_shows_is_beside_data_worst_first_and_rounded(
    user: User,
) -> None:
    columns = [("full", "integer"), ("third", "float"), ("empty", "text"), ("two thirds", "date")]
    rows = [[1, 1.5, None, None], [2, None, None, None], [3, 2.5, None, "2013-01-01"]]
    studio = opened_on(user, columns, rows)

    body = studio.get(MISSING).body

    assert body["column_nullity"] == [
        {"column": "empty", "null_percentage": 100.0},
        {"column": "two thirds", "null_percentage": 66.67},
        {"column": "third", "null_percentage": 33.33},
        {"column": "full", "null_percentage": 0.0},
    ]


def test_columns_that_miss_as_much_are_listed_in_their_own_order(user: User) -> None:
    studio = opened_on(user, [(name, "integer") for name in "zab"], [[1, 2, 3], [None] * 3])

    listed = studio.get(MISSING).body["column_nullity"]

    assert [each["column"] for each in listed] == ["z", "a", "b"]


def test_a_column_without_any_value_is_named(user: User) -> None:
    studio = opened_on(user, [("a", "float"), ("b", "integer")], [[None, 1], [None, None]])

    data = studio.get(MISSING).body["data"]

    assert data["completely_nan_columns"] == ["a"]
    assert (data["rows_with_nan"], data["columns_completely_nan"]) == (2, 1)
    statistics = studio.get(STATISTICS).body["column_statistics"]["a"]
    assert {statistics[name] for name in NUMBER_STATISTICS} == {None}
    assert (statistics["unique_count"], statistics["null_percentage"]) == (0, 100.0)


def test_a_dataset_without_rows_has_figures_and_no_nan(user: User) -> None:
    studio = opened_on(user, COLUMNS, [])

    statistics, data = studio.get(STATISTICS), studio.get(MISSING)

    assert (statistics.status, data.status) == (200, 200)
    for one in statistics.body["column_statistics"].values():
        assert (one["null_percentage"], one["null_count"], one["unique_count"]) == (0.0, 0, 0)
    found = data.body["data"]
    assert (found["nan_cell_percentage"], found["rows_with_nan_percentage"]) == (0.0, 0.0)
    assert found["recommendations"]


def test_integers_of_64_bits_and_the_largest_floats_are_json(user: User) -> None:
    rows = [[2**63 - 1, 1.7e308], [-(2**63), -1.7e308]]
    studio = opened_on(user, [("i", "integer"), ("f", "float")], rows)

    found = studio.get(STATISTICS).body["column_statistics"]

    assert found["f"]["mean"] == 0.0
    assert found["f"]["std"] is None, "no double holds it"
    assert found["i"]["mean"] == -0.5


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_of_any_name_has_figures(user: User, name: str) -> None:
    studio = opened_on(user, [(name, "integer"), ("b", "text")], [[1, None]])

    assert studio.get(STATISTICS).body["column_statistics"][name]["max"] == 1.0
    assert studio.get(MISSING).body["data"]["column_nullity"][0]["column"] == name


@pytest.mark.parametrize(("path", "queries"), [(STATISTICS, 3), (MISSING, 5)])
def test_stored_figures_cost_the_same_few_queries(opened: Studio, path: str, queries: int) -> None:
    """Who asks, which session, what is kept; which columns have blocks, how many rows a gap."""
    opened.get(path)

    with CaptureQueriesContext(connection) as captured:
        assert opened.get(path).status == 200

    assert len(statements(captured)) == queries, statements(captured)


@pytest.mark.django_db(transaction=True)
def test_statistics_of_the_flights_are_those_of_pandas(
    user: User, flights_csv: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(flights_csv, nrows=20_000)
    few = tmp_path / "flights.csv"
    frame.to_csv(few, index=False)
    datasource = ingest.load_file(few, owner=user, name="flights")
    assert datasource.status == DataSource.Status.READY
    studio = open_studio(user, datasource)

    body, data = studio.get(STATISTICS).body, studio.get(MISSING).body["data"]

    for name, mine in body["column_statistics"].items():
        theirs = frame[name]
        assert mine["null_percentage"] == pytest.approx(theirs.isna().mean() * 100)
        assert (mine["non_null_count"], mine["unique_count"]) == (theirs.count(), theirs.nunique())
        if mine["dtype"] == "object":
            top = theirs.value_counts()
            assert (mine["top_value_freq"], top[mine["top_value"]]) == (top.iloc[0], top.iloc[0])
            # An estimate: of ASCII texts, what Python's own objects take.
            taken = theirs.astype(object).memory_usage(deep=True, index=False)
            assert mine["memory_usage"] == pytest.approx(taken, rel=0.2)
        elif mine["dtype"] in ("int64", "float64"):
            for key in ("mean", "median", "std", "min", "max"):
                assert mine[key] == pytest.approx(getattr(theirs, key)(), rel=1e-9), (name, key)
    assert body["dataset_statistics"]["total_null_values"] == frame.isna().sum().sum()
    assert data["rows_with_nan"] == frame.isna().any(axis=1).sum()
    assert data["total_nan_cells"] == frame.isna().sum().sum()
