"""A session's dataset gets another file: validate says what fits, recover rebases it.

Over HTTP with real files; every page is compared to the cell.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections

from data_tools.exceptions import FittingTookTooLong
from data_tools.jobs.connections import second_connection
from data_tools.models import DataRow, DataSource
from data_tools.revisions.current import revision_of
from data_tools.under_way.requests import under_way
from session_events.models import SessionEvent, SessionStream
from tests.support.log_damage import alter_event
from tests.support.studio_client import Studio
from tests.support.time_over import time_is_over_after
from tests.support.uploads import open_uploaded, upload_again
from tests.support.written_log import everything, folded, head

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

FIRST = "id,delay,carrier\n1,2.5,UA\n2,,AA\n3,4.5,\n"
NEW_VALUES = "id,delay,carrier\n5,10.5,DL\n6,,DL\n7,,\n8,20.5,UA\n"
OTHER_ORDER = "carrier,extra,id,delay\nDL,x,5,10.5\nDL,y,6,\n,z,7,\nUA,,8,20.5\n"
WITHOUT_ID = "delay,carrier\n10.5,DL\n,DL\n,\n20.5,UA\n"
WITHOUT_CARRIER = "id,delay\n5,10.5\n6,\n"
DELAY_AS_TEXT = "id,delay,carrier\n5,late,DL\n6,,DL\n"
TAKEN_NAME = "id,delay,carrier,airline\n5,10.5,DL,Delta\n"

# late: mean of 10.5 and 20.5; airline: the mode is DL.
LATE = [10.5, 15.5, 15.5, 20.5]
AIRLINE = ["DL", "DL", "DL", "UA"]
IDS = [5, 6, 7, 8]


@pytest.fixture
def studio(user: User) -> Studio:
    """Three operations, on two of three columns; none needs `id`."""
    studio = open_uploaded(user, FIRST)
    fill(studio, "delay", "mean")
    rename(studio, "delay", "late")
    fill(studio, "carrier", "mode")
    rename(studio, "carrier", "airline")
    return studio


def fill(studio: Studio, column: str, strategy: str) -> None:
    body = {"columns": [column], "strategy": strategy}
    assert studio.post("session/fill-missing-values/", body).status == 200


def rename(studio: Studio, old: str, new: str) -> None:
    body = {"old_name": old, "new_name": new}
    assert studio.post("session/rename-column/", body).status == 200


def duplicate(studio: Studio, column: str) -> None:
    body = {"operation": "duplicate", "columns": [column]}
    assert studio.post("transform/columns/", body).body["success"]


def page(studio: Studio) -> dict[str, list[Any]]:
    """The session's rows, by column."""
    found = studio.get("data/").body
    return {name: [row[name] for row in found["data"]] for name in found["columnDefs"]}


def validate(studio: Studio, **query: Any) -> dict[str, Any]:
    return studio.get("session/validate/", query).body


def verdict(studio: Studio) -> tuple[bool, bool, str, list[str]]:
    found = validate(studio)
    return (
        found["session_valid"],
        found["recovery_possible"],
        found["suggested_action"],
        [reason["code"] for reason in found["reasons"]],
    )


def recover(studio: Studio, strategy: str = "auto", **more: Any) -> dict[str, Any]:
    answer = studio.post("session/recover/", {"strategy": strategy, **more})
    assert answer.status == 200, answer
    return answer.body


def session_id(studio: Studio) -> str:
    return studio.get("session/status/").body["session_info"]["session_id"]


def revision() -> int:
    return DataSource.objects.get().revision


REVIEW = (False, True, "review_changes", ["source_changed"])
PARTIAL = (False, True, "recover_partial", ["source_columns_missing"])
OLD_PAGE = {"id": [1, 2, 3], "late": [2.5, 3.5, 4.5], "airline": ["UA", "AA", "AA"]}


def test_the_open_session_keeps_its_old_rows_until_it_is_recovered(studio: Studio) -> None:
    assert page(studio) == OLD_PAGE

    upload_again(studio, NEW_VALUES)

    assert page(studio) == OLD_PAGE
    assert verdict(studio) == REVIEW
    duplicate(studio, "id")
    assert page(studio)["id_copy"] == [1, 2, 3]


