"""A session's state, a pure fold of its events.

`evolve` is total: every event of the vocabulary is handled in every state, and none has a side
effect. What an event cannot change it leaves as it is; only the version always moves.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from session_events.envelope import RecordedEvent, digest
from session_events.events import (
    ClientErrorReported,
    Column,
    Event,
    Operation,
    OperationApplied,
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
    SessionStarted,
    SourceChangeDeclined,
    View,
    ViewChanged,
    Work,
)


class Status(StrEnum):
    """Where a session is in its life. The last two have ended; the others can be gone on with."""

    NOT_STARTED = "not_started"
    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"
    CLEARED = "cleared"
    SAVED = "saved"


ENDED = frozenset({Status.CLEARED, Status.SAVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """All there is to know about a session at `version`, the sequence of its last event.

    `work_version` is the last event that was more than looking: a page turn moves `version` alone,
    so that it never costs anybody a conflict. `redo` is a stack, the next one to redo last.
    `declined_fingerprint` is the content of the dataset that the user chose not to move to.
    Times are those of events: `last_activity_at` of the last one that a person caused.
    """

    status: Status = Status.NOT_STARTED
    version: int = 0
    work_version: int = 0
    dataset_id: uuid.UUID | None = None
    source_revision: int = 0
    source_fingerprint: str = ""
    base_columns: tuple[Column, ...] = ()
    row_count: int = 0
    operations: tuple[Operation, ...] = ()
    redo: tuple[Operation, ...] = ()
    view: View | None = None
    started_at: dt.datetime | None = None
    last_activity_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    view_changed_at: dt.datetime | None = None
    forked_from: uuid.UUID | None = None
    declined_fingerprint: str = ""

    @property
    def is_open(self) -> bool:
        return self.status not in ENDED and self.status is not Status.NOT_STARTED

    @property
    def columns(self) -> tuple[Column, ...]:
        return columns_after(self.base_columns, self.operations)

    @property
    def work(self) -> Work:
        return Work(operations=self.operations, redo=self.redo, view=self.view)


INITIAL = SessionState()

_LOOKING = (ViewChanged, ClientErrorReported)


def evolve(state: SessionState, recorded: RecordedEvent) -> SessionState:
    """Return the state after one more event. Pure; `state` is left as it is."""
    event = recorded.event
    state = _apply(state, event, recorded)
    return replace(
        state,
        version=recorded.sequence,
        work_version=(state.work_version if isinstance(event, _LOOKING) else recorded.sequence),
        last_activity_at=(
            state.last_activity_at if isinstance(event, SessionExpired) else recorded.recorded_at
        ),
    )


def _apply(state: SessionState, event: Event, recorded: RecordedEvent) -> SessionState:
    match event:
        case SessionStarted():
            return SessionState(
                status=Status.ACTIVE,
                dataset_id=event.dataset_id,
                source_revision=event.source_revision,
                source_fingerprint=event.source_fingerprint,
                base_columns=event.columns,
                row_count=event.row_count,
                started_at=recorded.recorded_at,
            )
        case ViewChanged():
            return replace(state, view=event.view, view_changed_at=recorded.recorded_at)
        case OperationApplied():
            return replace(
                state, operations=(*state.operations, _operation(event, recorded)), redo=()
            )
        case OperationUndone():
            return _move_last(state, event.operation_sequence, undo=True)
        case OperationRedone():
            return _move_last(state, event.operation_sequence, undo=False)
        case SessionReset():
            return replace(state, operations=(), redo=())
        case SessionPaused():
            return replace(state, status=Status.PAUSED)
        case SessionResumed():
            return replace(state, status=Status.ACTIVE, ended_at=None)
        case SessionExpired():
            return replace(state, status=Status.EXPIRED, ended_at=event.since)
        case SessionRecovered():
            return _with_work(replace(state, status=Status.ACTIVE, ended_at=None), event.work)
        case SessionForked():
            return _with_work(replace(state, forked_from=event.from_stream), event.work)
        case SessionSaved():
            return replace(state, status=Status.SAVED, ended_at=recorded.recorded_at)
        case SessionCleared():
            return replace(state, status=Status.CLEARED, ended_at=recorded.recorded_at)
        case SourceChangeDeclined():
            return replace(state, declined_fingerprint=event.source_fingerprint)
        case ClientErrorReported():
            return state
    raise TypeError(f"{type(event).__name__} is not in the vocabulary")


def fold(events: Iterable[RecordedEvent], initial: SessionState = INITIAL) -> SessionState:
    """Return the state after `events`, which follow `initial` in order."""
    state = initial
    for recorded in events:
        state = evolve(state, recorded)
    return state


def columns_after(
    base_columns: tuple[Column, ...], operations: Iterable[Operation]
) -> tuple[Column, ...]:
    """Return the columns, in order, that stand after `operations`.

    A change of a column that is not there changes nothing; an `add` behind such a column goes to
    the end.
    """
    columns = {column.key: column for column in base_columns}
    for operation in operations:
        for change in operation.column_changes:
            if change.action == "drop":
                columns.pop(change.key, None)
                continue
            column = Column(key=change.key, name=change.name, type=change.type)
            if change.action == "set":
                if change.key in columns:
                    columns[change.key] = column
            elif change.after is None or change.after not in columns:
                columns[change.key] = column
            else:
                columns = _inserted(columns, column, after=change.after)
    return tuple(columns.values())


def state_digest(state: SessionState) -> str:
    """Return a SHA-256, in hexadecimal, that is equal for equal states only."""
    return digest(state)


def _operation(event: OperationApplied, recorded: RecordedEvent) -> Operation:
    return Operation(
        sequence=recorded.sequence,
        operation=event.operation,
        parameters=event.parameters,
        fitted=event.fitted,
        column_changes=event.column_changes,
        rows_before=event.rows_before,
        rows_after=event.rows_after,
        cells_changed=event.cells_changed,
        applied_at=recorded.recorded_at,
    )


def _move_last(state: SessionState, operation_sequence: int, *, undo: bool) -> SessionState:
    source, target = (state.operations, state.redo) if undo else (state.redo, state.operations)
    if not source or source[-1].sequence != operation_sequence:
        return state
    source, target = source[:-1], (*target, source[-1])
    operations, redo = (source, target) if undo else (target, source)
    return replace(state, operations=operations, redo=redo)


def _with_work(state: SessionState, work: Work | None) -> SessionState:
    if work is None:
        return state
    return replace(state, operations=work.operations, redo=work.redo, view=work.view)


def _inserted(columns: dict[str, Column], column: Column, *, after: str) -> dict[str, Column]:
    inserted: dict[str, Column] = {}
    for key, existing in columns.items():
        inserted[key] = existing
        if key == after:
            inserted[column.key] = column
    return inserted
