"""Every row of the decision table, as a client meets it, on real damage.

Each session renames three columns, at versions 2, 3 and 4, and has a snapshot at version 3. Then
something happens to it. `validate` must say what docs/recovery.md says, and `recover` do it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from freezegun import freeze_time

from data_tools import urls  # noqa: F401 - all is imported before the clock is frozen
from session_events import loading, snapshots
from tests.contract.error_shape import ERROR_KEYS
from tests.support import written_log
from tests.support.serving import free_port
from tests.support.studio_client import STRUCTURED
from tests.support.studios import open_studio, studio_of
from tests.support.what_happens import (
    Case,
    alter_an_event_in_front_of_the_snapshot,
    alter_first_event,
    alter_last_event,
    alter_snapshot,
    append_newer_schema,
    append_unknown_operation,
    append_unknown_operation_and_clear,
    append_unknown_type,
    clear,
    damage_behind_an_unknown_operation,
    damage_below_a_newer_event,
    delete_snapshot,
    delete_source,
    delete_source_and_damage,
    expire,
    expire_with_an_altered_snapshot,
    fail_source,
    fail_source_and_append_unknown_type,
    forge_an_event,
    lose_last_event,
    lose_last_event_and_expire,
    lose_the_event_of_the_snapshot,
    make_last_event_unreadable,
    nothing,
    outlast_retention,
    pause,
    publish_the_same_content_again_and_lose_the_old_rows,
    save,
    save_and_delete_what_was_saved,
    save_and_lose_the_last_operation,
    save_and_outlast_retention,
    save_and_wait_until_just_before_the_end_of_retention,
    stay_and_lose_the_old_rows,
    unready_source,
    upload_what_fits,
    upload_what_fits_and_append_unknown_operation,
    upload_what_fits_and_clear,
    upload_what_fits_and_expire,
    upload_what_fits_and_lose_the_last_event,
    upload_what_fits_and_lose_the_old_rows,
    upload_what_fits_and_lose_the_old_rows_and_the_last_event,
    upload_what_fits_and_save,
    upload_what_fits_clear_and_lose_the_old_rows,
    upload_without_a_needed_column_and_pause,
    upload_without_the_last_column_needed,
    upload_without_the_last_column_needed_and_lose_the_old_rows,
    wait_until_just_before_expiry,
    wait_until_just_before_the_end_of_retention,
)

# The log is flushed by TRUNCATE: damage needs a transaction that ends.
pytestmark = pytest.mark.django_db(transaction=True)

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
LOADED = ["id", "carrier", "delay", "cancelled", "day", "seen_at"]
ONE = ["id", "airline", "delay", "cancelled", "day", "seen_at"]
TWO = ["id", "airline", "minutes", "cancelled", "day", "seen_at"]
ALL = ["id", "airline", "minutes", "cancelled", "date", "seen_at"]
FITTING = ["extra", "date", "id", "airline", "minutes"]


@pytest.fixture
def case(user: User, media: Path) -> Iterator[Case]:
    with freeze_time(NOON) as clock:
        studio = open_studio(user, headers=STRUCTURED)
        found = Case(user=user, studio=studio, clock=clock)
        for old, new in (("carrier", "airline"), ("delay", "minutes"), ("day", "date")):
            body = {"old_name": old, "new_name": new}
            assert studio.post("session/rename-column/", body).status == 200
            if new == "minutes":
                head = found.head
                assert snapshots.take(loading.replay_all(head), stream_id=head.stream_id)
        yield found


# (what happens, session_valid, suggested_action, reasons, the columns that recover brings back)
RECOVERABLE = [
    (nothing, True, "continue", ["active"], ALL),
    (wait_until_just_before_expiry, True, "continue", ["active"], ALL),
    (delete_snapshot, True, "continue", ["active"], ALL),
    (alter_snapshot, True, "continue", ["active", "snapshot_damaged"], ALL),
    (pause, False, "resume", ["paused"], ALL),
    (expire, False, "recover", ["expired"], ALL),
    (wait_until_just_before_the_end_of_retention, False, "recover", ["expired"], ALL),
    (expire_with_an_altered_snapshot, False, "recover", ["expired", "snapshot_damaged"], ALL),
    (clear, False, "start_new", ["cleared"], ALL),
    (save, False, "start_new", ["saved"], ALL),
    (save_and_delete_what_was_saved, False, "start_new", ["saved"], ALL),
    (
        save_and_wait_until_just_before_the_end_of_retention,
        False,
        "start_new",
        ["saved"],
        ALL,
    ),
    (save_and_lose_the_last_operation, False, "recover_partial", ["log_damaged_gap"], TWO),
    (alter_last_event, False, "recover_partial", ["log_damaged_hash_mismatch"], TWO),
    (lose_last_event, False, "recover_partial", ["log_damaged_gap"], TWO),
    (make_last_event_unreadable, False, "recover_partial", ["log_damaged_undecodable"], ALL),
    (forge_an_event, False, "recover_partial", ["log_damaged_hash_mismatch"], ALL),
    (damage_below_a_newer_event, False, "recover_partial", ["log_damaged_hash_mismatch"], TWO),
    (lose_last_event_and_expire, False, "recover_partial", ["log_damaged_gap"], TWO),
    (
        lose_the_event_of_the_snapshot,
        False,
        "recover_partial",
        ["log_damaged_gap", "snapshot_damaged"],
        ONE,
    ),
    (alter_an_event_in_front_of_the_snapshot, True, "continue", ["active"], ALL),
    (upload_what_fits, False, "review_changes", ["source_changed"], FITTING),
    (
        upload_without_the_last_column_needed,
        False,
        "recover_partial",
        ["source_columns_missing"],
        ["id", "airline", "minutes", "cancelled"],
    ),
    (upload_what_fits_and_expire, False, "review_changes", ["source_changed"], FITTING),
    (upload_what_fits_and_clear, False, "start_new", ["cleared", "source_changed"], FITTING),
    (upload_what_fits_and_save, False, "start_new", ["saved", "source_changed"], FITTING),
    (
        upload_without_a_needed_column_and_pause,
        False,
        "recover_partial",
        ["source_columns_missing"],
        ["id", "airline", "minutes", "cancelled"],
    ),
    (
        upload_what_fits_and_lose_the_last_event,
        False,
        "recover_partial",
        ["log_damaged_gap", "source_changed"],
        ["extra", "day", "id", "airline", "minutes"],
    ),
    (
        upload_what_fits_and_lose_the_old_rows,
        False,
        "review_changes",
        ["source_changed", "source_rows_gone"],
        FITTING,
    ),
    (
        stay_and_lose_the_old_rows,
        False,
        "review_changes",
        ["source_changed", "source_rows_gone"],
        FITTING,
    ),
    (
        publish_the_same_content_again_and_lose_the_old_rows,
        False,
        "review_changes",
        ["source_changed", "source_rows_gone"],
        ALL,
    ),
    (
        upload_without_the_last_column_needed_and_lose_the_old_rows,
        False,
        "recover_partial",
        ["source_columns_missing", "source_rows_gone"],
        ["id", "airline", "minutes", "cancelled"],
    ),
    (
        upload_what_fits_clear_and_lose_the_old_rows,
        False,
        "start_new",
        ["cleared", "source_changed", "source_rows_gone"],
        FITTING,
    ),
    (
        upload_what_fits_and_lose_the_old_rows_and_the_last_event,
        False,
        "recover_partial",
        ["log_damaged_gap", "source_changed", "source_rows_gone"],
        ["extra", "day", "id", "airline", "minutes"],
    ),
]
# (what happens, suggested_action, reasons)
NOT_RECOVERABLE = [
    (outlast_retention, "initialize", ["past_retention"]),
    (save_and_outlast_retention, "initialize", ["past_retention"]),
    (alter_first_event, "start_new", ["log_damaged_hash_mismatch"]),
    (append_unknown_type, "retry_later", ["unknown_type"]),
    (append_newer_schema, "retry_later", ["newer_schema"]),
    (append_unknown_operation, "retry_later", ["unknown_operation"]),
    (append_unknown_operation_and_clear, "retry_later", ["unknown_operation"]),
    (damage_behind_an_unknown_operation, "retry_later", ["unknown_operation"]),
    (upload_what_fits_and_append_unknown_operation, "retry_later", ["unknown_operation"]),
    (delete_source, "start_new", ["source_deleted"]),
    (delete_source_and_damage, "start_new", ["source_deleted"]),
    (fail_source, "start_new", ["source_failed"]),
    (fail_source_and_append_unknown_type, "retry_later", ["unknown_type"]),
    (unready_source, "retry_later", ["source_not_ready"]),
]


def validate(case: Case) -> dict[str, object]:
    """Return the verdict of a process that remembers nothing, and check that it wrote nothing."""
    before = written_log.everything()
    loading.forget_all()
    answer = case.studio.get("session/validate/")
    assert answer.status == 200, answer
    assert written_log.everything() == before
    return answer.body


def reasons(verdict: dict[str, object]) -> list[str]:
    return [reason["code"] for reason in verdict["reasons"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("happens", "valid", "action", "codes", "columns"), RECOVERABLE)
def test_validate_offers_what_recover_then_brings_back(
    case: Case,
    happens: Callable[[Case], None],
    valid: bool,
    action: str,
    codes: list[str],
    columns: list[str],
) -> None:
    happens(case)

    verdict = validate(case)
    loading.forget_all()
    recovered = case.studio.post("session/recover/")

    assert verdict["session_valid"] is valid
    assert verdict["recovery_possible"] is True
    assert (verdict["suggested_action"], reasons(verdict)) == (action, codes)
    assert recovered.status == 200, recovered
    assert [column["name"] for column in recovered.body["columns"]] == columns
    assert recovered.body["recovered"] is not valid
    assert len(recovered.body["data"]) == 7
    assert list(recovered.body["data"][0]) == columns
    after = validate(case)
    assert (after["session_valid"], after["suggested_action"]) == (True, "continue")
    shown = case.studio.get("session/status/").body
    assert shown["column_info"] == columns
    assert shown["version"] == recovered.body["version"]
    again = case.studio.post("session/recover/").body
    assert (again["recovered"], again["version"]) == (False, shown["version"])


@pytest.mark.parametrize(("happens", "action", "codes"), NOT_RECOVERABLE)
def test_an_impossible_recovery_is_reported_and_changes_nothing(
    case: Case, happens: Callable[[Case], None], action: str, codes: list[str]
) -> None:
    happens(case)
    verdict = validate(case)
    before = written_log.everything()

    refused = case.studio.post("session/recover/")

    assert (verdict["session_valid"], verdict["recovery_possible"]) == (False, False)
    assert (verdict["suggested_action"], reasons(verdict)) == (action, codes)
    assert (refused.status, refused.error["code"]) == (409, "RECOVERY_IMPOSSIBLE")
    assert set(refused.error) == ERROR_KEYS
    assert refused.error["details"]["suggested_action"] == action
    assert [reason["code"] for reason in refused.error["details"]["reasons"]] == codes
    assert written_log.everything() == before


@pytest.mark.parametrize("happens", [alter_last_event, lose_last_event])
def test_the_cost_of_damage_is_named_before_and_after_recovery(
    case: Case, happens: Callable[[Case], None]
) -> None:
    happens(case)

    option = validate(case)["recovery_options"][0]  # type: ignore[index]
    request = (option["request"]["href"], option["request"]["body"])
    recovered = case.studio.post(*request, headers={"Idempotency-Key": "once"}).body
    again = case.studio.post(*request, headers={"Idempotency-Key": "once"}).body

    assert (option["strategy"], option["to_version"]) == ("partial", 3)
    assert option["given_up"] == "everything from event 4 on"
    assert [item["version"] for item in recovered["given_up"]] == [4]
    assert (recovered["message"], again["message"]) == ("Session recovered", "Already recovered")
    for told in ("given_up", "strategy", "session_id", "version"):
        assert again.get(told) == recovered.get(told)


@pytest.mark.parametrize(
    ("happens", "status", "code"),
    [
        (alter_last_event, 409, "SESSION_DAMAGED"),
        (lose_last_event, 409, "SESSION_DAMAGED"),
        (append_unknown_type, 503, "SESSION_UNREADABLE"),
        (append_newer_schema, 503, "SESSION_UNREADABLE"),
        (append_unknown_operation, 503, "SESSION_UNREADABLE"),
        (expire, 409, "SESSION_EXPIRED"),
        (pause, 409, "SESSION_PAUSED"),
        (upload_what_fits_and_lose_the_old_rows, 409, "ROWS_GONE"),
        (unready_source, 409, "DATASOURCE_NOT_READY"),
        (fail_source, 409, "DATASOURCE_FAILED"),
        (delete_source, 404, "DATASOURCE_NOT_FOUND"),
    ],
)
def test_an_invalid_session_refuses_work_and_says_why(
    case: Case, happens: Callable[[Case], None], status: int, code: str
) -> None:
    happens(case)
    loading.forget_all()
    before = written_log.everything()

    refused = case.studio.post("session/rename-column/", {"old_name": "id", "new_name": "number"})

    assert (refused.status, refused.error["code"]) == (status, code)
    assert written_log.everything() == before


@pytest.mark.parametrize("happens", [save, clear])
def test_an_ended_session_comes_back_in_place_of_the_one_started_since(
    case: Case, happens: Callable[[Case], None]
) -> None:
    ended = str(case.head.stream_id)
    happens(case)
    assert case.studio.post("session/initialize/").status == 200
    since = case.studio.get("session/status/").body["session_info"]["session_id"]
    assert since != ended

    recovered = case.studio.post("session/recover/", {"session_id": ended}).body

    assert recovered["recovered"] is True
    shown = case.studio.get("session/status/").body
    assert (shown["session_info"]["session_id"], shown["column_info"]) == (ended, ALL)
    left = case.studio.get("session/validate/", {"session_id": since}).body
    assert (left["status"], left["replaced_by"]) == ("cleared", ended)


def test_a_recovery_quarantines_a_snapshot_that_it_passed_over(case: Case) -> None:
    alter_snapshot(case)

    assert case.studio.post("session/recover/").status == 200

    assert reasons(validate(case)) == ["active"]


def test_a_source_that_becomes_ready_again_gives_everything_back(case: Case) -> None:
    fail_source(case)
    assert validate(case)["suggested_action"] == "start_new"
    assert case.studio.get("session/recipe/").body["recipe"]["operations"]

    case.set_dataset(status="READY")

    assert validate(case)["suggested_action"] == "continue"
    assert case.studio.get("session/status/").body["column_info"] == ALL


def test_without_a_session_there_is_nothing_to_recover(user: User) -> None:
    studio = studio_of(user, headers=STRUCTURED)

    verdict = studio.get("session/validate/").body
    refused = studio.post("session/recover/")

    assert (verdict["session_valid"], verdict["recovery_possible"]) == (False, False)
    assert (verdict["suggested_action"], reasons(verdict)) == ("initialize", ["never_started"])
    assert refused.error["code"] == "RECOVERY_IMPOSSIBLE"


def test_a_client_that_is_behind_is_told_to_reload(case: Case) -> None:
    behind = case.studio.get("session/validate/", {"known_version": 2}).body
    level = case.studio.get("session/validate/", {"known_version": 4}).body

    assert (behind["session_valid"], behind["suggested_action"]) == (True, "reload")
    assert level["suggested_action"] == "continue"


def test_a_log_damaged_at_its_first_event_can_be_left_for_a_new_session(case: Case) -> None:
    alter_first_event(case)
    damaged = case.head.stream_id

    fresh = case.studio.post("session/recover/", {"strategy": "start_new"})

    assert fresh.status == 200
    assert [column["name"] for column in fresh.body["columns"]] == LOADED
    assert case.head.stream_id != damaged


@pytest.mark.parametrize("way_out", ["clear", "start_new"])
def test_a_session_with_a_forged_event_after_its_head_can_be_put_away(
    case: Case, way_out: str
) -> None:
    forge_an_event(case)
    damaged = case.head.stream_id
    loading.forget_all()

    if way_out == "clear":
        assert case.studio.post("session/clear/").status == 200
        fresh = case.studio.post("session/initialize/")
    else:
        fresh = case.studio.post("session/recover/", {"strategy": "start_new"})

    assert fresh.status == 200
    assert case.head.stream_id != damaged
    assert case.studio.get("session/status/").body["column_info"] == LOADED
    by_name = case.studio.get("session/validate/", {"session_id": str(damaged)}).body
    assert by_name["suggested_action"] == "recover_partial"


@pytest.fixture
def database_down(case: Case) -> Iterator[Callable[[], None]]:
    """Stop the database from being reachable; calling the value brings it back."""
    connection.close()
    usual = dict(connection.settings_dict)

    def come_back() -> None:
        connection.close()
        connection.settings_dict.update(usual)

    connection.settings_dict.update(HOST="127.0.0.1", PORT=str(free_port()))
    yield come_back
    come_back()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "session/validate/"),
        ("POST", "session/recover/"),
        ("GET", "session/status/"),
        ("GET", "data/"),
        ("POST", "session/undo/"),
        ("POST", "session/initialize/"),
        ("GET", "/api/datasources/"),
    ],
)
def test_a_database_that_is_down_is_an_error_and_never_a_verdict(
    case: Case, database_down: Callable[[], None], method: str, path: str
) -> None:
    answer = case.studio.request(method, path)

    assert (answer.status, answer.error["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert set(answer.error) == ERROR_KEYS
    assert answer.error["retryable"] is True
    assert answer.error["details"] == {"suggested_action": "retry_later"}
    assert int(answer.headers["Retry-After"]) > 0
    assert "session_valid" not in answer.body
    database_down()
    assert validate(case)["suggested_action"] == "continue"
    assert case.studio.get("session/status/").body["column_info"] == ALL
