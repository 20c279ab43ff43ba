"""What one event changed, in words."""

from __future__ import annotations

import pytest

from session_events.events import (
    ColumnChange,
    Event,
    OperationRedone,
    OperationUndone,
    SessionPaused,
    SessionReset,
)
from session_events.inspection.changes_in_words import changes_in_words
from session_events.state import INITIAL, SessionState, fold
from tests.unit.session_events.streams import applied, looked_at, recorded, renamed, started

DROPPED = applied("drop", ColumnChange(action="drop", key="b0"))
ADDED = applied("copy", ColumnChange(action="add", key="d1", name="copy", type="float"))
ADDED_BETWEEN = applied(
    "copy", ColumnChange(action="add", key="d1", name="copy", type="float", after="b0")
)
RETYPED = applied("cast", ColumnChange(action="set", key="b1", name="late", type="string"))


def state_after(*events: Event) -> SessionState:
    return fold(recorded([started(), *events]), INITIAL)


def changed_by(*events: Event) -> list[tuple[str, str, str]]:
    """Return what the last of `events` changed."""
    changes = changes_in_words(state_after(*events[:-1]), state_after(*events))
    return [(change.sign, change.subject, change.text) for change in changes]


@pytest.mark.parametrize(
    ("events", "lines"),
    [
        ((looked_at(2),), [("+", "view", "page 2 of 25 rows")]),
        ((looked_at(2), looked_at(3)), [("±", "view", "page 2 of 25 rows → page 3 of 25 rows")]),
        (
            (looked_at(2, column_widths={"year": 90, "late": 60}),),
            [("+", "view", "page 2 of 25 rows, widths year 90 px, late 60 px")],
        ),
        (
            (looked_at(2, frozen_columns=1),),
            [("+", "view", "page 2 of 25 rows, columns kept in sight: 1")],
        ),
        ((SessionPaused(),), [("±", "status", "active → paused")]),
        (
            (DROPPED,),
            [("−", "column", "year (integer)"), ("+", "operation", "drop() of event 2")],
        ),
        ((ADDED,), [("+", "column", "copy (float)"), ("+", "operation", "copy() of event 2")]),
        (
            (ADDED_BETWEEN,),
            [("+", "column", "copy (float)"), ("+", "operation", "copy() of event 2")],
        ),
        (
            (RETYPED,),
            [
                ("±", "column", "delay (float) → late (string)"),
                ("+", "operation", "cast() of event 2"),
            ],
        ),
        (
            (renamed("a"), OperationUndone(operation_sequence=2)),
            [
                ("±", "column", "a (float) → delay (float)"),
                ("−", "operation", "rename_column() of event 2"),
                ("+", "redo", "rename_column() of event 2"),
            ],
        ),
        (
            (
                renamed("a"),
                OperationUndone(operation_sequence=2),
                OperationRedone(operation_sequence=2),
            ),
            [
                ("±", "column", "delay (float) → a (float)"),
                ("+", "operation", "rename_column() of event 2"),
                ("−", "redo", "rename_column() of event 2"),
            ],
        ),
        (
            (ADDED, SessionReset()),
            [("−", "column", "copy (float)"), ("−", "operation", "copy() of event 2")],
        ),
    ],
)
def test_each_change_is_one_line(
    events: tuple[Event, ...], lines: list[tuple[str, str, str]]
) -> None:
    assert changed_by(*events) == lines