@pytest.mark.parametrize("strategy", ["auto", "partial"])
def test_operations_are_fitted_again_to_changed_values(studio: Studio, strategy: str) -> None:
    old = session_id(studio)
    upload_again(studio, NEW_VALUES)

    body = recover(studio, strategy)

    assert (body["recovered"], body["given_up"]) == (True, [])
    assert body["restored"] == {"operations": 4, "redo": 0}
    assert page(studio) == {"id": IDS, "late": LATE, "airline": AIRLINE}
    assert [row["late"] for row in body["data"]] == LATE
    assert session_id(studio) != old
    assert verdict(studio) == (True, True, "continue", ["active"])


def test_each_rebased_operation_can_be_undone(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)
    recover(studio)

    for _ in range(4):
        assert studio.post("session/undo/").status == 200

    assert page(studio) == {
        "id": IDS,
        "delay": [10.5, None, None, 20.5],
        "carrier": ["DL", "DL", None, "UA"],
    }
    assert studio.post("session/undo/").error["code"] == "NOTHING_TO_UNDO"


def test_an_undone_operation_can_be_redone_on_the_new_rows(studio: Studio) -> None:
    for _ in range(3):
        studio.post("session/undo/")
    upload_again(studio, NEW_VALUES)

    assert recover(studio)["restored"] == {"operations": 1, "redo": 3}
    assert page(studio)["delay"] == LATE
    for _ in range(3):
        assert studio.post("session/redo/").status == 200

    assert page(studio) == {"id": IDS, "late": LATE, "airline": AIRLINE}


def test_columns_are_matched_by_name_and_not_by_position(studio: Studio) -> None:
    upload_again(studio, OTHER_ORDER)
    assert verdict(studio) == REVIEW

    recover(studio)

    assert page(studio) == {
        "airline": AIRLINE,
        "extra": ["x", "y", "z", None],
        "id": IDS,
        "late": LATE,
    }


def test_a_column_that_no_operation_needs_may_be_missing(studio: Studio) -> None:
    upload_again(studio, WITHOUT_ID)
    assert verdict(studio) == REVIEW

    recover(studio)

    assert page(studio) == {"late": LATE, "airline": AIRLINE}


@pytest.mark.parametrize("strategy", ["auto", "partial"])
def test_a_missing_needed_column_keeps_the_work_before_it(studio: Studio, strategy: str) -> None:
    upload_again(studio, WITHOUT_CARRIER)
    assert verdict(studio) == PARTIAL
    found = validate(studio)
    assert "lacks “carrier”" in found["reasons"][0]["sentence"]
    option = found["recovery_options"][0]
    assert option["strategy"] == "partial"
    assert option["comes_back"].startswith("2 operations")
    assert option["given_up"].startswith("2 operations from fill_missing_values on")

    body = recover(studio, strategy)

    assert [item["version"] for item in body["given_up"]] == [4, 5]
    assert "does not have the columns" in body["given_up"][0]["sentence"]
    assert "before it could not be applied" in body["given_up"][1]["sentence"]
    assert page(studio) == {"id": [5, 6], "late": [10.5, 10.5]}
    assert verdict(studio)[2] == "continue"


def test_a_needed_column_of_another_type_keeps_the_work_before_it(studio: Studio) -> None:
    upload_again(studio, DELAY_AS_TEXT)
    assert verdict(studio) == PARTIAL
    assert "changes the type of “delay”" in validate(studio)["reasons"][0]["sentence"]

    assert recover(studio)["restored"]["operations"] == 0

    assert page(studio) == {"id": [5, 6], "delay": ["late", None], "carrier": ["DL", "DL"]}


def test_a_column_that_came_with_the_file_is_never_mistaken_for_the_sessions_own(
    studio: Studio,
) -> None:
    upload_again(studio, TAKEN_NAME)
    assert verdict(studio) == PARTIAL
    assert "already has a column named “airline”" in validate(studio)["reasons"][0]["sentence"]

    assert len(recover(studio)["given_up"]) == 1

    assert page(studio) == {"id": [5], "late": [10.5], "carrier": ["DL"], "airline": ["Delta"]}


