"""validate says what can be recovered; recover brings it back, once, or changes nothing."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from freezegun import freeze_time

from session_events import heads, loading, services, snapshots, store
from session_events.events import VOCABULARY
from session_events.exceptions import (
    ClientOperationIdReused,
    InvalidRecovery,
    RecoveryImpossible,
    SessionConflict,
)
from session_events.loading import Session, replay_all
from session_events.models import SessionEvent
from session_events.recording import Command, record, reload
from session_events.recovery import service
from session_events.recovery.attempt import Recovery, RecoveryRequest
from session_events.recovery.context import RecoveryContext
from session_events.recovery.service import Validation
from session_events.recovery.verdicts import Source, Strategy
from session_events.state import Status
from tests.support.log_damage import alter_event, delete_event
from tests.support.patience import PATIENCE_SECONDS
from tests.support.written_sessions import FACTS, rename
from tests.unit.session_events.streams import DATASET_ID, looked_at, renamed

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def begin(command: Command, *names: str) -> Session:
    """A session in which the delay was renamed to each of `names`, at versions 2, 3 …"""
    session = services.start(FACTS, command=command)
    for name in names:
        session = rename(session, name, command)
    return session


@pytest.fixture
def session(command: Command) -> Session:
    return begin(command, "a", "b")


def context(source: Source, *operations_unknown: str) -> RecoveryContext:
    return RecoveryContext(
        source=source, knows_operation=lambda name: name not in operations_unknown
    )


def validate(command: Command, **options: object) -> Validation:
    loading.forget_all()
    return service.validate(
        **{
            "user_id": command.actor_id,
            "dataset_id": DATASET_ID,
            "context": context(Source.READY),
            **options,
        }  # type: ignore[arg-type]
    )


def recover(
    command: Command,
    strategy: Strategy = Strategy.AUTO,
    *,
    source: Source = Source.READY,
    **request: object,
) -> Recovery:
    loading.forget_all()
    return service.recover(
        user_id=command.actor_id,
        dataset_id=DATASET_ID,
        context=context(source),
        dataset=FACTS if source is Source.READY else None,
        request=RecoveryRequest(strategy=strategy, **request),  # type: ignore[arg-type]
        command=command,
    )


def action(command: Command, **options: object) -> str:
    return validate(command, **options).assessment.suggested_action.value


def pause(session: Session, command: Command) -> None:
    services.pause(session, command=command)


def clear(session: Session, command: Command) -> None:
    services.clear(session.head, command=command)


def column(session: Session) -> str:
    return session.state.columns[1].name


def events_of(session: Session) -> list[str]:
    return [stored.wire_name for stored in store.read(session.head.stream_id)]


def all_events() -> int:
    return SessionEvent.objects.count()


# validate


def test_an_active_session_is_valid(session: Session, command: Command) -> None:
    validation = validate(command)

    assert validation.assessment.session_valid
    assert validation.head == session.head
    assert validation.state == session.state


def test_a_client_that_is_behind_is_told_to_reload(session: Session, command: Command) -> None:
    assert action(command, known_version=2) == "reload"
    assert action(command, known_version=3) == "continue"


def test_validate_never_writes(session: Session, command: Command) -> None:
    with freeze_time(dt.datetime.now(dt.UTC) + DAY):
        before = all_events()
        assert action(command) == "recover"

    assert all_events() == before
    assert reload(session).head == session.head


def test_where_no_session_started_there_is_nothing_to_recover(command: Command) -> None:
    assert validate(command).head is None
    assert action(command) == "initialize"
    with pytest.raises(RecoveryImpossible) as caught:
        recover(command)
    assert caught.value.details["suggested_action"] == "initialize"


def test_another_users_session_is_not_seen(
    session: Session, command: Command, other_user: User
) -> None:
    other = replace(command, actor_id=other_user.pk)

    assert validate(other).head is None
    assert validate(other, session_id=session.head.stream_id).head is None


# recover, whole


@pytest.mark.parametrize("strategy", [Strategy.AUTO, Strategy.REPLAY, Strategy.PARTIAL])
@pytest.mark.parametrize("stop", [pause, clear])
def test_a_session_that_was_stopped_goes_on_with_all_of_its_work(
    session: Session,
    command: Command,
    stop: Callable[[Session, Command], None],
    strategy: Strategy,
) -> None:
    stop(session, command)

    recovery = recover(command, strategy)

    assert recovery.recorded
    assert recovery.session.state.status is Status.ACTIVE
    assert recovery.session.state.work == session.state.work
    assert recovery.events_replayed == 4
    assert (recovery.snapshot_sequence, recovery.given_up) == (None, ())
    assert recovery.session.head.stream_id == session.head.stream_id
    assert replay_all(recovery.session.head).state == recovery.session.state


@pytest.mark.parametrize("noticed", [False, True])
def test_an_expired_session_goes_on_and_its_expiry_is_in_the_log_once(
    command: Command, noticed: bool
) -> None:
    with freeze_time(NOON):
        session = begin(command, "a")

    with freeze_time(NOON + 6 * HOUR):
        if noticed:
            recover(command)
            session = reload(session)
    with freeze_time(NOON + 12 * HOUR):
        assert action(command) == "recover"
        recovery = recover(command)

    assert recovery.session.state.status is Status.ACTIVE
    assert events_of(session)[-2:] == ["session.expired", "session.recovered"]
    assert column(recovery.session) == "a"


def test_an_active_session_needs_no_recovery(session: Session, command: Command) -> None:
    recovery = recover(command)

    assert not recovery.recorded
    assert recovery.session == session


def test_the_second_click_recovers_nothing_more(session: Session, command: Command) -> None:
    clear(session, command)

    first, second = recover(command), recover(command)

    assert (first.recorded, second.recorded) == (True, False)
    assert second.session == first.session


def test_the_same_recovery_sent_again_is_answered_without_effect(
    session: Session, command: Command
) -> None:
    sent = replace(command, client_operation_id=uuid.uuid4(), request_digest="d")
    clear(session, command)
    first = recover(sent)
    clear(first.session, command)

    again = recover(sent)

    assert not again.recorded
    assert again.session.state.status is Status.CLEARED
    with pytest.raises(ClientOperationIdReused):
        recover(replace(sent, request_digest="e"))


def test_a_recovery_sent_again_returns_what_the_first_one_did(
    session: Session, command: Command
) -> None:
    sent = replace(command, client_operation_id=uuid.uuid4(), request_digest="d")
    first = recover(sent, Strategy.TO_VERSION, to_version=2)

    again = recover(sent, Strategy.TO_VERSION, to_version=2)

    assert first.given_up
    assert again == replace(first, recorded=False, is_repeat=True, duration_ms=again.duration_ms)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("strategy", "recorded_events"),
    [(Strategy.AUTO, ["session.recovered"]), (Strategy.START_NEW, [])],
)
def test_concurrent_recoveries_recover_once(
    command: Command, strategy: Strategy, recorded_events: list[str]
) -> None:
    session = begin(command, "a")
    clear(session, command)
    barrier = threading.Barrier(8)

    def click(_: int) -> Recovery:
        try:
            barrier.wait(PATIENCE_SECONDS)
            return recover(command, strategy)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        recoveries = list(pool.map(click, range(8)))

    assert [recovery.recorded for recovery in recoveries].count(True) == 1
    assert len({recovery.session.head.stream_id for recovery in recoveries}) == 1
    assert events_of(session)[3:] == recorded_events


def test_recovery_at_another_version_than_expected_is_a_conflict_without_retries(
    session: Session, command: Command, django_assert_max_num_queries: Any
) -> None:
    clear(session, command)
    before = all_events()

    with django_assert_max_num_queries(8), pytest.raises(SessionConflict):
        recover(replace(command, expected_version=2))

    assert all_events() == before


def test_past_retention_nothing_comes_back(command: Command) -> None:
    with freeze_time(NOON):
        session = begin(command, "a")
        clear(session, command)

    with freeze_time(NOON + 30 * DAY - dt.timedelta(seconds=1)):
        assert action(command) == "start_new"
    with freeze_time(NOON + 30 * DAY):
        assert action(command) == "initialize"
        with pytest.raises(RecoveryImpossible):
            recover(command)


@pytest.mark.parametrize(
    ("source", "suggested"),
    [(Source.DELETED, "start_new"), (Source.NOT_READY, "retry_later")],
)
def test_without_its_dataset_a_session_cannot_be_recovered(
    session: Session, command: Command, source: Source, suggested: str
) -> None:
    clear(session, command)
    before = all_events()

    for strategy in (Strategy.AUTO, Strategy.START_NEW):
        with pytest.raises(RecoveryImpossible) as caught:
            recover(command, strategy, source=source)
        assert caught.value.details["suggested_action"] == suggested

    assert all_events() == before


def test_a_full_replay_begins_with_the_first_event_despite_a_snapshot(
    session: Session, command: Command
) -> None:
    snapshots.take(replay_all(session.head, until=2), stream_id=session.head.stream_id)

    replayed, resumed = recover(command, Strategy.REPLAY), recover(command, Strategy.SNAPSHOT)

    assert (replayed.strategy, replayed.snapshot_sequence) == (Strategy.REPLAY, None)
    assert (resumed.strategy, resumed.snapshot_sequence) == (Strategy.SNAPSHOT, 2)
    assert (replayed.events_replayed, resumed.events_replayed) == (3, 1)


def test_a_new_start_puts_the_open_session_away_whichever_session_is_named(
    session: Session, command: Command
) -> None:
    clear(session, command)
    open_one = begin(command, "c")

    fresh = recover(command, Strategy.START_NEW, session_id=session.head.stream_id)

    assert fresh.session.state.operations == ()
    assert events_of(open_one)[-1] == "session.cleared"


def test_an_earlier_session_is_not_listed_among_its_own_earlier_sessions(
    session: Session, command: Command
) -> None:
    clear(session, command)
    current = begin(command, "c")

    assert [one.stream_id for one in validate(command).earlier] == [session.head.stream_id]
    assert validate(command, session_id=session.head.stream_id).earlier == ()
    assert current.head.is_open


def test_a_damaged_log_is_recoverable_from_its_last_append_on(command: Command) -> None:
    with freeze_time(NOON):
        session = begin(command, "a")
        pause(session, command)
    with freeze_time(NOON + 20 * DAY):
        services.resume(reload(session), command=command)
    alter_event(session.head.stream_id, 2, "payload = '{}'")

    with freeze_time(NOON + 49 * DAY):
        assert action(command) == "recover_partial"
    with freeze_time(NOON + 50 * DAY):
        assert action(command) == "initialize"


# recover, to a version


def test_any_earlier_version_can_be_brought_back(session: Session, command: Command) -> None:
    recovery = recover(command, Strategy.TO_VERSION, to_version=2)

    assert column(recovery.session) == "a"
    assert [item.sequence for item in recovery.given_up] == [3]
    assert recovery.session.state.version == 4

    back = recover(command, Strategy.TO_VERSION, to_version=3)

    assert column(back.session) == "b"
    assert replay_all(back.session.head).state == back.session.state


def test_the_redo_branch_that_a_new_operation_dropped_can_be_brought_back(
    session: Session, command: Command
) -> None:
    session = services.undo(session, command=command).session
    session = services.apply_operation(session, lambda state: renamed("c"), command=command).session

    recovery = recover(command, Strategy.TO_VERSION, to_version=4)

    assert [operation.sequence for operation in recovery.session.state.redo] == [3]


def test_the_present_version_needs_no_recovery(session: Session, command: Command) -> None:
    assert not recover(command, Strategy.TO_VERSION, to_version=3).recorded


@pytest.mark.parametrize("to_version", [None, 0, -1, 4, 10**12])
def test_a_version_that_is_not_in_the_log_is_refused(
    session: Session, command: Command, to_version: int | None
) -> None:
    before = all_events()

    with pytest.raises(InvalidRecovery, match="from 1 to 3"):
        recover(command, Strategy.TO_VERSION, to_version=to_version)

    assert all_events() == before


# recover, the work before damage


def alter_second(session: Session) -> None:
    alter_event(session.head.stream_id, 3, "payload = replace(payload, '\"b\"', '\"z\"')")


def delete_third(session: Session) -> None:
    delete_event(session.head.stream_id, 3)


@pytest.mark.parametrize(
    ("damage", "code", "sentence"),
    [
        (alter_second, "log_damaged_hash_mismatch", "Applied rename_column on z"),
        (delete_third, "log_damaged_gap", "The event is missing"),
    ],
)
@pytest.mark.parametrize("strategy", [Strategy.AUTO, Strategy.PARTIAL])
def test_a_damaged_log_gives_back_the_work_before_the_damage_in_a_new_session(
    session: Session,
    command: Command,
    damage: Callable[[Session], None],
    code: str,
    sentence: str,
    strategy: Strategy,
) -> None:
    damage(session)
    assert action(command) == "recover_partial"
    assert validate(command).assessment.reasons[0].code == code

    recovery = recover(command, strategy)

    fresh = recovery.session
    assert recovery.strategy is Strategy.PARTIAL
    assert fresh.head.stream_id != session.head.stream_id
    assert fresh.state.forked_from == session.head.stream_id
    assert column(fresh) == "a"
    assert [(item.sequence, item.sentence) for item in recovery.given_up] == [(3, sentence)]
    assert events_of(fresh) == ["session.started", "session.forked"]
    assert events_of(session)[-1] == "session.cleared"
    assert replay_all(fresh.head).state == fresh.state
    assert action(command) == "continue"


def test_a_damaged_log_is_recovered_once(session: Session, command: Command) -> None:
    alter_second(session)
    first = recover(command)

    again = recover(command)
    by_name = recover(command, session_id=session.head.stream_id)

    assert (again.recorded, by_name.recorded) == (False, False)
    assert again.session == by_name.session == first.session


def test_a_damaged_log_cannot_be_replayed_whole(session: Session, command: Command) -> None:
    alter_second(session)
    before = all_events()

    with pytest.raises(RecoveryImpossible, match="before the damage"):
        recover(command, Strategy.REPLAY)

    assert all_events() == before


def test_a_damaged_log_can_go_back_to_any_version_before_the_damage(
    session: Session, command: Command
) -> None:
    alter_second(session)

    with pytest.raises(InvalidRecovery, match="from 1 to 2"):
        recover(command, Strategy.TO_VERSION, to_version=3)
    recovery = recover(command, Strategy.TO_VERSION, to_version=1)

    assert column(recovery.session) == "delay"
    assert [item.sequence for item in recovery.given_up] == [2, 3]


def test_a_log_damaged_at_its_first_event_allows_only_a_new_start(
    session: Session, command: Command
) -> None:
    alter_event(session.head.stream_id, 1, "payload = '{}'")

    with pytest.raises(RecoveryImpossible):
        recover(command)
    fresh = recover(command, Strategy.START_NEW)

    assert fresh.recorded
    assert column(fresh.session) == "delay"


def test_an_event_of_a_newer_server_has_to_wait_for_that_server(
    session: Session, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(VOCABULARY, "operation.applied")

    assert action(command) == "retry_later"
    with pytest.raises(RecoveryImpossible):
        recover(command)


# recover, anew


def test_a_new_start_puts_the_old_session_away_and_keeps_it_recoverable(
    session: Session, command: Command
) -> None:
    fresh = recover(command, Strategy.START_NEW)

    assert column(fresh.session) == "delay"
    assert reload(session).state.status is Status.CLEARED

    back = recover(command, session_id=session.head.stream_id)

    assert back.session.head.stream_id == session.head.stream_id
    assert column(back.session) == "b"
    open_head = heads.open_head(user_id=command.actor_id, dataset_id=DATASET_ID)
    assert open_head == back.session.head
    assert reload(fresh.session).state.status is Status.CLEARED


def test_a_new_start_is_idempotent(session: Session, command: Command) -> None:
    first = recover(command, Strategy.START_NEW)

    again = recover(command, Strategy.START_NEW)

    assert not again.recorded
    assert again.session == first.session


def test_a_new_start_works_where_no_session_ever_started(command: Command) -> None:
    assert recover(command, Strategy.START_NEW).session.state.status is Status.ACTIVE


def test_a_new_start_at_another_version_than_expected_is_a_conflict(
    session: Session, command: Command
) -> None:
    with pytest.raises(SessionConflict):
        recover(replace(command, expected_version=2), Strategy.START_NEW)

    assert reload(session).state.status is Status.ACTIVE


def test_the_view_comes_back_with_the_session(session: Session, command: Command) -> None:
    session = record(session, looked_at(3000), command=command)
    clear(session, command)

    view = recover(command).session.state.view

    assert view is not None
    assert view.page_number == 3000


# Found by a review


@pytest.mark.django_db(transaction=True)
def test_the_same_recovery_sent_concurrently_with_a_version_is_answered_every_time(
    command: Command,
) -> None:
    session = begin(command, "a")
    pause(session, command)
    sent = replace(
        command, client_operation_id=uuid.uuid4(), request_digest="d", expected_version=3
    )
    barrier = threading.Barrier(8)

    def click(_: int) -> Recovery:
        try:
            barrier.wait(PATIENCE_SECONDS)
            return recover(sent)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        recoveries = list(pool.map(click, range(8)))

    assert [recovery.recorded for recovery in recoveries].count(True) == 1
    assert events_of(session)[3:] == ["session.recovered"]


@pytest.mark.parametrize("strategy", [Strategy.AUTO, Strategy.START_NEW])
def test_a_damaged_session_is_recovered_at_the_version_that_validate_names(
    session: Session, command: Command, strategy: Strategy
) -> None:
    alter_second(session)
    head = validate(command).head
    assert head is not None

    with pytest.raises(SessionConflict):
        recover(replace(command, expected_version=head.position.version - 1), strategy)
    recovery = recover(replace(command, expected_version=head.position.version), strategy)

    assert recovery.recorded


def test_an_earlier_damaged_session_comes_back_although_the_open_one_is_damaged_too(
    session: Session, command: Command
) -> None:
    alter_second(session)
    fresh = recover(command, Strategy.START_NEW).session
    alter_event(fresh.head.stream_id, 1, "payload = '{}'")

    recovery = recover(command, session_id=session.head.stream_id)

    assert column(recovery.session) == "a"


def test_a_client_that_has_seen_a_later_version_is_told_to_reload(
    session: Session, command: Command
) -> None:
    verdict = validate(command, known_version=99).assessment

    assert verdict.suggested_action.value == "reload"
    assert [reason.code for reason in verdict.reasons] == ["client_ahead"]


def test_a_version_needs_the_strategy_to_version(session: Session, command: Command) -> None:
    with pytest.raises(InvalidRecovery, match="to_version needs the strategy"):
        recover(command, Strategy.AUTO, to_version=1)


def test_sessions_put_away_are_listed_for_as_long_as_they_are_retained(
    session: Session, command: Command
) -> None:
    assert validate(command).earlier == ()

    recover(command, Strategy.START_NEW)

    assert [head.stream_id for head in validate(command).earlier] == [session.head.stream_id]
