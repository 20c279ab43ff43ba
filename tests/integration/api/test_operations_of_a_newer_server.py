"""A session in which a newer server did something that this one cannot: kept, said, not touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User

from data_tools.operations import OPERATIONS
from session_events import loading
from tests.support import written_log
from tests.support.small_datasets import publish, token_of
from tests.support.studio_client import STRUCTURED, Studio

pytestmark = pytest.mark.django_db(transaction=True)

UNREADABLE = (503, "SESSION_UNREADABLE")


@pytest.fixture
def studio(user: User) -> Studio:
    """Versions 2 a rename, 3 a filling, 4 a rename; then a server without filling takes over."""
    studio = Studio(datasource_id=publish(user).pk, token=token_of(user), headers=STRUCTURED)
    studio.post("session/initialize/")
    for path, body in (
        ("session/rename-column/", {"old_name": "carrier", "new_name": "airline"}),
        ("session/fill-missing-values/", {"columns": ["delay"], "strategy": "mean"}),
        ("session/rename-column/", {"old_name": "day", "new_name": "date"}),
    ):
        assert studio.post(path, body).status == 200
    return studio


@contextmanager
def older_server() -> Iterator[None]:
    """The server before the upgrade that brought `fill_missing_values`, just started."""
    all_of_them = dict(OPERATIONS)
    del OPERATIONS["fill_missing_values"]
    loading.forget_all()
    try:
        yield
    finally:
        OPERATIONS.clear()
        OPERATIONS.update(all_of_them)  # in their order
        loading.forget_all()


@pytest.fixture
def older(studio: Studio) -> Iterator[None]:
    with older_server():
        yield


def refused(studio: Studio, method: str, path: str, **sent: object) -> tuple[int, str]:
    answer = studio.get(path, sent) if method == "GET" else studio.post(path, sent)
    return answer.status, answer.error["code"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "session/status/"),
        ("GET", "data/"),
        ("GET", "export/?format=csv"),
        ("POST", "session/save/"),
        ("POST", "session/initialize/"),
        ("POST", "session/undo/"),
        ("POST", "session/reset/"),
        ("POST", "session/pause/"),
    ],
)
def test_nothing_is_shown_or_done_and_nothing_is_written(
    studio: Studio, older: None, method: str, path: str
) -> None:
    before = written_log.everything()

    assert refused(studio, method, path) == UNREADABLE
    assert written_log.everything() == before


def test_a_server_that_knows_the_operation_goes_on_as_if_nothing_had_been(studio: Studio) -> None:
    with older_server():
        assert studio.get("session/validate/").body["suggested_action"] == "retry_later"

    assert studio.get("session/validate/").body["suggested_action"] == "continue"
    assert studio.get("session/status/").body["session_info"]["current_step"] == 3


def test_the_verdict_names_the_operation_and_its_event(studio: Studio, older: None) -> None:
    [reason] = studio.get("session/validate/").body["reasons"]

    assert reason["code"] == "unknown_operation"
    assert "Event 3 applied “fill_missing_values”" in reason["sentence"]


def test_an_undone_one_counts_as_well_since_it_could_be_redone(studio: Studio) -> None:
    for _ in range(2):
        assert studio.post("session/undo/").status == 200

    with older_server():
        assert studio.get("session/validate/").body["suggested_action"] == "retry_later"
        assert refused(studio, "POST", "session/redo/") == UNREADABLE


@pytest.mark.parametrize("strategy", ["auto", "replay", "snapshot", "partial"])
def test_it_is_not_recovered(studio: Studio, older: None, strategy: str) -> None:
    before = written_log.everything()

    answer = studio.post("session/recover/", {"strategy": strategy})

    assert (answer.status, answer.error["code"]) == (409, "RECOVERY_IMPOSSIBLE")
    assert answer.error["details"]["suggested_action"] == "retry_later"
    assert written_log.everything() == before


def test_a_session_that_left_it_behind_goes_on_but_not_back_to_it(studio: Studio) -> None:
    assert studio.post("session/reset/").status == 200
    before = written_log.everything()

    with older_server():
        verdict = studio.get("session/validate/").body
        back = studio.post("session/recover/", {"strategy": "to_version", "to_version": 4})
        fork = refused(studio, "POST", "session/fork/", from_version=4)
        then = refused(studio, "GET", "session/status/", at_version=4)

    assert verdict["suggested_action"] == "continue"
    assert (back.status, back.error["code"]) == (409, "RECOVERY_IMPOSSIBLE")
    assert fork == then == UNREADABLE
    assert written_log.everything() == before


def test_a_new_session_can_be_begun_beside_it(studio: Studio, older: None) -> None:
    fresh = studio.post("session/recover/", {"strategy": "start_new"})

    assert fresh.status == 200
    assert "airline" not in fresh.body["data"][0]