def test_an_operation_that_does_not_fit_the_new_values_is_given_up_with_its_reason(
    user: User,
) -> None:
    studio = open_uploaded(user, "code,n\n1,1\n2,2\n")
    rename(studio, "n", "m")
    body = {"column_name": "code", "new_type": "string"}
    assert studio.post("session/change-column-type/", body).status == 200
    body = {"column_name": "code", "new_type": "boolean", "on_error": "null"}
    assert studio.post("session/change-column-type/", body).status == 200
    upload_again(studio, "code,n\n7,1\n8,2\n")
    assert verdict(studio) == REVIEW

    body = recover(studio)

    assert [item["version"] for item in body["given_up"]] == [4]
    assert body["given_up"][0]["sentence"].startswith("Applied change_column_type: ")
    assert page(studio) == {"code": ["7", "8"], "m": [1, 2]}


def apply(studio: Studio, operation: str, **parameters: Any) -> None:
    answer = studio.post("operations/", {"operation": operation, "parameters": parameters})
    assert answer.status == 200, answer


def test_texts_replaced_and_joined_and_dates_by_a_format_are_made_of_the_new_rows(
    user: User,
) -> None:
    studio = open_uploaded(user, "day,first,last,x\n31/01/2024,Ada,Byron,2.5\n01/02/2024,,,1\n")
    apply(studio, "change_column_type", column_name="day", new_type="date", date_format="%d/%m/%Y")
    apply(studio, "join_columns", columns=["first", "last"], new_name="name", drop_columns=True)
    apply(studio, "regex_replace", columns=["name"], pattern="^(.)", replacement=r"<\1>")
    apply(studio, "round_numbers", columns=["x"])
    upload_again(studio, "x,last,first,day\n0.5,Turing,Alan,02/03/2024\n")
    assert verdict(studio) == REVIEW

    assert recover(studio)["given_up"] == []

    assert page(studio) == {"x": [1.0], "day": ["2024-03-02"], "name": ["<A>lan Turing"]}


def test_the_first_row_of_the_new_file_names_its_columns(user: User) -> None:
    studio = open_uploaded(user, "a,b\nid,name\n1,x\n2,y\n")
    apply(studio, "first_row_as_header")
    apply(studio, "change_column_type", column_name="id", new_type="integer")
    upload_again(studio, "a,b\nid,name\n7,z\n")
    assert verdict(studio) == REVIEW

    assert recover(studio)["given_up"] == []

    assert page(studio) == {"id": [7], "name": ["z"]}


def test_a_bad_file_changes_no_verdict(studio: Studio) -> None:
    upload_again(studio, "id,delay\n1\n")

    assert verdict(studio) == (True, True, "continue", ["active"])
    assert page(studio) == OLD_PAGE


def test_the_original_content_again_is_no_change_and_the_session_continues(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)
    upload_again(studio, FIRST)

    assert revision() == 3
    assert verdict(studio) == (True, True, "continue", ["active"])
    assert not recover(studio)["recovered"]
    assert page(studio) == OLD_PAGE


def test_replay_stays_on_the_original_rows_and_is_remembered(studio: Studio) -> None:
    old = session_id(studio)
    upload_again(studio, NEW_VALUES)

    assert recover(studio, "replay")["recovered"]
    assert not recover(studio, "replay")["recovered"]

    assert session_id(studio) == old
    assert page(studio) == OLD_PAGE
    assert verdict(studio) == (True, True, "continue", ["active", "source_change_declined"])
    assert not recover(studio)["recovered"]
    assert SessionEvent.objects.filter(wire_name="session.source_change_declined").count() == 1


def test_a_user_who_stayed_can_still_move_and_is_asked_again_about_another_file(
    studio: Studio,
) -> None:
    upload_again(studio, NEW_VALUES)
    recover(studio, "replay")
    upload_again(studio, OTHER_ORDER)
    assert verdict(studio) == REVIEW
    recover(studio, "replay")

    assert recover(studio, "partial")["recovered"]

    assert page(studio)["late"] == LATE


def test_the_old_session_comes_back_on_its_original_rows(studio: Studio) -> None:
    old = session_id(studio)
    upload_again(studio, NEW_VALUES)
    new = recover(studio)["session_info"]["session_id"]

    back = recover(studio, "replay", session_id=old)

    assert back["session_info"]["session_id"] == old
    assert page(studio) == OLD_PAGE
    assert SessionStream.objects.get(pk=new).status == "cleared"


def test_the_same_session_is_rebased_once(studio: Studio) -> None:
    old = session_id(studio)
    upload_again(studio, NEW_VALUES)
    first = recover(studio)

    again = recover(studio)
    by_name = recover(studio, session_id=old)

    assert (again["recovered"], by_name["recovered"]) == (False, False)
    assert first["version"] == again["version"] == by_name["version"]
    assert SessionStream.objects.count() == 2


