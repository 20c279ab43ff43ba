"""Every existing endpoint keeps its keys, types and statuses: at each mount, for each client,
with every feature, without any, and without each alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from data_tools.features import Feature
from tests.contract.shapes import (
    CELL,
    COLUMN_NULLITY,
    COLUMN_STATISTICS,
    DATA_BODY,
    DATASET_STATISTICS,
    DURABLE,
    FULL_BODY,
    MISSING_VALUES,
    NEW_DATASOURCE,
    PREVIEW_CELL,
    QUICK_CLEAN,
    READ_BUT_NEVER_SENT,
    TRANSFORM_BODY,
    TRUE,
    mismatches,
    shape_pair,
)
from tests.support.studio_client import MOUNTS, STRUCTURED, Answer, Studio

pytestmark = pytest.mark.django_db

CHANGED = {**FULL_BODY, **READ_BUT_NEVER_SENT, **DURABLE}
TRANSFORMED = {**TRANSFORM_BODY, **DURABLE}
LOOKED_AT = {key: shape for key, shape in CHANGED.items() if key != "message"}
CLEANED = {**QUICK_CLEAN, "new_shape": shape_pair, "original_shape": shape_pair}
STATISTICS = {"success": TRUE, "column_statistics": dict, "dataset_statistics": DATASET_STATISTICS}
MISSING = {
    "success": TRUE,
    "data": {**MISSING_VALUES, "column_nullity": COLUMN_NULLITY},
    "column_nullity": COLUMN_NULLITY,  # where the existing client reads it
}

# In an order in which each works: what is asked, and the shape of the answer.
IN_ORDER: tuple[tuple[str, str, Mapping[str, Any], Any], ...] = (
    ("POST", "session/initialize/", {}, CHANGED),
    ("GET", "session/status/", {}, LOOKED_AT),
    ("POST", "session/rename-column/", {"old_name": "day", "new_name": "date"}, CHANGED),
    (
        "POST",
        "session/change-column-type/",
        {"column_name": "cancelled", "new_type": "int"},
        CHANGED,
    ),
    ("POST", "session/fill-missing-values/", {"columns": ["cancelled"]}, CHANGED),
    ("POST", "session/undo/", {}, CHANGED),
    ("POST", "session/redo/", {}, CHANGED),
    ("GET", "session/column-statistics/", {}, STATISTICS),
    ("GET", "nan/analysis/", {}, MISSING),
    ("GET", "data/", {"page": 2, "pageSize": 3, "sortField": "id", "sortOrder": "desc"}, DATA_BODY),
    ("POST", "transform/imputation/", {"columns": ["delay"]}, TRANSFORMED),
    ("POST", "transform/encoding/", {"columns": ["carrier"]}, TRANSFORMED),
    ("POST", "transform/scaling/", {"columns": ["delay"]}, TRANSFORMED),
    ("POST", "transform/outliers/", {"columns": ["delay"]}, TRANSFORMED),
    (
        "POST",
        "transform/engineering/",
        {"operation": "sum", "columns": ["delay", "cancelled"]},
        TRANSFORMED,
    ),
    ("POST", "transform/columns/", {"operation": "duplicate", "columns": ["delay"]}, TRANSFORMED),
    ("POST", "nan/quick-clean/", {"remove_nan_rows": "true"}, {"success": TRUE, "data": CLEANED}),
    (
        "POST",
        "session/save/",
        {},
        {"success": TRUE, "message": str, "new_datasource": NEW_DATASOURCE},
    ),
    ("POST", "session/clear/", {}, {"success": TRUE, "message": str}),
)
# What answers without a session; `data/` and `session/status/` then show the dataset's own state.
NEEDS_NO_SESSION = {"session/initialize/", "session/status/", "session/clear/", "data/"}

FEATURES_OFF = pytest.mark.parametrize(
    "off",
    [(), tuple(Feature), *((feature,) for feature in Feature)],
    ids=["every feature on", "every feature off", *(f"{feature} off" for feature in Feature)],
)
CLIENTS = pytest.mark.parametrize("headers", [{}, STRUCTURED], ids=["old client", "capable"])
MOUNTED = pytest.mark.parametrize("mount", MOUNTS)


def ask(studio: Studio, method: str, path: str, fields: Mapping[str, Any]) -> Answer:
    return studio.get(path, fields) if method == "GET" else studio.post(path, fields)


@FEATURES_OFF
@CLIENTS
@MOUNTED
def test_every_existing_endpoint_answers_its_keys_with_their_types(
    studio: Studio,
    switch_off: Callable[..., None],
    off: tuple[Feature, ...],
    headers: dict[str, str],
    mount: str,
) -> None:
    switch_off(*off)
    client = replace(studio, mount=mount, headers=headers)

    for method, path, fields, shape in IN_ORDER:
        answer = ask(client, method, path, fields)

        assert answer.status == 200, (path, answer)
        assert answer.headers["Content-Type"] == "application/json"
        assert mismatches(answer.body, shape) == [], path
        body = answer.body
        for rows, cell in (("data_preview", PREVIEW_CELL), ("data", CELL)):
            shown = body.get(rows)
            if isinstance(shown, list):
                assert all(mismatches(row, dict.fromkeys(row, cell)) == [] for row in shown), path
        for statistics in body.get("column_statistics", {}).values():
            assert mismatches(statistics, COLUMN_STATISTICS) == []


@FEATURES_OFF
@CLIENTS
@MOUNTED
def test_every_existing_endpoint_refuses_in_the_form_and_with_the_status_its_clients_read(
    studio: Studio,
    switch_off: Callable[..., None],
    off: tuple[Feature, ...],
    headers: dict[str, str],
    mount: str,
) -> None:
    switch_off(*off)
    client = replace(studio, mount=mount, headers=headers)
    has_objects = Feature.STRUCTURED_ERRORS not in off
    reads_objects = has_objects and headers == STRUCTURED

    for method, path, fields, _ in IN_ORDER:
        if path in NEEDS_NO_SESSION:
            continue
        answer = ask(client, method, path, fields)

        old_200 = path.startswith("transform/") and not reads_objects
        assert answer.status == (200 if old_200 else 400), (path, answer)
        body = answer.body
        assert body["success"] is False
        assert set(body) == {"success", "error"} | (
            {"error_detail"} if has_objects and not reads_objects else set()
        )
        assert isinstance(body["error"], dict if reads_objects else str)
        if has_objects:
            assert answer.error["code"] == "SESSION_NOT_FOUND"


def test_quick_cleaning_reads_the_form_that_existing_pages_send(opened: Studio) -> None:
    answer = opened.request(
        "POST",
        "nan/quick-clean/",
        content=b"remove_nan_rows=true&remove_nan_columns=true",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    data = answer.body["data"]
    assert mismatches(data, CLEANED) == []
    summary = data["summary"]
    assert (summary["original_rows"], summary["rows_removed"], summary["final_rows"]) == (7, 5, 2)
    performed = [each["operation"] for each in summary["operations_performed"]]
    assert performed == ["remove_nan_columns", "remove_nan_rows"]
    assert (data["new_shape"], data["original_shape"]) == ([2, 6], [7, 6])


def test_quick_cleaning_of_clean_data_says_that_nothing_changed(opened: Studio) -> None:
    form = {"remove_nan_rows": "true", "remove_nan_columns": "true"}
    opened.post("nan/quick-clean/", form)

    data = opened.post("nan/quick-clean/", form).body["data"]

    assert mismatches(data, QUICK_CLEAN) == []
    assert data["data_changed"] is False
    assert not {"new_shape", "original_shape"} & set(data)
