"""What changed between two versions of a session."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from session_events.differences import Differences, differences, operation_key
from session_events.events import (
    Column,
    ColumnChange,
    Event,
    Operation,
    OperationRedone,
    OperationUndone,
    SessionForked,
    SessionRecovered,
    SessionReset,
)
from session_events.state import SessionState, fold
from tests.unit.session_events.streams import BASE_COLUMNS, applied, recorded, renamed, started

YEAR, DELAY = BASE_COLUMNS
ADD = ColumnChange(action="add", key="d1", name="delay_copy", type="float")
DROP = ColumnChange(action="drop", key="b0")
RETYPE = ColumnChange(action="set", key="b1", name="delay", type="text")
BOTH = ColumnChange(action="set", key="b1", name="late", type="text")


def history(*events: Event) -> list[SessionState]:
    """Return the states of a session by version; number 0 is the one before any event."""
    stream = recorded([started(), *events])
    return [fold(stream[:version]) for version in range(len(stream) + 1)]


def sequences(operations: tuple[Operation, ...]) -> list[int]:
    return [operation.sequence for operation in operations]


def operations_of(diff: Differences) -> tuple[list[int], list[int], list[int]]:
    return sequences(diff.added), sequences(diff.taken_back), sequences(diff.restored)


def columns_of(diff: Differences) -> dict[str, list[object]]:
    lists: dict[str, list[object]] = {
        "added": [column.name for column in diff.columns_added],
        "dropped": [column.name for column in diff.columns_dropped],
        "renamed": [(pair.before.name, pair.after.name) for pair in diff.columns_renamed],
        "retyped": [(pair.before.type, pair.after.type) for pair in diff.columns_retyped],
    }
    return {name: items for name, items in lists.items() if items}


UNDO_2, UNDO_3 = OperationUndone(operation_sequence=2), OperationUndone(operation_sequence=3)
REDO_2 = OperationRedone(operation_sequence=2)


@pytest.mark.parametrize(
    ("events", "versions", "expected"),
    [
        ([renamed("a"), renamed("b")], (1, 3), ([2, 3], [], [])),
        ([renamed("a"), renamed("b")], (2, 3), ([3], [], [])),
        ([renamed("a"), UNDO_2], (2, 3), ([], [2], [])),
        ([renamed("a"), UNDO_2], (1, 3), ([], [], [])),
        ([renamed("a"), UNDO_2, REDO_2], (3, 4), ([], [], [2])),
        ([renamed("a"), UNDO_2, REDO_2], (2, 4), ([], [], [])),
        ([renamed("a"), UNDO_2, REDO_2], (1, 4), ([2], [], [])),
        ([renamed("a"), UNDO_2, renamed("b")], (2, 4), ([4], [2], [])),
        ([renamed("a"), UNDO_2, renamed("b")], (4, 2), ([], [4], [2])),
        ([renamed("a"), renamed("b"), SessionReset()], (3, 4), ([], [2, 3], [])),
        ([renamed("a"), renamed("b"), SessionReset()], (4, 2), ([], [], [2])),
    ],
)
def test_operations_are_added_taken_back_or_restored(
    events: list[Event],
    versions: tuple[int, int],
    expected: tuple[list[int], list[int], list[int]],
) -> None:
    states = history(*events)

    assert operations_of(differences(*(states[version] for version in versions))) == expected


@pytest.mark.parametrize(
    ("events", "versions", "expected"),
    [
        ([applied("copy", ADD)], (1, 2), {"added": ["delay_copy"]}),
        ([applied("copy", ADD)], (2, 1), {"dropped": ["delay_copy"]}),
        ([applied("drop", DROP)], (1, 2), {"dropped": ["year"]}),
        ([applied("drop", DROP), UNDO_2], (2, 3), {"added": ["year"]}),
        ([renamed("late")], (1, 2), {"renamed": [("delay", "late")]}),
        ([renamed("late"), renamed("delay")], (1, 3), {}),
        ([applied("cast", RETYPE)], (1, 2), {"retyped": [("float", "text")]}),
        (
            [applied("both", BOTH)],
            (1, 2),
            {"renamed": [("delay", "late")], "retyped": [("float", "text")]},
        ),
        ([applied("copy", ADD), applied("drop", replace(DROP, key="d1"))], (1, 3), {}),
        (
            [applied("copy", ADD), UNDO_2, applied("copy", replace(ADD, name="year_copy"))],
            (2, 4),
            {"added": ["year_copy"], "dropped": ["delay_copy"]},
        ),
    ],
)
def test_columns_are_added_dropped_renamed_or_retyped(
    events: list[Event], versions: tuple[int, int], expected: dict[str, list[object]]
) -> None:
    states = history(*events)

    assert columns_of(differences(*(states[version] for version in versions))) == expected


def test_an_operation_at_the_very_start_of_the_session_is_identified_by_its_sequence() -> None:
    [standing] = history(renamed("a"))[2].operations
    began = structs.replace(history()[1], started_at=standing.applied_at)

    diff = differences(
        structs.replace(began, version=3), structs.replace(began, operations=(standing,))
    )

    assert operations_of(diff) == ([], [], [2])


def test_the_work_that_a_fork_began_with_was_applied_before_it() -> None:
    """The operations have sequences of another stream, here later than any of this one."""
    other = history(*(renamed(name) for name in "abcdefgh"))[-1]
    forked = SessionForked(
        from_stream=uuid.UUID(int=1), from_sequence=9, reason="fork", work=other.work
    )
    undone = OperationUndone(operation_sequence=9)
    redone = OperationRedone(operation_sequence=9)
    stream = recorded([started(), forked, undone, redone])
    moved = [replace(item, recorded_at=item.recorded_at.replace(year=2027)) for item in stream]
    states = [fold(moved[:version]) for version in range(5)]

    assert operations_of(differences(states[1], states[2])) == ([*range(2, 10)], [], [])
    assert operations_of(differences(states[2], states[3])) == ([], [9], [])
    assert operations_of(differences(states[3], states[4])) == ([], [], [9])


CHANGES = st.sampled_from(
    [
        ColumnChange(action="set", key="b0", name="y", type="integer"),
        ColumnChange(action="set", key="b1", name="delay", type="text"),
        ColumnChange(action="set", key="d1", name="c", type="text"),
        ColumnChange(action="drop", key="b0"),
        ColumnChange(action="drop", key="d1"),
        ADD,
        replace(ADD, key="d2", name="other", after="b0"),
    ]
)
STEPS = st.one_of(
    st.lists(CHANGES, max_size=3, unique_by=lambda change: change.key),
    st.sampled_from(["undo", "redo", "reset"]),
    st.integers(1, 20),
)


@st.composite
def histories(draw: st.DrawFn) -> list[SessionState]:
    """Draw the states by version of a session with only events that the services write."""
    events: list[Event] = [started()]
    states = [fold([]), fold(recorded(events))]
    for step in draw(st.lists(STEPS, min_size=1, max_size=15)):
        state = states[-1]
        match step:
            case list():
                events.append(applied("any", *step))
            case "undo" if state.operations:
                events.append(OperationUndone(operation_sequence=state.operations[-1].sequence))
            case "redo" if state.redo:
                events.append(OperationRedone(operation_sequence=state.redo[-1].sequence))
            case int():
                target = states[min(step, state.version)]
                events.append(
                    SessionRecovered(
                        strategy="to_version",
                        recovered_version=target.version,
                        snapshot_sequence=None,
                        events_replayed=1,
                        work=target.work,
                    )
                )
            case _:
                events.append(SessionReset())
        states.append(fold(recorded(events)))
    return states


def patched_operations(keys: list[object], diff: Differences) -> list[object]:
    """Apply the differences to the operations of the version before."""
    if diff.taken_back:
        assert keys[-len(diff.taken_back) :] == [operation_key(o) for o in diff.taken_back]
        keys = keys[: -len(diff.taken_back)]
    came = sorted((*diff.added, *diff.restored), key=lambda operation: operation.sequence)
    return keys + [operation_key(operation) for operation in came]


def patched_columns(columns: set[Column], diff: Differences) -> set[Column]:
    """Apply the differences to the columns of the version before."""
    columns = columns - set(diff.columns_dropped)
    for pair in {*diff.columns_renamed, *diff.columns_retyped}:
        columns = columns - {pair.before} | {pair.after}
    return columns | set(diff.columns_added)


@given(states=histories(), versions=st.tuples(*[st.integers(1, 16)] * 3))
def test_changes_compose_and_lead_from_any_version_to_any_other(
    states: list[SessionState], versions: tuple[int, int, int]
) -> None:
    a, b, c = (states[min(version, len(states) - 1)] for version in versions)
    operations = [operation_key(operation) for operation in a.operations]

    step_by_step = patched_operations(
        patched_operations(operations, differences(a, b)), differences(b, c)
    )
    assert step_by_step == patched_operations(operations, differences(a, c))
    assert step_by_step == [operation_key(operation) for operation in c.operations]
    columns = patched_columns(patched_columns(set(a.columns), differences(a, b)), differences(b, c))
    assert columns == patched_columns(set(a.columns), differences(a, c)) == set(c.columns)


@given(states=histories())
def test_nothing_changed_from_a_version_to_itself(states: list[SessionState]) -> None:
    for state in states:
        assert differences(state, state) == Differences()


@given(states=histories(), version=st.integers(1, 16))
def test_the_way_back_undoes_the_way_there(states: list[SessionState], version: int) -> None:
    a, b = states[min(version, len(states) - 1)], states[-1]
    there, back = differences(a, b), differences(b, a)

    assert {*sequences(there.added), *sequences(there.restored)} == {*sequences(back.taken_back)}
    assert set(there.columns_added) == set(back.columns_dropped)
    assert back.added == ()


def test_a_column_that_only_moved_is_neither_new_nor_gone() -> None:
    move = ColumnChange(action="add", key="b0", name=YEAR.name, type=YEAR.type)
    states = history(applied("reorder_columns", DROP, move))

    assert [column.key for column in states[2].columns] == ["b1", "b0"]
    assert columns_of(differences(states[1], states[2])) == {}
