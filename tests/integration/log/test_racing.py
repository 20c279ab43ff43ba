"""Concurrent clients on one session: one wins each version, nothing is written twice or lost.

Each race is run against the real server with several workers, and the most important ones also in
this process, with threads that have their own database connections.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from data_tools.models import DataRow, DataSource
from session_events import recording
from session_events.events import (
    OperationApplied,
    SessionCleared,
    SessionRecovered,
    SessionStarted,
    ViewChanged,
)
from session_events.exceptions import SessionConflict
from session_events.models import SessionStream
from session_events.state import Status
from tests.support import written_log
from tests.support.at_once import at_once
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Answer, InProcess, Studio, Transport
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

IN_BOTH_WAYS = pytest.mark.parametrize("transport", ["server", "threads"], indirect=True)
TABS = 8
AT_ONCE = 16
COLUMNS = [(f"c{number}", "integer") for number in range(TABS)]
ROWS = [[row * 10 + number if row % 2 else None for number in range(TABS)] for row in range(20)]


@pytest.fixture
def datasource(user: User) -> DataSource:
    return publish(user, COLUMNS, ROWS)


@pytest.fixture
def transport(request: pytest.FixtureRequest) -> Transport:
    """The real server; for a test marked with IN_BOTH_WAYS also this process."""
    if getattr(request, "param", "server") == "threads":
        return InProcess()
    server: Server = request.getfixturevalue("server")
    return server.transport


@pytest.fixture
def studio(user: User, datasource: DataSource, transport: Transport) -> Studio:
    """A new session, at version 1."""
    return open_studio(user, datasource, transport=transport, headers=STRUCTURED)


def tab(studio: Studio) -> Studio:
    """The same client in another tab: nothing of it is shared between threads."""
    transport = InProcess() if isinstance(studio.transport, InProcess) else studio.transport
    return replace(studio, transport=transport)


def posted_at_once(studio: Studio, path: str, bodies: list[dict[str, Any]]) -> list[Answer]:
    return at_once([partial(tab(studio).post, path, body) for body in bodies])


def wire_names(user: User, datasource: DataSource) -> list[str]:
    head = written_log.head(user.pk, datasource.pk)
    written_log.folded(head)
    return [event.wire_name for event in written_log.events(head)]


def fill(column: int, **more: Any) -> dict[str, Any]:
    return {"columns": [f"c{column}"], "strategy": "mean", **more}


# One wins each version


@IN_BOTH_WAYS
def test_of_all_tabs_that_saw_a_version_exactly_one_continues_from_it(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    version, name = 1, "c0"
    for round_number in range(6):
        bodies = [
            {"old_name": name, "new_name": f"r{round_number}t{at}", "expected_version": version}
            for at in range(TABS)
        ]

        answers = posted_at_once(studio, "session/rename-column/", bodies)

        assert Counter(answer.status for answer in answers) == {200: 1, 409: TABS - 1}
        [won] = [at for at, answer in enumerate(answers) if answer.status == 200]
        name, version = bodies[won]["new_name"], version + 1
        assert answers[won].body["version"] == version
        for answer in answers:
            if answer.status == 409:
                assert answer.error["code"] == "SESSION_CONFLICT"
                assert answer.error["details"]["current_version"] == version
                assert [action["action"] for action in answer.error["recovery_actions"]] == [
                    "reload"
                ]
        assert name in studio.get("session/status/").body["column_info"]

    assert wire_names(user, datasource) == [
        SessionStarted.wire_name,
        *[OperationApplied.wire_name] * 6,
    ]


# Whoever expects nothing is served after whoever came first


@IN_BOTH_WAYS
def test_tabs_that_expect_no_version_are_all_served_and_never_write_the_same_one(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    bodies = [fill(number % TABS) for number in range(AT_ONCE)]

    answers = posted_at_once(studio, "session/fill-missing-values/", bodies)

    assert [answer.status for answer in answers] == [200] * AT_ONCE, answers
    assert sorted(answer.body["version"] for answer in answers) == list(range(2, AT_ONCE + 2))
    assert Counter(wire_names(user, datasource)) == {
        SessionStarted.wire_name: 1,
        OperationApplied.wire_name: AT_ONCE,
    }


@IN_BOTH_WAYS
def test_every_one_of_sixteen_undos_at_once_takes_a_step_back(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    for number in range(AT_ONCE + 1):
        studio.post("session/fill-missing-values/", fill(number % TABS))

    undone = posted_at_once(studio, "session/undo/", [{}] * AT_ONCE)

    assert [answer.status for answer in undone] == [200] * AT_ONCE, undone
    state = written_log.folded(written_log.head(user.pk, datasource.pk))
    assert (len(state.operations), len(state.redo)) == (1, AT_ONCE)

    redone = posted_at_once(studio, "session/redo/", [{}] * AT_ONCE)

    assert [answer.status for answer in redone] == [200] * AT_ONCE, redone
    state = written_log.folded(written_log.head(user.pk, datasource.pk))
    assert (len(state.operations), len(state.redo)) == (AT_ONCE + 1, 0)


def test_a_double_click_on_the_last_undo_takes_it_once_and_says_that_nothing_is_left(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    studio.post("session/fill-missing-values/", fill(0))

    answers = posted_at_once(studio, "session/undo/", [{}] * 2)

    assert sorted(answer.status for answer in answers) == [200, 400]
    assert [each.error["code"] for each in answers if each.status == 400] == ["NOTHING_TO_UNDO"]


STEP = {"operation": "column_operation_duplicate", "parameters": {"columns": ["c0"]}}
RECIPE = {"format": "data-studio-recipe", "format_version": 1, "operations": [STEP]}
COMMANDS: dict[str, dict[str, Any]] = {
    "operations/": STEP,
    "session/rename-column/": {"old_name": "c0", "new_name": "renamed"},
    "session/change-column-type/": {"column_name": "c1", "new_type": "string"},
    "transform/columns/": {"operation": "duplicate", "columns": ["c2"]},
    "transform/scaling/": {"columns": ["c3"]},
    "transform/imputation/": {"columns": ["c4"]},
    "nan/quick-clean/": {"remove_nan_rows": False},
    "session/apply-recipe/": {"recipe": RECIPE},
    "session/undo/": {},
    "session/reset/": {},
    "session/activity/": {},
    "session/initialize/": {},
    "session/fork/": {"from_version": 2},
}


def test_commands_of_every_kind_at_once_are_all_served(user: User) -> None:
    """In threads, each of which may come first; those that undo or reset find work at any time."""
    datasource = publish(user, COLUMNS, ROWS)
    studio = open_studio(user, datasource, headers=STRUCTURED, transport=InProcess())
    for _ in range(3):
        studio.post("session/fill-missing-values/", fill(7))
    item = {"type": "client_error", "message": "x"}
    commands = dict(COMMANDS) | {
        "session/activity/": {"items": [{"client_operation_id": str(uuid.uuid4()), **item}]}
    }

    answers = at_once([partial(tab(studio).post, *command) for command in commands.items()])

    refused = {
        path: answer.error["code"]
        for path, answer in zip(commands, answers, strict=True)
        if answer.status != 200
    }
    # What came first may leave nothing to undo, or no column of that name; that is no conflict.
    assert set(refused.values()) <= {"NOTHING_TO_UNDO", "COLUMN_NOT_FOUND", "SESSION_NOT_FOUND"}


def test_one_save_at_once_with_work_by_others_is_made_with_all_that_came_first(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    saved, *worked = at_once(
        [
            partial(tab(studio).post, "session/save/"),
            *(
                partial(tab(studio).post, "session/fill-missing-values/", fill(at))
                for at in range(4)
            ),
        ]
    )

    assert saved.status == 200, saved
    assert {answer.status for answer in worked} <= {200, 400}
    assert {each.error["code"] for each in worked if each.status == 400} <= {"SESSION_NOT_FOUND"}
    before = sum(answer.status == 200 for answer in worked)
    head = written_log.head(user.pk, datasource.pk)
    assert len(written_log.folded(head).operations) == before
    rows = saved.body["new_datasource"]["row_count"]
    stored = DataRow.objects.filter(dataset_id=saved.body["new_datasource"]["id"]).count()
    assert rows == stored == len(ROWS)


def test_commands_that_expect_the_session_but_no_version_are_all_served(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    session_id = studio.get("session/status/").body["session_info"]["session_id"]
    bodies = [fill(at, expected_session_id=session_id) for at in range(TABS)]

    answers = posted_at_once(studio, "session/fill-missing-values/", bodies)

    assert [answer.status for answer in answers] == [200] * TABS, answers


def test_the_tries_of_a_command_are_bounded(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def always_late(*arguments: Any, **more: Any) -> None:
        tried.append(1)
        raise SessionConflict(expected_version=1, current_version=2)

    monkeypatch.setattr(recording, "record", always_late)

    answer = tab(replace(studio, transport=InProcess())).post("session/reset/")

    assert (answer.status, answer.error["code"]) == (409, "SESSION_CONFLICT")
    assert len(tried) == recording.MOST_TRIES


# The same request again


@IN_BOTH_WAYS
@pytest.mark.parametrize("with_expected_version", [False, True])
def test_a_request_sent_sixteen_times_concurrently_is_written_once_and_answered_sixteen_times(
    user: User, datasource: DataSource, studio: Studio, with_expected_version: bool
) -> None:
    for _ in range(3):
        before = studio.get("session/status/").body["version"]
        expected = {"expected_version": before} if with_expected_version else {}
        body = fill(before % TABS, client_operation_id=str(uuid.uuid4()), **expected)

        answers = posted_at_once(studio, "session/fill-missing-values/", [body] * 16)

        assert [answer.status for answer in answers] == [200] * 16
        assert {answer.body["version"] for answer in answers} == {before + 1}
        assert Counter(answer.body["repeated"] for answer in answers) == {True: 15, False: 1}
        assert len(wire_names(user, datasource)) == before + 1


@pytest.mark.parametrize("path", ["session/undo/", "session/reset/", "session/pause/"])
def test_every_kind_of_change_sent_sixteen_times_concurrently_is_written_once(
    user: User, datasource: DataSource, studio: Studio, path: str
) -> None:
    for number in range(3):
        studio.post("session/fill-missing-values/", fill(number))
    body = {"client_operation_id": str(uuid.uuid4()), "expected_version": 4}

    answers = posted_at_once(studio, path, [body] * 16)

    assert [answer.status for answer in answers] == [200] * 16, answers
    assert {answer.body["version"] for answer in answers} == {5}
    assert len(wire_names(user, datasource)) == 5


def test_an_idempotency_key_does_what_a_client_operation_id_does(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    studio = studio.with_headers({"Idempotency-Key": "a double click"})

    answers = posted_at_once(studio, "session/fill-missing-values/", [fill(0)] * 16)

    assert [answer.status for answer in answers] == [200] * 16
    assert len(wire_names(user, datasource)) == 2


@IN_BOTH_WAYS
def test_an_id_sent_concurrently_with_two_bodies_is_written_once_and_the_other_body_refused(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    for round_number in range(3):
        operation_id = str(uuid.uuid4())
        bodies = [fill(at % 2, client_operation_id=operation_id) for at in range(12)]

        answers = posted_at_once(studio, "session/fill-missing-values/", bodies)

        assert len(wire_names(user, datasource)) == 2 + round_number
        succeeded = {at % 2 for at, answer in enumerate(answers) if answer.status == 200}
        assert len(succeeded) == 1
        for at, answer in enumerate(answers):
            if at % 2 in succeeded:
                assert answer.status == 200
            else:
                assert (answer.status, answer.error["code"]) == (409, "CLIENT_OPERATION_ID_REUSED")


def test_an_id_used_for_one_endpoint_is_refused_at_another(studio: Studio) -> None:
    body = {"client_operation_id": str(uuid.uuid4())}
    studio.post("session/fill-missing-values/", fill(0))
    assert studio.post("session/undo/", body).status == 200

    answer = studio.post("session/redo/", body)

    assert (answer.status, answer.error["code"]) == (409, "CLIENT_OPERATION_ID_REUSED")


def test_a_request_sent_again_much_later_is_answered_without_effect(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    body = fill(0, client_operation_id=str(uuid.uuid4()), expected_version=1)
    studio.post("session/fill-missing-values/", body)
    studio.post("session/fill-missing-values/", fill(1))
    studio.post("session/undo/")

    answer = studio.post("session/fill-missing-values/", body)

    assert (answer.status, answer.body["repeated"], answer.body["version"]) == (200, True, 4)
    assert len(wire_names(user, datasource)) == 4


# Views are not work


@IN_BOTH_WAYS
def test_pages_read_in_another_tab_never_cause_a_conflict(
    user: User, datasource: DataSource, studio: Studio, settings: Settings
) -> None:
    """Allow a view twenty times a second in this process; the server allows fewer."""
    settings.SESSION_EVENTS = {**settings.SESSION_EVENTS, "VIEW_CHANGE_INTERVAL_SECONDS": 0.05}
    steps = 15

    def work() -> list[Answer]:
        mine, version, answers = tab(studio), 1, []
        for number in range(steps):
            body = fill(number % TABS, expected_version=version)
            answers.append(mine.post("session/fill-missing-values/", body))
            version = answers[-1].body.get("version", version)
        return answers

    def look() -> list[Answer]:
        other = tab(studio)
        return [
            other.get("data/", {"page": page % 5 + 1, "pageSize": 4}) for page in range(steps * 2)
        ]

    worked, looked = at_once([work, look])
    looked.append(tab(studio).get("data/", {"page": 2, "pageSize": 4}))  # while nobody works

    assert [answer.body for answer in worked if answer.status != 200] == []
    assert [answer.body for answer in looked if answer.status != 200] == []
    names = Counter(wire_names(user, datasource))
    assert names[OperationApplied.wire_name] == steps
    assert names[ViewChanged.wire_name] >= 1
    state = written_log.folded(written_log.head(user.pk, datasource.pk))
    assert state.version == 1 + steps + names[ViewChanged.wire_name]


def test_a_page_turned_since_does_not_make_a_version_stale_but_work_does(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    tab(studio).get("data/", {"page": 2, "pageSize": 4})
    assert written_log.head(user.pk, datasource.pk).position.version == 2

    answer = studio.post("session/fill-missing-values/", fill(0, expected_version=1))
    late = studio.post("session/fill-missing-values/", fill(1, expected_version=1))

    assert (answer.status, answer.body["version"]) == (200, 3)
    assert (late.status, late.error["details"]["current_version"]) == (409, 3)


# Opening, recovering, putting away


def test_tabs_that_open_a_dataset_concurrently_open_one_session(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    fresh = publish(user, COLUMNS, ROWS)
    other = Studio(
        datasource_id=fresh.pk, token=studio.token, transport=studio.transport, headers=STRUCTURED
    )

    answers = posted_at_once(other, "session/initialize/", [{}] * 16)

    assert [answer.status for answer in answers] == [200] * 16
    assert Counter(answer.body["message"] for answer in answers) == {
        "Session initialized successfully": 1,
        "Session already exists": 15,
    }
    assert len({answer.body["session_info"]["session_id"] for answer in answers}) == 1
    assert SessionStream.objects.filter(dataset_id=fresh.pk).count() == 1


def test_tabs_that_open_a_paused_session_concurrently_all_find_it_resumed(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    for _ in range(3):
        studio.post("session/pause/")

        answers = posted_at_once(studio, "session/initialize/", [{}] * TABS)

        assert [answer.status for answer in answers] == [200] * TABS, answers
        assert len({answer.body["version"] for answer in answers}) == 1


@IN_BOTH_WAYS
@pytest.mark.parametrize("strategy", ["auto", "start_new"])
def test_a_cleared_session_recovered_concurrently_in_every_tab_is_recovered_once(
    user: User, datasource: DataSource, studio: Studio, strategy: str
) -> None:
    for round_number in range(3):
        studio.post("session/fill-missing-values/", fill(round_number))
        studio.post("session/clear/")

        answers = posted_at_once(studio, "session/recover/", [{"strategy": strategy}] * TABS)

        assert [answer.status for answer in answers] == [200] * TABS, answers
        assert len({answer.body["session_info"]["session_id"] for answer in answers}) == 1
        assert Counter(answer.body["recovered"] for answer in answers) == {True: 1, False: TABS - 1}
        assert SessionStream.objects.filter(dataset_id=datasource.pk, is_open=True).count() == 1
    if strategy == "auto":
        assert Counter(wire_names(user, datasource))[SessionRecovered.wire_name] == 3


def test_concurrent_work_and_clear_leave_an_intact_session(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    cleared, worked = at_once(
        [
            partial(tab(studio).post, "session/clear/"),
            partial(tab(studio).post, "session/fill-missing-values/", fill(0)),
        ]
    )

    assert cleared.status == 200 or cleared.error["code"] == "SESSION_CONFLICT"
    assert worked.status == 200 or worked.error["code"] in ("SESSION_CONFLICT", "SESSION_NOT_FOUND")
    assert 200 in (cleared.status, worked.status)
    head = written_log.head(user.pk, datasource.pk)
    state = written_log.folded(head)
    assert len(state.operations) == (worked.status == 200)
    assert (state.status is Status.CLEARED) == (cleared.status == 200)


def test_a_session_cleared_concurrently_in_every_tab_is_cleared_once(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    answers = posted_at_once(studio, "session/clear/", [{}] * TABS)

    assert [answer.status for answer in answers] == [200] * TABS, answers
    assert Counter(wire_names(user, datasource))[SessionCleared.wire_name] == 1
