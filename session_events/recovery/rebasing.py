"""A session's work rebased onto its dataset's new file, in a new session of its own.

The old session is put away; nothing that was fitted to other rows is ever written to it. The new
one records which session its work came from, and holds each operation as an event, so that each can
be undone. Only the caller knows rows and columns; it supplies them as a `CurrentRevision`.
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
from session_events.recovery.source_changes import SourceChange
from session_events.state import SessionState

_EVENTS_BEFORE_OPERATIONS = 2  # a rebased session begins with SessionStarted and SessionForked


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """A session's work as fitted to other rows.

    `applied` holds the operations in order; the last `undone` of them are undone again, so that
    they can be redone. `given_up` names those that could not be applied, and why.
    """

    applied: tuple[OperationApplied, ...]
    undone: int = 0
    given_up: tuple[GivenUp, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentRevision:
    """The dataset's current revision, as seen from a session that began on any of its revisions.

    `change_since` returns how its content differs from what the session began on, None if it does
    not. `rebase` fits the session's work to the current rows, and writes nothing.
    """

    change_since: Callable[[SessionState], SourceChange | None]
    rebase: Callable[[SessionState, SourceChange], Rebased]


# The revision where none is published: it reports no change.
UNCHANGED = CurrentRevision(
    change_since=lambda state: None, rebase=lambda state, change: Rebased(applied=())
)


def rebased_events(
    rebased: Rebased,
    *,
    from_stream: uuid.UUID,
    state: SessionState,
    given_up: tuple[GivenUp, ...],
) -> tuple[Event, ...]:
    """Return the events that follow SessionStarted in the session with the rebased work.

    `state` is that of the session the work came from, `from_stream`.
    """
    forked = SessionForked(
        from_stream=from_stream,
        from_sequence=state.version,
        reason="source_changed",
        given_up=given_up,
        work=Work(view=state.view),
    )
    last = _EVENTS_BEFORE_OPERATIONS + len(rebased.applied)
    undone = (OperationUndone(operation_sequence=last - back) for back in range(rebased.undone))
    return (forked, *rebased.applied, *undone)