def test_the_same_request_again_is_answered_and_not_done_again(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)
    headers = {"Idempotency-Key": "once"}

    first = studio.post("session/recover/", {}, headers=headers).body
    again = studio.post("session/recover/", {}, headers=headers).body

    assert (first["recovered"], again["recovered"]) == (True, False)
    assert first["session_info"]["session_id"] == again["session_info"]["session_id"]
    assert SessionStream.objects.count() == 2


def test_concurrent_recoveries_rebase_once(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)

    def click(_: int) -> dict[str, Any]:
        try:
            return recover(studio)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        bodies = list(pool.map(click, range(6)))

    assert [body["recovered"] for body in bodies].count(True) == 1
    assert len({body["session_info"]["session_id"] for body in bodies}) == 1
    assert SessionStream.objects.count() == 2


def test_a_third_file_rebases_what_came_from_the_second(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)
    recover(studio)
    upload_again(studio, FIRST)
    assert verdict(studio) == REVIEW

    recover(studio)

    assert page(studio) == OLD_PAGE


def test_a_damaged_log_on_a_changed_dataset_gives_the_smaller_part_of_the_work(
    studio: Studio,
) -> None:
    old = session_id(studio)
    upload_again(studio, WITHOUT_CARRIER)
    alter_event(old, 3, "payload = replace(payload, '\"late\"', '\"early\"')")  # type: ignore[arg-type]

    assert verdict(studio)[:3] == (False, True, "recover_partial")
    assert verdict(studio)[3] == ["log_damaged_hash_mismatch", "source_changed"]
    body = recover(studio)

    assert [item["version"] for item in body["given_up"]] == [3, 4, 5]
    assert page(studio) == {"id": [5, 6], "delay": [10.5, 10.5]}
    assert not recover(studio)["recovered"]
    assert not recover(studio, session_id=old)["recovered"]


def test_damage_after_the_fitting_work_gives_up_both(studio: Studio) -> None:
    old = session_id(studio)
    upload_again(studio, WITHOUT_CARRIER)
    alter_event(old, 5, "payload = replace(payload, '\"airline\"', '\"x\"')")  # type: ignore[arg-type]

    assert verdict(studio)[3] == ["log_damaged_hash_mismatch", "source_columns_missing"]
    body = recover(studio)

    assert [item["version"] for item in body["given_up"]] == [4, 5]
    assert page(studio) == {"id": [5, 6], "late": [10.5, 10.5]}


@pytest.mark.parametrize(("stop", "action"), [("pause", "review_changes"), ("clear", "start_new")])
def test_a_session_that_was_stopped_can_be_rebased_too(
    studio: Studio, stop: str, action: str
) -> None:
    studio.post(f"session/{stop}/")
    upload_again(studio, NEW_VALUES)
    assert verdict(studio)[2] == action
    assert "source_changed" in verdict(studio)[3]

    recover(studio)

    assert page(studio) == {"id": IDS, "late": LATE, "airline": AIRLINE}


@pytest.mark.parametrize("stop", ["pause", "clear"])
def test_a_session_that_was_stopped_can_stay_too(studio: Studio, stop: str) -> None:
    studio.post(f"session/{stop}/")
    upload_again(studio, NEW_VALUES)

    recover(studio, "replay")

    assert page(studio) == OLD_PAGE
    assert verdict(studio) == (True, True, "continue", ["active", "source_change_declined"])


def test_a_new_start_begins_on_the_new_rows_even_without_work(user: User) -> None:
    studio = open_uploaded(user, FIRST)
    upload_again(studio, WITHOUT_CARRIER)

    assert recover(studio, "start_new")["recovered"]
    assert not recover(studio, "start_new")["recovered"]

    assert page(studio) == {"id": [5, 6], "delay": [10.5, None]}


def test_opening_the_dataset_shows_the_new_rows_if_there_is_no_work(user: User) -> None:
    studio = open_uploaded(user, FIRST)
    studio.post("session/pause/")
    upload_again(studio, WITHOUT_CARRIER)

    first = studio.post("session/initialize/").body
    again = studio.post("session/initialize/").body

    assert page(studio) == {"id": [5, 6], "delay": [10.5, None]}
    assert first["session_info"]["session_id"] == again["session_info"]["session_id"]
    assert SessionStream.objects.count() == 2


