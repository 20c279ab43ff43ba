"""Recover with pending operations: each takes effect once, and a refused one stops no other."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from pytest_django import Settings

from data_tools.models import DataSource
from session_events import store
from session_events.loading import forget_all
from tests.support.log_damage import alter_event
from tests.support.small_datasets import COLUMNS, ROWS, replace_rows
from tests.support.studio_client import Answer, Studio
from tests.support.studios import fill, open_studio
from tests.support.time_over import time_is_over_after
from tests.support.written_log import everything, folded, head, metadata


@pytest.fixture
def studio(user: User) -> Studio:
    """1 started, 2 delay filled."""
    return open_studio(user, steps=[fill("delay", "mean")])


Pending = dict[str, Any]


def pending(operation: str, client_operation_id: str = "", **parameters: Any) -> Pending:
    return {
        "client_operation_id": client_operation_id or str(uuid.uuid4()),
        "operation": operation,
        "parameters": parameters,
    }


def rename(old: str, new: str, client_operation_id: str = "") -> Pending:
    return pending("rename_column", client_operation_id, old_name=old, new_name=new)


def recover(studio: Studio, *operations: Pending, **fields: Any) -> Answer:
    forget_all()
    return studio.post("session/recover/", {"pending_operations": [*operations], **fields})


def outcomes(answer: Answer) -> list[tuple[str, int | None]]:
    assert answer.status == 200, answer
    return [(one["status"], one.get("version")) for one in answer.body["pending_operations"]]


def names(studio: Studio) -> list[str]:
    return studio.get("session/status/").body["column_info"]


@pytest.mark.django_db
def test_pending_operations_are_applied_in_order_after_the_recovery(studio: Studio) -> None:
    studio.post("session/pause/")

    answer = recover(studio, rename("delay", "late"), rename("late", "later"))

    assert outcomes(answer) == [("applied", 5), ("applied", 6)]
    body = answer.body
    assert (body["recovered"], body["version"], body["operations_count"]) == (True, 6, 3)
    assert body["restored"]["operations"] == 1
    assert [column["name"] for column in body["columns"]][2] == names(studio)[2] == "later"
    assert "later" in body["data"][0]


@pytest.mark.django_db
def test_each_pending_operation_is_in_the_log_under_its_own_id(user: User, studio: Studio) -> None:
    sent = [rename("delay", "late"), rename("day", "date")]

    recover(studio, *sent)

    at = head(user.pk, uuid.UUID(str(studio.datasource_id)))
    written = metadata(store.read(at.stream_id, after=2))
    assert [str(one.client_operation_id) for one in written] == [
        one["client_operation_id"] for one in sent
    ]
    assert all(one.trace_id and one.actor_id == user.pk for one in written)


@pytest.mark.django_db
def test_what_there_was_no_time_for_is_named_and_the_same_list_continues(studio: Studio) -> None:
    new_names = {"delay": "late", "carrier": "airline", "id": "number", "day": "date"}
    sent = [rename(old, new) for old, new in new_names.items()]
    before = names(studio)

    with time_is_over_after("session_events_append_one"):
        first = recover(studio, *sent)
    again = recover(studio, *sent)

    assert [status for status, _ in outcomes(first)] == ["applied"]
    assert first.body["pending_not_tried"] == [each["client_operation_id"] for each in sent[1:]]
    assert first.body["version"] == outcomes(first)[0][1]
    assert "took effect" in first.body["page_error"]
    assert [status for status, _ in outcomes(again)] == ["already_applied", *["applied"] * 3]
    assert again.body["pending_not_tried"] == []
    assert names(studio) == [new_names.get(name, name) for name in before]


@pytest.mark.django_db
def test_an_operation_that_is_stopped_half_way_is_refused_only_if_it_had_the_whole_time(
    studio: Studio,
) -> None:
    # A forward fill is learned from the rows by several passes.
    long = pending("fill_missing_values", columns=["day"], strategy="forward_fill")
    short = rename("carrier", "airline")

    with time_is_over_after(" AS v0"):
        alone = recover(studio, long, short)
    with time_is_over_after(" AS v0"):
        behind = recover(studio, short, long)

    assert [status for status, _ in outcomes(alone)] == ["refused"]
    assert alone.body["pending_operations"][0]["error"]["code"] == "QUERY_TIMEOUT"
    assert alone.body["pending_not_tried"] == [short["client_operation_id"]]
    assert [status for status, _ in outcomes(behind)] == ["applied"]
    assert behind.body["pending_not_tried"] == [long["client_operation_id"]]


@pytest.mark.django_db
def test_a_list_that_stops_at_a_refused_one_names_those_after_it(studio: Studio) -> None:
    sent = [rename("delay", "late"), rename("delay", "later"), rename("day", "date")]
    before = names(studio)

    fields = {"pending_operations": sent, "stop_at_refused": True}
    answer = studio.post("session/recover/", fields)

    assert [status for status, _ in outcomes(answer)] == ["applied", "refused"]
    assert answer.body["pending_not_tried"] == [sent[2]["client_operation_id"]]
    assert names(studio) == ["late" if name == "delay" else name for name in before]


@pytest.mark.django_db
def test_without_pending_operations_the_list_is_empty(studio: Studio) -> None:
    for fields in ({}, {"pending_operations": []}, {"pending_operations": None}):
        assert studio.post("session/recover/", fields).body["pending_operations"] == []


@pytest.mark.django_db
def test_an_operation_that_was_applied_before_is_not_applied_twice(studio: Studio) -> None:
    known = str(uuid.uuid4())
    applied = studio.post(
        "transform/columns/",
        {"operation": "duplicate", "columns": ["day"], "client_operation_id": known},
    )
    columns = names(studio)

    sent = pending("column_operation_duplicate", known, columns=["day"])
    answer = recover(studio, sent, rename("day", "date"))

    assert outcomes(answer) == [("already_applied", applied.body["version"]), ("applied", 4)]
    assert len(names(studio)) == len(columns)


@pytest.mark.django_db
def test_an_operation_applied_here_is_not_applied_again_where_it_was_first_sent(
    studio: Studio,
) -> None:
    known = str(uuid.uuid4())
    recover(studio, rename("delay", "late", known))

    late = studio.post(
        "session/rename-column/",
        {"old_name": "delay", "new_name": "late", "client_operation_id": known},
    )

    assert (late.status, late.body["repeated"]) == (200, True)


@pytest.mark.django_db
def test_an_operation_undone_since_stays_undone(studio: Studio) -> None:
    sent = rename("delay", "late")
    recover(studio, sent)
    studio.post("session/undo/")

    assert outcomes(recover(studio, sent)) == [("already_applied", 3)]
    assert names(studio)[2] == "delay"


@pytest.mark.django_db
def test_an_operation_that_a_fork_left_out_stays_left_out(studio: Studio) -> None:
    sent = rename("delay", "late")
    recover(studio, sent)
    studio.post("session/fork/", {"from_version": 2})

    assert outcomes(recover(studio, sent)) == [("already_applied", 3)]
    assert names(studio)[2] == "delay"


@pytest.mark.django_db
def test_a_full_session_refuses_a_pending_operation(studio: Studio, settings: Settings) -> None:
    settings.SESSION_EVENTS = {**settings.SESSION_EVENTS, "MAX_OPERATIONS": 1}

    answer = recover(studio, rename("delay", "late"))

    assert outcomes(answer) == [("refused", None)]
    assert answer.body["pending_operations"][0]["error"]["code"] == "TOO_MANY_OPERATIONS"


@pytest.mark.django_db
def test_an_operation_that_no_longer_fits_says_why_and_does_not_stop_the_others(
    studio: Studio,
) -> None:
    answer = recover(
        studio,
        rename("no such column", "x"),
        pending("no_such_operation"),
        pending("fill_missing_values", columns=["day"], strategy="nope"),
        rename("delay", "late"),
        rename("day", "late"),
    )

    assert [status for status, _ in outcomes(answer)] == ["refused"] * 3 + ["applied", "refused"]
    errors = [one.get("error") for one in answer.body["pending_operations"]]
    assert [error and error["code"] for error in errors] == [
        *("COLUMN_NOT_FOUND", "OPERATION_UNKNOWN", "INVALID_PARAMETER"),
        *(None, "COLUMN_EXISTS"),
    ]
    assert errors[0]["user_message"] == 'Column "no such column" not found'
    assert answer.body["version"] == 3


@pytest.mark.django_db
def test_an_id_that_stands_for_something_else_is_refused(studio: Studio) -> None:
    known = str(uuid.uuid4())
    studio.post("session/undo/", {"client_operation_id": known})

    answer = recover(studio, rename("delay", "late", known))

    assert answer.body["pending_operations"][0]["error"]["code"] == "CLIENT_OPERATION_ID_REUSED"


@pytest.mark.django_db
def test_a_recovery_that_is_impossible_applies_nothing(studio: Studio) -> None:
    before = everything()

    answer = recover(studio, rename("delay", "late"), session_id=str(uuid.uuid4()))

    assert answer.error["code"] == "RECOVERY_IMPOSSIBLE"
    assert everything() == before


@pytest.mark.django_db
def test_an_operation_after_the_damage_is_applied_again_and_once(studio: Studio) -> None:
    """It was applied, but a recovery up to the damage gives it up: no session holds it."""
    known = str(uuid.uuid4())
    body = {"old_name": "delay", "new_name": "late", "client_operation_id": known}
    studio.post("session/rename-column/", body)
    session_id = studio.get("session/status/").body["session_info"]["session_id"]
    alter_event(uuid.UUID(session_id), 3, "payload = '{}'")
    sent = rename("delay", "late", known)

    first, again = recover(studio, sent), recover(studio, sent)

    assert outcomes(first) == [("applied", 3)]
    assert outcomes(again) == [("already_applied", 3)]
    assert first.body["strategy"] == "partial"
    assert names(studio)[2] == "late"
    entry = again.body["pending_operations"][0]
    assert entry["session_id"] == again.body["session_info"]["session_id"] != session_id


@pytest.mark.django_db
def test_an_operation_given_up_for_a_new_file_is_refused_with_the_reason(
    studio: Studio,
) -> None:
    """What was rebased onto the new rows counts as applied; what was given up does not."""
    kept, lost = str(uuid.uuid4()), str(uuid.uuid4())
    for known, old, new in ((kept, "delay", "late"), (lost, "carrier", "airline")):
        body = {"old_name": old, "new_name": new, "client_operation_id": known}
        assert studio.post("session/rename-column/", body).status == 200
    columns = tuple(column for column in COLUMNS if column[0] != "carrier")
    rows = [[row[0], *row[2:]] for row in ROWS]
    replace_rows(DataSource.objects.get(pk=studio.datasource_id), rows, columns)

    answer = recover(studio, rename("delay", "late", kept), rename("carrier", "airline", lost))

    assert [status for status, _ in outcomes(answer)] == ["already_applied", "refused"]
    assert answer.body["pending_operations"][1]["error"]["code"] == "COLUMN_NOT_FOUND"
    assert answer.body["given_up"] != []
    assert "late" in names(studio)


@pytest.mark.django_db
@pytest.mark.parametrize("next_session", ["another file", "fork"])
def test_an_operation_given_up_by_an_earlier_recovery_is_applied_when_it_fits_again(
    studio: Studio, next_session: str
) -> None:
    known = str(uuid.uuid4())
    body = {"old_name": "carrier", "new_name": "airline", "client_operation_id": known}
    assert studio.post("session/rename-column/", body).status == 200
    datasource = DataSource.objects.get(pk=studio.datasource_id)
    columns = [column for column in COLUMNS if column[0] != "carrier"]
    replace_rows(datasource, [[row[0], *row[2:]] for row in ROWS], columns)
    assert recover(studio).body["given_up"] != []
    if next_session == "fork":
        version = studio.get("session/status/").body["version"]
        assert studio.post("session/fork/", {"from_version": version}).status == 200
    replace_rows(datasource, ROWS)

    answer = recover(studio, rename("carrier", "airline", known))

    assert [status for status, _ in outcomes(answer)] == ["applied"]
    assert "airline" in names(studio)
    again = recover(studio, rename("carrier", "airline", known))
    assert [status for status, _ in outcomes(again)] == ["already_applied"]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{}, {"strategy": "start_new"}, {"strategy": "to_version"}])
def test_a_process_that_dies_in_between_has_lost_nothing_when_the_request_is_sent_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any]
) -> None:
    studio.post("session/clear/")
    fields = {**fields, "client_operation_id": str(uuid.uuid4())}
    if fields.get("strategy") == "to_version":
        fields["to_version"] = 1
    sent = [rename("delay", "late"), rename("late", "later"), rename("later", "latest")]
    append, appended = store.append, 0

    def die_at_the_second_operation(sealed: Any, **more: Any) -> Any:
        nonlocal appended
        if sealed[-1].wire_name == "operation.applied":
            appended += 1
            if appended == 2:
                raise OSError("the process dies here")
        return append(sealed, **more)

    monkeypatch.setattr(store, "append", die_at_the_second_operation)
    assert recover(studio, *sent, **fields).status == 500
    monkeypatch.undo()

    answer = recover(studio, *sent, **fields)

    statuses = [status for status, _ in outcomes(answer)]
    assert statuses == ["already_applied", "applied", "applied"]
    assert answer.body["recovered"] is False
    assert names(studio)[2] == "latest"
    assert answer.body["operations_count"] == (3 if "strategy" in fields else 4)
    written = everything()
    again = recover(studio, *sent, **fields)
    assert [status for status, _ in outcomes(again)] == ["already_applied"] * 3
    assert everything() == written


@pytest.mark.django_db
def test_a_recovery_sent_again_after_the_session_was_cleared_refuses_the_rest(
    studio: Studio,
) -> None:
    studio.post("session/pause/")
    key = {"Idempotency-Key": "k"}
    sent = {"pending_operations": [rename("no such column", "x")]}
    studio.post("session/recover/", sent, headers=key)
    studio.post("session/clear/")

    again = studio.post("session/recover/", sent, headers=key)

    assert again.body["pending_operations"][0]["error"]["code"] == "SESSION_NOT_FOUND"


@pytest.mark.django_db(transaction=True)
def test_the_same_pending_operations_sent_concurrently_by_several_tabs_are_applied_once(
    user: User, studio: Studio
) -> None:
    sent = [rename("delay", "late"), rename("late", "later"), rename("day", "date")]
    barrier = threading.Barrier(3)

    def send(_: int) -> Answer:
        try:
            barrier.wait()
            return studio.post("session/recover/", {"pending_operations": sent})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(send, range(3)))

    by_tab = [outcomes(answer) for answer in answers]
    assert all(status != "refused" for tab in by_tab for status, _ in tab)
    for of_one in zip(*by_tab, strict=True):
        assert [status for status, _ in of_one].count("applied") == 1
    at = head(user.pk, uuid.UUID(str(studio.datasource_id)))
    assert at.position.version == 5
    assert folded(at).columns[2].name == "later"
