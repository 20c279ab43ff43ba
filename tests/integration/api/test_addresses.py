"""Addresses without their last slash, impossible cookies, and unknown hosts."""

from __future__ import annotations

import orjson
import pytest
from django.test import Client, RequestFactory

from data_tools.views import fallbacks
from tests.contract.error_shape import faults
from tests.support.studio_client import STRUCTURED, Studio

pytestmark = pytest.mark.django_db


def test_a_change_without_the_last_slash_is_told_the_right_address_and_changes_nothing(
    studio: Studio,
) -> None:
    answer = studio.post("session/initialize")

    assert list(faults(answer, "NOT_FOUND", sentence=True)) == []
    assert answer.error["message"].endswith("/session/initialize/ is one.")
    assert studio.get("session/status/").body["session_exists"] is False


def test_a_read_without_the_last_slash_is_redirected(studio: Studio) -> None:
    answer = studio.get("session/status", {"page_size": 3})

    assert answer.status == 301
    assert answer.headers["Location"].endswith("/session/status/?page_size=3")


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/", "/api/datasources/"])
def test_a_cookie_with_a_nul_is_ignored(client: Client, path: str) -> None:
    without = client.get(path)

    client.cookies["sessionid"] = "a\x00b"
    answer = client.get(path)

    assert answer.status_code == without.status_code < 500


def test_an_unknown_host_is_refused_in_json(studio: Studio) -> None:
    answer = studio.get("session/status/", headers={"Host": "evil.example"})

    assert list(faults(answer, "INVALID_REQUEST", sentence=True)) == []


def test_an_unknown_host_is_refused_with_a_page_outside_the_api(studio: Studio) -> None:
    answer = studio.get("/accounts/login/", headers={"Host": "evil.example"})

    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/api/datasources/", "application/json"),
        ("/data-tools/api/studio/", "application/json"),
        ("/accounts/login/", "text/html"),
    ],
)
def test_a_failure_before_the_view_is_answered_in_the_form_of_its_address(
    rf: RequestFactory, path: str, media_type: str
) -> None:
    response = fallbacks.server_error(rf.get(path))

    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith(media_type)
    if media_type == "application/json":
        body = orjson.loads(response.content)
        assert (body.get("error_detail") or body["error"])["code"] == "INTERNAL_ERROR"


GONE = (
    "/tools/api/execute-sql/",
    "/tools/api/get-columns/00000000-0000-4000-8000-000000000000/",
    "/tools/api/column-flags/00000000-0000-4000-8000-000000000000/",
    "/tools/api/studio/00000000-0000-4000-8000-000000000000/bulk/",
    "/tools/api/studio/not-an-id/session/status/",
    "/tools/api/studio/00000000-0000-4000-8000-000000000000/session/nothing/",
    "/data-tools/api/studio/00000000-0000-4000-8000-000000000000/stats/",
    "/api/studio/00000000-0000-4000-8000-000000000000/nothing/",
)


@pytest.mark.parametrize("path", GONE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_told_to_existing_clients_in_a_sentence(
    method: str, path: str
) -> None:
    answer = Studio().request(method, path)
    capable = Studio(headers=STRUCTURED).request(method, path)

    assert list(faults(answer, "NOT_FOUND", sentence=True)) == []
    assert list(faults(capable, "NOT_FOUND")) == []


@pytest.mark.parametrize("path", ["/api/nowhere/", "/api/datasources/nowhere/"])
def test_an_unknown_address_that_no_existing_client_calls_is_answered_with_the_object(
    path: str,
) -> None:
    assert list(faults(Studio().request("GET", path), "NOT_FOUND")) == []


@pytest.mark.parametrize("path", ["/tools/api/nothing/", "/api/nothing/"])
def test_a_cache_is_told_that_the_answer_depends_on_the_capabilities(path: str) -> None:
    answer = Studio().request("GET", path)

    assert "X-Studio-Capabilities" in answer.headers["Vary"]
