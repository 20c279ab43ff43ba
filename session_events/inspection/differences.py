"""What one state has and another has not, in words. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from session_events.envelope import canonical_json
from session_events.events import Column, Operation, View
from session_events.state import SessionState

Sign = Literal["+", "−", "±"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a difference: something came (+), went (−) or became something else (±)."""

    sign: Sign
    what: str
    text: str


def difference(before: SessionState, after: SessionState) -> tuple[Change, ...]:
    """Return what is different in `after`: status, columns, operations, redo and view."""
    changes: list[Change] = []
    if before.status != after.status:
        changes.append(Change(sign="±", what="status", text=f"{before.status} → {after.status}"))
    changes += _columns(before.columns, after.columns)
    changes += _operations("operation", before.operations, after.operations)
    changes += _operations("redo", before.redo, after.redo)
    if before.view != after.view:
        changes.append(_view(before.view, after.view))
    return tuple(changes)


def operation_in_words(operation: Operation) -> str:
    """Return one line: what was done, with what, and the event that did it."""
    parameters = ", ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in sorted(operation.parameters.items())
    )
    return f"{operation.operation}({parameters}) of event {operation.sequence}"


def _columns(before: Iterable[Column], after: Iterable[Column]) -> list[Change]:
    old = {column.key: column for column in before}
    new = {column.key: column for column in after}
    changes = [
        Change(sign="−", what="column", text=_column(column))
        for key, column in old.items()
        if key not in new
    ]
    for key, column in new.items():
        if key not in old:
            changes.append(Change(sign="+", what="column", text=_column(column)))
        elif column != old[key]:
            text = f"{_column(old[key])} → {_column(column)}"
            changes.append(Change(sign="±", what="column", text=text))
    stayed_before = [key for key in old if key in new]
    stayed_after = [key for key in new if key in old]
    if stayed_before != stayed_after:
        changes.append(Change(sign="±", what="columns", text="in another order"))
    return changes


def _operations(
    what: str, before: tuple[Operation, ...], after: tuple[Operation, ...]
) -> list[Change]:
    old = {operation.sequence for operation in before}
    new = {operation.sequence for operation in after}
    return [
        Change(sign="−", what=what, text=operation_in_words(operation))
        for operation in before
        if operation.sequence not in new
    ] + [
        Change(sign="+", what=what, text=operation_in_words(operation))
        for operation in after
        if operation.sequence not in old
    ]


def _view(before: View | None, after: View | None) -> Change:
    if after is None:
        return Change(sign="−", what="view", text=view_in_words(before))
    if before is None:
        return Change(sign="+", what="view", text=view_in_words(after))
    return Change(sign="±", what="view", text=f"{view_in_words(before)} → {view_in_words(after)}")


def view_in_words(view: View | None) -> str:
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
    return ", ".join(words)


def _column(column: Column) -> str:
    return f"{column.name} ({column.type})"
