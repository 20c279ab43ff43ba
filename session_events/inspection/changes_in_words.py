"""What one state has and another has not, in words. Pure."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a difference: something came (+), went (−) or became something else (±)."""

    sign: Sign
    what: str
    text: str


def changes_in_words(before: SessionState, after: SessionState) -> tuple[Change, ...]:
    """Return what is different in `after`: status, columns, operations, redo and view.

    Both are versions of one session; `differences` tells what became of its work.
    """
    changes: list[Change] = []
    if before.status != after.status:
        changes.append(Change(sign="±", what="status", text=f"{before.status} → {after.status}"))
    found = differences(before, after)
    changes += _columns(found, before, after)
    changes += _operations("operation", found.taken_back, (*found.restored, *found.added))
    kept = {operation_key(one) for one in before.redo} & {operation_key(one) for one in after.redo}
    changes += _operations(
        "redo",
        [one for one in before.redo if operation_key(one) not in kept],
        [one for one in after.redo if operation_key(one) not in kept],
    )
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


def _columns(found: Differences, before: SessionState, after: SessionState) -> list[Change]:
    changes = [
        *(Change(sign="−", what="column", text=_column(one)) for one in found.columns_dropped),
        *(Change(sign="+", what="column", text=_column(one)) for one in found.columns_added),
    ]
    changed = {pair.after.key: pair for pair in (*found.columns_renamed, *found.columns_retyped)}
    for pair in changed.values():
        text = f"{_column(pair.before)} → {_column(pair.after)}"
        changes.append(Change(sign="±", what="column", text=text))
    went = {column.key for column in found.columns_dropped}
    came = {column.key for column in found.columns_added}
    stayed_before = [column.key for column in before.columns if column.key not in went]
    stayed_after = [column.key for column in after.columns if column.key not in came]
    if stayed_before != stayed_after:
        changes.append(Change(sign="±", what="columns", text="in another order"))
    return changes


def _operations(what: str, went: Iterable[Operation], came: Iterable[Operation]) -> list[Change]:
    return [
        *(Change(sign="−", what=what, text=operation_in_words(one)) for one in went),
        *(Change(sign="+", what=what, text=operation_in_words(one)) for one in came),
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
