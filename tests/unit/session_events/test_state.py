"""The fold: what each event makes of a session's state."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_events.events import (
    VOCABULARY,
    ClientErrorReported,
    Column,
    ColumnChange,
    Event,
    OperationRedone,
    OperationUndone,
    SessionCleared,
    SessionExpired,
    SessionForked,
    SessionPaused,
    SessionRecovered,
    SessionReset,
    SessionResumed,
    SessionSaved,
    SourceChangeDeclined,
    Work,
)
from session_events.state import (
    ENDED,
    INITIAL,
    SessionState,
    Status,
    columns_after,
    evolve,
    fold,
    state_digest,
)
from tests.unit.session_events.streams import (
    BASE_COLUMNS,
    BEGAN,
    DATASET_ID,
    STREAM_ID,
    applied,
    at_minute,
    looked_at,
    recorded,
    renamed,
    started,
)


def after(*events: Event) -> SessionState:
    return fold(recorded([started(), *events]))


def test_a_started_session_is_active_on_the_datasets_columns() -> None:
    state = after()

    assert state.status is Status.ACTIVE
    assert state.columns == BASE_COLUMNS
    assert (state.version, state.work_version, state.row_count) == (1, 1, 10)
    assert (state.dataset_id, state.source_revision) == (DATASET_ID, 1)
    assert state.source_fingerprint == "f" * 64
    assert state.started_at == state.last_activity_at == BEGAN
    assert state.is_open


def test_the_initial_state_is_no_session() -> None:
    assert not INITIAL.is_open
    assert INITIAL.status is Status.NOT_STARTED
    assert INITIAL.columns == ()


def test_an_operation_changes_the_columns_and_keeps_its_sequence() -> None:
    state = after(renamed("late"))

    assert [column.name for column in state.columns] == ["year", "late"]
    assert state.operations[0].sequence == 2
    assert state.operations[0].applied_at == at_minute(1)


def test_undo_then_redo_is_the_identity() -> None:
    before = after(renamed("a"), renamed("b"))

    state = after(
        renamed("a"),
        renamed("b"),
        OperationUndone(operation_sequence=3),
        OperationRedone(operation_sequence=3),
    )

    assert state.work == before.work
    assert state.columns == before.columns


def test_undone_operations_are_redone_in_their_order() -> None:
    state = after(
        renamed("a"),
        renamed("b"),
        OperationUndone(operation_sequence=3),
        OperationUndone(operation_sequence=2),
    )

    assert state.operations == ()
    assert [operation.sequence for operation in state.redo] == [3, 2]
    assert state.columns == BASE_COLUMNS


def test_a_new_operation_after_an_undo_drops_the_redo_branch_from_the_state() -> None:
    state = after(renamed("a"), OperationUndone(operation_sequence=2), renamed("b"))

    assert [operation.sequence for operation in state.operations] == [4]
    assert state.redo == ()


@pytest.mark.parametrize(
    "event", [OperationUndone(operation_sequence=9), OperationRedone(operation_sequence=9)]
)
def test_undo_and_redo_of_another_operation_move_the_version_alone(event: Event) -> None:
    before = after(renamed("a"))

    state = after(renamed("a"), event)

    assert state.work == before.work
    assert state.version == before.version + 1


def test_a_reset_goes_back_to_the_base_columns() -> None:
    state = after(renamed("a"), renamed("b"), OperationUndone(operation_sequence=3), SessionReset())

    assert state.columns == BASE_COLUMNS
    assert (state.operations, state.redo) == ((), ())


def test_a_view_moves_the_version_but_not_the_work_version() -> None:
    state = after(renamed("a"), looked_at(7), ClientErrorReported(message="TypeError", context={}))

    assert (state.version, state.work_version) == (4, 2)
    assert state.view == looked_at(7).view
    assert state.work.view == state.view
    assert state.view_changed_at == at_minute(2)
    assert state.last_activity_at == at_minute(3)


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (SessionPaused(), Status.PAUSED),
        (SessionExpired(since=at_minute(5)), Status.EXPIRED),
        (SessionCleared(reason="user", replaced_by=None), Status.CLEARED),
        (SessionSaved(new_dataset_id=STREAM_ID), Status.SAVED),
    ],
)
def test_a_session_that_stops_keeps_its_work_and_can_continue(event: Event, status: Status) -> None:
    stopped = after(renamed("a"), event)
    recovery = SessionRecovered(
        strategy="replay", recovered_version=3, snapshot_sequence=None, events_replayed=3
    )

    state = after(renamed("a"), event, recovery)

    assert stopped.status is status
    assert stopped.is_open is (status not in ENDED)
    assert state.status is Status.ACTIVE
    assert state.ended_at is None
    assert state.work == stopped.work == after(renamed("a")).work


def test_an_expiry_ends_the_session_when_it_was_due_and_is_not_activity() -> None:
    state = after(SessionExpired(since=at_minute(240)))

    assert state.ended_at == at_minute(240)
    assert state.last_activity_at == BEGAN


@pytest.mark.parametrize(
    "event",
    [SessionCleared(reason="user", replaced_by=None), SessionSaved(new_dataset_id=STREAM_ID)],
)
def test_an_ended_session_knows_when_it_ended(event: Event) -> None:
    assert after(event).ended_at == at_minute(1)


def test_a_session_put_away_names_the_one_in_its_place_until_it_is_recovered() -> None:
    put_away = SessionCleared(reason="start_new", replaced_by=STREAM_ID)
    recovery = SessionRecovered(
        strategy="replay", recovered_version=2, snapshot_sequence=None, events_replayed=2
    )

    assert after(put_away).replaced_by == STREAM_ID
    assert after(put_away, recovery).replaced_by is None
    assert after(put_away, SessionResumed()).replaced_by is None


def test_a_resumed_session_is_active_again() -> None:
    state = after(SessionExpired(since=at_minute(5)), SessionResumed())

    assert (state.status, state.ended_at) == (Status.ACTIVE, None)


def test_recovery_to_a_version_brings_back_the_work_it_carries() -> None:
    work = [
        renamed("a"),
        looked_at(3),
        renamed("b"),
        OperationUndone(operation_sequence=4),
    ]
    earlier = after(*work)

    state = after(
        *work,
        SessionReset(),
        looked_at(1),
        SessionRecovered(
            strategy="to_version",
            recovered_version=5,
            snapshot_sequence=None,
            events_replayed=5,
            work=earlier.work,
        ),
    )

    assert state.work == earlier.work
    assert [operation.sequence for operation in state.redo] == [4]


def test_a_fork_begins_with_the_work_of_the_other_session() -> None:
    other = after(renamed("a"))

    state = after(
        SessionForked(
            from_stream=STREAM_ID, from_sequence=2, reason="log_damaged_gap", work=other.work
        )
    )

    assert state.work == other.work
    assert state.forked_from == STREAM_ID
    assert state.status is Status.ACTIVE


def test_the_first_unknown_operation_is_the_first_applied_or_else_the_next_to_redo() -> None:
    state = after(
        applied("old"),
        applied("new"),
        applied("newer"),
        applied("newest"),
        OperationUndone(operation_sequence=5),
        OperationUndone(operation_sequence=4),
    )

    def first_unknown(*known: str) -> str | None:
        operation = state.first_unknown_operation(known.__contains__)
        return operation and operation.operation

    assert first_unknown("old", "new", "newer", "newest") is None
    assert first_unknown("new", "newer") == "old"
    assert first_unknown("old") == "new"
    assert first_unknown("old", "new") == "newer"
    assert first_unknown("old", "new", "newer") == "newest"


def test_a_second_start_begins_again_from_the_initial_state() -> None:
    state = after(renamed("a"), SessionPaused(), started())

    assert state.columns == BASE_COLUMNS
    assert (state.status, state.operations, state.version) == (Status.ACTIVE, (), 4)


def test_an_event_outside_the_vocabulary_is_a_programming_error() -> None:
    with pytest.raises(TypeError, match="^Event is not in the vocabulary$"):
        fold(recorded([Event()]))


# Columns


def columns_with(*changes: ColumnChange) -> list[tuple[str, str, str]]:
    state = after(applied("any", *changes))
    return [(column.key, column.name, column.type) for column in state.columns]


YEAR, DELAY = ("b0", "year", "integer"), ("b1", "delay", "float")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([ColumnChange(action="drop", key="b0")], [DELAY]),
        ([ColumnChange(action="drop", key="nope")], [YEAR, DELAY]),
        ([ColumnChange(action="drop", key="b0"), ColumnChange(action="drop", key="b1")], []),
        (
            [ColumnChange(action="set", key="b0", name="y", type="text")],
            [("b0", "y", "text"), DELAY],
        ),
        ([ColumnChange(action="set", key="nope", name="y", type="text")], [YEAR, DELAY]),
        (
            [ColumnChange(action="add", key="d1", name="n", type="text")],
            [YEAR, DELAY, ("d1", "n", "text")],
        ),
        (
            [ColumnChange(action="add", key="d1", name="n", type="text", after="b0")],
            [YEAR, ("d1", "n", "text"), DELAY],
        ),
        (
            [ColumnChange(action="add", key="d1", name="n", type="text", after="nope")],
            [YEAR, DELAY, ("d1", "n", "text")],
        ),
    ],
)
def test_columns_after_each_change(
    changes: list[ColumnChange], expected: list[tuple[str, str, str]]
) -> None:
    assert columns_with(*changes) == expected


def test_columns_of_no_operations_are_the_base_columns() -> None:
    assert columns_after((Column(key="b0", name="a", type="text"),), []) == (
        Column(key="b0", name="a", type="text"),
    )


def test_a_declined_source_change_is_remembered_and_changes_nothing_else() -> None:
    state = after(renamed("a"), SourceChangeDeclined(source_fingerprint="e" * 64))

    assert state.declined_fingerprint == "e" * 64
    assert state.work == after(renamed("a")).work


# Totality and digests

ANY_EVENT = st.sampled_from(
    [
        started(),
        looked_at(2),
        renamed("x"),
        applied("drop", ColumnChange(action="drop", key="b0")),
        OperationUndone(operation_sequence=2),
        OperationUndone(operation_sequence=3),
        OperationRedone(operation_sequence=2),
        SessionReset(),
        SessionPaused(),
        SessionResumed(),
        SessionExpired(since=BEGAN),
        SessionRecovered(
            strategy="replay", recovered_version=1, snapshot_sequence=None, events_replayed=1
        ),
        SessionForked(from_stream=STREAM_ID, from_sequence=1, reason="r", work=Work()),
        SessionSaved(new_dataset_id=uuid.UUID(int=1)),
        SessionCleared(reason="user", replaced_by=None),
        SourceChangeDeclined(source_fingerprint="e" * 64),
        ClientErrorReported(message="m", context={}),
    ]
)


@given(events=st.lists(ANY_EVENT, max_size=30), cut=st.integers(0, 30))
def test_every_event_is_handled_in_every_state_and_any_cut_folds_to_the_same(
    events: list[Event], cut: int
) -> None:
    stream = recorded(events)

    whole = fold(stream)

    assert fold(stream[cut:], fold(stream[:cut])) == whole
    assert whole.version == len(stream)


def test_the_property_above_draws_the_whole_vocabulary() -> None:
    drawn = {type(event) for event in ANY_EVENT.elements}  # type: ignore[attr-defined]

    assert drawn == set(VOCABULARY.values())


def test_evolve_does_not_change_its_input() -> None:
    before = after(renamed("a"))
    digest = state_digest(before)

    evolve(before, recorded([renamed("b")])[0])

    assert state_digest(before) == digest


def test_equal_states_have_equal_digests_and_different_ones_do_not() -> None:
    assert state_digest(after(renamed("a"))) == state_digest(after(renamed("a")))
    assert state_digest(after(renamed("a"))) != state_digest(after(renamed("b")))