def test_opening_the_dataset_continues_existing_work_and_reports_the_change(
    studio: Studio,
) -> None:
    assert studio.post("session/initialize/").body["source_changed"] is False
    upload_again(studio, NEW_VALUES)

    assert studio.post("session/initialize/").body["source_changed"] is True
    assert page(studio) == OLD_PAGE
    recover(studio)
    assert studio.get("session/status/").body["source_changed"] is False


def test_opening_the_dataset_respects_that_the_user_stayed(user: User) -> None:
    studio = open_uploaded(user, FIRST)
    upload_again(studio, WITHOUT_CARRIER)
    recover(studio, "replay")

    studio.post("session/initialize/")

    assert page(studio)["carrier"] == ["UA", "AA", None]


def test_tabs_that_open_the_changed_dataset_concurrently_start_one_session(user: User) -> None:
    studio = open_uploaded(user, FIRST)
    upload_again(studio, WITHOUT_CARRIER)

    def open_dataset(_: int) -> str:
        try:
            answer = studio.post("session/initialize/")
            assert answer.status == 200, answer
            return answer.body["session_info"]["session_id"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(open_dataset, range(6)))) == 1
    assert SessionStream.objects.count() == 2


def test_to_version_goes_back_on_the_original_rows(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)

    recover(studio, "to_version", to_version=2)

    assert page(studio)["delay"] == [2.5, 3.5, 4.5]
    assert verdict(studio) == REVIEW


def test_without_the_original_rows_only_the_new_ones_are_offered(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)
    recover(studio, "replay")
    DataRow.objects.filter(revision=1).delete()

    assert verdict(studio) == (*REVIEW[:3], ["source_changed", "source_rows_gone"])
    strategies = [option["strategy"] for option in validate(studio)["recovery_options"]]
    assert strategies == ["auto", "start_new"]
    answer = studio.post("session/recover/", {"strategy": "replay"})
    assert answer.error["code"] == "RECOVERY_IMPOSSIBLE"
    recover(studio)

    assert page(studio) == {"id": IDS, "late": LATE, "airline": AIRLINE}


def test_without_its_rows_a_session_shows_nothing_refuses_work_and_can_be_put_away(
    studio: Studio,
) -> None:
    upload_again(studio, NEW_VALUES)
    DataRow.objects.filter(revision=1).delete()
    before = everything()
    filling = {"columns": ["late"], "strategy": "mean"}

    for method, path, sent in (
        ("GET", "session/status/", {}),
        ("GET", "data/", {}),
        ("GET", "data/", {"sort": "-id"}),
        ("GET", "data/", {"page_number": 99}),
        ("GET", "columns/", {}),
        ("GET", "columns/id/values/", {}),
        ("GET", "export/", {"format": "csv"}),
        ("POST", "session/initialize/", {}),
        ("POST", "session/rename-column/", {"old_name": "id", "new_name": "key"}),
        ("POST", "session/fill-missing-values/", filling),
        ("POST", "session/undo/", {}),
        ("POST", "session/reset/", {}),
        ("POST", "session/save/", {}),
        ("POST", "session/fork/", {"from_version": 2}),
    ):
        answer = studio.get(path, sent) if method == "GET" else studio.post(path, sent)
        assert (answer.status, answer.error["code"]) == (409, "ROWS_GONE"), path
        offered = [action["action"] for action in answer.error["recovery_actions"]]
        assert offered == ["validate", "recover"]
    assert everything() == before
    assert studio.post("session/clear/").status == 200
    assert verdict(studio)[2:] == (
        "start_new",
        ["cleared", "source_changed", "source_rows_gone"],
    )


@pytest.mark.parametrize("row_number", [1, 3])
def test_rows_that_are_partly_gone_count_as_gone(studio: Studio, row_number: int) -> None:
    upload_again(studio, NEW_VALUES)
    DataRow.objects.filter(revision=1, row_number=row_number).delete()

    assert verdict(studio)[3] == ["source_changed", "source_rows_gone"]


def test_a_page_without_all_of_its_rows_is_an_error_and_no_shorter_page(studio: Studio) -> None:
    DataRow.objects.filter(row_number=2).delete()

    one_row = [
        studio.get("data/", {"page_number": number, "page_size": 1}) for number in (1, 2, 3, 4)
    ]
    in_order = [studio.get(path, {"sort": "-id", "format": "csv"}) for path in ("data/", "export/")]

    assert [answer.status for answer in one_row] == [200, 409, 200, 200]
    assert [answer.error["code"] for answer in (one_row[1], *in_order)] == ["ROWS_GONE"] * 3


