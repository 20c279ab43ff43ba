"""Rate limits are exact, shared by every process, and never a reason to lose the service."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLResolver

from data_tools import urls
from data_tools.http import throttling
from data_tools.views.api.api_view import ApiView
from tests.contract.error_shape import faults
from tests.crash.victims import OwnRedis
from tests.support.at_once import at_once
from tests.support.dead_redis import DeadRedis
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import studio_of
from tests.support.uploads import MULTIPART

NO_FILE = b"--x--\r\n"
CALLS = 400
LIMIT = 20


@pytest.fixture
def limits(settings: pytest.FixtureRequest) -> dict[str, str]:
    """The limits of this process, none before the test sets one."""
    settings.RATE_LIMITS, settings.REDIS_URL = {}, ""
    return settings.RATE_LIMITS


def test_a_caller_who_may_call_again_at_once_is_told_to_wait_a_second() -> None:
    now = throttling.Standing(
        rate_class="reads", limit=1, remaining=0, window_seconds=60, reset_at=5.0, now=5.0
    )

    assert now.retry_after_seconds == 1


@pytest.mark.django_db(transaction=True)
def test_of_400_calls_at_once_over_several_processes_exactly_the_limit_pass(
    user: User, own_redis: OwnRedis, tmp_path: Path
) -> None:
    datasource = publish(user)
    with Server(
        log=tmp_path / "log",
        workers=4,
        redis_url=own_redis.url,
        environment={
            "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
            "RATE_LIMITS": "true",
            "RATE_LIMIT_READS": f"{LIMIT}/hour",
        },
    ) as server:
        studio = studio_of(user, datasource, transport=server.transport)

        answers = at_once([lambda: studio.get("session/status/")] * CALLS)

    assert Counter(answer.status for answer in answers) == {200: LIMIT, 429: CALLS - LIMIT}
    assert all(
        3000 < int(answer.headers["Retry-After"]) <= 3600
        for answer in answers
        if answer.status == 429
    )


@pytest.mark.django_db
def test_a_refused_call_tells_the_limit_and_when_to_try_again(
    user: User, limits: dict[str, str]
) -> None:
    limits["reads"] = "2/hour"
    studio = studio_of(user)

    answers = [studio.get("session/status/", headers=STRUCTURED) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert list(faults(answers[2], "THROTTLED")) == []
    assert answers[2].error["details"]["limit"] == 2
    assert answers[2].error["retryable"] is True


@pytest.mark.django_db
def test_an_existing_client_that_is_refused_gets_the_object_it_has_always_read(
    user: User, limits: dict[str, str]
) -> None:
    limits["opens"] = "1/hour"
    studio = studio_of(user)

    first, second = (studio.post("session/initialize/") for _ in range(2))

    assert first.headers["X-RateLimit-Limit"] == "1"
    assert first.headers["X-RateLimit-Remaining"] == "0"
    assert time.time() < int(first.headers["X-RateLimit-Reset"]) <= time.time() + 3601
    assert second.status == 429
    assert isinstance(second.body["error"], str)
    info = second.body["rate_limit_info"]
    assert {name: info[name] for name in ("limit", "remaining", "window_seconds")} == {
        "limit": 1,
        "remaining": 0,
        "window_seconds": 3600,
    }
    assert 3000 <= info["retry_after"] <= 3600
    assert int(second.headers["Retry-After"]) == info["retry_after"]
    assert second.headers["X-RateLimit-Limit"] == "1"
    assert second.headers["X-RateLimit-Remaining"] == "0"
    assert int(second.headers["X-RateLimit-Reset"]) == info["reset_time"]


@pytest.mark.django_db
def test_each_user_and_each_class_of_endpoint_is_counted_separately(
    user: User, other_user: User, limits: dict[str, str]
) -> None:
    limits |= {"reads": "1/hour", "changes": "1/hour"}
    mine = studio_of(user)
    theirs = studio_of(other_user)

    assert [mine.get("session/status/").status for _ in range(2)] == [200, 429]
    assert mine.post("session/clear/").status == 200
    assert theirs.get("session/status/").status == 200


@pytest.mark.django_db
def test_uploads_have_a_limit_of_their_own_and_reading_datasets_does_not(
    user: User, limits: dict[str, str]
) -> None:
    limits |= {"uploads": "2/hour"}
    studio = studio_of(user)
    again = f"/api/datasources/{studio.datasource_id}/file/"

    uploads = [
        studio.request("POST", path, content=NO_FILE, headers=MULTIPART).status
        for path in ("/api/datasources/", again, "/api/datasources/", again)
    ]

    assert uploads == [400, 400, 429, 429]
    assert [studio.get("/api/datasources/").status for _ in range(4)] == [200] * 4


def test_every_class_of_the_settings_limits_some_endpoint() -> None:
    """Otherwise its environment variable would have no effect."""
    limited = {"reads", "changes"} | {
        getattr(view, name)
        for view in api_views()
        for name in ("rate_class", "rate_class_of_changes")
    }

    assert limited - {""} == {"reads", "changes", "opens", "uploads", "scans", "sign-ins"}


def api_views() -> Iterator[type[ApiView]]:
    """The view of every endpoint."""
    waiting = [*urls.urlpatterns]
    while waiting:
        pattern = waiting.pop()
        if isinstance(pattern, URLResolver):
            waiting += pattern.url_patterns
        elif issubclass(view := getattr(pattern.callback, "cls", object), ApiView):
            yield view


@pytest.mark.django_db
def test_guessing_passwords_is_limited_by_address(user: User, limits: dict[str, str]) -> None:
    limits["sign-ins"] = "3/hour"
    studio = Studio()

    def guess(password: str) -> int:
        body = {"username": user.username, "password": password}
        return studio.post("/api/auth/token/", body).status

    assert [guess(f"guess {number}") for number in range(4)] == [400, 400, 400, 429]
    assert guess("password") == 429


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/"])
def test_sign_ins_by_form_and_requests_for_tokens_share_a_limit(
    user: User, client: Client, limits: dict[str, str], path: str
) -> None:
    limits["sign-ins"] = "3/hour"
    guess = {"username": user.username, "password": "guess"}
    Studio().post("/api/auth/token/", guess)

    answers = [client.post(path, guess) for _ in range(3)]
    right = client.post(path, {**guess, "password": "password"})

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 3600
    assert right.status_code == 429
    assert "sessionid" not in client.cookies
    assert client.get(path).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "passed"), [(0, 2), (1, 2), (2, 4)])
def test_a_caller_can_forge_their_address_only_if_the_settings_name_proxies_that_do_not_exist(
    limits: dict[str, str], settings: Any, proxies: int, passed: int
) -> None:
    """A proxy appends the address it saw; the caller may have written anything before it."""
    limits["sign-ins"] = "2/hour"
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    guess = {"username": "ada", "password": "guess"}

    statuses = [
        Studio()
        .post("/api/auth/token/", guess, headers={"X-Forwarded-For": f"10.0.0.{n}, 192.0.2.1"})
        .status
        for n in range(4)
    ]

    assert statuses.count(400) == passed


@pytest.mark.django_db
@pytest.mark.parametrize("how_many", [5])
def test_while_redis_does_not_answer_each_process_counts_for_itself(
    user: User, limits: dict[str, str], settings: Any, dead_redis: DeadRedis, how_many: int
) -> None:
    limits["reads"] = f"{how_many}/hour"
    settings.REDIS_URL = dead_redis.url
    studio = studio_of(user)

    statuses = [studio.get("session/status/").status for _ in range(how_many + 1)]

    assert statuses == [200] * how_many + [429]
