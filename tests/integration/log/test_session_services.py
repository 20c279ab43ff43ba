"""Commands on a session: decided on its state, recorded once, refused without effect."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, connections, transaction
from freezegun import freeze_time
from msgspec import structs

from session_events import heads, loading, recording, services, store
from session_events.events import VOCABULARY, OperationApplied, View
from session_events.exceptions import (
    ClientOperationIdReused,
    LogDamaged,
    LogUnreadable,
    NothingToRedo,
    NothingToUndo,
    SessionConflict,
    SessionEventsError,
    SessionExpiredError,
    SessionNotFound,
    SessionPausedError,
    TooManyOperations,
)
from session_events.loading import Session, load, replay_all
from session_events.recording import Command, record, reload
from session_events.state import SessionState, Status
from tests.support.log_damage import alter_event, delete_event, forge_event
from tests.support.written_sessions import FACTS, rename
from tests.unit.session_events.streams import BASE_COLUMNS, DATASET_ID, looked_at, renamed

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def session(command: Command) -> Session:
    return services.start(FACTS, command=command)


def version(session: Session) -> int:
    return session.head.position.version


def events_of(session: Session) -> list[str]:
    return [stored.wire_name for stored in store.read(session.head.stream_id)]


def test_a_session_is_always_the_fold_of_its_log(session: Session, command: Command) -> None:
    session = rename(session, "a", command)
    session = services.undo(session, command=command).session
    session = services.redo(session, command=command).session

    replayed = replay_all(session.head)

    assert replayed.defect is None
    assert replayed.state == session.state
    assert session.state.columns[1].name == "a"


def test_a_session_loads_from_the_log_in_a_process_that_never_saw_it(
    session: Session, command: Command
) -> None:
    session = rename(session, "a", command)
    loading.forget_all()

    assert load(session.head).state == session.state


def test_a_remembered_session_costs_no_event_read(
    session: Session, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert load(session.head) == session


def test_a_session_that_moved_on_elsewhere_is_folded_from_its_tail(
    session: Session, command: Command
) -> None:
    moved = rename(session, "a", command)
    loading.remember(session)

    assert load(moved.head).state == moved.state


def test_a_remembered_state_that_contradicts_the_log_is_not_used(
    session: Session, command: Command
) -> None:
    moved = rename(session, "a", command)
    phantom = replace(
        session,
        head=replace(session.head, position=replace(session.head.position, hash=b"x" * 32)),
        state=structs.replace(session.state, row_count=99),
    )
    loading.remember(phantom)

    assert load(moved.head).state == moved.state


# Opening


def test_opening_twice_gives_one_session(session: Session, command: Command) -> None:
    outcome = services.open_or_start(session.head, dataset=FACTS, command=command)

    assert not outcome.recorded
    assert outcome.session == session


def test_opening_without_a_session_starts_one(command: Command) -> None:
    outcome = services.open_or_start(None, dataset=FACTS, command=command)

    assert outcome.recorded
    assert outcome.session.state.status is Status.ACTIVE


def test_opening_finds_the_session_that_another_tab_has_just_started(
    session: Session, command: Command
) -> None:
    outcome = services.open_or_start(None, dataset=FACTS, command=command)

    assert not outcome.recorded
    assert outcome.session.head == session.head


def test_opening_at_another_version_than_expected_is_a_conflict_without_retries(
    session: Session, command: Command, django_assert_max_num_queries: Any
) -> None:
    seen, head = version(session), rename(session, "a", command).head

    with django_assert_max_num_queries(0), pytest.raises(SessionConflict):
        services.open_or_start(head, dataset=FACTS, command=replace(command, expected_version=seen))


def test_opening_a_paused_session_resumes_it(session: Session, command: Command) -> None:
    paused = services.pause(rename(session, "a", command), command=command).session

    outcome = services.open_or_start(paused.head, dataset=FACTS, command=command)

    assert outcome.session.state.status is Status.ACTIVE
    assert outcome.session.state.columns[1].name == "a"


def test_opening_an_expired_session_goes_on_with_its_work(command: Command) -> None:
    with freeze_time(NOON):
        session = rename(services.start(FACTS, command=command), "a", command)

    with freeze_time(NOON + 5 * HOUR):
        outcome = services.open_or_start(session.head, dataset=FACTS, command=command)

    assert outcome.session.state.status is Status.ACTIVE
    assert outcome.session.state.columns[1].name == "a"
    assert events_of(session)[-2:] == ["session.expired", "session.resumed"]


# Commands


def test_undo_and_redo_need_something_to_undo_and_redo(session: Session, command: Command) -> None:
    with pytest.raises(NothingToUndo):
        services.undo(session, command=command)
    with pytest.raises(NothingToRedo):
        services.redo(session, command=command)

    assert events_of(session) == ["session.started"]


def test_a_reset_is_recoverable_work_not_lost_work(session: Session, command: Command) -> None:
    session = services.reset(rename(session, "a", command), command=command).session

    assert session.state.columns == BASE_COLUMNS
    assert events_of(session) == ["session.started", "operation.applied", "session.reset"]


def test_a_session_holds_no_more_operations_than_the_settings_say(
    session: Session, command: Command, settings: Any
) -> None:
    settings.SESSION_EVENTS = {"MAX_OPERATIONS": 1}
    session = rename(session, "a", command)

    with pytest.raises(TooManyOperations):
        rename(session, "b", command)


@pytest.mark.parametrize("expected", [1, 2])
def test_an_expected_version_that_still_holds_is_accepted(
    session: Session, command: Command, expected: int
) -> None:
    session = record(session, looked_at(2), command=command)

    session = rename(session, "a", replace(command, expected_version=expected))

    assert version(session) == 3


@pytest.mark.parametrize("expected", [1, 4])
def test_an_expected_version_that_does_not_hold_is_a_conflict(
    session: Session, command: Command, expected: int
) -> None:
    session = rename(rename(session, "a", command), "b", command)

    with pytest.raises(SessionConflict) as caught:
        rename(session, "c", replace(command, expected_version=expected))

    assert caught.value.details == {
        "expected_version": expected,
        "current_version": 3,
        "current_session_id": str(session.head.stream_id),
    }
    assert version(reload(session)) == 3


def test_work_done_in_the_meantime_is_a_conflict_for_those_who_expect_a_version(
    session: Session, command: Command
) -> None:
    rename(session, "a", command)

    with pytest.raises(SessionConflict):
        rename(session, "b", replace(command, expected_version=version(session)))

    assert version(reload(session)) == 2


def test_work_done_in_the_meantime_comes_first_for_those_who_expect_nothing(
    session: Session, command: Command
) -> None:
    rename(session, "a", command)

    after = rename(session, "b", command)

    assert version(after) == version(reload(session)) == 3


def test_a_page_turned_in_the_meantime_is_no_conflict(session: Session, command: Command) -> None:
    record(session, looked_at(9), command=command)

    session = rename(session, "a", command)

    assert version(session) == 3
    assert session.state.view is not None


def test_the_same_client_operation_is_applied_once(session: Session, command: Command) -> None:
    sent = replace(command, client_operation_id=uuid.uuid4(), request_digest="d")
    session = rename(session, "a", sent)

    def never(state: SessionState) -> OperationApplied:
        raise AssertionError("a repeated command is not prepared again")

    outcome = services.apply_operation(session, never, command=sent)

    assert not outcome.recorded
    assert version(reload(session)) == 2


def test_the_same_client_operation_on_a_stale_session_is_answered_with_the_new_one(
    session: Session, command: Command
) -> None:
    sent = replace(command, client_operation_id=uuid.uuid4(), request_digest="d")

    def meanwhile(state: SessionState) -> OperationApplied:
        rename(session, "a", sent)  # the first request wins while the second prepares
        return renamed("a")

    outcome = services.apply_operation(session, meanwhile, command=sent)

    assert not outcome.recorded
    assert version(outcome.session) == 2


def test_a_client_operation_id_is_for_one_request_only(session: Session, command: Command) -> None:
    sent = replace(command, client_operation_id=uuid.uuid4(), request_digest="d")
    session = rename(session, "a", sent)

    with pytest.raises(ClientOperationIdReused):
        rename(session, "b", replace(sent, request_digest="e"))

    assert version(reload(session)) == 2


def test_pausing_and_resuming_are_idempotent(session: Session, command: Command) -> None:
    paused = services.pause(session, command=command).session
    assert not services.pause(paused, command=command).recorded
    resumed = services.resume(paused, command=command).session
    assert not services.resume(resumed, command=command).recorded

    assert events_of(session) == ["session.started", "session.paused", "session.resumed"]


def test_a_stale_pause_is_a_conflict_even_when_it_has_nothing_to_do(
    session: Session, command: Command
) -> None:
    paused = services.pause(session, command=command).session

    with pytest.raises(SessionConflict):
        services.pause(paused, command=replace(command, expected_version=1))


def cleared(session: Session, command: Command) -> Session:
    outcome = services.clear(session.head, command=command)
    assert outcome is not None
    return outcome.session


@pytest.mark.parametrize(
    ("stop", "error"),
    [
        (
            lambda session, command: services.pause(session, command=command).session,
            SessionPausedError,
        ),
        (cleared, SessionNotFound),
    ],
)
def test_an_inactive_session_refuses_operations(
    session: Session,
    command: Command,
    stop: Callable[[Session, Command], Session],
    error: type[SessionEventsError],
) -> None:
    stopped = stop(session, command)

    with pytest.raises(error):
        rename(stopped, "a", command)

    assert version(reload(session)) == 2


@pytest.mark.parametrize(
    ("later", "expired"), [(4 * HOUR - SECOND, False), (4 * HOUR, True), (4 * HOUR + SECOND, True)]
)
def test_a_session_expires_at_its_time_and_a_refusal_writes_nothing(
    command: Command, later: dt.timedelta, expired: bool
) -> None:
    with freeze_time(NOON):
        session = services.start(FACTS, command=command)

    with freeze_time(NOON + later):
        if expired:
            with pytest.raises(SessionExpiredError):
                rename(session, "a", command)
        else:
            rename(session, "a", command)

    assert version(reload(session)) == (1 if expired else 2)


def test_a_paused_session_does_not_expire(command: Command) -> None:
    with freeze_time(NOON):
        session = services.pause(services.start(FACTS, command=command), command=command).session

    with freeze_time(NOON + 100 * HOUR):
        resumed = services.resume(session, command=command).session

    assert resumed.state.status is Status.ACTIVE


# Views


def test_views_are_recorded_at_most_once_in_an_interval(command: Command, settings: Any) -> None:
    settings.SESSION_EVENTS = {"VIEW_CHANGE_INTERVAL_SECONDS": 10}
    with freeze_time(NOON) as clock:
        session = services.start(FACTS, command=command)
        for page_number in range(1, 13):
            view = View(page_number=page_number, page_size=25)
            session = services.change_view(session, view, command=command)
            clock.tick(1)

    assert events_of(session).count("session.view_changed") == 2
    assert session.state.view == View(page_number=11, page_size=25)


def test_the_same_view_again_is_not_recorded(command: Command) -> None:
    view = View(page_number=2, page_size=25)
    with freeze_time(NOON) as clock:
        session = services.change_view(
            services.start(FACTS, command=command), view, command=command
        )
        clock.tick(3600)
        session = services.change_view(session, view, command=command)

    assert version(session) == 2


def test_recording_a_view_never_fails_because_the_session_moved_on(
    session: Session, command: Command
) -> None:
    rename(session, "a", command)

    assert services.change_view(session, View(page_number=2, page_size=25), command=command)


def test_an_inactive_session_records_no_views(session: Session, command: Command) -> None:
    paused = services.pause(session, command=command).session

    assert services.change_view(paused, View(page_number=2, page_size=2), command=command) == paused


# Damage


def test_a_tampered_event_is_found_and_named(session: Session, command: Command) -> None:
    session = rename(rename(session, "a", command), "b", command)
    alter_event(session.head.stream_id, 2, "payload = replace(payload, '\"a\"', '\"z\"')")
    loading.forget_all()

    with pytest.raises(LogDamaged) as caught:
        load(session.head)

    assert caught.value.details == {"sequence": 2, "defect": "hash_mismatch"}


def test_a_deleted_event_is_found_and_named(session: Session, command: Command) -> None:
    session = rename(rename(session, "a", command), "b", command)
    delete_event(session.head.stream_id, 3)
    loading.forget_all()

    with pytest.raises(LogDamaged) as caught:
        load(session.head)

    assert caught.value.details == {"sequence": 3, "defect": "gap"}


def test_an_event_of_a_newer_server_makes_the_session_unreadable_not_damaged(
    session: Session, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = rename(session, "a", command)
    loading.forget_all()
    monkeypatch.delitem(VOCABULARY, "operation.applied")

    with pytest.raises(LogUnreadable):
        load(session.head)


def test_a_damaged_session_can_still_be_put_away(session: Session, command: Command) -> None:
    alter_event(session.head.stream_id, 1, "payload = '{}'")
    loading.forget_all()

    assert services.clear(session.head, command=command) is None
    assert heads.open_head(user_id=command.actor_id, dataset_id=DATASET_ID) is None


def test_a_foreign_event_after_the_head_is_found(session: Session, command: Command) -> None:
    forge_event(session.head.stream_id, 2)
    loading.forget_all()

    with pytest.raises(LogDamaged) as caught:
        load(session.head)
    assert caught.value.details == {"sequence": 2, "defect": "hash_mismatch"}
    with pytest.raises(LogDamaged), transaction.atomic():
        rename(session, "a", command)


# Found by a review


def test_a_command_that_loses_every_race_is_a_conflict_and_never_reported_as_done(
    session: Session, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always_late(*args: object, **options: object) -> Session:
        raise SessionConflict(expected_version=1, current_version=2)

    monkeypatch.setattr(recording, "record", always_late)

    with pytest.raises(SessionConflict):
        services.clear(session.head, command=command)

    assert reload(session).state.status is Status.ACTIVE


@pytest.mark.django_db(transaction=True)
@pytest.mark.session_setting
def test_recording_a_view_does_not_wait_for_a_locked_session(command: Command) -> None:
    session = services.start(FACTS, command=command)
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM session_events_sessionstream FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '60s'")
        began = time.monotonic()

        looked = services.change_view(session, View(page_number=2, page_size=25), command=command)

        assert looked == session
        assert time.monotonic() - began < 30
    finally:
        other.close()
        connection.close()


def test_recording_a_view_of_a_session_with_a_forged_event_does_not_fail(
    session: Session, command: Command
) -> None:
    forge_event(session.head.stream_id, 2)

    looked = services.change_view(session, View(page_number=2, page_size=25), command=command)

    assert looked == session


def test_an_altered_client_operation_id_is_found(session: Session, command: Command) -> None:
    sent = replace(command, client_operation_id=uuid.uuid4(), request_digest="d")
    session = rename(session, "a", sent)
    alter_event(session.head.stream_id, 2, "client_operation_id = NULL")

    defect = replay_all(session.head).defect

    assert defect is not None
    assert (defect.sequence, defect.kind.value) == (2, "hash_mismatch")


def test_a_resent_request_whose_event_is_unreadable_reports_the_damage(
    session: Session, command: Command
) -> None:
    sent = replace(command, client_operation_id=uuid.uuid4(), request_digest="d")
    session = rename(session, "a", sent)
    alter_event(session.head.stream_id, 2, "metadata = '['")

    with pytest.raises(LogDamaged):
        rename(session, "a", sent)