def test_a_file_whose_rows_were_lost_is_uploaded_again_and_the_work_comes_back(
    studio: Studio,
) -> None:
    DataRow.objects.all().delete()
    assert studio.get("data/").error["code"] == "ROWS_GONE"

    upload_again(studio, FIRST)

    assert verdict(studio)[2:] == ("review_changes", ["source_changed", "source_rows_gone"])
    recover(studio)
    assert page(studio) == OLD_PAGE


@pytest.fixture(params=["steps", "a statement"])
def slow(request: pytest.FixtureRequest, studio: Studio) -> Iterator[int]:
    """Make fitting take too long: all steps together, or the first that needs a locked table.

    Yields how many operations are fitted before that.
    """
    removing = {"operation": "drop_duplicate_rows", "parameters": {"columns": ["airline"]}}
    recipe = {"format": "data-studio-recipe", "format_version": 1, "operations": [removing]}
    assert studio.post("session/apply-recipe/", {"recipe": recipe}).body["applied"] == 1
    upload_again(studio, NEW_VALUES)
    if request.param == "steps":
        with time_is_over_after("data_tools_storedcolumn"):  # looked up first for the mode
            yield 2
        return
    with second_connection() as other, other.cursor() as locking, connection.cursor() as ours:
        other.set_autocommit(False)
        locking.execute("LOCK TABLE data_tools_rowlist")
        ours.execute("SET lock_timeout = '50ms'")
        yield 4
        ours.execute("RESET lock_timeout")
        other.rollback()


@pytest.mark.session_setting
def test_fitting_that_takes_too_long_is_stopped_and_changes_nothing(
    studio: Studio, slow: int
) -> None:
    before = everything()

    stopped = studio.post("session/recover/")

    assert (stopped.status, stopped.error["code"]) == (503, "QUERY_TIMEOUT")
    assert stopped.error["details"] == {"operations_fitted": slow}
    assert "`replay`" in stopped.error["message"]
    assert "recipe" in stopped.error["user_message"]
    assert everything() == before
    assert verdict(studio) == REVIEW
    assert recover(studio, "replay")["recovered"]


def test_a_fitting_that_is_retried_gets_no_extra_time(user: User, studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)
    datasource = DataSource.objects.get(pk=studio.datasource_id)
    state = folded(head(user.pk, datasource.pk))
    revision = revision_of(datasource)
    with under_way(3_600) as request:
        change = revision.change_since(state)
        assert change is not None
        assert revision.rebase(state, change).given_up == ()

        request.ends_at = time.monotonic()

        with pytest.raises(FittingTookTooLong):
            revision.rebase(state, change)


def test_the_view_comes_along_to_the_new_rows(studio: Studio) -> None:
    studio.get("data/", {"page_number": 1, "page_size": 2, "sort": "-id"})
    upload_again(studio, NEW_VALUES)

    body = recover(studio)

    assert [row["id"] for row in body["data"]] == [8, 7]


def test_a_client_that_is_behind_is_told_so_in_addition_to_the_change(studio: Studio) -> None:
    upload_again(studio, NEW_VALUES)

    codes = [reason["code"] for reason in validate(studio, known_version=2)["reasons"]]

    assert codes == ["source_changed", "client_behind"]


def test_rows_are_removed_again_from_the_file_that_replaces_them(user: User) -> None:
    studio = open_uploaded(user, "id,delay\n1,5\n2,\n3,-1\n")
    late = [{"column": "delay", "op": "gte", "value": 0}]
    steps = [
        {"operation": "drop_missing_rows", "parameters": {}},
        {"operation": "filter_rows", "parameters": {"filter": late}},
    ]
    recipe = {"format": "data-studio-recipe", "format_version": 1, "operations": steps}
    assert studio.post("session/apply-recipe/", {"recipe": recipe}).body["applied"] == 2
    assert [row["id"] for row in studio.get("data/").body["data"]] == [1]

    upload_again(studio, "id,delay\n7,1\n8,\n9,-5\n10,2\n")
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200

    assert [row["id"] for row in studio.get("data/").body["data"]] == [7, 10]
