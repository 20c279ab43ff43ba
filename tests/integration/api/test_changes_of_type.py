"""Changes of type over HTTP, for existing clients too: refused, offered a format, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataRow, DataSource
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import open_studio
from tests.support.written_log import everything

pytestmark = pytest.mark.django_db

DAYS = ["31/01/2024", "01/02/2024", None]
NANOSECONDS = ["2024-01-31T10:00:00.123456789", "2024-01-31T10:00:00.123456999"]


def opened(user: User, values: list[Any], **more: Any) -> Studio:
    rows = [[at, value] for at, value in enumerate(values)]
    return open_studio(user, publish(user, [("k", "integer"), ("d", "text")], rows), **more)


def change(studio: Studio, new_type: str, **options: Any) -> Answer:
    body = {"column_name": "d", "new_type": new_type, **options}
    return studio.post("session/change-column-type/", body)


def shown(studio: Studio) -> Any:
    body = studio.get("data/").body
    return body["columnDefs"], [row["d"] for row in body["data"]]


@pytest.mark.parametrize("new_type", ["datetime", "datetime64[ns]", "date"])
def test_an_existing_client_is_told_that_no_date_fits_and_which_format_would(
    user: User, new_type: str
) -> None:
    studio = opened(user, DAYS)
    before = everything()

    answer = change(studio, new_type)

    assert answer.status == 400
    assert answer.body["error"].startswith("Failed to convert column to")
    detail = answer.body["error_detail"]
    assert detail["code"] == "VALUES_DO_NOT_FIT"
    assert detail["details"]["first_value"] == "31/01/2024"
    assert detail["details"]["date_formats"] == [
        {"format": "%d/%m/%Y", "order": "day first", "fits": 2}
    ]
    assert everything() == before


def test_days_are_read_by_a_format_taken_back_and_put_back_exactly(user: User) -> None:
    studio = opened(user, DAYS)
    before = shown(studio)

    answer = change(studio, "date", date_format="%d/%m/%Y")

    assert answer.status == 200, answer
    assert answer.body["cells_changed"] == 2
    after = shown(studio)
    assert after[1] == ["2024-01-31", "2024-02-01", None]
    assert studio.post("session/undo/").status == 200
    assert shown(studio) == before
    assert studio.post("session/redo/").status == 200
    assert shown(studio) == after


def test_a_recipe_takes_the_format_along(user: User) -> None:
    studio = opened(user, DAYS)
    change(studio, "datetime", date_format="%d/%m/%Y")
    recipe = studio.get("session/recipe/").body["recipe"]
    other = opened(user, ["05/06/2024"])

    answer = other.post("session/apply-recipe/", {"recipe": recipe})

    assert recipe["operations"][0]["parameters"]["date_format"] == "%d/%m/%Y"
    assert answer.status == 200, answer
    assert shown(other)[1] == ["2024-06-05T00:00:00"]


def test_a_saved_dataset_has_the_dates_and_what_was_made_of_them(user: User) -> None:
    studio = opened(user, DAYS, headers=STRUCTURED)
    change(studio, "date", date_format="%d/%m/%Y")
    for operation, parameters in (
        ("regex_replace", {"columns": ["d"], "pattern": "x"}),
        ("join_columns", {"columns": ["d", "k"], "new_name": "key", "separator": "#"}),
        ("regex_replace", {"columns": ["key"], "pattern": "(.)#", "replacement": r"\1-"}),
        ("round_numbers", {"columns": ["k"], "digits": -1}),
        ("first_row_as_header", {}),
    ):
        studio.post("operations/", {"operation": operation, "parameters": parameters})

    answer = studio.post("session/save/")

    assert answer.status == 200, answer
    saved = DataSource.objects.latest("created_at")
    assert [(each["name"], each["type"]) for each in saved.columns] == [
        *(("0", "integer"), ("2024-01-31", "date"), ("2024-01-31-0", "text"))
    ]
    values = DataRow.objects.filter(dataset_id=saved.pk).order_by("row_number")
    assert list(values.values_list("values", flat=True)) == [
        *([0, "2024-02-01", "2024-02-01-1"], [0, None, "2"])
    ]


@pytest.mark.parametrize("options", [{"on_error": "fail"}, {"on_error": "null"}, {}])
def test_nanoseconds_are_never_cut(user: User, options: dict[str, Any]) -> None:
    studio = opened(user, NANOSECONDS)

    answer = change(studio, "datetime", **options)

    assert answer.status == 400
    details = answer.body["error_detail"]["details"]
    assert (details["count"], details["first_value"]) == (2, NANOSECONDS[0])
    assert shown(studio)[1] == NANOSECONDS


def test_nanoseconds_among_others_become_missing_and_are_counted(user: User) -> None:
    studio = opened(user, [*NANOSECONDS, "2024-01-31T10:00:00.5"])

    answer = change(studio, "datetime")

    assert answer.status == 200, answer
    assert answer.body["message"] == 'Column "d" converted to datetime; 2 became missing'
    assert shown(studio)[1] == [None, None, "2024-01-31T10:00:00.500000"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"new_type": "date", "date_format": "%d/%m"}, "date_format"),
        ({"new_type": "date", "date_format": 5}, "date_format"),
        ({"new_type": "integer", "date_format": "%d/%m/%Y"}, "date_format"),
        ({"new_type": "date", "date_formats": "%d/%m/%Y"}, "date_formats"),
    ],
)
def test_a_wrong_format_is_refused_by_name(user: User, body: dict[str, Any], path: str) -> None:
    answer = change(opened(user, DAYS), **body)

    assert answer.status == 400
    assert answer.body["error_detail"]["code"] == "INVALID_PARAMETER"
    assert answer.body["error_detail"]["details"]["path"] == path
