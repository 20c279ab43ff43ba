"""A command that took effect is reported as done, even if no page can be read after it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from data_tools.exceptions import RowsGone, RowsNotReproduced, TookTooLong
from data_tools.operations.exceptions import SessionTooComplex
from data_tools.services import session_data
from data_tools.under_way.requests import ClientLeft
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import open_studio


@pytest.fixture
def studio(user: User) -> Studio:
    return open_studio(user, headers=STRUCTURED)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("canceling statement due to statement timeout"),
        RowsGone(),
        RowsNotReproduced(operation="filter_rows"),
        TookTooLong(),
        SessionTooComplex(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("path", ["session/pause/", "session/reset/", "session/recover/"])
def test_a_recorded_command_is_never_reported_as_unchanged(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, path: str, error: Exception
) -> None:
    before = studio.get("session/status/").body["version"]
    body = {"strategy": "to_version", "to_version": before} if "recover" in path else {}
    if body:
        studio.post("session/pause/")

    def fail(*args: Any, **options: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(session_data, "read_page", fail)
        answer = studio.post(path, body)

    assert answer.status == 200, answer
    assert answer.body["success"] is True
    assert answer.body["version"] > before
    if path != "session/pause/":
        assert "could not be read" in answer.body["page_error"]


@pytest.mark.parametrize(("error", "is_logged"), [(ClientLeft(), False), (RowsGone(), True)])
def test_rows_that_no_client_waits_for_are_no_failure(
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    is_logged: bool,
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(session_data, "read_page", fail)
    assert studio.post("session/reset/").status == 200

    assert ("no page behind version" in caplog.text) is is_logged
