"""Apply a session's operations to another dataset: in one batch, those that fit, fitted anew."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from data_tools.services import dataset_service
from session_events import heads, store
from session_events.loading import forget_all
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, Studio
from tests.support.studios import drop, duplicate, fill, open_studio, rename, studio_of
from tests.support.time_over import time_is_over_after
from tests.support.written_log import everything, folded, head, metadata

pytestmark = pytest.mark.django_db

COLUMNS = (("delay", "float"), ("day", "date"), ("gate", "text"))
ROWS: tuple[list[Any], ...] = ([10.0, "2014-01-01", "A"], [None, None, None], [20.0, None, "B"])


@pytest.fixture
def studio(user: User) -> Studio:
    """1 started, 2 delay filled, 3 renamed to late, 4 day doubled, 5 carrier dropped, 6 id text."""
    return open_studio(
        user,
        steps=[
            fill("delay", "mean"),
            rename("delay", "late"),
            duplicate("day"),
            drop("carrier"),
            ("session/change-column-type/", {"column_name": "id", "new_type": "int"}),
        ],
    )


@pytest.fixture
def other(user: User, studio: Studio) -> Studio:
    """A dataset with `delay` and `day`, but neither `carrier` nor `id`; its session is new."""
    return open_studio(user, publish(user, COLUMNS, ROWS, "gates"))


def recipe(studio: Studio, **query: Any) -> Any:
    forget_all()
    answer = studio.get("session/recipe/", query)
    assert answer.status == 200, answer
    return answer.body["recipe"]


def send(studio: Studio, sent: Any, **fields: Any) -> Answer:
    forget_all()
    return studio.post("session/apply-recipe/", {"recipe": sent, **fields})


def session_id(studio: Studio) -> str:
    return studio.get("session/status/").body["session_info"]["session_id"]


# Taking a recipe


def test_a_recipe_names_its_source_and_the_columns_it_needs_as_they_were_at_first(
    studio: Studio,
) -> None:
    assert recipe(studio)["source"] == {
        "name": "flights",
        "fingerprint": "f" * 64,
        "columns": [
            {"name": "id", "type": "integer"},
            {"name": "carrier", "type": "text"},
            {"name": "delay", "type": "float"},
            {"name": "day", "type": "date"},
        ],
    }


def test_a_recipe_holds_the_parameters_and_for_information_the_fitted_values(
    studio: Studio,
) -> None:
    taken = recipe(studio)

    assert (taken["format"], taken["format_version"]) == ("data-studio-recipe", 1)
    assert [(step["operation"], step["parameters"]) for step in taken["operations"]] == [
        ("fill_missing_values", {"columns": ["delay"], "strategy": "mean"}),
        ("rename_column", {"old_name": "delay", "new_name": "late"}),
        ("column_operation_duplicate", {"columns": ["day"]}),
        ("column_operation_drop", {"columns": ["carrier"]}),
        (
            "change_column_type",
            {"column_name": "id", "new_type": "integer", "on_error": "fail"},
        ),
    ]
    assert taken["operations"][0]["fitted"]["columns"]["b2"]["value"] == 7.75


def test_a_recipe_is_of_the_requested_version_and_session(studio: Studio) -> None:
    ended = session_id(studio)

    at_three = studio.get("session/recipe/", {"at_version": 3}).body
    assert (at_three["version"], len(at_three["recipe"]["operations"])) == (3, 2)
    studio.post("session/undo/")
    assert len(recipe(studio)["operations"]) == 4
    studio.post("session/clear/")
    assert studio.get("session/recipe/").error["code"] == "SESSION_NOT_FOUND"
    assert len(recipe(studio, session_id=ended)["operations"]) == 4


def test_the_recipe_can_be_taken_after_its_dataset_was_deleted(studio: Studio, user: User) -> None:
    before = recipe(studio)
    dataset_service.delete(owner=user, datasource_id=uuid.UUID(str(studio.datasource_id)))

    after = recipe(studio)

    assert after["source"].pop("name") is None
    assert before["source"].pop("name") == "flights"
    assert after == before


def test_taking_a_recipe_writes_nothing(studio: Studio) -> None:
    before = everything()

    recipe(studio)

    assert everything() == before


# Applying a recipe


def test_a_recipe_applied_to_a_dataset_like_its_own_makes_the_same_rows(
    studio: Studio, user: User
) -> None:
    twin = open_studio(user, publish(user, name="twin"))

    answer = send(twin, orjson.loads(orjson.dumps(recipe(studio))))

    assert answer.status == 200, answer
    assert (answer.body["applied"], answer.body["does_not_fit"]) == (5, 0)
    assert [step["version"] for step in answer.body["report"]] == [2, 3, 4, 5, 6]
    assert twin.get("data/").body["data"] == studio.get("data/").body["data"]
    assert recipe(twin)["operations"] == recipe(studio)["operations"]


def test_steps_that_fit_are_fitted_anew_and_the_others_say_why_not(
    studio: Studio, other: Studio
) -> None:
    answer = send(other, recipe(studio))

    report = answer.body["report"]
    assert [(step["step"], step["fits"]) for step in report] == [
        *((1, True), (2, True), (3, True), (4, False), (5, False)),
    ]
    assert [step["error"]["code"] for step in report[3:]] == ["COLUMN_NOT_FOUND"] * 2
    assert report[3]["error"]["user_message"] == "Columns not found: ['carrier']"
    assert (answer.body["applied"], answer.body["does_not_fit"]) == (3, 2)
    assert answer.body["message"] == "Applied 3 of 5 operations"
    rows = other.get("data/").body["data"]
    assert rows[1] == {"late": 15.0, "day": None, "gate": None, "day_copy": None}


def test_people_are_told_in_plain_words_why_a_step_does_not_fit(other: Studio) -> None:
    late = {"columns": ["delay"], "strategy": "constant", "fill_value": "late"}
    tried: list[tuple[str, dict[str, Any], str]] = [
        (
            "rename_column",
            {"old_name": "day"},
            "This step is not complete. It lacks: New name.",
        ),
        ("column_operation_drop", {"columns": []}, "Choose at least one column."),
        (
            "change_column_type",
            {"column_name": "day", "new_type": "integer"},
            '"day" holds dates. This cannot become whole numbers.',
        ),
        (
            "fill_missing_values",
            {"columns": ["gate"]},
            '"gate" holds text. Only numbers have a mean.',
        ),
        (
            "fill_missing_values",
            late,
            '"late" does not belong in "delay", which holds numbers.',
        ),
        (
            "fill_missing_values",
            late | {"fill_value": None},
            "The value to fill gaps with is missing.",
        ),
        (
            "find_and_replace",
            {"columns": ["day"], "find": "soon", "match": "cell"},
            '"soon" does not belong in "day", which holds dates.',
        ),
        ("round_numbers", {"columns": ["gate"]}, '"gate" holds text. This step needs numbers.'),
        (
            "extract_date_parts",
            {"column": "day", "parts": ["hour"]},
            '"day" holds dates. They have no hour.',
        ),
    ]
    operations = [{"operation": name, "parameters": given} for name, given, _ in tried]
    made: dict[str, Any] = {
        "format": "data-studio-recipe",
        "format_version": 1,
        "operations": operations,
    }

    report = send(other, made, dry_run=True).body["report"]

    assert [step["error"]["code"] for step in report] == ["INVALID_PARAMETER"] * len(tried)
    assert [step["error"]["user_message"] for step in report] == [told for *_, told in tried]


def test_each_operation_of_a_recipe_can_be_undone_on_its_own(studio: Studio, other: Studio) -> None:
    send(other, recipe(studio))

    left = [other.post("session/undo/").body["operations_count"] for _ in range(3)]

    assert left == [2, 1, 0]
    assert other.post("session/redo/").body["operations_count"] == 1


def test_a_step_is_tried_on_the_rows_as_those_before_it_left_them(
    studio: Studio, other: Studio
) -> None:
    sent = recipe(studio)
    sent["operations"] = sent["operations"][1:3] + [
        {"operation": "rename_column", "parameters": {"old_name": "late", "new_name": "delay"}},
        {"operation": "rename_column", "parameters": {"old_name": "late", "new_name": "x"}},
        {"operation": "column_operation_duplicate", "parameters": {"columns": ["day_copy"]}},
    ]

    report = send(other, sent, dry_run=True).body["report"]

    assert [step["fits"] for step in report] == [True, True, True, False, True]


def test_a_dry_run_reports_the_same_and_writes_nothing(studio: Studio, other: Studio) -> None:
    sent, before = recipe(studio), everything()

    dry = send(other, sent, dry_run=True, client_operation_id=str(uuid.uuid4()))

    assert everything() == before
    assert dry.body["version"] == 1
    assert (dry.body["dry_run"], dry.body["fits"], dry.body["applied"]) == (True, 3, 0)
    assert [step.get("version") for step in dry.body["report"]] == [None] * 5
    applied = send(other, sent).body["report"]
    assert [{**step, "version": 0} for step in applied] == [
        {**step, "version": 0} for step in dry.body["report"]
    ]


def test_a_batch_that_cannot_be_written_leaves_nothing_behind(
    studio: Studio, other: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, before, batches = recipe(studio), everything(), []

    def fail(sealed: Any, **more: Any) -> Any:
        batches.append(len(sealed))
        raise OSError("the process dies here")

    monkeypatch.setattr(store, "append", fail)
    assert send(other, sent).status == 500
    monkeypatch.undo()

    assert batches == [3]
    assert everything() == before


def test_the_same_recipe_sent_again_is_answered_and_not_applied_again(
    studio: Studio, other: Studio, user: User
) -> None:
    sent, known = recipe(studio), str(uuid.uuid4())
    send(other, sent, client_operation_id=known)
    before = everything()

    again = send(other, sent, client_operation_id=known)

    assert (again.status, again.body["repeated"], again.body["report"]) == (200, True, [])
    assert again.body["operations_count"] == 3
    assert everything() == before
    reused = send(other, sent, client_operation_id=known, dry_run=True)
    assert reused.error["code"] == "CLIENT_OPERATION_ID_REUSED"
    at = head(user.pk, uuid.UUID(str(other.datasource_id)))
    ids = [event.client_operation_id for event in metadata(store.read(at.stream_id, after=1))]
    assert [str(client_operation_id) for client_operation_id in ids] == ["None", "None", known]
    assert folded(at).version == 4


def test_a_recipe_for_a_session_that_moved_on_is_refused(studio: Studio, other: Studio) -> None:
    sent = recipe(studio)
    other.post("session/rename-column/", {"old_name": "gate", "new_name": "door"})
    before = everything()

    assert send(other, sent, expected_version=1).error["code"] == "SESSION_CONFLICT"
    assert everything() == before


def test_a_recipe_without_a_fitting_step_or_any_step_writes_nothing(
    other: Studio,
) -> None:
    before = everything()
    empty = {"format": "data-studio-recipe", "format_version": 1, "operations": []}
    unknown = {**empty, "operations": [{"operation": "no_such", "parameters": {}}]}

    assert send(other, empty).body["applied"] == 0
    answer = send(other, unknown)

    assert answer.body["report"][0]["error"]["code"] == "OPERATION_UNKNOWN"
    assert answer.body["repeated"] is False
    assert everything() == before


def test_steps_with_invalid_parameters_do_not_fit_and_do_not_affect_the_others(
    other: Studio,
) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        *({"columns": value} for value in (5, "id", {}, [5], ["\x00"], None, ["x" * 100_000])),
        *({"columns": ["delay"], "strategy": value} for value in (5, "nope", [], {"a": 1})),
        {"columns": ["delay"], "strategy": "constant", "fill_value": {"a": [1]}},
        {"columns": ["delay"], "surprise": 1},
        {"x" * 10_000: 1},
    )
    steps = [{"operation": "fill_missing_values", "parameters": parameters} for parameters in wrong]
    steps.append({"operation": "fill_missing_values", "parameters": {"columns": ["delay"]}})

    answer = send(other, {"format": "data-studio-recipe", "format_version": 1, "operations": steps})

    assert [step["fits"] for step in answer.body["report"]] == [False] * len(wrong) + [True]
    codes = {step["error"]["code"] for step in answer.body["report"][:-1]}
    assert codes == {"INVALID_PARAMETER", "COLUMN_NOT_FOUND"}
    assert len(answer.content) < 50_000


def test_a_recipe_fills_a_session_only_up_to_its_limit(studio: Studio, other: Studio) -> None:
    sent = recipe(studio)

    with override_settings(SESSION_EVENTS={"MAX_OPERATIONS": 2}):
        report = send(other, sent).body["report"]

    assert [step["fits"] for step in report] == [True, True, False, False, False]
    assert report[2]["error"]["code"] == "TOO_MANY_OPERATIONS"


def test_a_recipe_that_takes_too_long_is_stopped_and_nothing_of_it_is_applied(
    studio: Studio, other: Studio
) -> None:
    assert studio.post(*fill("day", "forward_fill")).status == 200  # takes several passes
    sent, before = recipe(studio), everything()

    with time_is_over_after(" AS v0"):
        answer = send(other, sent)

    assert (answer.status, answer.error["code"]) == (503, "QUERY_TIMEOUT")
    assert answer.error["details"]["steps"] == 6
    assert everything() == before


def test_somebody_elses_recipe_is_not_found(studio: Studio, other_user: User) -> None:
    stranger = studio_of(other_user, studio.datasource_id)
    theirs = open_studio(other_user)
    foreign = heads.latest_head(
        user_id=other_user.pk, dataset_id=uuid.UUID(str(theirs.datasource_id))
    )
    assert foreign is not None

    assert stranger.get("session/recipe/").status == 404
    answer = studio.get("session/recipe/", {"session_id": str(foreign.stream_id)})
    assert answer.error["code"] == "SESSION_NOT_FOUND"
