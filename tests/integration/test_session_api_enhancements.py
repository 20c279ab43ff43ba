"""A session over HTTP from opening to recovery, in every situation that a user can meet.

Where expiry or retention matters, the clock is frozen, so that a second more or less shows.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataRow, DataSource
from session_events import loading
from session_events.events import VOCABULARY, OperationUndone
from tests.contract.error_shape import faults
from tests.contract.shapes import (
    DURABLE,
    PAGINATION,
    READ_BUT_NEVER_SENT,
    iso_time,
    mismatches,
    written_uuid,
)
from tests.support import written_log
from tests.support.clock import Clock
from tests.support.log_damage import alter_event, delete_event
from tests.support.small_datasets import COLUMNS, ROWS
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import INITIALIZE, UNDO, drop, fill, rename, studio_of
from tests.support.written_log import everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)
INACTIVITY = 4 * HOUR
RETENTION = dt.timedelta(days=30)
PAGE = {"page": 2, "pageSize": 3, "sortField": "late", "sortOrder": "desc"}

SEEN = {
    "client_operation_id": "00000000-0000-4000-8000-000000000001",
    "type": "view_changed",
    "view": {"page_number": 1, "page_size": 5},
}

REASON = {"code": str, "sentence": str}
OPTION = {
    "strategy": {"auto", "replay", "partial", "to_version", "start_new"},
    "to_version": (int, None),
    "operations_back": int,
    "comes_back": str,
    "given_up": str,
    "request": {"method": {"POST"}, "href": str, "body": dict},
}
VERDICT = {
    "success": {True},
    "session_valid": bool,
    "last_activity": (iso_time, None),
    "recovery_possible": bool,
    "suggested_action": str,
    "session_id": (written_uuid, None),
    "version": (int, None),
    "status": str,
    "expires_at": (iso_time, None),
    "kept_until": (iso_time, None),
    "state_digest": (str, None),
    "replaced_by": (written_uuid, None),
    "reasons": [REASON],
    "recovery_options": [OPTION],
}
RECOVERED = {
    "success": {True},
    "message": str,
    "strategy": str,
    "recovered": bool,
    "session_info": dict,
    "columns": [{"name": str, "type": str}],
    "operations": [
        {
            "version": int,
            "operation": str,
            "parameters": dict,
            "cells_changed": int,
            "applied_at": iso_time,
        }
    ],
    "view": (dict, None),
    "data": [dict],
    "pagination": PAGINATION,
    "restored": {"operations": int, "redo": int},
    "given_up": [{"version": int, "sentence": str}],
    "events_replayed": int,
    "snapshot_version": (int, None),
    "duration_ms": (float, int),
    **READ_BUT_NEVER_SENT,
    **DURABLE,
}


@pytest.fixture
def studio(user: User, datasource: DataSource) -> Studio:
    return studio_of(user, datasource, headers=STRUCTURED)


@pytest.fixture
def worked(studio: Studio, clock: Clock) -> Studio:
    """Opened, gaps filled, a column renamed, a third operation undone, page two looked at.

    Events: 1 started, 2 filled, 3 renamed, 4 dropped, 5 undone, 6 view.
    """
    studio.take(INITIALIZE, fill("delay", "median"), rename("delay", "late"), drop("day"), UNDO)
    clock.tick(HOUR)
    assert studio.get("data/", PAGE).body["version"] == 6
    return studio


def validate(studio: Studio, **query: Any) -> dict[str, Any]:
    """Return the verdict, and check that validating wrote nothing."""
    before = everything()
    answer = studio.get("session/validate/", query)
    assert answer.status == 200, answer
    assert mismatches(answer.body, VERDICT) == []
    assert everything() == before
    return answer.body


def verdict(studio: Studio, **query: Any) -> tuple[bool, bool, str, str]:
    """Return whether it is valid, whether it is recoverable, what to do, and why."""
    body = validate(studio, **query)
    [reason] = body["reasons"]
    return (
        body["session_valid"],
        body["recovery_possible"],
        body["suggested_action"],
        reason["code"],
    )


def recover(studio: Studio, **body: Any) -> dict[str, Any]:
    answer = studio.post("session/recover/", body)
    assert answer.status == 200, answer
    assert mismatches(answer.body, RECOVERED) == []
    return answer.body


def refused(answer: Answer, code: str) -> dict[str, Any]:
    assert list(faults(answer, code)) == [], answer
    return answer.error


def session_id(studio: Studio) -> str:
    return studio.get("session/validate/").body["session_id"]


def in_another_process() -> None:
    """Forget all sessions, as after a restart or in another worker, which know the log alone."""
    loading.forget_all()


# Nothing is lost


@pytest.mark.parametrize("ending", ["pause", "expire", "clear", "restart"])
def test_the_recovered_page_is_the_page_that_was_looked_at_byte_for_byte(
    worked: Studio, clock: Clock, ending: str
) -> None:
    before = worked.get("data/", PAGE)
    match ending:
        case "pause" | "clear":
            worked.post(f"session/{ending}/")
        case "expire":
            clock.tick(INACTIVITY)
    in_another_process()

    recovered = recover(worked)

    after = worked.get("data/", PAGE)
    assert recovered["data"] == before.body["data"]
    rows = [answer.content.partition(b'"totalRows"')[0] for answer in (before, after)]
    assert rows[0] == rows[1]
    assert recovered["view"] == {
        "page_number": 2,
        "page_size": 3,
        "sort": ["-late"],
        "filter": None,
        "hidden_columns": [],
        "column_order": [],
        "column_widths": {},
        "frozen_columns": 0,
    }


def test_a_recovered_session_has_its_operations_and_redo_stack_and_can_be_continued(
    worked: Studio,
) -> None:
    worked.post("session/clear/")

    body = recover(worked)

    assert [operation["operation"] for operation in body["operations"]] == [
        "fill_missing_values",
        "rename_column",
    ]
    assert body["restored"] == {"operations": 2, "redo": 1}
    assert body["given_up"] == []
    assert (body["can_undo"], body["can_redo"]) == (True, True)
    assert "day" not in worked.post("session/redo/").body["column_info"]
    assert worked.post("session/undo/").body["operations_count"] == 2


def test_the_fitted_value_comes_back_even_if_it_could_not_be_fitted_again(worked: Studio) -> None:
    """The median filled two gaps; fitted again, on filled rows, it would have nothing to fill."""
    rows = worked.get("data/").body["data"]
    worked.post("session/clear/")

    recover(worked)

    again = worked.get("data/").body["data"]
    assert [row["late"] for row in again] == [2.5, 2.5, 4.0, -1.0, 2.5, 33.25, 0.0]
    assert again == rows


def test_no_row_is_ever_rewritten(worked: Studio, datasource: DataSource) -> None:
    worked.post("session/clear/")
    recover(worked)

    stored = DataRow.objects.filter(dataset_id=datasource.pk).order_by("row_number")

    assert [row.values for row in stored] == list(ROWS)


# validate and recover, in each situation


def test_active(worked: Studio) -> None:
    assert verdict(worked) == (True, True, "continue", "active")
    body = validate(worked)
    assert (body["status"], body["version"]) == ("active", 6)
    assert body["expires_at"] == "2026-11-22T17:00:00+00:00"
    assert recover(worked)["recovered"] is False


@pytest.mark.parametrize(
    ("known_version", "action"), [(4, "reload"), (5, "continue"), (6, "continue"), (99, "reload")]
)
def test_a_client_out_of_step_is_told_to_reload_but_not_for_a_turned_page(
    worked: Studio, known_version: int, action: str
) -> None:
    assert validate(worked, known_version=known_version)["suggested_action"] == action


def test_paused(worked: Studio, clock: Clock) -> None:
    worked.post("session/pause/")

    refused(worked.post("session/undo/"), "SESSION_PAUSED")
    clock.tick(10 * INACTIVITY)
    assert verdict(worked) == (False, True, "resume", "paused")

    resumed = worked.post("session/resume/")
    assert (resumed.status, resumed.body["operations_count"]) == (200, 2)
    assert verdict(worked)[0] is True


@pytest.mark.parametrize(
    ("after", "is_valid"), [(INACTIVITY - SECOND, True), (INACTIVITY, False)], ids=["before", "at"]
)
def test_a_session_expires_four_hours_after_its_last_event(
    worked: Studio, clock: Clock, after: dt.timedelta, is_valid: bool
) -> None:
    clock.tick(after)

    assert validate(worked)["session_valid"] is is_valid


def test_expired(worked: Studio, clock: Clock) -> None:
    clock.tick(INACTIVITY)

    assert verdict(worked) == (False, True, "recover", "expired")
    error = refused(worked.post("session/undo/"), "SESSION_EXPIRED")
    assert [action["action"] for action in error["recovery_actions"]] == ["recover", "validate"]
    assert worked.get("session/status/").body["session_info"]["is_expired"] is True
    body = recover(worked)
    assert (body["recovered"], body["restored"]["operations"]) == (True, 2)
    assert worked.post("session/undo/").status == 200


def test_opening_an_expired_session_continues_it(worked: Studio, clock: Clock) -> None:
    clock.tick(INACTIVITY)

    opened = worked.post("session/initialize/").body

    assert (opened["operations_count"], opened["can_redo"]) == (2, True)


def test_cleared(worked: Studio) -> None:
    worked.post("session/clear/")

    assert verdict(worked) == (False, True, "start_new", "cleared")
    strategies = [option["strategy"] for option in validate(worked)["recovery_options"]]
    assert strategies == ["auto", "start_new"]
    assert worked.get("session/status/").body["session_info"] == {"session_exists": False}
    assert worked.get("data/").body["columnDefs"] == [name for name, _ in COLUMNS]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (RETENTION - SECOND, (False, True, "start_new", "cleared")),
        (RETENTION, (False, False, "initialize", "past_retention")),
    ],
    ids=["before", "at"],
)
def test_a_cleared_session_can_be_recovered_for_thirty_days(
    worked: Studio,
    clock: Clock,
    after: dt.timedelta,
    expected: tuple[bool, bool, str, str],
) -> None:
    worked.post("session/clear/")
    clock.tick(after)

    assert verdict(worked) == expected
    answer = worked.post("session/recover/")
    assert answer.status == (200 if expected[1] else 409)


def test_never_started(studio: Studio) -> None:
    assert verdict(studio) == (False, False, "initialize", "never_started")
    before = everything()

    error = refused(studio.post("session/recover/"), "RECOVERY_IMPOSSIBLE")

    assert error["details"]["suggested_action"] == "initialize"
    assert everything() == before


@pytest.mark.parametrize("is_open", [True, False])
def test_source_deleted(worked: Studio, is_open: bool) -> None:
    if not is_open:
        worked.post("session/clear/")
    deleted = worked.request("DELETE", f"/api/datasources/{worked.datasource_id}/")
    assert deleted.status == 200

    assert verdict(worked) == (False, False, "start_new", "source_deleted")
    before = everything()
    for strategy in ("auto", "replay", "start_new"):
        answer = worked.post("session/recover/", {"strategy": strategy})
        error = refused(answer, "RECOVERY_IMPOSSIBLE")
        assert error["details"]["suggested_action"] == "start_new"
    assert everything() == before
    for path in ("session/initialize/", "session/undo/", "session/clear/"):
        refused(worked.post(path), "DATASOURCE_NOT_FOUND")
    refused(worked.get("data/"), "DATASOURCE_NOT_FOUND")


def test_somebody_elses_deleted_dataset_stays_hidden(worked: Studio, other_user: User) -> None:
    worked.request("DELETE", f"/api/datasources/{worked.datasource_id}/")
    stranger = studio_of(other_user, worked.datasource_id, headers=STRUCTURED)

    refused(stranger.get("session/validate/"), "DATASOURCE_NOT_FOUND")
    refused(stranger.post("session/recover/"), "DATASOURCE_NOT_FOUND")


def test_source_not_ready(worked: Studio, datasource: DataSource) -> None:
    """For example while its first file is still being loaded."""
    DataSource.objects.filter(pk=datasource.pk).update(
        status="PROCESSING", progress_percent=40, revision=0
    )

    assert verdict(worked) == (False, False, "retry_later", "source_not_ready")
    error = refused(worked.post("session/initialize/"), "DATASOURCE_NOT_READY")
    assert error["details"] == {"status": "PROCESSING", "progress": 40}
    assert error["retryable"] is True


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda stream: delete_event(stream, 4), "log_damaged_gap"),
        (
            lambda stream: alter_event(stream, 4, "payload = replace(payload, 'day', 'id')"),
            "log_damaged_hash_mismatch",
        ),
        (lambda stream: alter_event(stream, 4, "payload = '{'"), "log_damaged_hash_mismatch"),
    ],
    ids=["an event is gone", "an event was altered", "an event is no JSON"],
)
def test_log_damaged(
    worked: Studio, user: User, datasource: DataSource, damage: Any, reason: str
) -> None:
    stream = written_log.head(user.pk, datasource.pk).stream_id
    damage(stream)
    in_another_process()

    assert verdict(worked) == (False, True, "recover_partial", reason)
    error = refused(worked.get("session/status/"), "SESSION_DAMAGED")
    assert error["details"]["sequence"] == 4
    refused(worked.post("session/undo/"), "SESSION_DAMAGED")

    body = recover(worked)

    assert body["strategy"] == "partial"
    assert [operation["operation"] for operation in body["operations"]] == [
        "fill_missing_values",
        "rename_column",
    ]
    assert {item["version"] for item in body["given_up"]} == {4, 5, 6}
    assert body["session_info"]["session_id"] != str(stream)
    assert verdict(worked) == (True, True, "continue", "active")
    assert worked.get("data/").body["data"][1]["late"] == 2.5


def test_an_event_of_a_newer_server_is_never_guessed_at(
    worked: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(VOCABULARY, OperationUndone.wire_name)  # as an old server has it
    in_another_process()
    before = everything()

    assert verdict(worked) == (False, False, "retry_later", "unknown_type")
    for path in ("session/initialize/", "session/redo/", "session/clear/"):
        error = refused(worked.post(path), "SESSION_UNREADABLE")
        assert error["retryable"] is True
        assert error["details"] == {"sequence": 5, "defect": "unknown_type"}
    refused(worked.post("session/recover/"), "RECOVERY_IMPOSSIBLE")
    assert everything() == before


# Strategies


def test_recovering_twice_recovers_once(worked: Studio, clock: Clock) -> None:
    clock.tick(INACTIVITY)

    first, second = recover(worked), recover(worked)

    assert (first["recovered"], second["recovered"]) == (True, False)
    assert first["version"] == second["version"]
    assert first["data"] == second["data"]


def test_the_same_recovery_sent_again_is_answered_but_not_repeated(worked: Studio) -> None:
    worked.post("session/clear/")
    keyed = worked.with_headers({"Idempotency-Key": "once"})

    first = recover(keyed, strategy="start_new")
    second = recover(keyed, strategy="start_new")

    assert first["session_info"]["session_id"] == second["session_info"]["session_id"]
    assert (first["recovered"], second["recovered"]) == (True, False)


def test_to_version_restores_the_work_of_that_version(worked: Studio) -> None:
    body = recover(worked, strategy="to_version", to_version=4)

    assert [operation["version"] for operation in body["operations"]] == [2, 3, 4]
    assert "day" not in [column["name"] for column in body["columns"]]
    assert worked.get("session/status/").body["operations_count"] == 3


def test_operations_dropped_by_a_new_one_after_an_undo_come_back_by_version(
    worked: Studio,
) -> None:
    worked.post("session/rename-column/", {"old_name": "id", "new_name": "key"})
    assert worked.get("session/status/").body["can_redo"] is False

    body = recover(worked, strategy="to_version", to_version=5)

    assert body["restored"] == {"operations": 2, "redo": 1}
    assert [item["sentence"] for item in body["given_up"]] != []
    assert worked.post("session/redo/").status == 200


def test_a_reset_can_be_undone_by_recovering_a_version(worked: Studio) -> None:
    reset = worked.post("session/reset/").body
    assert (reset["operations_count"], reset["can_redo"]) == (0, False)

    assert recover(worked, strategy="to_version", to_version=6)["restored"]["operations"] == 2


def test_start_new_keeps_the_old_session_recoverable(worked: Studio) -> None:
    old = worked.get("session/status/").body["session_info"]["session_id"]

    fresh = recover(worked, strategy="start_new")

    assert (fresh["operations"], fresh["version"]) == ([], 1)
    assert fresh["session_info"]["session_id"] != old
    assert validate(worked, session_id=old)["status"] == "cleared"
    back = recover(worked, session_id=old)
    assert (back["session_info"]["session_id"], back["restored"]["operations"]) == (old, 2)


def test_a_replaced_session_names_its_replacement(worked: Studio) -> None:
    def current() -> str:
        return worked.get("session/status/").body["session_info"]["session_id"]

    first = current()
    recover(worked, strategy="start_new")
    second = current()
    assert worked.post("session/fork/", {"from_version": 1}).status == 200
    third = current()

    assert validate(worked, session_id=first)["replaced_by"] == second
    assert validate(worked, session_id=second)["replaced_by"] == third

    recover(worked, session_id=first)

    assert validate(worked, session_id=first)["replaced_by"] is None
    assert validate(worked, session_id=third)["replaced_by"] == first
    worked.post("session/clear/")
    assert validate(worked, session_id=first)["replaced_by"] is None


def test_recover_shows_the_requested_page(worked: Studio) -> None:
    worked.post("session/clear/")

    body = recover(worked, page_number=3, page_size=3)

    assert body["pagination"]["page_number"] == 3
    assert len(body["data"]) == 1


def test_recovery_at_another_version_than_expected_is_a_conflict(worked: Studio) -> None:
    worked.post("session/pause/")
    before = everything()

    error = refused(worked.post("session/recover/", {"expected_version": 3}), "SESSION_CONFLICT")

    assert error["details"] == {
        "expected_version": 3,
        "current_version": 7,
        "current_session_id": session_id(worked),
    }
    assert everything() == before


def test_a_second_click_on_recover_finds_what_the_first_recovered_and_no_conflict(
    worked: Studio,
) -> None:
    worked.post("session/pause/")

    first = recover(worked, expected_version=7)
    second = recover(worked, expected_version=7)

    assert (first["recovered"], second["recovered"]) == (True, False)
    assert second["version"] == first["version"] == 8


def test_recovery_options_can_be_sent_as_they_are_offered(worked: Studio) -> None:
    worked.post("session/clear/")

    for option in validate(worked)["recovery_options"]:
        request = option["request"]
        answer = worked.request(
            request["method"],
            request["href"],
            content=b"%s" % str(request["body"]).replace("'", '"').encode(),
        )
        assert answer.status == 200, answer


# A version for every change


def test_every_answer_says_the_version_and_time_of_the_last_durable_event(
    studio: Studio, user: User, datasource: DataSource, clock: Clock
) -> None:
    for path, body in (
        ("session/initialize/", {}),
        ("session/rename-column/", {"old_name": "id", "new_name": "key"}),
        ("transform/columns/", {"operation": "drop", "columns": ["day"]}),
        ("session/undo/", {}),
        ("session/redo/", {}),
        ("session/reset/", {}),
        ("session/pause/", {}),
        ("session/resume/", {}),
        ("session/clear/", {}),
        ("session/recover/", {}),
    ):
        clock.tick(SECOND)

        answer = studio.post(path, body)

        head = written_log.head(user.pk, datasource.pk)
        assert answer.body["version"] == head.position.version, path
        saved_at = dt.datetime.fromisoformat(answer.body["saved_at"])
        assert saved_at == head.last_event_at, path


EVERY_CHANGE = pytest.mark.parametrize(
    ("path", "body"),
    [
        ("session/initialize/", {}),
        ("session/rename-column/", {"old_name": "id", "new_name": "key"}),
        ("session/change-column-type/", {"column_name": "id", "new_type": "string"}),
        ("session/fill-missing-values/", {"columns": ["carrier"], "strategy": "mode"}),
        ("transform/columns/", {"operation": "drop", "columns": ["id"]}),
        ("session/undo/", {}),
        ("session/redo/", {}),
        ("session/reset/", {}),
        ("session/pause/", {}),
        ("session/clear/", {}),
        ("session/save/", {}),
        ("session/fork/", {"from_version": 1}),
        ("session/activity/", {"items": [SEEN]}),
        ("session/recover/", {}),
        ("session/recover/", {"strategy": "start_new"}),
    ],
)


@EVERY_CHANGE
def test_a_change_at_another_version_than_expected_is_a_conflict(
    worked: Studio, path: str, body: dict[str, Any]
) -> None:
    before, ours = everything(), session_id(worked)
    for expected in (1, 4, 7, 10**9):
        error = refused(
            worked.post(path, body | {"expected_version": expected}), "SESSION_CONFLICT"
        )
        assert error["details"] == {
            "expected_version": expected,
            "current_version": 6,
            "current_session_id": ours,
        }
        assert error["user_message"] == "This session was changed in another tab."
    assert everything() == before

    # Since version 5 only a page has been turned.
    seen = {"expected_version": 5, "expected_session_id": ours}
    assert worked.post(path, body | seen).status == 200


@EVERY_CHANGE
def test_a_change_meant_for_a_session_that_another_tab_left_is_a_conflict(
    worked: Studio, path: str, body: dict[str, Any]
) -> None:
    left = session_id(worked)
    begun = recover(worked, strategy="start_new")["session_info"]["session_id"]
    before = everything()

    answer = worked.post(path, body | {"expected_session_id": left, "expected_version": 1})

    assert refused(answer, "SESSION_CONFLICT")["details"] == {
        "expected_session_id": left,
        "current_session_id": begun,
        "current_version": 1,
    }
    assert everything() == before


def test_pending_operations_of_one_session_are_not_applied_to_another(worked: Studio) -> None:
    left = session_id(worked)
    recover(worked, strategy="start_new")
    before = everything()
    waits = {
        "client_operation_id": left,
        "operation": "rename_column",
        "parameters": {"old_name": "id", "new_name": "key"},
    }

    answer = worked.post(
        "session/recover/", {"pending_operations": [waits], "expected_session_id": left}
    )

    refused(answer, "SESSION_CONFLICT")
    assert everything() == before


@pytest.mark.parametrize("expected", ["expected_version", "expected_session_id"])
def test_a_client_that_expects_a_session_does_not_get_an_empty_one(
    worked: Studio, expected: str
) -> None:
    seen = {"expected_version": 6, "expected_session_id": session_id(worked)}
    worked.post("session/clear/")
    before = everything()

    answer = worked.post("session/initialize/", {expected: seen[expected]})

    refused(answer, "SESSION_NOT_FOUND")
    assert everything() == before


def test_a_damaged_session_is_closed_at_the_version_last_seen(
    worked: Studio, user: User, datasource: DataSource
) -> None:
    alter_event(written_log.head(user.pk, datasource.pk).stream_id, 2, "payload = '{'")
    in_another_process()
    before = everything()

    refused(worked.post("session/clear/", {"expected_version": 5}), "SESSION_CONFLICT")

    assert everything() == before
    assert worked.post("session/clear/", {"expected_version": 6}).status == 200
