"""Errors as `application/problem+json` (RFC 9457), for clients that accept it."""

from __future__ import annotations

import pytest

from tests.support.studio_client import Studio

pytestmark = pytest.mark.django_db
PROBLEM = {"Accept": "application/problem+json"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "session/undo/", 400, "SESSION_NOT_FOUND"),
        ("POST", "transform/columns/", 400, "INVALID_PARAMETER"),
        ("POST", "session/recover/", 409, "RECOVERY_IMPOSSIBLE"),
        ("GET", "data/?page=0", 400, "INVALID_PAGINATION"),
        ("DELETE", "data/", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/nowhere/", 404, "NOT_FOUND"),
    ],
)
@pytest.mark.parametrize(
    "accept",
    [
        "application/problem+json",
        "application/json, application/problem+json",
        "Application/Problem+JSON; q=0.5",
    ],
)
def test_an_error_has_the_members_of_the_rfc_and_our_own(
    studio: Studio, method: str, path: str, status: int, code: str, accept: str
) -> None:
    answer = studio.request(method, path, headers={"Accept": accept})

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.body
    assert problem["type"] == f"urn:hydroml:error:{code}"
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["title"] == problem["user_message"]
    assert problem["detail"]
    assert problem["instance"].startswith("/api/")
    assert problem["trace_id"] == answer.headers["X-Trace-Id"]
    assert "success" not in problem


def test_a_success_is_plain_json(studio: Studio) -> None:
    answer = studio.post("session/initialize/", headers=PROBLEM)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body["success"] is True


@pytest.mark.parametrize(
    "accept",
    ["application/json, application/problem+json;q=0", "*/*, application/problem+jsonl", "*/*"],
)
def test_a_client_that_does_not_accept_problem_details_gets_none(
    studio: Studio, accept: str
) -> None:
    answer = studio.get("data/?page=0", headers={"Accept": accept})

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/json"


def test_a_client_that_accepts_no_json_is_refused(studio: Studio) -> None:
    assert studio.get("data/", headers={"Accept": "text/html"}).status == 406
