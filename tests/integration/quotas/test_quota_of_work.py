"""Events, open sessions, datasets and lists have quotas, and existing work can be finished."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from data_tools.models import DataSource, RowList, UserQuotas
from data_tools.quotas import events, leases
from data_tools.rows.lists import storage
from session_events.models import SessionEvent, SessionStream, StreamTombstone
from tests.contract.error_shape import faults
from tests.support.counted_queries import statements
from tests.support.quotas import USAGE, free_one, refused, usage_of, used
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import UNDO, open_studio, rename, studio_of
from tests.support.time_over import time_is_over_after
from tests.support.users import UserFactory, token_of

pytestmark = pytest.mark.django_db

RENAME = "session/rename-column/"


def to(name: str, old: str = "delay") -> dict[str, str]:
    return {"old_name": old, "new_name": name}


def seen(page_number: int) -> dict[str, Any]:
    return {
        "client_operation_id": str(uuid.uuid4()),
        "type": "view_changed",
        "view": {"page_number": page_number, "page_size": 50},
    }


@pytest.fixture
def studio(user: User) -> Studio:
    """A session of three events: begun, and two renamings."""
    return open_studio(user, headers=STRUCTURED, steps=[rename("delay", "a"), rename("a", "b")])


# Events


def test_an_operation_beyond_the_quota_is_refused_and_writes_nothing(
    studio: Studio, limit: Any
) -> None:
    assert used(studio, "events") == 3
    limit(events=4)

    assert studio.post(RENAME, to("c", "b")).status == 200
    details = refused(studio.post(RENAME, to("d", "c")), "events")

    assert (details["used"], details["limit"], details["unit"]) == (4, 4, "events")
    assert SessionEvent.objects.count() == 4


def test_existing_clients_read_a_sentence_and_transformations_answer_200(
    user: User, studio: Studio, limit: Any
) -> None:
    limit(events=3)
    existing = studio.with_headers({"X-Studio-Capabilities": ""})
    dropping = {"operation": "drop", "columns": ["b"]}

    answer = existing.post("transform/columns/", dropping)

    assert answer.status == 200
    assert answer.body["success"] is False
    assert "3 of the 3 recorded steps that you may keep" in answer.body["error"]


def test_the_same_request_sent_again_is_answered_at_the_quota_too(
    studio: Studio, limit: Any
) -> None:
    again = to("c", "b") | {"client_operation_id": str(uuid.uuid4())}
    studio.post(RENAME, again)
    redo = {"client_operation_id": str(uuid.uuid4())}
    studio.take(UNDO, ("session/redo/", redo))
    limit(events=6)

    assert studio.post(RENAME, again).status == 200
    assert studio.post("session/redo/", redo).status == 200
    assert SessionEvent.objects.count() == 6


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (RENAME, to("c", "b")),
        ("session/redo/", {}),
        ("session/reset/", {}),
        ("session/pause/", {}),
        ("session/fork/", {"from_version": 1}),
        ("session/activity/", {"items": [seen(2)]}),
        ("operations/", {"operation": "rename_column", "parameters": to("c", "b")}),
        (
            "session/apply-recipe/",
            {
                "recipe": {
                    "format": "data-studio-recipe",
                    "format_version": 1,
                    "operations": [{"operation": "rename_column", "parameters": to("c", "b")}],
                }
            },
        ),
    ],
)
def test_whatever_could_be_repeated_without_end_is_refused_at_the_quota(
    studio: Studio, limit: Any, path: str, body: dict[str, Any]
) -> None:
    studio.take(rename("b", "x"), UNDO)
    limit(events=5)

    refused(studio.post(path, body), "events")

    assert SessionEvent.objects.count() == 5


def test_work_can_always_be_finished(studio: Studio, limit: Any) -> None:
    studio.post("session/pause/")
    limit(events=0)

    assert studio.post("session/resume/").status == 200
    assert studio.get("data/", {"page_number": 1, "page_size": 2}).status == 200
    assert studio.post("session/undo/").status == 200
    assert studio.post("session/clear/").status == 200
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200
    assert studio.get("export/", {"format": "csv"}).status == 200
    saved = studio.post("session/save/")
    assert saved.status == 200
    kept = studio_of(DataSource.objects.get(pk=studio.datasource_id).owner, headers=STRUCTURED)
    assert kept.request("DELETE", f"/api/datasources/{studio.datasource_id}/").status == 200


def test_recovery_has_a_reserve_and_no_more(
    studio: Studio, limit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(events=1)
    studio.post("session/clear/")
    monkeypatch.setattr(events, "_LEAST_RESERVE", 3)

    refused(studio.post("session/recover/", {"strategy": "auto"}), "events")

    monkeypatch.setattr(events, "_LEAST_RESERVE", 4)
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200


def test_a_pending_operation_without_room_is_refused_by_itself(studio: Studio, limit: Any) -> None:
    limit(events=4)
    pending = [
        {
            "client_operation_id": str(uuid.uuid4()),
            "operation": "rename_column",
            "parameters": to(new, old),
        }
        for new, old in (("c", "b"), ("d", "c"))
    ]

    recovered = studio.post("session/recover/", {"pending_operations": pending})

    assert recovered.status == 200, recovered
    told = recovered.body["pending_operations"]
    assert [each["status"] for each in told] == ["applied", "refused"]
    assert told[1]["error"]["code"] == "QUOTA_EXCEEDED"


def test_page_turns_are_just_not_recorded_any_more(
    studio: Studio, limit: Any, settings: Any
) -> None:
    settings.SESSION_EVENTS = settings.SESSION_EVENTS | {"VIEW_CHANGE_INTERVAL_SECONDS": 1e-9}
    page = {"page_number": 1, "page_size": 1}
    limit(events=4)

    sizes = [studio.get("data/", page | {"page_size": size}).status for size in (1, 2, 3)]

    assert sizes == [200, 200, 200]
    assert SessionEvent.objects.count() == 4


def test_events_are_counted_once_for_many_appends(studio: Studio) -> None:
    leases.forget_leases()
    with CaptureQueriesContext(connection) as first:
        studio.post(RENAME, to("c", "b"))
    with CaptureQueriesContext(connection) as second:
        studio.post(RENAME, to("d", "c"))

    counting = [text for text in statements(first) if "SUM(" in text.upper()]
    assert len(counting) == 1
    assert not [text for text in statements(second) if "SUM(" in text.upper()]
    assert not [text for text in statements(second) if "quotas" in text]
    assert len(statements(second)) == len(statements(first)) - 2  # the sum, and the limits


def test_a_session_is_started_in_three_statements_once_all_is_counted(studio: Studio) -> None:
    leases.forget_leases()
    starts = []
    for _ in range(2):
        studio.post("session/clear/")
        with CaptureQueriesContext(connection) as queries:
            assert studio.post("session/initialize/").status == 200
        of_the_sign_in = [text for text in statements(queries) if "apitoken" in text]
        starts.append(len(statements(queries)) - len(of_the_sign_in))

    assert starts[0] > starts[1] == 3  # the dataset, the append, the page


def test_no_lease_is_larger_than_a_tenth_of_what_is_left(
    user: User, studio: Studio, limit: Any
) -> None:
    limit(events=103)

    events.require_events(user.pk)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(9):
            events.require_events(user.pk)
        assert not queries.captured_queries
        events.require_events(user.pk)

    assert queries.captured_queries


def test_deleting_ended_sessions_makes_room_for_events(studio: Studio, limit: Any) -> None:
    limit(events=4)
    studio.post("session/clear/")
    details = refused(studio.post("session/initialize/"), "events")

    answer = free_one(studio, details)

    assert (answer.body["sessions"], answer.body["events"]) == (1, 4)
    assert StreamTombstone.objects.get().event_count == 4
    assert used(studio, "events") == 0
    assert studio.post("session/initialize/").status == 200


def test_an_open_session_is_not_deleted_and_neither_is_anybody_elses(
    studio: Studio, other_user: User
) -> None:
    path = f"/api/datasources/{studio.datasource_id}/sessions/"
    other = Studio(token=token_of(other_user), headers=STRUCTURED)

    assert studio.request("DELETE", path).body["sessions"] == 0
    studio.post("session/clear/")
    assert other.request("DELETE", path).error["code"] == "DATASOURCE_NOT_FOUND"

    assert SessionStream.objects.count() == 1
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200


def test_a_deletion_that_takes_too_long_does_not_say_that_nothing_was_changed(
    studio: Studio,
) -> None:
    studio.post("session/clear/")
    studio.take(("session/initialize/", {}), ("session/clear/", {}))
    path = f"/api/datasources/{studio.datasource_id}/sessions/"

    with time_is_over_after("session_events_remove_stream"):
        answer = studio.request("DELETE", path)

    assert list(faults(answer, "QUERY_TIMEOUT")) == []
    assert "gone for good" in answer.error["message"]
    assert "gone for good" in answer.error["user_message"]
    assert SessionStream.objects.count() == 1
    assert studio.request("DELETE", path).body["sessions"] == 1


def test_the_sessions_of_a_deleted_dataset_can_be_deleted_too(studio: Studio) -> None:
    studio.post("session/clear/")
    studio.request("DELETE", f"/api/datasources/{studio.datasource_id}/")
    [largest] = usage_of(studio, "events")["largest"]

    assert (largest["name"], largest["amount"]) == ("", 4)
    assert free_one(studio, {"largest": [largest]}).body["events"] == 4
    assert used(studio, "events") == 0


# Open sessions


def test_one_more_session_than_there_may_be_is_refused_until_one_is_closed(
    user: User, studio: Studio, limit: Any
) -> None:
    limit(open_sessions=1)
    another = studio_of(user, headers=STRUCTURED)

    details = refused(another.post("session/initialize/"), "open_sessions")

    assert details["largest"][0]["datasource_id"] == str(studio.datasource_id)
    assert studio.post("session/initialize/").status == 200  # it is open already
    assert free_one(studio, details).status == 200
    assert another.post("session/initialize/").status == 200
    refused(studio.post("session/initialize/"), "open_sessions")
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200


def test_a_fork_that_opens_a_session_needs_room_and_one_that_replaces_it_does_not(
    user: User, studio: Studio, limit: Any
) -> None:
    session_id = str(SessionStream.objects.get().pk)
    limit(open_sessions=1)

    assert studio.post("session/fork/", {"from_version": 2}).status == 200
    studio.post("session/clear/")
    open_studio(user)
    refused(
        studio.post("session/fork/", {"from_version": 2, "session_id": session_id}),
        "open_sessions",
    )


def test_a_recovery_that_starts_anew_needs_room_and_one_that_brings_work_back_does_not(
    user: User, studio: Studio, limit: Any
) -> None:
    limit(open_sessions=1)
    anew = {"strategy": "start_new", "client_operation_id": str(uuid.uuid4())}

    assert studio.post("session/recover/", anew).status == 200  # in place of the open one
    studio.post("session/clear/")
    another = open_studio(user)
    assert studio.post("session/recover/", anew).status == 200  # a repeat starts nothing
    refused(studio.post("session/recover/", {"strategy": "start_new"}), "open_sessions")
    refused(
        studio_of(user, headers=STRUCTURED).post("session/recover/", {"strategy": "start_new"}),
        "open_sessions",
    )
    assert studio.post("session/recover/", {"strategy": "auto"}).status == 200
    assert another.post("session/recover/", {"strategy": "start_new"}).status == 200


def test_a_recovery_in_place_of_an_expired_session_needs_room(
    user: User, studio: Studio, limit: Any
) -> None:
    open_studio(user)
    limit(open_sessions=1)
    SessionStream.objects.filter(dataset_id=studio.datasource_id).update(
        last_event_at="2020-01-01T00:00:00Z"
    )

    refused(studio.post("session/recover/", {"strategy": "start_new"}), "open_sessions")


def test_a_recovery_that_starts_anew_needs_room_for_its_events(
    user: User, studio: Studio, limit: Any
) -> None:
    studio.post("session/clear/")
    limit(events=1)

    refused(studio.post("session/recover/", {"strategy": "start_new"}), "events")


def test_expired_sessions_and_those_of_deleted_datasets_take_up_no_room(
    user: User, studio: Studio
) -> None:
    gone = open_studio(user)
    expired = open_studio(user)
    assert used(studio, "open_sessions") == 3

    studio.request("DELETE", f"/api/datasources/{gone.datasource_id}/")
    SessionStream.objects.filter(dataset_id=expired.datasource_id).update(
        last_event_at="2020-01-01T00:00:00Z"
    )

    assert used(studio, "open_sessions") == 1


# Datasets


def test_a_session_is_not_saved_as_one_dataset_too_many(studio: Studio, limit: Any) -> None:
    limit(datasets=1)

    details = refused(studio.post("session/save/"), "datasets")

    assert (details["used"], details["limit"]) == (1, 1)
    assert studio.get("session/status/").body["session_exists"]
    limit(datasets=2)
    assert studio.post("session/save/").status == 200


# Lists


def test_the_longest_unused_lists_of_a_user_go_first_and_those_of_others_stay(
    user: User, other_user: User, limit: Any
) -> None:
    limit(lists_bytes=9 * 100)
    mine, others = publish(user), publish(other_user)
    ages = {mine.pk: ["2 days", "1 day", "0 days"], others.pk: ["3 days"]}
    for dataset_id, since in ages.items():
        for age in since:
            made = RowList.objects.create(
                id=uuid.uuid4(), dataset_id=dataset_id, revision=1, row_count=60, used_at=Now()
            )
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE data_tools_rowlist SET used_at = now() - %s::interval WHERE id = %s",
                    [age, str(made.pk)],
                )

    assert storage.prune_of_owner(mine.pk) == 2

    assert RowList.objects.filter(dataset_id=others.pk).count() == 1
    assert used(studio_of(user, mine), "lists_bytes") == 9 * 60


@pytest.mark.parametrize(("age", "rows", "kept"), [("5 minutes", 60, 3), ("5 minutes", 90, 2)])
def test_recently_used_lists_stay_up_to_twice_the_quota(
    user: User, limit: Any, age: str, rows: int, kept: int
) -> None:
    limit(lists_bytes=9 * 100)
    dataset = publish(user)
    for _ in range(3):
        RowList.objects.create(
            id=uuid.uuid4(), dataset_id=dataset.pk, revision=1, row_count=rows, used_at=Now()
        )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE data_tools_rowlist SET used_at = now() - %s::interval", [age])

    storage.prune_of_owner(dataset.pk)

    assert RowList.objects.count() == kept


def test_a_quota_of_more_rows_than_an_integer_counts_removes_nothing(
    user: User, limit: Any
) -> None:
    limit(lists_bytes=9 * 2_000_000_000)
    dataset = publish(user)
    RowList.objects.create(
        id=uuid.uuid4(), dataset_id=dataset.pk, revision=1, row_count=60, used_at=Now()
    )

    assert storage.prune_of_owner(dataset.pk) == 0


def test_making_a_list_prunes_those_of_its_owner(studio: Studio, limit: Any) -> None:
    limit(lists_bytes=1)
    with connection.cursor() as cursor:
        assert studio.get("data/", {"sort": "-id"}).status == 200
        cursor.execute("UPDATE data_tools_rowlist SET used_at = now() - interval '1 hour'")

    assert studio.get("data/", {"sort": "id"}).status == 200

    assert RowList.objects.count() == 1


# What is told


def test_each_user_sees_what_they_keep_alone(studio: Studio, other_user: User) -> None:
    other = Studio(token=token_of(other_user))

    answer = other.request("GET", USAGE)

    assert [(each["used"], each["largest"]) for each in answer.body["quotas"]] == [(0, [])] * 6
    assert Studio().request("GET", USAGE).status == 401


def test_the_usage_takes_the_same_few_queries_however_much_there_is(
    user: User, studio: Studio
) -> None:
    with CaptureQueriesContext(connection) as few:
        studio.request("GET", USAGE)
    for _ in range(5):
        open_studio(user, steps=[rename("id", "key")]).get("data/", {"sort": "-key"})
    with CaptureQueriesContext(connection) as many:
        studio.request("GET", USAGE)

    assert len(statements(many)) == len(statements(few)) <= 18


def test_only_the_largest_are_named(user: User, studio: Studio) -> None:
    for _ in range(7):
        publish(user)

    assert len(usage_of(studio, "datasets")["largest"]) == 5
    assert used(studio, "datasets") == 8


def test_a_user_may_have_quotas_of_their_own(studio: Studio, user: User, limit: Any) -> None:
    limit(events=3, datasets=7)
    UserQuotas.objects.create(user=user, events=5)
    UserQuotas.objects.create(user=UserFactory(), events=0, datasets=0)

    assert usage_of(studio, "events")["limit"] == 5
    assert usage_of(studio, "datasets")["limit"] == 7
    assert studio.post(RENAME, to("c", "b")).status == 200
