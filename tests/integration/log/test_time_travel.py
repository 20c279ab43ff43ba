"""A session at any version, read over HTTP: correct, read-only, and refused after damage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataRow, DataSource
from data_tools.services import dataset_service
from session_events import heads, snapshots, store
from session_events.heads import StreamHead
from session_events.loading import forget_all, replay_all
from session_events.replay import StreamPosition
from session_events.state import Status
from session_events.time_travel import session_at
from tests.support.log_damage import alter_event, delete_event
from tests.support.small_datasets import ROWS, publish, replace_rows
from tests.support.studio_client import Studio
from tests.support.studios import UNDO, drop, fill, open_studio, rename
from tests.support.written_log import everything

pytestmark = pytest.mark.django_db

MEAN_DELAY = 7.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """1 started, 2 delay filled, 3 delay renamed to late, 4 carrier dropped, 5 that undone."""

    user: User
    datasource: DataSource
    studio: Studio

    @property
    def head(self) -> StreamHead:
        head = heads.latest_head(user_id=self.user.pk, dataset_id=self.datasource.pk)
        assert head is not None
        return head


@pytest.fixture
def scene(user: User, datasource: DataSource) -> Scene:
    steps = [fill("delay", "mean"), rename("delay", "late"), drop("carrier"), UNDO]
    studio = open_studio(user, datasource, steps=steps)
    return Scene(user=user, datasource=datasource, studio=studio)


def at(scene: Scene, version: int | None, path: str = "session/status/", **query: Any) -> Any:
    """Return the body of the answer as of a version; no process remembers anything."""
    forget_all()
    asked = {} if version is None else {"at_version": version}
    answer = scene.studio.get(path, {**asked, **query})
    assert answer.status == 200, answer
    return answer.body


NAMES = ["id", "carrier", "delay", "cancelled", "day", "seen_at"]
LATE = ["id", "carrier", "late", "cancelled", "day", "seen_at"]


@pytest.mark.parametrize(
    ("version", "columns", "operations", "can_redo"),
    [
        (1, NAMES, 0, False),
        (2, NAMES, 1, False),
        (3, LATE, 2, False),
        (4, [name for name in LATE if name != "carrier"], 3, False),
        (5, LATE, 2, True),
    ],
)
def test_status_at_a_version_is_what_status_returned_at_that_time(
    scene: Scene, version: int, columns: list[str], operations: int, can_redo: bool
) -> None:
    body = at(scene, version)

    assert body["column_info"] == columns
    assert (body["operations_count"], body["can_redo"]) == (operations, can_redo)
    assert body["version"] == body["session_info"]["version"] == version
    assert (body["latest_version"], body["read_only"]) == (5, True)
    assert body["session_info"]["status"] == "active"


@pytest.mark.parametrize(("version", "filled"), [(1, None), (2, MEAN_DELAY)])
def test_a_page_at_a_version_shows_the_rows_of_that_time(
    scene: Scene, version: int, filled: float | None
) -> None:
    body = at(scene, version, "data/", page_size=3, page_number=1, sort="-id")
    missing = at(scene, version, "data/")["data"][1]["delay"]

    assert [row["id"] for row in body["data"]] == [ROWS[0][0], 7, 6]
    assert (body["version"], body["latest_version"]) == (version, 5)
    assert missing == filled


def test_saved_at_is_the_time_of_that_version(scene: Scene) -> None:
    times = [at(scene, version)["saved_at"] for version in range(1, 6)]

    assert times == sorted(set(times))


def test_reading_a_version_writes_nothing(scene: Scene) -> None:
    before = everything()

    for version in (None, 1, 3, 5):
        for path in ("session/status/", "data/"):
            at(scene, version, path, session_id=str(scene.head.stream_id), page_size=2)
    at(scene, 1, "session/changes/", from_version=1)

    assert everything() == before


def test_a_version_that_does_not_exist_is_refused_with_the_range(scene: Scene) -> None:
    for path, query in (
        ("session/status/", {"at_version": 6}),
        ("data/", {"at_version": 6}),
        ("session/changes/", {"from_version": 1, "to_version": 6}),
    ):
        answer = scene.studio.get(path, query)

        assert answer.status == 400
        assert answer.error["code"] == "INVALID_VERSION"
        [field] = [name for name, value in query.items() if value == 6]
        assert answer.error["message"] == f"{field} must be from 1 to 5"
        assert answer.error["details"] == {"field": field, "minimum": 1, "maximum": 5}


def test_the_head_of_a_version_is_the_one_that_it_had_at_that_time(scene: Scene) -> None:
    [*_, then] = store.read(scene.head.stream_id, until=3)
    scene.studio.post("session/clear/")

    found = session_at(scene.head, 3).head

    assert found == replace(
        scene.head,
        position=StreamPosition(version=3, hash=then.hash),
        status=Status.ACTIVE,
        is_open=True,
        last_event_at=then.recorded_at,
    )


def test_an_ended_session_can_be_read_by_its_id(scene: Scene) -> None:
    ended = str(scene.head.stream_id)
    scene.studio.post("session/clear/")
    scene.studio.post("session/initialize/")

    assert at(scene, 3, session_id=ended)["column_info"] == LATE
    last = at(scene, None, session_id=ended)
    assert (last["version"], last["session_info"]["status"]) == (6, "cleared")
    assert at(scene, 1)["session_id"] != ended
    assert at(scene, None, "data/", session_id=ended)["columnDefs"] == LATE


def test_without_an_open_session_a_version_needs_the_sessions_id(scene: Scene) -> None:
    scene.studio.post("session/clear/")

    for path in ("session/status/", "data/"):
        answer = scene.studio.get(path, {"at_version": 1})
        assert (answer.status, answer.error["code"]) == (400, "SESSION_NOT_FOUND")


def test_another_users_session_is_not_found(scene: Scene, other_user: User) -> None:
    theirs = publish(other_user)
    open_studio(other_user, theirs)
    foreign = heads.latest_head(user_id=other_user.pk, dataset_id=theirs.pk)
    assert foreign is not None

    for path, query in (
        ("session/status/", {"at_version": 1}),
        ("data/", {}),
        ("session/changes/", {"from_version": 1}),
    ):
        answer = scene.studio.get(path, {**query, "session_id": str(foreign.stream_id)})
        assert answer.error["code"] == "SESSION_NOT_FOUND"


@pytest.mark.parametrize("damage", ["altered", "missing"])
def test_versions_before_damage_can_be_read_and_those_after_it_are_refused(
    scene: Scene, damage: str
) -> None:
    if damage == "altered":
        alter_event(scene.head.stream_id, 4, "payload = '{}'")
    else:
        delete_event(scene.head.stream_id, 4)

    assert at(scene, 3)["column_info"] == LATE
    for version in (4, 5):
        forget_all()
        answer = scene.studio.get("session/status/", {"at_version": version})
        assert (answer.status, answer.error["code"]) == (409, "SESSION_DAMAGED")


def test_a_version_is_folded_from_a_snapshot_before_it_and_never_from_a_later_one(
    scene: Scene,
) -> None:
    for version in (2, 4):
        snapshots.take(replay_all(scene.head, until=version), stream_id=scene.head.stream_id)

    assert [len(at(scene, version)["column_info"]) for version in range(1, 6)] == [6, 6, 6, 5, 6]


def test_old_clients_get_a_sentence_on_the_existing_endpoints(scene: Scene) -> None:
    answer = scene.studio.get("session/status/", {"at_version": 9})

    assert answer.body["error"] == ("This session has no such version. Load the latest one.")


def test_a_session_on_original_rows_shows_them_and_is_refused_once_they_are_gone(
    scene: Scene,
) -> None:
    old = str(scene.head.stream_id)
    scene.studio.post("session/clear/")
    replace_rows(scene.datasource, [[1, "XX", 1.0, None, None, None]])

    assert at(scene, 2, "data/", session_id=old)["data"][1]["delay"] == MEAN_DELAY
    DataRow.objects.filter(dataset=scene.datasource, revision=1).delete()

    for path, query in (("session/status/", {"at_version": 2}), ("data/", {})):
        answer = scene.studio.get(path, {**query, "session_id": old})
        assert (answer.status, answer.error["code"]) == (409, "ROWS_GONE")
    before = everything()
    fork = scene.studio.post("session/fork/", {"from_version": 2, "session_id": old})
    assert fork.error["code"] == "ROWS_GONE"
    assert everything() == before
    changes = scene.studio.get("session/changes/", {"from_version": 1, "session_id": old})
    assert changes.status == 200


# Changes


def test_changes_between_two_versions_name_operations_and_columns(scene: Scene) -> None:
    body = at(scene, None, "session/changes/", from_version=1, to_version=4)

    added = body["operations"]["added"]
    assert [(one["version"], one["operation"]) for one in added] == [
        (2, "fill_missing_values"),
        (3, "rename_column"),
        (4, "column_operation_drop"),
    ]
    assert body["operations"]["taken_back"] == body["operations"]["restored"] == []
    assert body["columns"] == {
        "added": [],
        "dropped": [{"name": "carrier", "type": "text"}],
        "renamed": [{"from": "delay", "to": "late"}],
        "retyped": [],
    }
    assert (body["from_version"], body["to_version"]) == (1, 4)


def test_changes_lead_to_the_last_version_by_default_and_can_go_backwards(scene: Scene) -> None:
    there = at(scene, None, "session/changes/", from_version=4)
    back = at(scene, None, "session/changes/", from_version=5, to_version=4)

    assert there["to_version"] == 5
    assert [one["version"] for one in there["operations"]["taken_back"]] == [4]
    assert there["columns"]["added"] == [{"name": "carrier", "type": "text"}]
    assert [one["version"] for one in back["operations"]["restored"]] == [4]
    assert back["columns"]["dropped"] == [{"name": "carrier", "type": "text"}]


def test_changes_name_what_can_be_redone_at_the_second_version_the_next_one_first(
    scene: Scene,
) -> None:
    scene.studio.post("session/undo/")

    now = at(scene, None, "session/changes/", from_version=1)
    before = at(scene, None, "session/changes/", from_version=1, to_version=4)

    assert [one["version"] for one in now["redoable"]] == [3, 4]
    assert before["redoable"] == []


def test_changes_name_the_session_that_a_fork_came_from(scene: Scene) -> None:
    origin = str(scene.head.stream_id)
    scene.studio.post("session/fork/", {"from_version": 3})

    assert at(scene, None, "session/changes/", from_version=1)["forked_from"] == origin
    there = at(scene, None, "session/changes/", from_version=1, session_id=origin)
    assert there["forked_from"] is None


def test_the_changes_of_a_session_remain_after_its_dataset_was_deleted(scene: Scene) -> None:
    dataset_service.delete(owner=scene.user, datasource_id=scene.datasource.pk)

    body = at(scene, None, "session/changes/", from_version=1, to_version=2)

    assert [one["version"] for one in body["operations"]["added"]] == [2]
    assert scene.studio.get("session/status/", {"at_version": 1}).status == 404
