"""The dataset's number of each row shown, for clients that ask (`row-numbers`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.features import Feature
from tests.support.small_datasets import ROWS, publish
from tests.support.studio_client import Answer, Studio
from tests.support.studios import fill, open_studio

pytestmark = pytest.mark.django_db

NUMBERED = {"X-Studio-Capabilities": "row-numbers"}
IDS = [row[0] for row in ROWS]
LATE = json.dumps([{"column": "delay", "op": "gte", "value": 0}])
COMPLETE = ("operations/", {"operation": "drop_missing_rows", "parameters": {"columns": ["delay"]}})


@pytest.fixture
def numbered(opened: Studio) -> Studio:
    return replace(opened, headers=NUMBERED)


def numbers_of(answer: Answer, rows: str = "data") -> list[int]:
    """The numbers of an answer's rows, which must be those of the rows that it shows."""
    assert answer.status == 200, answer
    numbers: list[int] = answer.body["row_numbers"]
    assert [IDS[number - 1] for number in numbers] == [row["id"] for row in answer.body[rows]]
    return numbers


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"page_number": 2, "page_size": 3}, [4, 5, 6]),
        ({"page_number": 9, "page_size": 3}, []),
        ({"sort": "-delay"}, [6, 3, 1, 7, 4, 2, 5]),
        ({"sort": "-delay", "page_number": 2, "page_size": 3}, [7, 4, 2]),
        ({"filter": LATE}, [1, 3, 6, 7]),
        ({"filter": LATE, "sort": "delay"}, [7, 1, 3, 6]),
        ({"filter": LATE, "page_number": 2, "page_size": 3}, [7]),
    ],
)
@pytest.mark.parametrize("keeps_lists", [True, False])
def test_a_page_has_the_numbers_of_its_rows(
    numbered: Studio,
    switch_off: Callable[..., None],
    query: dict[str, Any],
    numbers: list[int],
    keeps_lists: bool,
) -> None:
    if not keeps_lists:
        switch_off(Feature.PAGE_CACHE)

    for _ in range(2):  # computed, then read from the list
        assert numbers_of(numbered.get("data/", query)) == numbers


def test_rows_keep_their_numbers_when_others_are_removed(user: User) -> None:
    studio = open_studio(user, steps=[COMPLETE], headers=NUMBERED)

    assert numbers_of(studio.get("data/")) == [1, 3, 4, 6, 7]
    assert numbers_of(studio.get("data/", {"page_number": 2, "page_size": 2})) == [4, 6]
    assert numbers_of(studio.get("data/", {"sort": "-delay"})) == [6, 3, 1, 7, 4]
    assert numbers_of(studio.get("data/", {"at_version": 1})) == [1, 2, 3, 4, 5, 6, 7]


def test_every_answer_with_rows_has_them(numbered: Studio) -> None:
    page = {"page_number": 2, "page_size": 3}

    assert numbers_of(numbered.get("session/status/"), "data_preview") == [1, 2, 3, 4, 5, 6, 7]
    assert numbers_of(numbered.get("session/status/", page), "data_preview") == [4, 5, 6]
    filled = numbered.post(*fill("delay", "mean"), query={**page, "sort": "-id"})
    assert numbers_of(filled, "data_preview") == [5, 4, 3]
    assert numbers_of(numbered.post("session/undo/"), "data_preview") == [1, 2, 3, 4, 5, 6, 7]
    numbered.get("data/", {"filter": LATE})
    assert numbers_of(numbered.post("session/recover/", {"strategy": "auto"})) == [1, 3, 6, 7]


def test_a_preview_that_leaves_rows_out_has_the_numbers_of_the_others(user: User) -> None:
    texts = [["x" * 10_000] * 60] * 100
    columns = [(f"t{number}", "text") for number in range(60)]

    body = (
        open_studio(user, publish(user, columns, texts))
        .get("session/status/", headers=NUMBERED)
        .body
    )

    assert 0 < len(body["data_preview"]) < 100
    assert body["row_numbers"] == [*range(1, len(body["data_preview"]) + 1)]


def test_a_client_that_does_not_ask_gets_none(opened: Studio) -> None:
    for answer in (
        opened.get("data/"),
        opened.get("session/status/"),
        opened.post("session/recover/", {"strategy": "auto"}),
    ):
        assert "row_numbers" not in answer.body


def test_an_answer_without_rows_has_none(numbered: Studio, studio: Studio) -> None:
    numbered.post("session/clear/")

    assert "row_numbers" not in numbered.get("session/status/").body
    assert numbers_of(numbered.get("data/")) == [1, 2, 3, 4, 5, 6, 7], "of the dataset itself"


@pytest.mark.parametrize("path", ["data/", "session/status/"])
def test_a_copy_without_numbers_is_no_copy_for_a_client_that_asks(
    opened: Studio, path: str
) -> None:
    opened.get("data/")
    plain = opened.get(path)
    numbered = opened.get(path, headers=NUMBERED)

    def again(first: Answer, headers: dict[str, str]) -> int:
        tags = {"If-None-Match": first.headers["ETag"]}
        return opened.get(path, headers={**headers, **tags}).status

    assert (again(plain, {}), again(numbered, NUMBERED)) == (304, 304)
    assert (again(plain, NUMBERED), again(numbered, {})) == (200, 200)
