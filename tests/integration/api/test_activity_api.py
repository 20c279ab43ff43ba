"""A client's reports are recorded once, and each batch as a whole or not at all."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from session_events import activity, heads
from session_events.activity import Reported
from session_events.events import ClientErrorReported
from session_events.loading import load
from session_events.recording import Command
from session_events.state import SessionState
from tests.contract.error_shape import faults
from tests.support import written_log
from tests.support.at_once import at_once
from tests.support.clock import Clock
from tests.support.counted_queries import statements
from tests.support.serving import Server
from tests.support.studio_client import MOUNTS, Answer, Studio
from tests.support.studios import open_studio, signed_in_studio
from tests.support.users import UserFactory

pytestmark = pytest.mark.django_db

ACTIVITY = "session/activity/"
BEACON = {"Content-Type": "text/plain;charset=UTF-8"}


@pytest.fixture
def studio(opened: Studio) -> Studio:
    return opened


def looked(page_number: int = 1, **view: Any) -> dict[str, Any]:
    return {
        "client_operation_id": str(uuid.uuid4()),
        "type": "view_changed",
        "view": {"page_number": page_number, "page_size": 50, **view},
    }


def met(message: str = "it broke", **context: Any) -> dict[str, Any]:
    return {
        "client_operation_id": str(uuid.uuid4()),
        "type": "client_error",
        "message": message,
        "context": context,
    }


def send(studio: Studio, *items: dict[str, Any], **more: Any) -> Answer:
    return studio.post(ACTIVITY, {"items": list(items)}, **more)


def state(user: User, studio: Studio) -> SessionState:
    return written_log.folded(written_log.head(user.pk, studio.datasource_id))


@pytest.mark.parametrize("mount", MOUNTS)
def test_a_batch_is_recorded_in_order_and_says_where_each_item_stands(
    studio: Studio, user: User, mount: str
) -> None:
    studio = replace(studio, mount=mount)
    items = [looked(2), met(url="/x"), looked(3)]

    answer = send(studio, *items)

    head = written_log.head(user.pk, studio.datasource_id)
    assert answer.status == 200, answer
    assert answer.body["results"] == [
        {
            "client_operation_id": item["client_operation_id"],
            "status": "recorded",
            "session_id": str(head.stream_id),
            "version": version,
        }
        for version, item in enumerate(items, start=2)
    ]
    assert answer.body["version"] == 4
    assert answer.body["saved_at"] == head.last_event_at.isoformat()
    events = written_log.events(head)
    assert [event.wire_name for event in events[1:]] == [
        *("session.view_changed", "client.error_reported", "session.view_changed")
    ]
    assert [str(event.client_operation_id) for event in events[1:]] == [
        item["client_operation_id"] for item in items
    ]
    assert {event.actor_id for event in written_log.metadata(events)} == {user.pk}
    assert {event.trace_id for event in written_log.metadata(events[1:])} == {
        answer.headers["X-Trace-Id"]
    }


def test_a_view_is_what_a_recovery_shows_and_a_page_turn_keeps_its_columns(
    studio: Studio, user: User
) -> None:
    view = {
        **{"sort": ["-id"], "hidden_columns": ["day"], "column_order": ["id", "carrier"]},
        **{"column_widths": {"carrier": 24, "gone": 2_000}, "frozen_columns": 1},
    }
    send(studio, looked(1, **view, filter=[{"column": "id", "op": "gt", "value": 1}]))
    assert state(user, studio).view.filters == [{"column": "id", "op": "gt", "value": 1}]

    recovered = studio.post("session/recover/", {"strategy": "auto"})

    shown = {"page_number": 1, "page_size": 50, **view}
    assert shown.items() <= recovered.body["view"].items()
    assert studio.get("session/status/").body["view"] == recovered.body["view"]


def test_a_view_of_a_page_alone_lays_no_column_out(studio: Studio) -> None:
    send(studio, looked(1, column_widths={"id": 50}, frozen_columns=2))

    send(studio, looked(2, column_widths={}, frozen_columns=0))

    assert studio.get("session/status/").body["view"] == {
        **{"page_number": 2, "page_size": 50, "sort": [], "filter": None},
        **{"hidden_columns": [], "column_order": [], "column_widths": {}, "frozen_columns": 0},
    }


def test_no_layout_said_or_left_unsaid_is_the_same_item(studio: Studio) -> None:
    """As of a page that was loaded before the layout was known, and sends its items again."""
    item = looked(1)
    said = {**item, "view": {**item["view"], "column_widths": {}, "frozen_columns": 0}}
    send(studio, item)

    [again] = send(studio, said).body["results"]

    assert again["status"] == "already_recorded"


def test_the_status_has_no_view_before_anybody_looked(studio: Studio) -> None:
    assert studio.get("session/status/").body["view"] is None


def test_a_page_turn_leaves_columns_as_they_are(studio: Studio, user: User, clock: Clock) -> None:
    layout = {"column_widths": {"id": 50}, "frozen_columns": 1}
    send(studio, looked(1, hidden_columns=["day"], column_order=["id"], **layout))
    clock.tick(dt.timedelta(hours=1))

    studio.get("data/", {"page_number": 2, "page_size": 3, "sort": "id"})

    view = state(user, studio).view
    assert (view.page_number, view.page_size, view.sort) == (2, 3, ("id",))
    assert (view.hidden_columns, view.column_order) == (("day",), ("id",))
    assert (view.column_widths, view.frozen_columns) == ({"id": 50}, 1)


def test_a_batch_sent_again_writes_nothing(studio: Studio) -> None:
    items = [looked(2), met()]
    first = send(studio, *items).body
    before = written_log.everything()

    again = send(studio, *items).body

    assert written_log.everything() == before
    assert [result["status"] for result in again["results"]] == ["already_recorded"] * 2
    for old, new in zip(first["results"], again["results"], strict=True):
        assert {**old, "status": ""} == {**new, "status": ""}


def test_items_sent_again_in_another_batch_are_recorded_once(studio: Studio, user: User) -> None:
    old, new = looked(2), met()
    send(studio, old)

    results = send(studio, new, old).body["results"]

    assert [(result["status"], result["version"]) for result in results] == [
        ("recorded", 3),
        ("already_recorded", 2),
    ]
    assert state(user, studio).version == 3


def test_an_item_stays_in_the_session_that_it_was_recorded_in(studio: Studio) -> None:
    item = met()
    first = send(studio, item).body["results"][0]
    studio.post("session/clear/")
    studio.post("session/initialize/")

    again = send(studio, item).body["results"][0]

    assert again == {**first, "status": "already_recorded"}


def test_an_id_already_used_for_something_else_refuses_the_whole_batch(studio: Studio) -> None:
    used = met("one")
    send(studio, used)
    before = written_log.everything()

    answer = send(studio, looked(2), {**used, "message": "another"})

    assert list(faults(answer, "CLIENT_OPERATION_ID_REUSED")) == []
    assert written_log.everything() == before


@pytest.mark.parametrize(
    ("path", "code"), [("session/pause/", "SESSION_PAUSED"), (None, "SESSION_EXPIRED")]
)
def test_looking_does_not_wake_a_session_that_is_not_active(
    studio: Studio, clock: Clock, path: str | None, code: str
) -> None:
    known = met()
    send(studio, known)
    studio.post(path) if path else clock.tick(dt.timedelta(hours=5))
    before = written_log.everything()

    assert list(faults(send(studio, looked(2)), code)) == []
    assert send(studio, known).status == 200, "nothing is left to write"
    assert written_log.everything() == before


def test_activity_causes_no_conflict(studio: Studio) -> None:
    seen = studio.get("session/status/").body["version"]
    send(studio, looked(2), met())

    body = {"old_name": "id", "new_name": "key", "expected_version": seen}
    assert studio.post("session/rename-column/", body).status == 200
    assert send(studio, looked(3)).status == 200


@pytest.mark.parametrize(
    "message", ["\x00", "é 日本 🙂", "</script>", "x" * 2_000], ids=["NUL", "words", "tag", "long"]
)
def test_an_error_is_stored_as_it_was_reported(studio: Studio, user: User, message: str) -> None:
    context = {"stack": ["a", None, 1.5, 2**63 - 1], "at": {"line": 3}}

    assert send(studio, met(message, **context)).status == 200

    head = written_log.head(user.pk, studio.datasource_id)
    [event] = [orjson.loads(stored.payload) for stored in written_log.events(head)[1:]]
    assert event == {"message": message, "context": context}
    newest = studio.get("session/events/").body["events"][0]
    assert newest["sentence"] == f"The browser reported: {message}"


def test_a_batch_takes_one_lookup_and_one_append_however_many_items(studio: Studio) -> None:
    def queries(items: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert send(studio, *(met() for _ in range(items))).status == 200
        return len(statements(captured))

    assert (queries(2), queries(100)) == (4, 4), "who asks, which session, which ids, the append"


# Beacons, as a closing page sends them


@pytest.fixture
def signed_in(studio: Studio, user: User) -> Studio:
    return signed_in_studio(user, studio.datasource_id)


def test_a_beacon_of_our_own_page_is_read_as_json(signed_in: Studio, user: User) -> None:
    content = orjson.dumps({"items": [met("größe")]})

    answer = signed_in.request(
        "POST", ACTIVITY, content=content, headers={**BEACON, "Sec-Fetch-Site": "same-origin"}
    )

    assert answer.status == 200, answer
    assert state(user, signed_in).version == 2


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://x"}])
def test_a_beacon_of_another_page_is_refused(signed_in: Studio, headers: dict[str, str]) -> None:
    """A browser sends a text/plain POST for any page; only the origin tells pages apart."""
    before = written_log.everything()
    content = orjson.dumps({"items": [met()]})

    answer = signed_in.request("POST", ACTIVITY, content=content, headers={**BEACON, **headers})

    assert list(faults(answer, "CSRF_FAILED")) == []
    assert written_log.everything() == before


@pytest.mark.parametrize(
    ("content", "code"), [(b"{", "INVALID_JSON"), (b"[]", "INVALID_BODY"), (b"x", "INVALID_JSON")]
)
def test_a_beacon_that_is_not_a_json_object_is_refused(
    studio: Studio, content: bytes, code: str
) -> None:
    answer = studio.request("POST", ACTIVITY, content=content, headers=BEACON)

    assert list(faults(answer, code)) == []


# At the same time


def test_a_batch_that_another_request_is_recording_is_not_recorded_twice(
    studio: Studio, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked the ids up before either appended."""
    head = heads.open_head(user_id=user.pk, dataset_id=uuid.UUID(str(studio.datasource_id)))
    one = Reported(
        client_operation_id=uuid.uuid4(), event=ClientErrorReported(message="x", context={})
    )
    command = Command(actor_id=user.pk)
    append = activity.append

    def beaten(*arguments: Any) -> Any:
        monkeypatch.setattr(activity, "append", append)
        activity.report(load(head), [one], command=command)
        return append(*arguments)

    monkeypatch.setattr(activity, "append", beaten)

    _, [noted] = activity.report(load(head), [one], command=command)

    assert (noted.version, noted.is_repeat) == (2, True)
    assert state(user, studio).version == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_from_eight_tabs_is_recorded_once(server: Server) -> None:
    user = UserFactory()
    studio = open_studio(user, transport=server.transport)
    items = [looked(2), met(), met("another")]

    answers = at_once([lambda: send(studio, *items)] * 8)

    assert [answer.status for answer in answers] == [200] * 8
    assert len({orjson.dumps([r["version"] for r in a.body["results"]]) for a in answers}) == 1
    statuses = [result["status"] for answer in answers for result in answer.body["results"]]
    assert statuses.count("recorded") == len(items)
    assert state(user, studio).version == 1 + len(items)
