"""A session's work on a dataset that got another file: refitted, in a session of its own.

The old session is put away, never written on with what was fitted to other rows. The new one says
which session its work came from, and holds each operation as an event, so that each can be undone.
What the log knows of rows and columns it is told by a `Revision`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from session_events.events import (
    Event,
    GivenUp,
    OperationApplied,
    OperationUndone,
    SessionForked,
    Work,
)
from session_events.recovery.decision import SourceChange
from session_events.state import SessionState

_BEFORE_OPERATIONS = 2  # a session that was carried over begins with SessionStarted, SessionForked


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """A session's work as it is on other rows: `applied` in order, the last `undone` of them undone
    again, so that they can be redone. `given_up` names what could not be applied, and why."""

    applied: tuple[OperationApplied, ...]
    undone: int = 0
    given_up: tuple[GivenUp, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The dataset as it is now, seen from a session that began on some revision of it.

    `change_since` tells how its content differs from what the session began on, None if it does
    not; `rebase` fits the session's work to the rows as they are now, and writes nothing.
    """

    change_since: Callable[[SessionState], SourceChange | None]
    rebase: Callable[[SessionState, SourceChange], Rebased]


def _unchanged(state: SessionState) -> None:
    return None


def _refit_nothing(state: SessionState, change: SourceChange) -> Rebased:
    return Rebased(applied=())


UNCHANGED = Revision(change_since=_unchanged, rebase=_refit_nothing)


def first_events(
    rebased: Rebased,
    *,
    from_stream: uuid.UUID,
    state: SessionState,
    given_up: tuple[GivenUp, ...],
) -> tuple[Event, ...]:
    """Return what stands behind SessionStarted in a session that goes on with refitted work."""
    forked = SessionForked(
        from_stream=from_stream,
        from_sequence=state.version,
        reason="source_changed",
        given_up=given_up,
        work=Work(view=state.view),
    )
    last = _BEFORE_OPERATIONS + len(rebased.applied)
    undone = (OperationUndone(operation_sequence=last - back) for back in range(rebased.undone))
    return (forked, *rebased.applied, *undone)
