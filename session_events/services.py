"""The use cases of a session, except recovery: start, open, work on, pause, clear.

Each reads the session, decides, and records its decision; see `recording` for how.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import Error, transaction
from django.utils import timezone

from session_events import events, heads, store
from session_events.conf import setting
from session_events.error_names import without_values
from session_events.events import Column, Event, View
from session_events.exceptions import (
    AnotherStreamOpen,
    LogDamaged,
    NothingToRedo,
    NothingToUndo,
    SessionConflict,
    SessionEventsError,
    SessionNotFound,
    TooManyOperations,
)
from session_events.heads import StreamHead
from session_events.loading import Session, load
from session_events.recording import (
    Command,
    Outcome,
    append,
    current_status,
    execute,
    expiry_events,
    record,
    require_expected,
    settle,
    with_retries,
)
from session_events.replay import START
from session_events.state import INITIAL, SessionState, Status

logger = logging.getLogger(__name__)

_VIEW_WAITS_MS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFacts:
    """What the log records of the dataset that a session begins on."""

    dataset_id: uuid.UUID
    revision: int
    fingerprint: str
    columns: tuple[Column, ...]
    row_count: int


def facts_of(state: SessionState) -> DatasetFacts:
    """Return the dataset as it was when the session began.

    Raises:
        SessionNotFound: the session was never started.
    """
    if state.dataset_id is None:
        raise SessionNotFound
    return DatasetFacts(
        dataset_id=state.dataset_id,
        revision=state.source_revision,
        fingerprint=state.source_fingerprint,
        columns=state.base_columns,
        row_count=state.row_count,
    )


def start(
    dataset: DatasetFacts,
    *,
    command: Command,
    then: Sequence[Event] = (),
    stream_id: uuid.UUID | None = None,
) -> Session:
    """Start a session on a dataset, with the events `then` after its first one; all or nothing.

    The first event carries the command's client operation id. A missing `stream_id` is generated.

    Raises:
        AnotherStreamOpen: the user has an open session on the dataset.
    """
    started = events.SessionStarted(
        dataset_id=dataset.dataset_id,
        source_revision=dataset.revision,
        source_fingerprint=dataset.fingerprint,
        columns=dataset.columns,
        row_count=dataset.row_count,
    )
    before_its_first_event = StreamHead(
        stream_id=stream_id or uuid.uuid4(),
        user_id=command.actor_id,
        dataset_id=dataset.dataset_id,
        position=START,
        status=INITIAL.status,
        is_open=INITIAL.is_open,
        last_event_at=timezone.now(),
    )
    return append(
        Session(head=before_its_first_event, state=INITIAL),
        [command.causes(started), *map(command.without_id.causes, then)],
    )


def start_instead_of(
    head: StreamHead | None,
    dataset: DatasetFacts,
    *,
    reason: str,
    command: Command,
    then: Sequence[Event] = (),
) -> Session:
    """Put away the open session at `head`, if there is one, and start another; all or nothing.

    Raises:
        SessionConflict: the open session has moved on since `head` was read.
        AnotherStreamOpen: another session was opened in the meantime.
    """
    stream_id = uuid.uuid4()
    with transaction.atomic():
        if head is not None:
            put_away(head, reason=reason, command=command, replaced_by=stream_id)
        return start(dataset, command=command, then=then, stream_id=stream_id)


def open_or_start(head: StreamHead | None, *, dataset: DatasetFacts, command: Command) -> Outcome:
    """Return the user's session on the dataset: the open one at `head`, else a new one.

    Resumes a paused session and revives an expired one, so that opening a dataset never loses
    work. An open session without any work, on other content than the dataset's, is put away for a
    new one, unless its user chose to stay on that content.

    Raises:
        SessionNotFound: the caller expects a session, and none is open.
        SessionConflict: the open session is not the expected one at its version.
        LogDamaged, LogUnreadable: the open session cannot be read.
    """
    command = command.without_id

    def open_now() -> Outcome:
        present = heads.open_head(user_id=command.actor_id, dataset_id=dataset.dataset_id)
        return _open_or_start(present, dataset=dataset, command=command)

    try:
        return _open_or_start(head, dataset=dataset, command=command)
    except (AnotherStreamOpen, SessionConflict):  # another tab came first
        if command.ends_in_conflict:
            raise
        return with_retries(open_now)


def _open_or_start(head: StreamHead | None, *, dataset: DatasetFacts, command: Command) -> Outcome:
    if head is None and command.expects:
        raise SessionNotFound
    if head is None:
        return Outcome(session=start(dataset, command=command), recorded=True)
    session = load(head)
    require_expected(head, command, state=session.state)
    if is_outdated_and_empty(session.state, dataset):
        fresh = start_instead_of(head, dataset, reason="start_new", command=command)
        return Outcome(session=fresh, recorded=True)
    if current_status(session.state) is Status.ACTIVE:
        return Outcome(session=session, recorded=False)
    reopening = (*expiry_events(session.state), events.SessionResumed())
    return Outcome(session=record(session, *reopening, command=command), recorded=True)


def is_outdated_and_empty(state: SessionState, dataset: DatasetFacts) -> bool:
    """Tell whether `open_or_start` replaces the session: no work, and on outdated content."""
    return (
        not state.operations
        and not state.redo
        and dataset.fingerprint not in (state.source_fingerprint, state.declined_fingerprint)
    )


def apply_operation(
    session: Session,
    prepare: Callable[[SessionState], events.OperationApplied],
    *,
    command: Command,
) -> Outcome:
    """Apply the operation that `prepare` returns for the session's state.

    Raises:
        TooManyOperations: the session is full.
        SessionEventsError: as `recording.execute_all`.
    """

    def decide(state: SessionState) -> Event:
        require_room(state)
        return prepare(state)

    return execute(session, decide, command=command)


def require_room(state: SessionState, *, for_operations: int = 1) -> None:
    """Raise `TooManyOperations` unless the session has room for that many more operations."""
    maximum = setting("MAX_OPERATIONS")
    if len(state.operations) + for_operations > maximum:
        raise TooManyOperations(maximum=maximum)


def undo(session: Session, *, command: Command) -> Outcome:
    """Undo the last operation.

    Raises:
        NothingToUndo: the session has no operations.
        SessionEventsError: as `recording.execute_all`.
    """

    def decide(state: SessionState) -> Event:
        if not state.operations:
            raise NothingToUndo
        return events.OperationUndone(operation_sequence=state.operations[-1].sequence)

    return execute(session, decide, command=command)


def redo(session: Session, *, command: Command) -> Outcome:
    """Redo the operation undone last.

    Raises:
        NothingToRedo: no operation was undone since the last was applied.
        SessionEventsError: as `recording.execute_all`.
    """

    def decide(state: SessionState) -> Event:
        if not state.redo:
            raise NothingToRedo
        return events.OperationRedone(operation_sequence=state.redo[-1].sequence)

    return execute(session, decide, command=command)


def reset(session: Session, *, command: Command) -> Outcome:
    """Go back to the original columns. Recovering an earlier version restores the work."""
    return execute(session, lambda state: events.SessionReset(), command=command)


def pause(session: Session, *, command: Command) -> Outcome:
    """Pause the session, which then does not expire. Pausing a paused session does nothing."""
    return settle(
        session,
        events.SessionPaused(),
        reached=Status.PAUSED,
        command=command,
        allowed=frozenset({Status.ACTIVE}),
    )


def resume(session: Session, *, command: Command) -> Outcome:
    """Resume a paused session. Resuming an active session does nothing."""
    return settle(
        session,
        events.SessionResumed(),
        reached=Status.ACTIVE,
        command=command,
        allowed=frozenset({Status.PAUSED}),
    )


def clear(head: StreamHead, *, command: Command) -> Outcome | None:
    """Put the open session away, whatever its status. It stays recoverable until retention ends.

    Also puts a damaged session away, but then returns None, since it cannot be read.
    """
    try:
        session = load(head)
    except LogDamaged:
        require_expected(head, command, state=None)
        put_away(head, reason="user", command=command)
        return None
    return settle(
        session,
        events.SessionCleared(reason="user", replaced_by=None),
        reached=Status.CLEARED,
        command=command,
        allowed=frozenset({Status.ACTIVE, Status.PAUSED, Status.EXPIRED}),
    )


def put_away(
    head: StreamHead, *, reason: str, command: Command, replaced_by: uuid.UUID | None = None
) -> None:
    """Close an open stream without reading its events, so that another can be opened.

    `replaced_by` is the session opened in its place, if any. A stream with a foreign event after
    its head cannot be appended to; it is closed without an event.

    Raises:
        SessionConflict: the stream has moved on since `head` was read; nothing was written.
    """
    if store.first_beyond_head(head.stream_id) is not None:
        store.close_without_event(head)
        return
    cleared = events.SessionCleared(reason=reason, replaced_by=replaced_by)
    store.append(
        store.seal_all([command.without_id.causes(cleared)], after=head),
        user_id=head.user_id,
        dataset_id=head.dataset_id,
        status=Status.CLEARED,
        is_open=False,
    )


def change_view(
    session: Session,
    view: View,
    *,
    command: Command,
    has_room: Callable[[], bool] = lambda: True,
) -> Session:
    """Record what the user looks at, at most once every `VIEW_CHANGE_INTERVAL_SECONDS`.

    `has_room` is asked last whether one more event may be recorded. Never fails and hardly waits:
    if the session is not active, has just moved on or cannot be written to at this moment, nothing
    is recorded.
    """
    state = session.state
    if view == state.view or current_status(state) is not Status.ACTIVE:
        return session
    if state.view_changed_at is not None:
        since_seconds = (timezone.now() - state.view_changed_at).total_seconds()
        if since_seconds < setting("VIEW_CHANGE_INTERVAL_SECONDS"):
            return session
    try:
        with store.waiting_at_most_ms(_VIEW_WAITS_MS):
            if not has_room():
                return session
            return record(session, events.ViewChanged(view=view), command=command.without_id)
    except (SessionEventsError, Error) as error:
        logger.info("a view was not recorded: %s", without_values(error))
        return session
