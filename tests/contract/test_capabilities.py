"""What a client gets beyond the existing contract when it asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contract.requests import ONE_OPERATION_EACH, REFUSED_BY_TRANSFORM
from tests.contract.shapes import PAGINATION, mismatches
from tests.support.studio_client import MOUNTS, STRUCTURED, Studio

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("body", "code", "status"), REFUSED_BY_TRANSFORM)
def test_transform_refuses_with_the_status_of_the_error_for_a_client_that_reads_objects(
    opened: Studio, body: dict[str, Any], code: str, status: int
) -> None:
    answer = opened.post("transform/columns/", body, headers=STRUCTURED)

    assert answer.status == status
    assert answer.body["error"]["code"] == code


def test_save_answers_as_before_and_refuses_with_an_object_for_a_client_that_reads_objects(
    opened: Studio,
) -> None:
    saved = opened.post("session/save/", headers=STRUCTURED)
    refused = opened.post("session/save/", headers=STRUCTURED)

    assert saved.body["new_datasource"]["name"] == "flights_transformed"
    assert (refused.status, refused.body["error"]["code"]) == (400, "SESSION_NOT_FOUND")


def test_both_spellings_of_a_page_give_the_same_answer(opened: Studio) -> None:
    camel = {"page": 2, "pageSize": 3, "sortField": "delay", "sortOrder": "desc"}
    snake = {"page_number": 2, "page_size": 3, "sort": "-delay"}
    enhanced = {"page": 2, "page_size": 3, "sort_by": "delay", "sort_order": "desc"}
    mixed = {"page": 2, "page_size": 3, "sort": "-delay", "sortField": "", "sortOrder": "desc"}
    opened.get("data/", camel)  # the first look at a page moves the version

    answers = [opened.get("data/", query) for query in (camel, snake, enhanced, mixed)]

    assert [row["delay"] for row in answers[0].body["data"]] == [0.0, -1.0, None]
    assert {answer.content for answer in answers} == {answers[0].content}


# Pages on session endpoints, only for those who ask


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "session/status/", {}),
        ("POST", "session/initialize/", {}),
        ("POST", "session/undo/", {}),
        *(("POST", path, body) for path, body in ONE_OPERATION_EACH),
    ],
)
def test_a_preview_is_paged_only_for_clients_that_ask(
    opened: Studio, method: str, path: str, body: dict[str, Any]
) -> None:
    for number in range(2):
        opened.post(
            "session/rename-column/",
            {"old_name": f"d{number}" if number else "day", "new_name": f"d{number + 1}"},
        )

    if method == "GET":
        plain, paged = opened.get(path), opened.get(path, {"page_number": 2, "page_size": 3})
    else:
        paged = opened.post(path, body, query={"page_number": 2, "page_size": 3})
        plain = opened.post(path, body | {"page_size": None})

    assert mismatches(paged.body, {"pagination": PAGINATION}) == []
    assert len(paged.body["data_preview"]) == 3
    assert paged.body["data_preview"][0]["id"] == 4
    assert "pagination" not in plain.body


def test_a_page_may_be_asked_for_in_the_body_too(opened: Studio) -> None:
    body = {"old_name": "day", "new_name": "date", "page_number": 3, "page_size": 3}

    answer = opened.post("session/rename-column/", body).body

    assert [row["id"] for row in answer["data_preview"]] == [7]
    assert answer["pagination"] == {
        "page_number": 3,
        "page_size": 3,
        "total_rows": 7,
        "filtered_rows": 7,
        "total_pages": 3,
        "has_next": False,
        "has_previous": True,
    }


# The addresses that were added


@pytest.mark.parametrize("mount", MOUNTS)
def test_validate_answers_the_same_at_every_mount(opened: Studio, mount: str) -> None:
    at_mount = replace(opened, mount=mount)

    assert at_mount.get("session/validate/").body == opened.get("session/validate/").body
