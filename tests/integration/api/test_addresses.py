"""Addresses without their last slash, cookies that cannot be, and hosts that are not ours."""

from __future__ import annotations

import orjson
import pytest
from django.test import Client, RequestFactory

from data_tools.views import fallbacks
from tests.contract.error_shape import faults
from tests.support.studio_client import Studio

pytestmark = pytest.mark.django_db


def test_a_change_sent_without_the_last_slash_is_told_the_address_and_changes_nothing(
    studio: Studio,
) -> None:
    answer = studio.post("session/initialize")

    assert list(faults(answer, "NOT_FOUND")) == []
    assert answer.error["message"].endswith("/session/initialize/ is one.")
    assert studio.get("session/status/").body["session_exists"] is False


def test_a_read_without_the_last_slash_is_sent_on(studio: Studio) -> None:
    answer = studio.get("session/status", {"page_size": 3})

    assert answer.status == 301
    assert answer.headers["Location"].endswith("/session/status/?page_size=3")


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/", "/api/datasources/"])
def test_a_cookie_with_a_nul_is_as_good_as_none(client: Client, path: str) -> None:
    without = client.get(path)

    client.cookies["sessionid"] = "a\x00b"
    answer = client.get(path)

    assert answer.status_code == without.status_code < 500


def test_a_host_that_is_not_ours_is_refused_in_json(studio: Studio) -> None:
    answer = studio.get("session/status/", headers={"Host": "evil.example"})

    assert list(faults(answer, "INVALID_REQUEST")) == []


def test_a_host_that_is_not_ours_is_refused_with_a_page_elsewhere(studio: Studio) -> None:
    answer = studio.get("/accounts/login/", headers={"Host": "evil.example"})

    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/api/studio/", "application/json"),
        ("/data-tools/api/studio/", "application/json"),
        ("/accounts/login/", "text/html"),
    ],
)
def test_what_breaks_before_a_view_answers_as_its_address_does(
    rf: RequestFactory, path: str, media_type: str
) -> None:
    response = fallbacks.server_error(rf.get(path))

    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith(media_type)
    if media_type == "application/json":
        assert orjson.loads(response.content)["error"]["code"] == "INTERNAL_ERROR"
