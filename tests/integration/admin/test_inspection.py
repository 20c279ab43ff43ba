"""The admin shows the log to those with permission, and lets nobody change it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from data_tools.models import DataSource
from session_events import integrity, loading, services, snapshots, store
from session_events.events import ClientErrorReported
from session_events.inspection import stream_report
from session_events.inspection.stream_search import named_by
from session_events.loading import Session, replay_all, replay_from_snapshot
from session_events.models import SessionEvent, SessionSnapshot, SessionStream
from session_events.recording import Command, record
from tests.support.documents import ROOT, blocks_of
from tests.support.log_damage import alter_event, delete_event, forge_event
from tests.support.patience import PATIENCE_SECONDS
from tests.support.small_datasets import publish_facts
from tests.support.users import UserFactory
from tests.support.written_sessions import FACTS, rename

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
LIST = "admin:session_events_sessionstream_changelist"
PAGE = "admin:session_events_sessionstream_change"
EVENT = "admin:session_events_sessionstream_event"
ACTIONS = ("verify", "snapshot", "export")


@pytest.fixture
def superuser(db: None) -> User:
    return UserFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def inspector(client: Client, superuser: User) -> Client:
    client.force_login(superuser)
    return client


@pytest.fixture
def session(user: User) -> Session:
    """Six events: the start, and five renames of one column."""
    publish_facts(user, FACTS)
    command = Command(actor_id=user.pk, trace_id=TRACE_ID)
    session = services.start(FACTS, command=command)
    for name in "abcde":
        session = rename(session, name, command)
    loading.forget_all()
    return session


def page_of(session: Session) -> str:
    return reverse(PAGE, args=[session.head.stream_id])


def event_of(session: Session, sequence: int) -> str:
    return reverse(EVENT, args=[session.head.stream_id, sequence])


def action_on(session: Session, name: str) -> str:
    return reverse(f"admin:session_events_sessionstream_{name}", args=[session.head.stream_id])


def listed(response: HttpResponse) -> set[uuid.UUID]:
    assert response.status_code == 200
    return {stream.pk for stream in response.context["cl"].result_list}


# Nothing can be changed


def test_no_page_alters_the_log_for_superusers_either(inspector: Client, session: Session) -> None:
    stream_id = session.head.stream_id
    everything = list(SessionEvent.objects.values()), list(SessionStream.objects.values())

    for url in (
        page_of(session),
        reverse("admin:session_events_sessionstream_delete", args=[stream_id]),
        reverse("admin:session_events_sessionstream_add"),
    ):
        assert inspector.post(url, {"status": "cleared", "post": "yes"}).status_code == 403
    deletion = {"action": "delete_selected", "_selected_action": str(stream_id), "post": "yes"}
    assert inspector.post(reverse(LIST), deletion).status_code == 405

    assert everything == (
        list(SessionEvent.objects.values()),
        list(SessionStream.objects.values()),
    )


def test_the_pages_offer_nothing_to_save_or_delete(inspector: Client, session: Session) -> None:
    for url in (page_of(session), reverse(LIST)):
        page = inspector.get(url).content.decode()

        assert "_save" not in page
        assert "delete_selected" not in page
        assert "addlink" not in page.split('id="content"')[1]


def test_strangers_and_users_without_the_permission_see_nothing(
    client: Client, session: Session
) -> None:
    urls = (reverse(LIST), page_of(session), event_of(session, 1))
    assert {client.get(url).status_code for url in urls} == {302}

    client.force_login(UserFactory(is_staff=True))
    assert {client.get(url).status_code for url in urls} == {403}
    for name in ACTIONS:
        assert client.post(action_on(session, name)).status_code == 403


def test_a_viewer_of_streams_sees_no_payload_and_starts_nothing(
    client: Client, session: Session
) -> None:
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_sessionstream"))
    client.force_login(viewer)

    page = client.get(page_of(session))

    assert page.status_code == 200
    assert b"Verify now" not in page.content
    assert event_of(session, 2).encode() not in page.content
    assert client.get(event_of(session, 2)).status_code == 403
    for name in ACTIONS:
        assert client.post(action_on(session, name)).status_code == 403


def test_actions_ask_for_a_post_with_a_csrf_token(superuser: User, session: Session) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(superuser)

    for name in ACTIONS:
        assert strict.get(action_on(session, name)).status_code == 405
        assert strict.post(action_on(session, name)).status_code == 403
    assert not SessionSnapshot.objects.exists()


# The list


def test_the_list_costs_the_same_with_many_sessions_as_with_few(
    inspector: Client, session: Session
) -> None:
    inspector.get(reverse(LIST))
    with CaptureQueriesContext(
        connection,
    ) as few:
        inspector.get(reverse(LIST))
    for _ in range(60):
        services.start(FACTS, command=Command(actor_id=UserFactory().pk))

    with CaptureQueriesContext(connection) as many:
        first = inspector.get(reverse(LIST))

    assert len(many) == len(few) <= 5  # login and its user, streams, their users and snapshots
    assert not any("COUNT(*)" in query["sql"] for query in many)
    assert not any("payload" in query["sql"] for query in many)
    assert len(listed(first)) == 50
    second = inspector.get(reverse(LIST) + first.context["cl"].older)
    assert listed(first) | listed(second) == set(SessionStream.objects.values_list("pk", flat=True))
    assert not listed(first) & listed(second)
    assert second.context["cl"].older is None


@pytest.mark.parametrize(
    "older_than", ["", "nonsense", "2026-01-01_x", "2026-01-01T00:00:00_" + "0" * 32]
)
def test_an_unreadable_page_link_shows_the_first_page(
    inspector: Client, session: Session, older_than: str
) -> None:
    response = inspector.get(reverse(LIST), {"older_than": older_than})

    assert listed(response) == {session.head.stream_id}


def test_a_session_is_found_by_each_of_its_ids_and_its_users_name(
    inspector: Client, session: Session, user: User, other_user: User
) -> None:
    services.start(FACTS, command=Command(actor_id=other_user.pk, trace_id="0" * 32))
    event_id = SessionEvent.objects.filter(stream=session.head.stream_id).first().pk

    for text in (session.head.stream_id, event_id, TRACE_ID, TRACE_ID.upper(), user.username):
        response = inspector.get(reverse(LIST), {"q": f" {text} "})
        assert listed(response) == {session.head.stream_id}, text
    assert len(listed(inspector.get(reverse(LIST), {"q": str(session.head.dataset_id)}))) == 2


@pytest.mark.parametrize(
    "text", [TRACE_ID[:-1], "user", "%", "x" * 5000, str(uuid.UUID(int=0)), "'\"; --"]
)
def test_a_part_of_a_name_finds_nothing(inspector: Client, session: Session, text: str) -> None:
    assert listed(inspector.get(reverse(LIST), {"q": text})) == set()


def test_a_trace_id_is_looked_up_by_its_index(session: Session) -> None:
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as queries:
        cursor.execute("SET LOCAL enable_seqscan = off")
        named_by(TRACE_ID)
        lookup = next(query["sql"] for query in queries if "split_part" in query["sql"])
        cursor.execute("EXPLAIN " + lookup)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "session_event_trace" in plan


def test_a_trace_id_inside_another_value_is_not_taken_for_one(user: User) -> None:
    command = Command(actor_id=user.pk, trace_id=TRACE_ID, client_kind='","trace_id":"' + "a" * 32)
    services.start(FACTS, command=command)

    assert SessionStream.objects.filter(named_by(TRACE_ID)).exists()
    assert not SessionStream.objects.filter(named_by("a" * 32)).exists()


def test_each_filter_shows_the_sessions_that_it_names(
    inspector: Client, session: Session, other_user: User
) -> None:
    ended = services.start(FACTS, command=Command(actor_id=other_user.pk))
    services.clear(ended.head, command=Command(actor_id=other_user.pk))
    snapshots.take(replay_all(session.head), stream_id=session.head.stream_id)
    snapshots.quarantine({SessionSnapshot.objects.get().pk: "digest_mismatch"})
    alter_event(ended.head.stream_id, 1, "payload = payload || ' '")
    integrity.verify(ended.head.stream_id)
    open_one, ended_one = {session.head.stream_id}, {ended.head.stream_id}

    for query, expected in {
        "status=active": open_one,
        "status=cleared": ended_one,
        "status=paused": set(),
        "open=yes": open_one,
        "open=no": ended_one,
        "activity=hour": open_one | ended_one,
        "activity=earlier": set(),
        "integrity=snapshot": open_one,
        "integrity=damaged": ended_one,
        "integrity=verified": set(),
        "integrity=never": open_one,
        "status=cleared&open=yes": set(),
        "activity=nonsense": open_one | ended_one,
    }.items():
        assert listed(inspector.get(f"{reverse(LIST)}?{query}")) == expected, query


# One session


def test_the_timeline_tells_who_did_what_newest_first(
    inspector: Client, session: Session, user: User
) -> None:
    response = inspector.get(page_of(session))

    lines = response.context["timeline"].lines
    assert [line.sequence for line in lines] == [6, 5, 4, 3, 2, 1]
    assert lines[0].sentence == "Applied rename_column on e"
    assert {line.actor for line in lines} == {user.username}
    assert {line.trace_id for line in lines} == {TRACE_ID}
    assert {line.defect for line in lines} == {None}


def test_a_long_timeline_comes_in_bounded_pages(
    inspector: Client, session: Session, user: User
) -> None:
    command = Command(actor_id=user.pk)
    for number in range(60):
        session = record(
            session, ClientErrorReported(message=f"{number}", context={}), command=command
        )
    with CaptureQueriesContext(connection) as queries:
        first = inspector.get(page_of(session))

    older = first.context["timeline"].older
    second = inspector.get(page_of(session), {"before": older})

    assert len(queries) <= 10
    sequences = [
        line.sequence for page in (first, second) for line in page.context["timeline"].lines
    ]
    assert sequences == list(range(66, 0, -1))
    assert second.context["timeline"].older is None
    back = inspector.get(page_of(session), {"before": second.context["timeline"].newer})
    assert back.context["timeline"].lines == first.context["timeline"].lines


def test_a_sessions_page_costs_the_same_with_many_events_as_with_few(
    inspector: Client, session: Session, user: User
) -> None:
    inspector.get(page_of(session))
    with CaptureQueriesContext(connection) as short:
        inspector.get(page_of(session))
    for number in range(20):
        session = record(
            session,
            ClientErrorReported(message=f"{number}", context={}),
            command=Command(actor_id=user.pk),
        )

    with CaptureQueriesContext(connection) as longer:
        inspector.get(page_of(session))

    assert len(longer) == len(short) <= 10  # the dataset is looked up once


@pytest.mark.parametrize("has_snapshot", [True, False])
def test_time_travel_shows_the_state_then_and_what_its_event_changed(
    inspector: Client, session: Session, has_snapshot: bool
) -> None:
    if has_snapshot:
        snapshots.take(replay_all(session.head, until=2), stream_id=session.head.stream_id)

    response = inspector.get(page_of(session), {"at_version": 3})

    state = response.context["state"]
    assert state.state == replay_all(session.head, until=3).state
    assert [(change.sign, change.subject, change.text) for change in state.changes] == [
        ("±", "column", "a (float) → b (float)"),
        ("+", "operation", "rename_column() of event 3"),
    ]


@pytest.mark.parametrize(
    ("asked", "shown"), [("1", 1), ("6", 6), ("99999999", 6), ("0", 1), ("-1", 6), ("x", 6)]
)
def test_a_version_out_of_range_shows_the_nearest_or_the_present_one(
    inspector: Client, session: Session, asked: str, shown: int
) -> None:
    response = inspector.get(page_of(session), {"at_version": asked, "before": asked})

    assert response.status_code == 200
    assert response.context["state"].state.version == shown


def test_an_event_is_shown_in_full(inspector: Client, session: Session) -> None:
    response = inspector.get(event_of(session, 2))

    stored = SessionEvent.objects.get(stream=session.head.stream_id, sequence=2)
    report = response.context["event"]
    assert json.loads(report.payload) == json.loads(stored.payload)
    assert report.stored.hash == bytes(stored.hash)
    assert response.context["state"].changes[0].text == "delay (float) → a (float)"
    for sequence in (0, 7, 2**63, 10**30):
        assert inspector.get(event_of(session, sequence)).status_code == 404


def test_what_a_user_typed_is_never_markup(inspector: Client, session: Session, user: User) -> None:
    probe = "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>"
    command = Command(actor_id=user.pk, trace_id='"><script>', client_kind=probe)
    session = rename(session, probe, command)
    session = record(
        session, ClientErrorReported(message=probe, context={probe: probe}), command=command
    )

    for url in (
        page_of(session),
        page_of(session) + "?at_version=7",
        event_of(session, 7),
        event_of(session, 8),
        reverse(LIST) + "?q=%3Cscript%3Ealert(1)%3C/script%3E",
    ):
        page = inspector.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert '"><script>' not in page.replace('defer"></script>', "")
    assert "&lt;script&gt;alert(1)" in inspector.get(event_of(session, 8)).content.decode()


# Damage

DAMAGES = {
    "altered payload": ("payload = payload || ' '", 4),
    "payload no JSON": ("payload = '{<script>'", 4),
    "metadata no JSON": ("metadata = 'nothing'", 4),
    "hash gone": ("hash = ''", 4),
    "schema version zero": ("schema_version = 0", 4),
    "a type nobody knows": ("wire_name = 'session.dreamt'", 4),
    "first event": ("payload = '{}'", 1),
    "last event": ("hash = decode(repeat('00', 32), 'hex')", 6),
    "deep JSON": ("payload = '{\"parameters\":{\"a\":' || repeat('[', 50000)", 4),
    "no time": ("recorded_at = 'infinity'", 4),
    "very long": ("payload = repeat('x', 700000)", 4),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_session_is_shown_and_its_damage_named(
    inspector: Client, session: Session, damage: str
) -> None:
    assignment, sequence = DAMAGES[damage]
    alter_event(session.head.stream_id, sequence, assignment)

    page = inspector.get(page_of(session))
    shown = inspector.get(event_of(session, sequence))
    inspector.post(action_on(session, "verify"))
    messages = inspector.get(page_of(session)).context["messages"]

    assert page.context["verdict"].problem.startswith(f"Event {sequence} ")
    assert page.context["state"].state.version == sequence - 1
    assert shown.context["event"].defect == "hash_mismatch"
    line = page.context["timeline"].lines[6 - sequence]
    assert line.sequence == sequence
    assert line.defect == ("hash_mismatch" if line.is_checked else None)
    assert line.is_checked == (damage != "very long")
    assert f"Event {sequence} " in str(next(iter(messages)))
    for version in range(1, 7):
        at_version = inspector.get(page_of(session), {"at_version": version})
        assert at_version.context["state"].state.version == min(version, sequence - 1)
    assert inspector.post(action_on(session, "export")).getvalue().endswith(b'"events":6}\n')


def test_a_missing_event_shows_at_its_place_in_the_timeline(
    inspector: Client, session: Session
) -> None:
    delete_event(session.head.stream_id, 4)

    page = inspector.get(page_of(session))
    inspector.post(action_on(session, "snapshot"))

    lines = {line.sequence: line for line in page.context["timeline"].lines}
    assert (lines[5].missing, lines[3].missing) == (1, 0)
    assert "1 event missing here" in page.content.decode()
    assert inspector.get(event_of(session, 4)).status_code == 404
    assert inspector.get(event_of(session, 5)).context["event"].defect == "gap"
    assert not SessionSnapshot.objects.exists()


def test_a_session_without_events_and_one_with_too_many_are_shown(
    inspector: Client, session: Session
) -> None:
    forge_event(session.head.stream_id, 7)
    assert inspector.get(page_of(session)).context["verdict"].problem.startswith("Event 7 ")

    for sequence in range(1, 8):
        delete_event(session.head.stream_id, sequence)
    page = inspector.get(page_of(session))

    assert page.context["verdict"].problem == "Event 1 is missing: gap"
    assert page.context["state"].state.version == 0


def test_a_head_with_an_unknown_status_is_shown(inspector: Client, session: Session) -> None:
    SessionStream.objects.update(status="lost", is_open=False)

    assert inspector.get(page_of(session)).status_code == 200
    assert listed(inspector.get(reverse(LIST))) == {session.head.stream_id}
    for name in ("verify", "snapshot"):
        response = inspector.post(action_on(session, name), follow=True)
        assert "status is damaged: lost" in response.content.decode()


def test_a_damaged_snapshot_is_distinguished_from_a_trusted_one(
    inspector: Client, session: Session
) -> None:
    for version in (2, 4):
        snapshots.take(replay_all(session.head, until=version), stream_id=session.head.stream_id)
    SessionSnapshot.objects.filter(sequence=4).update(state="{}")

    page = inspector.get(page_of(session))

    assert [(line.sequence, line.is_trusted) for line in page.context["snapshots"]] == [
        (4, False),
        (2, True),
    ]
    codes = [reason.code for reason in page.context["verdict"].assessment.reasons]
    assert codes == ["active", "snapshot_damaged"]


@pytest.mark.parametrize("snapshot_at", [None, 2, 5])
@pytest.mark.parametrize("version", [1, 3, 4, 6])
def test_an_earlier_state_and_the_present_one_equal_two_separate_replays(
    session: Session, snapshot_at: int | None, version: int
) -> None:
    if snapshot_at is not None:
        state = replay_all(session.head, until=snapshot_at)
        snapshots.take(state, stream_id=session.head.stream_id)

    report, found = stream_report.state_at_and_now(session.head, version)

    assert report == stream_report.state_at(session.head, version)
    assert found == replay_from_snapshot(session.head)


def test_a_long_log_without_a_snapshot_is_read_once_for_both(
    inspector: Client, session: Session
) -> None:
    with CaptureQueriesContext(connection) as queries:
        inspector.get(page_of(session), {"at_version": 4})

    read_after = [
        int(found[1])
        for query in queries
        if "payload" in query["sql"] and (found := re.search(r'"sequence" > (\d+)', query["sql"]))
    ]
    assert read_after == [0, 3, 3]  # up to version 3, version 4 for what it changed, the rest


def reasons_on(page: HttpResponse) -> list[str]:
    return [reason.code for reason in page.context["verdict"].assessment.reasons]


def test_the_assessment_is_that_of_the_dataset_as_it_is_now(
    inspector: Client, session: Session
) -> None:
    dataset = DataSource.objects.filter(pk=FACTS.dataset_id)
    dataset.update(revision=2, fingerprint="2" * 64)
    uploaded_again = inspector.get(page_of(session))
    dataset.update(status="ERROR")
    failed = inspector.get(page_of(session))
    dataset.delete()
    deleted = inspector.get(page_of(session))

    assert reasons_on(uploaded_again) == ["source_changed", "source_rows_gone"]
    assert reasons_on(failed) == ["source_failed"]
    assert reasons_on(deleted) == ["source_deleted"]
    assert "The state of the dataset is unknown" not in deleted.content.decode()


def test_without_an_application_for_datasets_the_page_says_what_it_assumes(
    inspector: Client, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_report, "recovery_context_of", lambda dataset_id: None)

    page = inspector.get(page_of(session))

    assert reasons_on(page) == ["active"]
    assert "The state of the dataset is unknown: it is taken as ready." in page.content.decode()


# Actions


def test_verify_reports_an_intact_log(inspector: Client, session: Session) -> None:
    response = inspector.post(action_on(session, "verify"), follow=True)

    assert "Verified: all 6 events are as they were written." in response.content.decode()
    assert listed(inspector.get(f"{reverse(LIST)}?integrity=verified")) == {session.head.stream_id}
    assert "verified to 6" in inspector.get(reverse(LIST)).content.decode()


def test_a_snapshot_is_taken_once(inspector: Client, session: Session) -> None:
    first = inspector.post(action_on(session, "snapshot"), follow=True)
    again = inspector.post(action_on(session, "snapshot"), follow=True)

    assert "Snapshot taken at version 6." in first.content.decode()
    assert "There is a snapshot at version 6 already." in again.content.decode()
    assert SessionSnapshot.objects.get().sequence == 6


def test_the_documented_program_accepts_an_export_and_finds_an_alteration(
    inspector: Client, session: Session, tmp_path: Path
) -> None:
    [program] = [
        block.text
        for block in blocks_of((ROOT / "docs" / "inspection.md").read_text())
        if block.language == "python"
    ]
    lines = inspector.post(action_on(session, "export")).getvalue().decode().splitlines()
    altered = [line.replace('"sequence":3', '"sequence":4') for line in lines]

    def check(lines: list[str]) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "export.jsonl"
        path.write_text("\n".join(lines))
        command = [sys.executable, "-c", program, str(path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)

    assert check(lines).stdout == "6 events are as they were written\n"
    assert "event 4 is not what was written" in check(altered).stderr
    assert "the end is missing" in check([*lines[:-2], lines[-1]]).stderr


def test_the_export_names_the_session_and_holds_every_event(
    inspector: Client, session: Session
) -> None:
    response = inspector.post(action_on(session, "export"))

    head, *events, end = map(json.loads, response.getvalue().splitlines())
    assert head["format"] == "hydroml-session-log/1"
    assert (head["version"], head["head_hash"]) == (6, events[-1]["hash"])
    assert end == {"end": True, "events": 6}
    assert [event["hash"] for event in events] == [
        stored.hash.hex() for stored in store.read(session.head.stream_id)
    ]
