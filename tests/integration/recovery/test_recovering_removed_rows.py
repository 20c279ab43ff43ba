"""Sessions whose operations removed rows: exactly the rows that stayed come back, in every case.

Over HTTP with real files. The lists of kept rows are lost, and every remembered state with them,
before each look, as after a crash.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from data_tools.models import DataRow
from data_tools.revisions import pruning
from session_events import loading, snapshots
from session_events.models import SessionSnapshot, SessionStream
from tests.support import written_log
from tests.support.clock import Clock
from tests.support.log_damage import alter_event
from tests.support.studio_client import Studio
from tests.support.uploads import open_uploaded, upload_again

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

FIRST = "id,delay,carrier\n1,2.5,UA\n2,,AA\n3,4.5,\n4,2.5,UA\n5,9.0,DL\n6,1.0,AA\n7,8.0,WN\n"
SECOND = "carrier,extra,id,delay\nDL,x,5,1.5\nDL,y,6,3.0\n,z,7,4.0\nUA,,8,20.5\nUA,q,9,20.5\n"
LATE = {"any": [{"column": "late", "op": "gt", "value": 1.5}, {"column": "late", "op": "is_null"}]}
# Versions 2 to 8. The mean is that of the rows left by then; duplicates are found in filled values.
WORK: list[tuple[str, dict[str, Any]]] = [
    ("drop_missing_rows", {"columns": ["carrier"]}),
    ("rename_column", {"old_name": "delay", "new_name": "late"}),
    ("filter_rows", {"filter": LATE}),
    ("fill_missing_values", {"columns": ["late"], "strategy": "mean"}),
    ("drop_duplicate_rows", {"columns": ["late", "carrier"], "keep": "last"}),
    ("outlier_treatment_trim", {"columns": ["late"], "tail": "left", "fold": 0.1}),
    ("quick_nan_cleaning", {}),
]
WHOLE = [[2, 5.5, "AA"], [5, 9.0, "DL"], [7, 8.0, "WN"]]
IDS = {1: [1, 2, 3, 4, 5, 6, 7], 2: [1, 2, 4, 5, 6, 7], 4: [1, 2, 4, 5, 7], 6: [2, 4, 5, 7]}


def apply(studio: Studio, work: list[tuple[str, dict[str, Any]]]) -> None:
    steps = [{"operation": name, "parameters": parameters} for name, parameters in work]
    recipe = {"format": "data-studio-recipe", "format_version": 1, "operations": steps}
    assert studio.post("session/apply-recipe/", {"recipe": recipe}).body["applied"] == len(work)


@pytest.fixture
def studio(user: User) -> Studio:
    studio = open_uploaded(user, FIRST)
    apply(studio, WORK)
    return studio


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE data_tools_rowlist")
    loading.forget_all()


def cells(answer: Any) -> list[list[Any]]:
    assert answer.status == 200, answer
    return [list(row.values()) for row in answer.body["data"]]


def page(studio: Studio, **query: Any) -> list[list[Any]]:
    forget()
    return cells(studio.get("data/", query))


def recover(studio: Studio, **asked: Any) -> list[list[Any]]:
    forget()
    return cells(studio.post("session/recover/", asked))


def session_id(studio: Studio) -> str:
    return studio.get("session/status/").body["session_info"]["session_id"]


@pytest.mark.parametrize("ended", ["pause", "clear", "save", "expire"])
def test_the_rows_that_an_operation_kept_come_back(
    studio: Studio, clock: Clock, ended: str
) -> None:
    if ended == "expire":
        clock.tick(dt.timedelta(hours=4))
    else:
        assert studio.post(f"session/{ended}/").status == 200

    assert recover(studio) == WHOLE
    assert page(studio) == WHOLE


def test_kept_rows_come_back_from_a_snapshot_and_without_one(studio: Studio) -> None:
    head = written_log.head(SessionStream.objects.get().user_id, studio.datasource_id)  # type: ignore[arg-type]
    assert snapshots.take(loading.replay_all(head, until=5), stream_id=head.stream_id)
    assert studio.post("session/pause/").status == 200
    assert recover(studio) == WHOLE

    SessionSnapshot.objects.all().delete()

    assert page(studio) == WHOLE


def test_every_version_can_be_read_recovered_and_forked_from(studio: Studio) -> None:
    first = session_id(studio)
    for version, ids in IDS.items():
        assert [row[0] for row in page(studio, session_id=first, at_version=version)] == ids
        asked = {"strategy": "to_version", "to_version": version, "session_id": first}
        assert [row[0] for row in recover(studio, **asked)] == ids
        forget()
        forked = studio.post("session/fork/", {"from_version": version, "session_id": first})
        assert forked.status == 200
        assert [row[0] for row in page(studio)] == ids


def test_damage_gives_up_the_removals_after_it_and_no_others(studio: Studio) -> None:
    alter_event(SessionStream.objects.get().pk, 6, "payload = payload || ' '")

    assert [row[0] for row in recover(studio)] == IDS[4]
    assert [row[0] for row in page(studio)] == IDS[4]


def test_on_another_file_kept_rows_are_those_that_the_same_work_gives(
    studio: Studio, user: User
) -> None:
    first = session_id(studio)
    upload_again(studio, SECOND)
    assert page(studio) == WHOLE  # until the user decides

    brought_over = recover(studio)

    fresh = open_uploaded(user, SECOND)
    apply(fresh, WORK)
    assert brought_over == page(fresh) == page(studio)
    assert page(studio, session_id=first) == WHOLE
    assert recover(studio, strategy="replay", session_id=first) == WHOLE


def test_old_rows_that_removals_are_proved_by_stay_as_long_as_the_session_can_come_back(
    studio: Studio, clock: Clock
) -> None:
    first = session_id(studio)
    upload_again(studio, SECOND)
    recover(studio)
    clock.tick(dt.timedelta(days=30) - dt.timedelta(seconds=1))
    assert pruning.prune(limit=1_000).rows == 0
    assert page(studio, session_id=first) == WHOLE

    assert recover(studio, strategy="replay", session_id=first) == WHOLE
    clock.tick(dt.timedelta(days=300))
    assert pruning.prune(limit=1_000).rows == 0
    assert page(studio) == WHOLE


def test_without_the_original_rows_removals_are_fitted_to_the_new_ones_or_refused(
    studio: Studio, user: User
) -> None:
    upload_again(studio, SECOND)
    DataRow.objects.filter(dataset_id=studio.datasource_id, revision=1).delete()
    forget()

    options = studio.get("session/validate/").body["recovery_options"]
    refused = studio.post("session/recover/", {"strategy": "replay"})

    assert [option["strategy"] for option in options] == ["auto", "start_new"]
    assert (refused.status, refused.error["code"]) == (409, "RECOVERY_IMPOSSIBLE")
    fresh = open_uploaded(user, SECOND)
    apply(fresh, WORK)
    assert recover(studio) == page(fresh)


def test_a_copy_that_would_get_another_name_on_the_new_file_is_given_up(user: User) -> None:
    studio = open_uploaded(user, "id,id_copy\n1,2\n")
    asked = {"operation": "duplicate", "columns": ["id"]}
    assert studio.post("transform/columns/", asked).body["success"]
    assert studio.get("session/status/").body["column_info"] == ["id", "id_copy", "id_copy_2"]
    upload_again(studio, "id,extra\n5,6\n")

    body = studio.post("session/recover/").body

    assert "would be called id_copy, not id_copy_2" in body["given_up"][0]["sentence"]
    assert [column["name"] for column in body["columns"]] == ["id", "extra"]


def test_an_operation_sent_and_never_answered_is_done_after_the_recovery(studio: Studio) -> None:
    assert studio.post("session/pause/").status == 200
    pending = {
        "client_operation_id": "6f2b8d5e-6b0e-4c62-9b43-3c1c0a6d0b11",
        "operation": "filter_rows",
        "parameters": {"filter": [{"column": "late", "op": "gt", "value": 8}]},
    }

    for _ in range(2):
        assert recover(studio, pending_operations=[pending]) == [[5, 9.0, "DL"]]
