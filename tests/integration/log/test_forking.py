"""A fork starts a session with the work of any version, once, and loses nothing."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from freezegun import freeze_time

from data_tools.services import dataset_service
from session_events import store
from session_events.envelope import decode
from session_events.events import SessionCleared, SessionForked
from session_events.heads import head_of
from session_events.loading import forget_all, replay_all
from session_events.models import SessionEvent, SessionStream
from tests.support.log_damage import alter_event
from tests.support.small_datasets import COLUMNS
from tests.support.studio_client import Answer, Studio
from tests.support.studios import UNDO, fill, open_studio, rename
from tests.support.written_log import everything, folded, head

NAMES = [name for name, _ in COLUMNS]


@pytest.fixture
def studio(user: User) -> Studio:
    """1 started, 2 delay filled, 3 delay renamed to late, 4 that undone."""
    return open_studio(user, steps=[fill("delay", "mean"), rename("delay", "late"), UNDO])


def fork(studio: Studio, version: int, **fields: Any) -> Answer:
    forget_all()
    return studio.post("session/fork/", {"from_version": version, **fields})


def session_id(studio: Studio) -> str:
    return studio.get("session/status/").body["session_info"]["session_id"]


@pytest.mark.django_db
def test_a_fork_has_the_work_of_its_version_with_undo_and_redo(studio: Studio) -> None:
    forked = fork(studio, 4)

    assert forked.status == 200
    assert forked.body["version"] == 2
    assert (forked.body["can_undo"], forked.body["can_redo"]) == (True, True)
    assert studio.post("session/redo/").body["column_info"][2] == "late"
    assert [studio.post("session/undo/").status for _ in range(3)] == [200, 200, 400]
    assert studio.get("session/status/").body["column_info"] == NAMES


@pytest.mark.django_db
def test_a_fork_shows_the_rows_of_its_version(studio: Studio) -> None:
    assert fork(studio, 1).body["data_preview"][1]["delay"] == ""
    first = studio.get("session/validate/").body["session_id"]
    assert first == session_id(studio)


@pytest.mark.django_db
def test_the_fork_records_in_the_log_where_it_came_from(user: User, studio: Studio) -> None:
    origin = session_id(studio)

    fork(studio, 3)

    at = head(user.pk, uuid.UUID(str(studio.datasource_id)))
    [_, event] = [decode(stored).event for stored in store.read(at.stream_id)]
    assert isinstance(event, SessionForked)
    assert (str(event.from_stream), event.from_sequence, event.reason) == (origin, 3, "fork")
    [put_away] = store.read(uuid.UUID(origin), after=4)
    assert decode(put_away).event == SessionCleared(reason="forked", replaced_by=at.stream_id)
    assert folded(at).operations == folded_session(user, studio, origin, 3)


def folded_session(user: User, studio: Studio, session: str, version: int) -> Any:
    at = head_of(
        user_id=user.pk,
        dataset_id=uuid.UUID(str(studio.datasource_id)),
        stream_id=uuid.UUID(session),
    )
    assert at is not None
    return replay_all(at, until=version).state.operations


@pytest.mark.django_db
def test_the_session_put_away_by_a_fork_comes_back_whole(studio: Studio) -> None:
    origin = session_id(studio)
    before = studio.get("session/status/").body
    fork(studio, 1)

    recovered = studio.post("session/recover/", {"session_id": origin})

    assert recovered.status == 200
    after = studio.get("session/status/").body
    assert session_id(studio) == origin
    assert after["session_info"]["operations"] == before["session_info"]["operations"]
    assert after["can_redo"] is True


@pytest.mark.django_db
def test_an_ended_session_is_forked_by_its_id_and_stays_as_it_ended(studio: Studio) -> None:
    origin = session_id(studio)
    studio.post("session/clear/")
    assert fork(studio, 3).error["code"] == "SESSION_NOT_FOUND"

    assert fork(studio, 3, session_id=origin).body["column_info"][2] == "late"

    looked_at = studio.get("session/status/", {"session_id": origin}).body
    assert (looked_at["version"], looked_at["session_info"]["status"]) == (5, "cleared")


@pytest.mark.django_db
@pytest.mark.parametrize("by_header", [False, True])
def test_the_same_fork_sent_again_is_answered_without_another_fork(
    studio: Studio, by_header: bool
) -> None:
    body = {"from_version": 4}  # a version that the forked session does not have
    headers = {"Idempotency-Key": "fork please"} if by_header else {}
    if not by_header:
        body["client_operation_id"] = str(uuid.uuid4())  # type: ignore[assignment]
    first = studio.post("session/fork/", body, headers=headers)
    written = everything()

    again = studio.post("session/fork/", body, headers=headers)

    assert (first.body["repeated"], again.body["repeated"]) == (False, True)
    assert again.body["session_id"] == first.body["session_id"]
    assert everything() == written
    reused = studio.post("session/fork/", {**body, "from_version": 1}, headers=headers)
    assert reused.error["code"] == "CLIENT_OPERATION_ID_REUSED"


@pytest.mark.django_db
def test_a_fork_of_a_session_that_moved_on_is_refused(studio: Studio) -> None:
    before = everything()

    assert fork(studio, 2, expected_version=3).error["code"] == "SESSION_CONFLICT"
    assert everything() == before
    assert fork(studio, 2, expected_version=4).status == 200


@pytest.mark.django_db
def test_a_fork_that_cannot_be_written_leaves_the_open_session_open(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, origin = everything(), session_id(studio)
    append = store.append

    def fail_at_the_new_stream(sealed: Any, **more: Any) -> Any:
        if sealed[0].sequence == 1:
            raise OSError("the process dies here")
        return append(sealed, **more)

    monkeypatch.setattr(store, "append", fail_at_the_new_stream)
    assert fork(studio, 2).status == 500
    monkeypatch.undo()

    assert everything() == before
    assert session_id(studio) == origin


@pytest.mark.django_db
def test_work_before_damage_can_be_forked_and_work_after_it_cannot(studio: Studio) -> None:
    alter_event(uuid.UUID(session_id(studio)), 3, "payload = '{}'")

    assert fork(studio, 3).error["code"] == "SESSION_DAMAGED"
    assert fork(studio, 2).body["operations_count"] == 1


@pytest.mark.django_db
def test_a_session_that_can_no_longer_be_recovered_cannot_be_forked(
    studio: Studio, user: User
) -> None:
    before = everything()
    with freeze_time(dt.datetime.now(dt.UTC) + dt.timedelta(days=31)):
        refused = fork(studio, 2)

    assert refused.error["code"] == "RECOVERY_IMPOSSIBLE"
    assert refused.error["details"]["reasons"][0]["code"] == "past_retention"
    assert everything() == before
    dataset_service.delete(owner=user, datasource_id=uuid.UUID(str(studio.datasource_id)))
    assert fork(studio, 2).status == 404


@pytest.mark.django_db
def test_a_fork_of_a_fork_keeps_operations_that_share_a_sequence_apart(studio: Studio) -> None:
    fork(studio, 2)  # holds the fill, which was event 2 of the other session
    studio.post("session/rename-column/", {"old_name": "day", "new_name": "date"})

    changed = studio.get("session/changes/", {"from_version": 2}).body["operations"]
    assert [one["operation"] for one in changed["added"]] == ["rename_column"]
    forked = fork(studio, 3)

    assert forked.body["operations_count"] == 2
    assert forked.body["column_info"][4] == "date"
    assert [studio.post("session/undo/").status for _ in range(3)] == [200, 200, 400]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("expected", [{}, {"expected_version": 4}])
def test_the_same_fork_sent_many_times_concurrently_starts_one_session(
    studio: Studio, expected: dict[str, int]
) -> None:
    body = {"from_version": 3, "client_operation_id": str(uuid.uuid4()), **expected}
    barrier = threading.Barrier(4)

    def send(_: int) -> Answer:
        try:
            barrier.wait()
            return studio.post("session/fork/", body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["session_id"] for answer in answers}) == 1
    assert [answer.body["repeated"] for answer in answers].count(False) == 1
    assert SessionStream.objects.count() == 2
    assert SessionEvent.objects.count() == 4 + 1 + 2
