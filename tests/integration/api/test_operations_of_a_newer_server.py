"""A session with an operation of a newer server: it is kept, reported and left untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User

from data_tools.operations import OPERATIONS
from session_events import loading
from tests.support import written_log
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import fill, open_studio, rename

pytestmark = pytest.mark.django_db(transaction=True)

UNREADABLE = (503, "SESSION_UNREADABLE")


@pytest.fixture
def studio(user: User) -> Studio:
    """Version 2 renames, 3 fills, 4 renames; then a server that cannot fill takes over."""
    steps = [rename("carrier", "airline"), fill("delay", "mean"), rename("day", "date")]
    return open_studio(user, steps=steps, headers=STRUCTURED)


@contextmanager
def older_server() -> Iterator[None]:
    """Act as a server from before `fill_missing_values` was added, just started."""
    all_operations = dict(OPERATIONS)
    del OPERATIONS["fill_missing_values"]
    loading.forget_all()
    try:
        yield
    finally:
        OPERATIONS.clear()
        OPERATIONS.update(all_operations)  # in their order
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


def test_a_server_that_knows_the_operation_continues_as_if_nothing_had_happened(
    studio: Studio,
) -> None:
    with older_server():
        assert studio.get("session/validate/").body["suggested_action"] == "retry_later"

    assert studio.get("session/validate/").body["suggested_action"] == "continue"
    assert studio.get("session/status/").body["session_info"]["current_step"] == 3


def test_the_verdict_names_the_operation_and_its_event(studio: Studio, older: None) -> None:
    [reason] = studio.get("session/validate/").body["reasons"]

    assert reason["code"] == "unknown_operation"
    assert "Event 3 applied “fill_missing_values”" in reason["sentence"]


def test_an_undone_operation_counts_as_well_since_it_could_be_redone(studio: Studio) -> None:
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


def test_a_session_that_dropped_the_operation_continues_but_cannot_return_to_it(
    studio: Studio,
) -> None:
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
