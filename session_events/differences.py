"""Compare two versions of one session: their operations and their columns. Pure.

Note [Stacks share their beginning]
    An operation always has the same operations before it: undo and redo move the last one, and a
    recovery restores a whole stack. So two stacks of one session have in common what they begin
    with, and differ in all that follows.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import takewhile
from operator import eq

from session_events.events import Column, Operation
from session_events.state import SessionState, new_columns

OperationKey = tuple[int, dt.datetime]
_ColumnKey = tuple[str, OperationKey | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDifference:
    """A column that exists in both versions, before and after."""

    before: Column
    after: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What leads from one version to the other, operations in their order.

    `taken_back` are in the first version only. Those in the second only are `added` if they were
    applied after the first version, `restored` if they had been applied and undone by then. A
    column both renamed and retyped is in both lists.
    """

    added: tuple[Operation, ...] = ()
    taken_back: tuple[Operation, ...] = ()
    restored: tuple[Operation, ...] = ()
    columns_added: tuple[Column, ...] = ()
    columns_dropped: tuple[Column, ...] = ()
    columns_renamed: tuple[ColumnDifference, ...] = ()
    columns_retyped: tuple[ColumnDifference, ...] = ()


def differences(before: SessionState, after: SessionState) -> Differences:
    """Return what changed from `before` to `after`, two versions of one session in any order."""
    shared = _shared(before.operations, after.operations)
    came = after.operations[shared:]
    was, is_now = _columns(before), _columns(after)
    both = [
        ColumnDifference(before=was[key], after=column)
        for key, column in is_now.items()
        if key in was
    ]
    return Differences(
        added=tuple(operation for operation in came if not _was_applied(operation, before)),
        taken_back=before.operations[shared:],
        restored=tuple(operation for operation in came if _was_applied(operation, before)),
        columns_added=tuple(column for key, column in is_now.items() if key not in was),
        columns_dropped=tuple(column for key, column in was.items() if key not in is_now),
        columns_renamed=tuple(pair for pair in both if pair.before.name != pair.after.name),
        columns_retyped=tuple(pair for pair in both if pair.before.type != pair.after.type),
    )


def operation_key(operation: Operation) -> OperationKey:
    """Return what identifies an operation among all of a session's.

    A fork brings operations with the sequences of another stream; the time of the event tells them
    from those of this one.
    """
    return operation.sequence, operation.applied_at


def _shared(before: tuple[Operation, ...], after: tuple[Operation, ...]) -> int:
    """Return how many operations both begin with. See Note [Stacks share their beginning]."""
    is_same = map(eq, map(operation_key, before), map(operation_key, after))
    return sum(takewhile(bool, is_same))


def _was_applied(operation: Operation, state: SessionState) -> bool:
    """Tell whether the operation had been applied by that version, even if undone since."""
    if state.started_at is not None and operation.applied_at < state.started_at:
        return state.forked_from is not None  # it came with the fork
    return operation.sequence <= state.version


def _columns(state: SessionState) -> dict[_ColumnKey, Column]:
    """Return the columns by key and the operation that added them: undo frees a key for reuse."""
    added_by: dict[str, OperationKey] = {}
    for operation in state.operations:
        for change in new_columns(operation.column_changes):
            added_by[change.key] = operation_key(operation)
    return {(column.key, added_by.get(column.key)): column for column in state.columns}
