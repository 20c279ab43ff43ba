"""Describe in words how one state differs from another. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from session_events.differences import Differences, differences, operation_key
from session_events.envelope import canonical_json
from session_events.events import Column, Operation, View
from session_events.state import SessionState

Sign = Literal["+", "−", "±"]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a difference: something was added (+), removed (−) or changed (±)."""

    sign: Sign
    subject: str
    text: str


def changes_in_words(before: SessionState, after: SessionState) -> tuple[Change, ...]:
    """Return what differs in `after`: status, columns, operations, redo and view.

    Both are versions of one session.
    """
    changes: list[Change] = []
    if before.status != after.status:
        changes.append(Change("±", "status", f"{before.status} → {after.status}"))
    diff = differences(before, after)
    changes += _columns(diff, before, after)
    changes += _operations("operation", diff.taken_back, (*diff.restored, *diff.added))
    redo_before = {operation_key(operation): operation for operation in before.redo}
    redo_after = {operation_key(operation): operation for operation in after.redo}
    changes += _operations(
        "redo",
        [operation for key, operation in redo_before.items() if key not in redo_after],
        [operation for key, operation in redo_after.items() if key not in redo_before],
    )
    if before.view != after.view:
        changes.append(_view(before.view, after.view))
    return tuple(changes)


def operation_in_words(operation: Operation) -> str:
    """Return one line: the operation, its parameters and the event that applied it."""
    parameters = ", ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in sorted(operation.parameters.items())
    )
    return f"{operation.operation}({parameters}) of event {operation.sequence}"


def _columns(diff: Differences, before: SessionState, after: SessionState) -> list[Change]:
    changes = [
        *(Change("−", "column", _column(column)) for column in diff.columns_dropped),
        *(Change("+", "column", _column(column)) for column in diff.columns_added),
    ]
    changed = {pair.after.key: pair for pair in (*diff.columns_renamed, *diff.columns_retyped)}
    for pair in changed.values():
        text = f"{_column(pair.before)} → {_column(pair.after)}"
        changes.append(Change("±", "column", text))
    dropped = {column.key for column in diff.columns_dropped}
    added = {column.key for column in diff.columns_added}
    order_before = [column.key for column in before.columns if column.key not in dropped]
    order_after = [column.key for column in after.columns if column.key not in added]
    if order_before != order_after:
        changes.append(Change("±", "columns", "in another order"))
    return changes


def _operations(
    subject: str, removed: Iterable[Operation], added: Iterable[Operation]
) -> list[Change]:
    return [
        *(Change("−", subject, operation_in_words(operation)) for operation in removed),
        *(Change("+", subject, operation_in_words(operation)) for operation in added),
    ]


def _view(before: View | None, after: View | None) -> Change:
    if after is None:
        return Change("−", "view", view_in_words(before))
    if before is None:
        return Change("+", "view", view_in_words(after))
    return Change("±", "view", f"{view_in_words(before)} → {view_in_words(after)}")


def view_in_words(view: View | None) -> str:
    """Return one line: the page, and how its rows and columns were chosen and ordered."""
    if view is None:
        return "none"
    words = [f"page {view.page_number:,} of {view.page_size} rows"]
    if view.sort:
        words.append(f"sorted by {', '.join(view.sort)}")
    if view.filters is not None:
        words.append(f"filtered by {canonical_json(view.filters)}")
    if view.hidden_columns:
        words.append(f"without {', '.join(view.hidden_columns)}")
    if view.column_order:
        words.append(f"columns in the order {', '.join(view.column_order)}")
    if view.column_widths:
        widths = (f"{name} {width} px" for name, width in view.column_widths.items())
        words.append(f"widths {', '.join(widths)}")
    if view.frozen_columns:
        words.append(f"columns kept in sight: {view.frozen_columns}")
    return ", ".join(words)


def _column(column: Column) -> str:
    return f"{column.name} ({column.type})"
