"""Numbers beyond 64 bits in operations come back from saving as the floats that they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from data_tools.models import DataSource
from session_events.loading import forget_all
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import open_studio, studio_of
from tests.support.uploads import open_uploaded

pytestmark = pytest.mark.django_db

COLUMNS = (("x", "float"), ("i", "integer"))
ROWS: tuple[list[Any], ...] = (
    *([1e30, 2**53], [2e30, 2**62 + 1], [None, None], [4.5, 7], [1e16, -(2**63)]),
    *([-3e25, 12], [2.0**63, 9]),
)
OPERATIONS = [
    ("fill_missing_values", {"columns": ["x"], "strategy": "mean"}),
    ("fill_missing_values", {"columns": ["x"], "strategy": "median"}),
    ("fill_missing_values", {"columns": ["x"], "strategy": "mode"}),
    ("fill_missing_values", {"columns": ["x"], "strategy": "constant", "fill_value": 1e20}),
    ("fill_missing_values", {"columns": ["x"], "strategy": "constant", "fill_value": 1e16}),
    ("missing_data_imputation_mean", {"columns": ["x"]}),
    ("missing_data_imputation_constant", {"columns": ["x"], "constant_value": 1e300}),
    ("feature_scaling_standard", {"columns": ["x"]}),
    ("feature_scaling_minmax", {"columns": ["x"]}),
    ("feature_scaling_robust", {"columns": ["x"]}),
    ("feature_scaling_maxabs", {"columns": ["x"]}),
    ("outlier_treatment_winsorize", {"columns": ["x"], "tail": "both", "fold": 0.1}),
    ("outlier_treatment_trim", {"columns": ["x"], "tail": "both", "fold": 0.1}),
    ("outlier_treatment_trim", {"columns": ["i"], "tail": "both", "fold": 0.1}),
    ("bin_column", {"column": "x", "bins": 3}),
    ("bin_column", {"column": "x", "method": "edges", "edges": [-1e30, 0, 1e16, 2**64, 5e30]}),
    ("bin_column", {"column": "i", "method": "edges", "edges": [-1e30, 2**53 + 1, 1e30]}),
    ("filter_rows", {"filter": [{"column": "x", "op": "lt", "value": 1.5e30}]}),
    ("filter_rows", {"filter": [{"column": "i", "op": "lt", "value": 1e19}]}),
    ("calculate_column", {"left_column": "x", "operator": "add", "value": 1e20, "new_name": "y"}),
    ("calculate_column", {"left_column": "x", "operator": "add", "value": 1e16, "new_name": "y"}),
    ("calculate_column", {"left_column": "x", "operator": "add", "value": 2**64, "new_name": "y"}),
    ("find_and_replace", {"columns": ["x"], "find": 1e30, "replace_with": 3e22, "match": "cell"}),
]  # fmt: skip


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) else None


@pytest.fixture
def studio(user: User) -> Studio:
    return open_studio(user, publish(user, COLUMNS, ROWS), headers=STRUCTURED)


def apply(studio: Studio, operation: str, parameters: dict[str, Any]) -> None:
    """Post the operation; `json` writes integers of any length, as some clients do."""
    content = json.dumps({"operation": operation, "parameters": parameters}).encode()
    answer = studio.request("POST", "operations/", content=content)
    assert answer.status == 200, answer


def cells(studio: Studio) -> Any:
    answer = studio.get("data/", {"pageSize": 100})
    assert answer.status == 200, answer
    return answer.body["data"]


def numbers_in(value: Any) -> list[tuple[type, Any]]:
    """Return all numbers with their types: 1e16 is not 10000000000000000."""
    if isinstance(value, dict):
        return [each for name in sorted(value) for each in numbers_in(value[name])]
    if isinstance(value, list):
        return [each for item in value for each in numbers_in(item)]
    return [(type(value), value)] if isinstance(value, int | float) else []


@pytest.mark.parametrize(("operation", "parameters"), OPERATIONS, ids=_name)
def test_a_saved_dataset_answers_with_the_recipe_as_the_session_had_it(
    studio: Studio, user: User, operation: str, parameters: dict[str, Any]
) -> None:
    apply(studio, operation, parameters)
    recipe, shown = studio.get("session/recipe/").body["recipe"], cells(studio)

    saved = studio.post("session/save/", {"name": "s"})
    dataset_id = saved.body["new_datasource"]["id"]
    answer = studio.get(f"/api/datasources/{dataset_id}/")

    assert answer.status == 200, answer
    assert answer.body["datasource"]["recipe"] == recipe
    assert numbers_in(answer.body["datasource"]["recipe"]) == numbers_in(recipe)
    assert cells(open_studio(user, dataset_id)) == shown
    assert studio.get("/api/datasources/").status == 200


@pytest.mark.parametrize(("operation", "parameters"), OPERATIONS[::2], ids=_name)
def test_a_replay_a_fork_a_recipe_and_an_export_hold_the_same_numbers(
    studio: Studio, user: User, operation: str, parameters: dict[str, Any]
) -> None:
    apply(studio, operation, parameters)
    recipe, shown = studio.get("session/recipe/").body["recipe"], cells(studio)
    exported = studio.get("export/", {"format": "jsonl"}).content

    forget_all()  # from the log
    again = studio.get("session/recipe/").body["recipe"]
    assert numbers_in(again) == numbers_in(recipe)
    assert cells(studio) == shown
    assert studio.get("export/", {"format": "jsonl"}).content == exported
    assert studio.get("session/events/").status == 200
    assert studio.get("columns/").status == 200
    other = open_studio(user, publish(user, COLUMNS, ROWS), headers=STRUCTURED)
    applied = other.post("session/apply-recipe/", {"recipe": recipe})
    assert applied.status == 200, applied
    assert numbers_in(other.get("session/recipe/").body["recipe"]["operations"]) == numbers_in(
        recipe["operations"]
    )
    forked = studio.post("session/fork/", {"from_version": 2})
    assert forked.status == 200, forked
    assert cells(studio) == shown


def test_the_pages_of_the_admin_show_huge_numbers(studio: Studio, admin_client: Any) -> None:
    apply(studio, *OPERATIONS[0])
    apply(studio, *OPERATIONS[11])
    session_id = studio.get("session/status/").body["session_info"]["session_id"]

    prefix = "admin:session_events_sessionstream_"
    session_page = admin_client.get(reverse(f"{prefix}change", args=[session_id]))
    event_page = admin_client.get(reverse(f"{prefix}event", args=[session_id, 2]))

    assert session_page.status_code == 200
    assert b"e+2" in event_page.content


@pytest.mark.django_db(transaction=True)
def test_an_uploaded_file_of_huge_numbers_keeps_answering_when_it_is_saved(
    user: User, media: Any
) -> None:
    studio = open_uploaded(user, "x\n1e30\n2e30\n\n4.5\n")
    apply(studio, "fill_missing_values", {"columns": ["x"], "strategy": "mean"})

    dataset_id = studio.post("session/save/", {"name": "s"}).body["new_datasource"]["id"]

    answer = studio.get(f"/api/datasources/{dataset_id}/")
    assert answer.status == 200, answer
    [operation] = answer.body["datasource"]["recipe"]["operations"]
    assert operation["fitted"]["columns"]["b0"]["value"] == pytest.approx(1e30)


def test_a_recipe_that_jsonb_held_before_answers_again(user: User) -> None:
    """Its floats came back as integers of any length."""
    dataset = publish(user)
    held = {"operations": [{"fitted": {"value": 10**30, "low": -(10**19), "whole": 2**63}}]}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE data_tools_datasource SET recipe = %s, ingest_report = %s WHERE id = %s",
            [json.dumps(held), json.dumps({"farthest": 10**40}), str(dataset.pk)],
        )

    answer = studio_of(user, dataset).get(f"/api/datasources/{dataset.pk}/")

    assert answer.status == 200, answer
    found = answer.body["datasource"]
    assert numbers_in(found["recipe"]) == [(float, -1e19), (float, 1e30), (int, 2**63)]
    assert found["ingest_report"] == {"farthest": 1e40}


@pytest.mark.parametrize("field", ["recipe", "ingest_report", "reupload_failure"])
def test_json_of_a_dataset_comes_back_as_it_was_written(user: User, field: str) -> None:
    dataset = publish(user)
    written = {"values": [1e30, 1e16, 2.0, -0.0, 5e-324, 2**63, -(2**63), 0.1, None], "nul": "\x00"}
    setattr(dataset, field, written)
    dataset.save()

    dataset = DataSource.objects.get(pk=dataset.pk)

    assert repr(getattr(dataset, field)) == repr(written)
