"""Defects of the old server, reproduced in the way in which users met them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.contract.shapes import FULL_BODY, mismatches
from tests.support.small_datasets import COLUMNS, publish
from tests.support.studio_client import Answer, Studio
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db

NAMES = [name for name, _ in COLUMNS]


def rename(studio: Studio, old_name: str, new_name: str) -> Answer:
    answer = studio.post("session/rename-column/", {"old_name": old_name, "new_name": new_name})
    assert answer.status == 200, answer
    return answer


def column_info(studio: Studio) -> list[str]:
    return studio.get("session/status/").body["column_info"]


def values_of(studio: Studio, column: str) -> list[Any]:
    return [row[column] for row in studio.get("data/").body["data"]]


def opened_on(user: User, columns: Any, rows: Any) -> Studio:
    studio = open_studio(user, publish(user, columns, rows))
    return studio


def test_nothing_of_a_cleared_session_comes_back_in_the_next(opened: Studio) -> None:
    rename(opened, "day", "of the cleared session")
    opened.post("session/undo/")
    opened.post("session/clear/")
    opened.post("session/initialize/")
    rename(opened, "carrier", "airline")
    opened.post("session/undo/")
    rename(opened, "delay", "late")

    redone = opened.post("session/redo/")

    assert redone.status == 400
    assert column_info(opened) == ["id", "carrier", "late", "cancelled", "day", "seen_at"]


def test_a_new_operation_ends_what_could_be_redone_and_stays(opened: Studio) -> None:
    for old_name, new_name in (("id", "a"), ("carrier", "b"), ("delay", "c")):
        rename(opened, old_name, new_name)
    for _ in range(3):
        opened.post("session/undo/")
    changed = rename(opened, "day", "d")

    redone = opened.post("session/redo/")

    assert changed.body["can_redo"] is False
    assert changed.body["session_info"]["total_operations"] == 1
    assert redone.status == 400
    assert column_info(opened) == ["id", "carrier", "delay", "cancelled", "d", "seen_at"]


def test_a_column_of_few_values_can_be_made_a_category_and_everything_still_answers(
    opened: Studio,
) -> None:
    made = opened.post(
        "session/change-column-type/", {"column_name": "carrier", "new_type": "category"}
    )

    assert made.status == 200, made
    assert mismatches(made.body, FULL_BODY) == []
    for path in ("session/status/", "session/column-statistics/", "nan/analysis/", "data/"):
        assert opened.get(path).status == 200
    assert opened.post("session/undo/").status == 200


def test_every_one_of_sixty_operations_is_in_the_history_and_can_be_undone(opened: Studio) -> None:
    for number in range(60):
        rename(opened, "day" if number == 0 else f"day {number}", f"day {number + 1}")

    info = opened.get("session/status/").body["session_info"]
    undone = [opened.post("session/undo/") for _ in range(60)]

    assert [each["step"] for each in info["operations_history"]] == list(range(51, 61))
    assert {answer.status for answer in undone} == {200}
    assert undone[-1].body["can_undo"] is False
    assert column_info(opened) == NAMES


def test_a_missing_time_is_an_empty_text_in_a_preview_and_null_in_a_page(opened: Studio) -> None:
    preview = opened.get("session/status/").body["data_preview"]

    assert [row["seen_at"] for row in preview][1::4] == ["", ""]
    assert values_of(opened, "seen_at")[1::4] == [None, None]


def test_a_number_converted_to_text_is_text(opened: Studio) -> None:
    opened.post("session/change-column-type/", {"column_name": "delay", "new_type": "string"})

    assert values_of(opened, "delay")[0] == "2.5"
    assert opened.get("session/status/").body["data_preview"][0]["delay"] == "2.5"


def test_a_constant_that_a_page_sends_as_text_fills_a_number_column_with_a_number(
    opened: Studio,
) -> None:
    opened.post(
        "session/fill-missing-values/",
        {"columns": ["delay"], "strategy": "constant", "fill_value": "0"},
    )

    assert values_of(opened, "delay")[:2] == [2.5, 0.0]
    statistics = opened.get("session/column-statistics/").body["column_statistics"]
    assert statistics["delay"]["dtype"] == "float64"


def test_the_text_false_becomes_false_and_a_missing_value_stays_missing(user: User) -> None:
    studio = opened_on(
        user, [("n", "integer"), ("t", "text")], [[1, "False"], [2, "True"], [3, None]]
    )

    studio.post("session/change-column-type/", {"column_name": "t", "new_type": "boolean"})

    assert values_of(studio, "t") == [False, True, None]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("session/fill-missing-values/", {"columns": "delay"}),
        ("transform/imputation/", {"columns": "delay"}),
        ("transform/columns/", {"operation": "drop", "columns": "delay"}),
    ],
)
def test_a_text_instead_of_a_list_of_columns_is_not_read_letter_by_letter(
    opened: Studio, path: str, fields: dict[str, Any]
) -> None:
    answer = opened.post(path, fields)

    assert answer.body["success"] is False
    assert answer.error["code"] == "INVALID_PARAMETER"


def test_no_rename_or_copy_makes_two_columns_of_the_same_name(opened: Studio) -> None:
    for body in (
        {"operation": "rename", "new_names": {"id": "x", "day": "x"}},
        {"operation": "rename", "new_names": {"id": "day"}},
    ):
        assert opened.post("transform/columns/", body).body["success"] is False
    for _ in range(2):
        opened.post("transform/columns/", {"operation": "duplicate", "columns": ["day"]})

    names = column_info(opened)
    assert len(set(names)) == len(names)
    assert opened.get("session/column-statistics/").status == 200


def test_the_figures_of_a_dataset_without_rows_are_valid_json(user: User) -> None:
    studio = opened_on(user, [("n", "integer"), ("t", "text")], [])

    statistics = studio.get("session/column-statistics/").body["column_statistics"]

    assert statistics["n"]["null_percentage"] == 0.0
    assert studio.get("nan/analysis/").body["data"]["nan_cell_percentage"] == 0.0
    assert studio.get("data/").body["data"] == []
