"""An unchanged answer is a 304, without reading a row; a changed one never is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.features import Feature
from data_tools.models import DataSource
from tests.support.clock import Clock
from tests.support.studio_client import Answer, Studio
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db
Queries = Callable[..., AbstractContextManager[Any]]
READS = ("session/status/", "data/")


@pytest.fixture
def studio(clock: Clock, opened: Studio) -> Studio:
    opened.get("data/")  # the first look is recorded, the next ones in its interval are not
    return opened


def again(studio: Studio, first: Answer, path: str, query: dict[str, Any] | None = None) -> Answer:
    return studio.get(path, query, headers={"If-None-Match": first.headers["ETag"]})


@pytest.mark.parametrize("path", READS)
def test_an_unchanged_answer_is_304_with_its_tag_and_no_body(studio: Studio, path: str) -> None:
    first = studio.get(path)

    second = again(studio, first, path)

    assert (second.status, second.content) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", READS)
def test_a_copy_is_recognised_without_reading_a_row(
    studio: Studio, path: str, django_assert_num_queries: Queries
) -> None:
    first = studio.get(path)

    with django_assert_num_queries(2) as queries:  # who asks, and where the session ends
        assert again(studio, first, path).status == 304

    assert not any("datarow" in query["sql"] for query in queries.captured_queries)


@pytest.mark.parametrize("path", READS)
def test_a_copy_is_recognised_among_several_and_by_weak_comparison(
    studio: Studio, path: str
) -> None:
    tag = studio.get(path).headers["ETag"].removeprefix("W/")

    answer = studio.get(path, headers={"If-None-Match": f'"other", {tag}'})

    assert answer.status == 304


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "change",
    [
        ("session/rename-column/", {"old_name": "day", "new_name": "date"}),
        ("session/clear/", {}),
    ],
    ids=lambda change: change[0],
)
def test_after_a_change_the_answer_is_read_again(
    studio: Studio, path: str, change: tuple[str, dict[str, str]]
) -> None:
    first = studio.get(path)
    assert studio.post(*change).status == 200

    second = again(studio, first, path)

    assert second.status == 200
    assert second.headers["ETag"] != first.headers["ETag"]


def test_after_undo_the_page_is_read_again(studio: Studio) -> None:
    studio.post("session/rename-column/", {"old_name": "day", "new_name": "date"})
    first = studio.get("data/")
    studio.post("session/undo/")

    assert again(studio, first, "data/").body["columnDefs"] != first.body["columnDefs"]


@pytest.mark.parametrize("path", ["data/", "session/status/"])
@pytest.mark.parametrize(
    "query",
    [
        {"page_number": 2, "page_size": 3},
        {"page_number": 1, "page_size": 100},  # a preview's rows, with `pagination`
        {"page_size": 4},
        {"sort": "-id"},
        {"sort": "id"},
        {"filter": '[{"column":"id","op":"gt","value":3}]'},
    ],
    ids=str,
)
def test_another_request_has_another_tag(studio: Studio, path: str, query: dict[str, Any]) -> None:
    first = studio.get(path)

    assert again(studio, first, path, query).status == 200


@pytest.mark.parametrize("path", READS)
def test_a_copy_of_a_datasets_own_rows_belongs_to_one_file(user: User, path: str) -> None:
    studio = studio_of(user)
    first = studio.get(path)

    DataSource.objects.filter(pk=studio.datasource_id).update(fingerprint="0" * 64)

    assert again(studio, first, path).status == 200


def test_a_copy_of_another_user_is_not_recognised(studio: Studio, other_user: User) -> None:
    theirs = studio_of(other_user)

    assert again(theirs, studio.get("data/"), "data/").status == 200


def test_a_change_of_view_does_not_change_the_tag_of_a_page(studio: Studio, clock: Clock) -> None:
    first = studio.get("data/")
    clock.tick(timedelta(hours=1))
    moved = studio.get("data/", {"page_number": 2, "page_size": 2})
    assert moved.body["version"] > first.body["version"]

    assert again(studio, first, "data/").status == 304


def test_a_page_that_is_not_read_again_is_recorded_as_viewed_all_the_same(
    studio: Studio, clock: Clock
) -> None:
    first = studio.get("data/", {"page_number": 2, "page_size": 2})
    clock.tick(timedelta(hours=1))
    studio.get("data/", {"page_number": 3, "page_size": 2})
    clock.tick(timedelta(hours=1))
    assert again(studio, first, "data/", {"page_number": 2, "page_size": 2}).status == 304

    studio.post("session/clear/")
    recovered = studio.post("session/recover/").body

    assert recovered["view"]["page_number"] == 2


def test_a_session_that_has_expired_meanwhile_is_answered_as_expired(
    studio: Studio, clock: Clock
) -> None:
    first = studio.get("session/status/")
    clock.tick(timedelta(hours=5))

    second = again(studio, first, "session/status/")

    assert second.status == 200
    assert second.body["session_info"]["is_expired"] is True


def test_without_the_page_cache_nothing_is_tagged_and_everything_read(
    studio: Studio, switch_off: Callable[..., None]
) -> None:
    first = studio.get("data/", {"sort": "-id"})
    switch_off(Feature.PAGE_CACHE)

    second = again(studio, first, "data/", {"sort": "-id"})

    assert second.status == 200
    assert second.body["data"] == first.body["data"]
    assert "ETag" not in second.headers
