"""A user's sessions on all datasets, with what can be recovered of each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from data_tools.features import Feature
from data_tools.models import DataSource
from session_events import heads, loading, snapshots
from session_events.models import SessionStream
from tests.support.clock import Clock
from tests.support.counted_queries import statements
from tests.support.log_damage import alter_event
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studios import UNDO, fill, open_studio, rename

pytestmark = pytest.mark.django_db

SESSIONS = "/api/sessions/"
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def recent(studio: Studio, **query: Any) -> list[dict[str, Any]]:
    answer = studio.get(SESSIONS, query)
    assert answer.status == 200, answer
    sessions: list[dict[str, Any]] = answer.body["sessions"]
    return sessions


@pytest.fixture
def first(user: User, clock: Clock) -> Studio:
    """A session with two operations, one of them undone."""
    steps = [rename("day", "date"), fill("delay", "mean"), UNDO]
    return open_studio(user, publish(user, name="first"), steps=steps)


@pytest.fixture
def second(first: Studio, user: User, clock: Clock) -> Studio:
    """Another one, an hour later."""
    clock.tick(HOUR)
    return open_studio(user, publish(user, name="second"))


def test_it_has_all_that_a_page_needs_to_offer_a_session(first: Studio, clock: Clock) -> None:
    verdict = first.get("session/validate/").body

    [session] = recent(first)

    assert session == {
        "session_id": verdict["session_id"],
        "datasource_id": str(first.datasource_id),
        "datasource_name": "first",
        "datasource_deleted": False,
        "is_open": True,
        "status": "active",
        "version": 4,
        "operations_count": 1,
        "last_activity": "2026-11-22T12:00:00+00:00",
        "recoverable_until": "2026-12-22T16:00:00+00:00",  # four hours and thirty days later
        "recovery_possible": True,
        "suggested_action": "continue",
        "replaced_by": None,
    }


def test_those_used_last_come_first(first: Studio, second: Studio, clock: Clock) -> None:
    assert [each["datasource_name"] for each in recent(first)] == ["second", "first"]

    clock.tick(HOUR)
    first.post("session/redo/")

    assert [each["datasource_name"] for each in recent(first)] == ["first", "second"]
    assert [each["datasource_name"] for each in recent(first, limit=1)] == ["first"]


@pytest.mark.parametrize(
    ("command", "status", "action", "is_open"),
    [
        ("session/pause/", "paused", "resume", True),
        ("session/clear/", "cleared", "start_new", False),
        ("session/save/", "saved", "start_new", False),
    ],
)
def test_the_verdict_is_that_of_validate(
    first: Studio, clock: Clock, command: str, status: str, action: str, is_open: bool
) -> None:
    first.post(command)

    session = recent(first)[0]

    verdict = first.get("session/validate/", {"session_id": session["session_id"]}).body
    assert (session["status"], session["suggested_action"]) == (status, action)
    assert (verdict["status"], verdict["suggested_action"]) == (status, action)
    assert (session["is_open"], session["recovery_possible"]) == (is_open, True)
    assert session["operations_count"] == 1


def test_one_that_expired_can_be_recovered_until_its_retention_is_over(
    first: Studio, clock: Clock
) -> None:
    clock.tick(5 * HOUR)
    [session] = recent(first)
    assert (session["status"], session["suggested_action"]) == ("expired", "recover")

    clock.tick(30 * DAY - 2 * HOUR)
    assert len(recent(first)) == 1

    clock.tick(HOUR)
    assert recent(first) == []


def test_one_that_was_put_away_is_listed_as_long_as_it_is_kept(first: Studio, clock: Clock) -> None:
    first.post("session/clear/")
    clock.tick(30 * DAY - HOUR)
    assert len(recent(first)) == 1

    clock.tick(HOUR)

    assert recent(first) == []


def test_one_whose_dataset_was_deleted_says_so_and_its_recipe_can_be_had(
    first: Studio, second: Studio
) -> None:
    first.request("DELETE", f"/api/datasources/{first.datasource_id}/")

    session = recent(second)[1]

    assert (session["datasource_deleted"], session["datasource_name"]) == (True, None)
    assert (session["recovery_possible"], session["suggested_action"]) == (False, "start_new")
    assert session["datasource_id"] == str(first.datasource_id)
    recipe = first.get("session/recipe/", {"session_id": session["session_id"]}).body["recipe"]
    assert len(recipe["operations"]) == session["operations_count"] == 1


def test_one_that_was_put_away_names_the_one_in_its_place(first: Studio) -> None:
    forked = first.post("session/fork/", {"from_version": 2}).body["session_id"]

    sessions = {each["session_id"]: each for each in recent(first)}

    [old] = [each for each in sessions.values() if not each["is_open"]]
    assert old["replaced_by"] == forked
    assert sessions[forked]["is_open"] is True


def test_one_whose_dataset_has_another_file_is_to_be_reviewed(first: Studio) -> None:
    DataSource.objects.filter(pk=first.datasource_id).update(revision=2, fingerprint="e" * 64)

    [session] = recent(first)

    assert session["suggested_action"] == "review_changes"


def test_a_damaged_log_is_counted_up_to_the_damage(first: Studio, clock: Clock) -> None:
    [stream] = SessionStream.objects.all()
    loading.forget_all()
    alter_event(stream.pk, 3, "payload = '{}'")

    [session] = recent(first)

    assert session["suggested_action"] == "recover_partial"
    assert (session["operations_count"], session["version"]) == (1, 4)


def test_nobody_sees_the_sessions_of_others(first: Studio, other_user: User) -> None:
    theirs = open_studio(other_user)

    assert [each["datasource_name"] for each in recent(theirs)] == ["flights"]


def test_the_number_of_queries_does_not_grow_with_the_sessions(
    first: Studio, second: Studio, user: User
) -> None:
    for number in range(3):
        open_studio(user, publish(user, name=f"more {number}"), steps=[rename("day", "date")])
    recent(first)  # notes the use of the token
    loading.forget_all()

    with CaptureQueriesContext(connection) as cold:
        assert len(recent(first)) == 5
    with CaptureQueriesContext(connection) as warm:
        assert len(recent(first)) == 5

    assert len(statements(cold)) == 5, "who asks, heads, datasets, snapshots, events"
    assert len(statements(warm)) == 3, "who asks, heads, datasets"


def test_a_session_is_continued_from_its_newest_snapshot(first: Studio) -> None:
    [stream] = SessionStream.objects.all()
    head = heads.head_by_id(stream.pk)
    assert head is not None
    snapshots.take(loading.replay_from_snapshot(head).replay, stream_id=stream.pk)
    first.post("session/redo/")
    loading.forget_all()

    [session] = recent(first)

    assert (session["version"], session["operations_count"]) == (5, 2)


def test_without_recovery_there_is_no_such_address(first: Studio, switch_off: Any) -> None:
    switch_off(Feature.RECOVERY)

    assert first.get(SESSIONS).status == 404
