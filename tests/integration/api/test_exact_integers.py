"""Integers that a double cannot hold, as text for clients that ask (`exact-integers`)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User

from data_tools.http.json_answers import with_integers_as_text
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studios import open_studio

EXACT = {"X-Studio-Capabilities": "structured-errors, exact-integers"}
LARGE = [9007199254740993, -9007199254740993, 2**63 - 1, -(2**63), 100000000000000001]
SMALL = [0, -1, 2**53, -(2**53), 2**31]
EXPECTED = [*map(str, LARGE), *SMALL]
COLUMNS = [("id", "integer"), ("amount", "float"), ("note", "text")]
ROWS = [[value, 1e16, str(value)] for value in (*LARGE, *SMALL)]


@pytest.fixture
def studio(user: User) -> Studio:
    return open_studio(user, publish(user, COLUMNS, ROWS), headers=EXACT)


def plain(studio: Studio) -> Studio:
    return studio.with_headers({"X-Studio-Capabilities": ""})


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "rows"), [("data/", "data"), ("session/status/", "data_preview")])
def test_rows_hold_large_integers_as_text(studio: Studio, path: str, rows: str) -> None:
    exact, as_before = studio.get(path).body[rows], plain(studio).get(path).body[rows]

    assert [row["id"] for row in exact] == EXPECTED
    assert [row["id"] for row in as_before] == [*LARGE, *SMALL]
    assert {type(row["amount"]) for row in exact} == {float}


@pytest.mark.django_db
def test_the_answers_to_commands_and_earlier_versions_do_so_too(studio: Studio) -> None:
    rename = {"old_name": "note", "new_name": "text"}
    for answer in (
        studio.post("session/rename-column/", rename),
        studio.post("session/undo/"),
        studio.post("session/redo/"),
        studio.post("session/initialize/"),
        studio.get("session/status/", {"at_version": 1}),
    ):
        assert [row["id"] for row in answer.body["data_preview"]] == EXPECTED, answer
    past = studio.get("data/", {"at_version": 1, "page_size": 3, "sort": "-id"}).body["data"]
    assert [row["id"] for row in past] == [str(2**63 - 1), "100000000000000001", str(LARGE[0])]


@pytest.mark.django_db
def test_figures_and_suggestions_do_so_too(studio: Studio) -> None:
    figures, amount, _ = studio.get("columns/").body["columns"]
    statistics = studio.get("session/column-statistics/").body["column_statistics"]
    values = studio.get("columns/id/values/", {"q": "900719925474099"}).body["values"]

    assert (figures["min"], figures["max"]) == (str(-(2**63)), str(2**63 - 1))
    assert {each["value"] for each in figures["most_frequent"]} <= {*EXPECTED}
    assert (amount["min"], amount["most_frequent"][0]["value"]) == (1e16, 1e16)
    assert isinstance(amount["min"], float)
    assert statistics["id"]["max"] == str(2**63 - 1)
    assert {each["value"] for each in values} == {str(LARGE[0]), str(LARGE[1]), 2**53, -(2**53)}
    assert studio.get("columns/amount/values/").body["values"][0]["value"] == 1e16


@pytest.mark.django_db
def test_the_data_viewer_and_json_lines_do_so_too(studio: Studio) -> None:
    viewed = studio.get(f"/tools/api/get_data/{studio.datasource_id}/").body["data"]
    exported = studio.get("export/", {"format": "jsonl"})
    as_before = plain(studio).get("export/", {"format": "jsonl"})

    assert [row[0] for row in viewed] == EXPECTED
    assert [orjson.loads(line)["id"] for line in exported.content.splitlines()] == EXPECTED
    rows = [orjson.loads(line) for line in as_before.content.splitlines()]
    assert [row["id"] for row in rows] == [*LARGE, *SMALL]
    assert "X-Studio-Capabilities" in exported.headers["Vary"]


@pytest.mark.django_db
@pytest.mark.parametrize("value", [str(LARGE[0]), LARGE[0]])
def test_a_large_integer_can_be_sent_back_as_the_text_that_it_came_as(
    studio: Studio, value: Any
) -> None:
    chosen = orjson.dumps([{"column": "id", "op": "eq", "value": value}]).decode()

    rows = studio.get("data/", {"filter": chosen}).body["data"]

    assert [row["note"] for row in rows] == [str(LARGE[0])]


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["5", "9007199254740992", "1e30", "99999999999999999999", "x"])
def test_other_texts_are_still_no_value_for_a_column_of_integers(
    studio: Studio, value: str
) -> None:
    chosen = orjson.dumps([{"column": "id", "op": "eq", "value": value}]).decode()

    assert studio.get("data/", {"filter": chosen}).error["code"] == "INVALID_FILTER"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["data/", "session/status/"])
def test_each_form_of_an_answer_has_a_tag_of_its_own(studio: Studio, path: str) -> None:
    exact, as_before = studio.get(path), plain(studio).get(path)
    tags = [answer.headers["ETag"] for answer in (exact, as_before)]

    assert tags[0] != tags[1]
    for client, own, other in (
        (studio, tags[0], tags[1]),
        (plain(studio), tags[1], tags[0]),
    ):
        assert client.get(path, headers={"If-None-Match": own}).status == 304
        assert client.get(path, headers={"If-None-Match": other}).status == 200
        assert client.get(path, headers={"If-None-Match": f"{other}, {own}"}).status == 304
    assert "X-Studio-Capabilities" in exact.headers["Vary"]
    assert "X-Studio-Capabilities" in as_before.headers["Vary"]


def test_only_integers_beyond_the_limit_become_text_at_any_depth() -> None:
    answer = {"a": [{"b": (2**53 + 1, 2**53, True, None, 1e300, "x")}], "c": -(2**70)}

    assert with_integers_as_text(answer) == {
        "a": [{"b": ["9007199254740993", 2**53, True, None, 1e300, "x"]}],
        "c": "-1180591620717411303424",
    }
