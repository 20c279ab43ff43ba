"""A user reads the log of their own session, page by page, and nobody else's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.contract.error_shape import faults
from tests.support import written_log
from tests.support.counted_queries import statements
from tests.support.log_damage import alter_event
from tests.support.small_datasets import publish
from tests.support.studio_client import MOUNTS, Studio
from tests.support.studios import open_studio, studio_of

pytestmark = pytest.mark.django_db

EVENTS = "session/events/"


@pytest.fixture
def studio(opened: Studio) -> Studio:
    return opened


def rename_back_and_forth(studio: Studio, times: int) -> None:
    for number in range(times):
        studio.post(
            "session/rename-column/",
            {"old_name": f"x{number}" if number else "id", "new_name": f"x{number + 1}"},
        )


def pages(studio: Studio, **query: Any) -> list[list[int]]:
    """The sequences of every page, following the cursors."""
    found: list[list[int]] = []
    while True:
        body = studio.get(EVENTS, query).body
        found.append([event["sequence"] for event in body["events"]])
        if body["next_cursor"] is None:
            return found
        query = {"cursor": body["next_cursor"], "limit": query.get("limit", 50)}


@pytest.mark.parametrize("mount", MOUNTS)
def test_each_event_is_a_sentence_newest_first(studio: Studio, user: User, mount: str) -> None:
    traceparent = f"00-{'ab' * 16}-{'cd' * 8}-01"
    studio.post(
        "session/rename-column/",
        {"old_name": "id", "new_name": "key"},
        headers={"traceparent": traceparent},
    )
    studio = replace(studio, mount=mount)

    body = studio.get(EVENTS).body

    head = written_log.head(user.pk, studio.datasource_id)
    newest, oldest = body["events"]
    assert newest == {
        "sequence": 2,
        "version": 2,
        "type": "operation.applied",
        "sentence": "Applied rename_column on key",
        "recorded_at": head.last_event_at.isoformat(),
        "actor": user.username,
        "trace_id": "ab" * 16,
    }
    assert oldest["sentence"] == "Started on 7 rows in 6 columns"
    assert (body["session_id"], body["version"]) == (str(head.stream_id), 2)
    assert body["next_cursor"] is None


def test_pages_hold_each_event_once_even_if_others_are_appended_meanwhile(studio: Studio) -> None:
    rename_back_and_forth(studio, 6)
    first = studio.get(EVENTS, {"limit": 3}).body
    studio.post("session/undo/")

    second = studio.get(EVENTS, {"limit": 3, "cursor": first["next_cursor"]}).body

    assert [event["sequence"] for event in first["events"]] == [7, 6, 5]
    assert [event["sequence"] for event in second["events"]] == [4, 3, 2]
    assert pages(studio, limit=3) == [[8, 7, 6], [5, 4, 3], [2, 1]]
    assert pages(studio, limit=4) == [[8, 7, 6, 5], [4, 3, 2, 1]]


def test_an_earlier_session_is_read_by_its_id_and_its_cursor_stays_in_it(studio: Studio) -> None:
    rename_back_and_forth(studio, 2)
    earlier = studio.get("session/status/").body["session_info"]["session_id"]
    cursor = studio.get(EVENTS, {"limit": 1}).body["next_cursor"]
    studio.post("session/clear/")
    studio.post("session/initialize/")

    assert pages(studio) == [[1]]
    assert pages(studio, session_id=earlier) == [[4, 3, 2, 1]]
    body = studio.get(EVENTS, {"cursor": cursor}).body
    assert [event["sequence"] for event in body["events"]] == [2, 1]
    assert body["session_id"] == earlier


def test_a_deleted_datasets_log_can_be_read(studio: Studio) -> None:
    assert studio.request("DELETE", f"/api/datasources/{studio.datasource_id}/").status in (
        200,
        204,
    )

    assert pages(studio) == [[1]]


def test_nobody_elses_events_are_shown(studio: Studio, other_user: User) -> None:
    """Not by the dataset, by the session's id or by a cursor, nor on another dataset."""
    rename_back_and_forth(studio, 1)
    session_id = studio.get("session/status/").body["session_info"]["session_id"]
    cursor = studio.get(EVENTS, {"limit": 1}).body["next_cursor"]
    theirs = publish(other_user)
    other = open_studio(other_user, theirs)
    on_mine = replace(studio, token=other.token)

    for query in ({}, {"session_id": session_id}, {"cursor": cursor}):
        assert list(faults(on_mine.get(EVENTS, query), "DATASOURCE_NOT_FOUND")) == []
    for query in ({"session_id": session_id}, {"cursor": cursor}):
        assert list(faults(other.get(EVENTS, query), "SESSION_NOT_FOUND")) == []


def test_without_a_session_there_is_no_log(user: User) -> None:
    studio = studio_of(user)

    assert list(faults(studio.get(EVENTS), "SESSION_NOT_FOUND")) == []
    unknown = {"session_id": str(uuid.uuid4())}
    assert list(faults(studio.get(EVENTS, unknown), "SESSION_NOT_FOUND")) == []


def test_a_damaged_log_can_be_read(studio: Studio, user: User) -> None:
    rename_back_and_forth(studio, 2)
    stream_id = written_log.head(user.pk, studio.datasource_id).stream_id
    alter_event(stream_id, 2, "payload = '{'")

    sentences = [event["sentence"] for event in studio.get(EVENTS).body["events"]]

    assert sentences[1] == "Unreadable event operation.applied (EVENT_UNDECODABLE)"
    assert sentences[0] == "Applied rename_column on x2"


def test_a_page_costs_the_same_few_queries_however_long_the_log(studio: Studio) -> None:
    rename_back_and_forth(studio, 3)
    few = queries_of(studio)
    rename_back_and_forth(studio, 20)

    many = queries_of(studio)

    assert [len(few), len(many)] == [5, 5], "who asks, the dataset, the session, events, actors"
    assert any("LIMIT 6" in query for query in many)


def queries_of(studio: Studio) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        studio.get(EVENTS, {"limit": 5})
    return statements(captured)


def test_reading_writes_nothing(studio: Studio) -> None:
    before = written_log.everything()

    studio.get(EVENTS)

    assert written_log.everything() == before
