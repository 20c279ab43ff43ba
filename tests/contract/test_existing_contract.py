"""A client that says nothing gets what it always got: every key, with its type, its words.

One test for each promise of the API that existing clients call; new keys may only stand beside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from data_tools.features import Feature
from data_tools.models import DataSource
from tests.contract.requests import ONE_OPERATION_EACH, REFUSED_BY_TRANSFORM
from tests.contract.shapes import (
    CELL,
    DATA_BODY,
    DURABLE,
    FULL_BODY,
    NEW_DATASOURCE,
    PREVIEW_CELL,
    READ_BUT_NEVER_SENT,
    SESSION_INFO,
    SESSION_INFO_READ_BUT_NEVER_SENT,
    TRANSFORM_BODY,
    mismatches,
)
from tests.support.small_datasets import COLUMNS, ROWS, publish
from tests.support.studio_client import MOUNTS, Answer, InProcess, Studio
from tests.support.studios import signed_in_studio, studio_of
from tests.support.users import token_of

pytestmark = pytest.mark.django_db

NAMES = [name for name, _ in COLUMNS]


@pytest.fixture(autouse=True, params=["every feature on", "every feature off"])
def _features(request: pytest.FixtureRequest, switch_off: Callable[..., None]) -> None:
    """The promises to existing clients hold whatever is switched off."""
    if request.param == "every feature off":
        switch_off(*Feature)


def assert_shape(answer: Answer, *shapes: Any) -> None:
    assert answer.status == 200, answer
    for shape in shapes:
        assert mismatches(answer.body, shape) == []


# session_info and the full body (2.1, 2.2)


def test_initialize_answers_the_full_body_and_says_whether_it_was_there(studio: Studio) -> None:
    first, second = studio.post("session/initialize/"), studio.post("session/initialize/")

    for answer in (first, second):
        assert_shape(answer, FULL_BODY, READ_BUT_NEVER_SENT, DURABLE)
    assert first.body["message"] == "Session initialized successfully"
    assert second.body["message"] == "Session already exists"
    assert first.body["session_info"] == second.body["session_info"]


def test_initialize_needs_no_body(studio: Studio) -> None:
    answer = studio.request("POST", "session/initialize/")

    assert_shape(answer, FULL_BODY)


def test_status_answers_like_the_full_body_without_a_message(opened: Studio) -> None:
    answer = opened.get("session/status/")

    assert_shape(answer, {key: FULL_BODY[key] for key in FULL_BODY if key != "message"})
    assert "message" not in answer.body


def test_status_without_a_session_says_so_and_nothing_else(studio: Studio) -> None:
    body = studio.get("session/status/").body

    assert body["success"] is True
    assert body["session_info"] == {"session_exists": False}
    assert body["data_preview"] is None
    assert body["column_info"] is None
    assert "message" not in body


def test_session_info_counts_operations_as_it_always_did(opened: Studio) -> None:
    for path, body in ONE_OPERATION_EACH[:2]:
        opened.post(path, body)

    info = opened.post("session/undo/").body["session_info"]

    assert mismatches(info, SESSION_INFO) == []
    assert info["original_shape"] == info["current_shape"] == [len(ROWS), len(NAMES)]
    assert (info["current_step"], info["total_operations"]) == (1, 2)
    assert (info["can_undo"], info["can_redo"]) == (True, True)
    assert [op["operation_name"] for op in info["operations_history"]] == ["rename_column"]
    assert [op["step"] for op in info["operations_history"]] == [1]


def test_operations_history_is_never_longer_than_ten(opened: Studio) -> None:
    for number in range(12):
        name = "carrier" if number == 0 else f"c{number - 1}"
        opened.post("session/rename-column/", {"old_name": name, "new_name": f"c{number}"})

    info = opened.get("session/status/").body["session_info"]

    assert mismatches(info, SESSION_INFO) == []
    assert [op["step"] for op in info["operations_history"]] == list(range(3, 13))
    assert info["current_step"] == 12


def test_data_preview_is_a_hundred_rows_with_an_empty_text_for_a_missing_value(user: User) -> None:
    rows = [[number, None if number % 2 else "x"] for number in range(150)]
    datasource = publish(user, [("n", "integer"), ("t", "text")], rows)

    body = studio_of(user, datasource).post("session/initialize/").body

    assert len(body["data_preview"]) == 100
    assert body["data_preview"][1] == {"n": 1, "t": ""}
    assert mismatches(body["data_preview"], [{"n": int, "t": str}]) == []
    assert body["column_info"] == ["n", "t"]


def test_data_preview_holds_no_null_of_any_type(opened: Studio) -> None:
    body = opened.get("session/status/").body

    assert mismatches(body["data_preview"], [dict.fromkeys(NAMES, PREVIEW_CELL)]) == []
    assert [list(row) for row in body["data_preview"]] == [NAMES] * len(ROWS)


# Session endpoints (3)


@pytest.mark.parametrize(
    ("path", "body"), ONE_OPERATION_EACH, ids=[p for p, _ in ONE_OPERATION_EACH]
)
def test_an_operation_answers_the_full_body(
    opened: Studio, path: str, body: dict[str, Any]
) -> None:
    assert_shape(opened.post(path, body), FULL_BODY, READ_BUT_NEVER_SENT, DURABLE)


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (*ONE_OPERATION_EACH[0], 'Column renamed from "carrier" to "airline"'),
        (
            "session/change-column-type/",
            {"column_name": "cancelled", "new_type": "int"},
            'Column "cancelled" converted to int',
        ),
        (*ONE_OPERATION_EACH[2], "Filled 2 missing values using mean strategy"),
    ],
    ids=["rename", "change type", "fill"],
)
def test_an_operation_says_what_it_did_in_the_known_words(
    opened: Studio, path: str, body: dict[str, Any], message: str
) -> None:
    assert opened.post(path, body).body["message"] == message


def test_undo_and_redo_answer_the_full_body(opened: Studio) -> None:
    opened.post(*ONE_OPERATION_EACH[0])

    undone, redone = opened.post("session/undo/"), opened.post("session/redo/")

    for answer, message in (
        (undone, "Operation undone successfully"),
        (redone, "Operation redone successfully"),
    ):
        assert_shape(answer, FULL_BODY, READ_BUT_NEVER_SENT, DURABLE)
        assert answer.body["message"] == message
    assert undone.body["column_info"] == NAMES
    assert "airline" in redone.body["column_info"]


def test_clear_succeeds_with_and_without_a_session(studio: Studio) -> None:
    studio.post("session/initialize/")

    for _ in range(2):
        answer = studio.post("session/clear/")

        assert answer.status == 200
        assert answer.body["success"] is True
        assert answer.body["message"] == "Session cleared successfully"


@pytest.mark.parametrize("body", [{}, {"name": None, "description": None}], ids=["no", "null"])
def test_save_answers_the_new_dataset_by_its_default_name_and_ends_the_session(
    opened: Studio, body: dict[str, Any]
) -> None:
    answer = opened.post("session/save/", body)

    assert_shape(
        answer,
        {"success": {True}, "message": str, "new_datasource": NEW_DATASOURCE, **DURABLE},
    )
    assert answer.body["message"] == "Data saved successfully as new datasource"
    new = answer.body["new_datasource"]
    assert (new["name"], new["description"]) == (
        "flights_transformed",
        "Transformed version of flights",
    )
    assert new["status"] == "READY"
    status = opened.get("session/status/").body
    assert status["session_info"] == {"session_exists": False}


def test_save_without_a_session_is_a_400_with_the_sentence_it_always_had(studio: Studio) -> None:
    answer = studio.post("session/save/", {"name": "x"})

    assert (answer.status, answer.body["error"]) == (400, "No active session found")


# How session/* refuses (2, 3): status 400, and a sentence


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("session/undo/", {}, "No operations to undo or undo failed"),
        ("session/redo/", {}, "No operations to redo or redo failed"),
        ("session/rename-column/", {"old_name": "id"}, "Missing required fields: new_name"),
        (
            "session/rename-column/",
            {},
            "Missing required fields: old_name, new_name",
        ),
        (
            "session/rename-column/",
            {"old_name": "x", "new_name": "y"},
            'Column "x" not found',
        ),
        (
            "session/rename-column/",
            {"old_name": "id", "new_name": "day"},
            'Column "day" already exists',
        ),
        ("session/change-column-type/", {}, "Missing required fields: column_name, new_type"),
        (
            "session/change-column-type/",
            {"column_name": "x", "new_type": "int"},
            "Columns not found: ['x']",
        ),
        (
            "session/fill-missing-values/",
            {"columns": []},
            "At least one column must be specified",
        ),
        ("session/fill-missing-values/", {}, "At least one column must be specified"),
        ("session/fill-missing-values/", {"columns": ["x"]}, "Columns not found: ['x']"),
        (
            "session/fill-missing-values/",
            {"columns": ["carrier"], "strategy": "mean"},
            'Invalid strategy "mean" for column "carrier" or missing fill_value',
        ),
        (
            "session/fill-missing-values/",
            {"columns": ["delay"], "strategy": "constant"},
            'Invalid strategy "constant" for column "delay" or missing fill_value',
        ),
    ],
)
def test_a_refusal_is_400_with_the_known_sentence(
    opened: Studio, path: str, body: dict[str, Any], sentence: str
) -> None:
    answer = opened.post(path, body)

    assert answer.status == 400
    assert answer.body["success"] is False
    assert answer.body["error"] == sentence


def test_a_type_that_does_not_fit_is_refused_in_words_that_begin_as_before(opened: Studio) -> None:
    answer = opened.post(
        "session/change-column-type/", {"column_name": "carrier", "new_type": "int"}
    )

    assert answer.status == 400
    assert answer.body["error"].startswith("Failed to convert column to int: ")


@pytest.mark.parametrize("path", [path for path, _ in ONE_OPERATION_EACH])
def test_without_a_session_an_operation_says_so_before_it_looks_at_its_fields(
    studio: Studio, path: str
) -> None:
    answer = studio.post(path, {})

    assert (answer.status, answer.body["error"]) == (400, "No active session found")


# transform/columns (4)


@pytest.mark.parametrize(
    ("body", "affected", "columns"),
    [
        ({"operation": "rename", "new_names": {"id": "key"}}, [], len(NAMES)),
        ({"operation": "drop", "columns": ["id", "day"]}, ["id", "day"], len(NAMES) - 2),
        ({"operation": "duplicate", "columns": ["day"]}, ["day"], len(NAMES) + 1),
    ],
    ids=["rename", "drop", "duplicate"],
)
def test_transform_columns_answers_what_was_affected_and_the_shape(
    opened: Studio, body: dict[str, Any], affected: list[str], columns: int
) -> None:
    answer = opened.post("transform/columns/", body)

    assert_shape(answer, TRANSFORM_BODY, READ_BUT_NEVER_SENT, DURABLE)
    assert answer.body["affected_columns"] == affected
    assert answer.body["shape"] == [len(ROWS), columns]
    assert not {"session_info", "data_preview"} & set(answer.body)


def test_a_duplicate_is_named_copy(opened: Studio) -> None:
    opened.post("transform/columns/", {"operation": "duplicate", "columns": ["day"]})

    assert opened.get("session/status/").body["column_info"] == [*NAMES, "day_copy"]


@pytest.mark.parametrize("body", [body for body, _, _ in REFUSED_BY_TRANSFORM])
def test_transform_refuses_with_200_and_a_sentence(opened: Studio, body: dict[str, Any]) -> None:
    answer = opened.post("transform/columns/", body)

    assert answer.status == 200
    assert answer.body["success"] is False
    assert isinstance(answer.body["error"], str)


def test_transform_without_a_session_refuses_with_200(studio: Studio) -> None:
    answer = studio.post("transform/columns/", {"operation": "drop", "columns": ["id"]})

    assert (answer.status, answer.body["success"]) == (200, False)
    assert isinstance(answer.body["error"], str)


def test_transform_on_a_dataset_that_is_not_there_is_404(user: User) -> None:
    """Not a refusal of the operation; the old server answered 500 here."""
    studio = studio_of(user, "00000000-0000-4000-8000-000000000000")

    assert studio.post("transform/columns/", {"operation": "drop", "columns": ["id"]}).status == 404


# data/ (6)


def test_data_answers_every_known_key(opened: Studio) -> None:
    answer = opened.get("data/")

    assert_shape(answer, DATA_BODY)
    body = answer.body
    assert (body["page"], body["pageSize"], body["totalPages"]) == (1, 25, 1)
    assert body["totalRows"] == len(ROWS)
    assert body["columnDefs"] == NAMES
    assert mismatches(body["data"], [dict.fromkeys(NAMES, CELL)]) == []


def test_data_needs_no_session(studio: Studio) -> None:
    assert_shape(studio.get("data/"), DATA_BODY)
    assert studio.get("session/status/").body["session_info"] == {"session_exists": False}


def test_data_shows_a_missing_value_as_null_and_an_empty_text_as_itself(opened: Studio) -> None:
    rows = opened.get("data/").body["data"]

    assert [row["carrier"] for row in rows] == ["UA", "AA", "", None, "007", "UA", "DL"]
    assert [row["delay"] for row in rows] == [2.5, None, 4.0, -1.0, None, 33.25, 0.0]


def test_data_keeps_integers_that_a_float_cannot(opened: Studio) -> None:
    assert opened.get("data/").body["data"][0]["id"] == 9007199254740993


@pytest.mark.parametrize(
    ("order", "delays"),
    [
        ("asc", [-1.0, 0.0, 2.5, 4.0, 33.25, None, None]),
        ("desc", [33.25, 4.0, 2.5, 0.0, -1.0, None, None]),
    ],
)
def test_data_sorts_by_one_column_with_missing_values_last(
    opened: Studio, order: str, delays: list[float | None]
) -> None:
    answer = opened.get("data/", {"sortField": "delay", "sortOrder": order})

    assert [row["delay"] for row in answer.body["data"]] == delays


def test_data_sorts_ties_by_row(opened: Studio) -> None:
    answer = opened.get("data/", {"sortField": "day", "sortOrder": "desc"})

    assert [row["id"] for row in answer.body["data"]] == [6, 7, 4, 5, 9007199254740993, 2, 3]


def test_data_past_the_end_is_empty_with_the_totals(opened: Studio) -> None:
    body = opened.get("data/", {"page": 99, "pageSize": 3}).body

    assert body["data"] == []
    assert (body["totalRows"], body["totalPages"], body["page"]) == (len(ROWS), 3, 99)


def test_all_pages_together_are_the_rows_once_each(opened: Studio) -> None:
    pages = [opened.get("data/", {"page": page, "pageSize": 3}).body["data"] for page in (1, 2, 3)]

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [row["id"] for page in pages for row in page] == [row[0] for row in ROWS]


def test_an_empty_sort_means_no_sort(opened: Studio) -> None:
    rows = opened.get("data/", {"sortField": "", "sortOrder": ""}).body["data"]

    assert [row["id"] for row in rows] == [row[0] for row in ROWS]


# Keys that clients read and were never sent (7.1)


@pytest.mark.parametrize(
    "path", ["session/initialize/", "session/undo/", "session/redo/", "session/status/"]
)
def test_session_answers_carry_the_keys_that_clients_always_read(opened: Studio, path: str) -> None:
    opened.post(*ONE_OPERATION_EACH[0])
    if path == "session/redo/":
        opened.post("session/undo/")

    answer = opened.get(path) if path == "session/status/" else opened.post(path)

    assert_shape(
        answer,
        READ_BUT_NEVER_SENT,
        {"session_info": SESSION_INFO_READ_BUT_NEVER_SENT},
        DURABLE,
    )
    info = answer.body["session_info"]
    assert answer.body["session_exists"] is True
    assert answer.body["operations_count"] == info["current_position"] == info["current_step"]
    assert answer.body["can_undo"] is info["can_undo"]
    assert answer.body["can_redo"] is info["can_redo"]
    assert info["history_length"] == info["total_operations"] == 1
    assert info["operations"] == info["operations_history"]


def test_without_a_session_those_keys_say_so(studio: Studio) -> None:
    body = studio.get("session/status/").body

    assert {key: body[key] for key in READ_BUT_NEVER_SENT} == {
        "session_exists": False,
        "operations_count": 0,
        "can_undo": False,
        "can_redo": False,
    }
    assert (body["version"], body["saved_at"]) == (None, None)


# Three mounts, one API


def test_every_mount_gives_the_same_answers(user: User, opened: Studio) -> None:
    opened.post(*ONE_OPERATION_EACH[0])
    opened.get("data/")

    def at(mount: str) -> list[bytes]:
        studio = replace(opened, mount=mount)
        return [
            studio.get("session/status/").content,
            studio.get("data/", {"page": 1, "pageSize": 2}).content,
            studio.post("session/initialize/").content,
        ]

    canonical, *others = (at(mount) for mount in MOUNTS)
    assert all(answers == canonical for answers in others)


@pytest.mark.parametrize("mount", MOUNTS)
def test_work_done_at_one_mount_is_seen_at_the_others(opened: Studio, mount: str) -> None:
    at_mount = replace(opened, mount=mount)

    changed = at_mount.post(*ONE_OPERATION_EACH[0])

    assert opened.get("session/status/").body["version"] == changed.body["version"]
    assert "airline" in opened.get("data/").body["columnDefs"]


# The other transform endpoints (4)


@pytest.mark.parametrize(
    ("path", "body", "operation"),
    [
        (
            "imputation",
            {"method": "median", "columns": ["delay"]},
            "missing_data_imputation_median",
        ),
        ("imputation", {"columns": ["delay"]}, "missing_data_imputation_mean"),
        (
            "imputation",
            {"method": "constant", "custom_value": 7},
            "missing_data_imputation_constant",
        ),
        ("encoding", {"method": "onehot", "columns": ["carrier"]}, "feature_encoding_onehot"),
        ("encoding", {"encoding_type": "rare_label"}, "feature_encoding_rare_label"),
        ("encoding", {}, "feature_encoding_ordinal"),
        ("scaling", {"scaler_type": "minmax", "columns": ["delay"]}, "feature_scaling_minmax"),
        ("scaling", {"columns": ["delay"]}, "feature_scaling_standard"),
        ("outliers", {"columns": ["delay"]}, "outlier_treatment_winsorize"),
        (
            "engineering",
            {"columns": ["id", "delay"], "on_error": "null"},
            "feature_engineering_math_add",
        ),
        (
            "engineering",
            {"method": "relative", "columns": ["delay"], "reference_columns": ["delay"]},
            "feature_engineering_relative_add",
        ),
    ],
)
def test_every_transform_endpoint_answers_its_body_and_records_the_name_it_had(
    opened: Studio, path: str, body: dict[str, Any], operation: str
) -> None:
    answer = opened.post(f"transform/{path}/", body)

    assert_shape(answer, TRANSFORM_BODY, DURABLE)
    assert answer.body["affected_columns"] == body.get("columns", [])
    info = opened.get("session/status/").body["session_info"]
    assert info["operations_history"][-1]["operation_name"] == operation
    assert info["current_shape"] == answer.body["shape"]


@pytest.mark.parametrize("path", ["imputation", "encoding", "scaling", "outliers", "engineering"])
def test_transform_refuses_an_unknown_method_with_status_200_instead_of_doing_nothing(
    opened: Studio, path: str
) -> None:
    answer = opened.post(f"transform/{path}/", {"method": "forward_fill"})

    assert (answer.status, answer.body["success"]) == (200, False)
    assert isinstance(answer.body["error"], str)
    assert opened.get("session/status/").body["session_info"]["current_step"] == 0


def test_transform_takes_an_empty_list_of_columns_for_every_suitable_one(opened: Studio) -> None:
    answer = opened.post("transform/imputation/", {"method": "mean", "columns": []})

    assert answer.body["success"] is True
    assert answer.body["cells_changed"] == 2  # of `delay`; `id` has no gap


def test_the_data_viewer_reads_the_datasets_own_first_rows_as_pandas_wrote_them(
    opened: Studio, other_user: User
) -> None:
    opened.post("session/rename-column/", {"old_name": "id", "new_name": "key"})
    address = f"/tools/api/get_data/{opened.datasource_id}/"

    body = opened.get(address).body
    foreign = Studio(token=token_of(other_user)).get(address)

    assert set(body) == {"columns", "index", "data"}
    assert body["index"] == list(range(7))
    assert body["columns"] == ["id", "carrier", "delay", "cancelled", "day", "seen_at"]
    assert body["data"][0] == [
        *(9007199254740993, "UA", 2.5, False),
        *(1_356_998_400_000, 1_357_017_300_000),  # ms since 1970
    ]
    assert body["data"][2] == [3, "", 4.0, False, None, 1_357_018_800_000]
    assert len(body["data"]) == 7
    assert (foreign.status, type(foreign.body["error"])) == (404, str)


# Where a change comes from


def test_a_change_by_a_login_session_comes_from_this_site_or_has_a_csrf_token(
    user: User, datasource: DataSource
) -> None:
    browser = signed_in_studio(user, datasource)
    assert isinstance(browser.transport, InProcess)
    token = "a" * 32  # as a page of the service would have set it
    browser.transport.client.cookies["csrftoken"] = token
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    for headers, status in (
        ({}, 403),
        ({"X-CSRFToken": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "X-CSRFToken": ""}, 200),
        ({"X-CSRFToken": token}, 200),
    ):
        assert browser.post("session/initialize/", headers=headers).status == status, headers
    for fields, status in (({}, 403), ({"csrfmiddlewaretoken": token}, 200)):
        answer = browser.request(
            "POST", "nan/quick-clean/", content=urlencode(fields).encode() or b"a", headers=form
        )
        assert answer.status == status, answer
