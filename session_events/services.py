"""What can be done with a session: one function per use case.

Each reads what stands, decides, and records what it decided; see `recording` for how.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import Error, transaction
from django.utils import timezone

from session_events import heads, store
from session_events.conf import setting
from session_events.events import (
    Column,
    Event,
    OperationApplied,
    OperationRedone,
    OperationUndone,
    SessionCleared,
    SessionPaused,
    SessionReset,
    SessionResumed,
    SessionStarted,
    View,
    ViewChanged,
)
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
    append_sealed,
    current_status,
    execute,
    execute_all,
    expiry_events,
    record,
    require_expected,
    settle,
    with_retries,
)
from session_events.replay import START
from session_events.state import INITIAL, SessionState, Status
from session_events.store import NewEvent

logger = logging.getLogger(__name__)

_LOOKING_WAITS_MS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFacts:
    """What the log keeps of the dataset that a session begins on."""

    dataset_id: uuid.UUID
    revision: int
    fingerprint: str
    columns: tuple[Column, ...]
    row_count: int


def facts_of(state: SessionState) -> DatasetFacts:
    """Return the dataset as it was when the session of `state` began.

    Raises:
        SessionNotFound: the session never began.
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
    """Begin a session on a dataset, with the events of `then` behind its first; all or nothing.

    The command's client operation id goes with the first event. Without a `stream_id` it is given
    a new one.

    Raises:
        AnotherStreamOpen: the user has an open session on the dataset.
    """
    started = SessionStarted(
        dataset_id=dataset.dataset_id,
        source_revision=dataset.revision,
        source_fingerprint=dataset.fingerprint,
        columns=dataset.columns,
        row_count=dataset.row_count,
    )
    sealed = store.seal_all(
        [
            NewEvent(event=started, metadata=command.metadata),
            *(NewEvent(event=event, metadata=command.without_id.metadata) for event in then),
        ],
        stream_id=stream_id or uuid.uuid4(),
        position=START,
        recorded_at=timezone.now(),
    )
    return append_sealed(sealed, INITIAL, user_id=command.actor_id, dataset_id=dataset.dataset_id)


def start_instead_of(
    head: StreamHead | None,
    dataset: DatasetFacts,
    *,
    reason: str,
    command: Command,
    then: Sequence[Event] = (),
) -> Session:
    """Put the open session at `head` away, if there is one, and begin another; all or nothing.

    Raises:
        SessionConflict: the open session has moved on since `head` was read.
        AnotherStreamOpen: somebody else opened one meanwhile.
    """
    stream_id = uuid.uuid4()
    with transaction.atomic():
        if head is not None:
            put_away(head, reason=reason, command=command, replaced_by=stream_id)
        return start(dataset, command=command, then=then, stream_id=stream_id)


def open_or_start(head: StreamHead | None, *, dataset: DatasetFacts, command: Command) -> Outcome:
    """Return the user's session on the dataset: the open one at `head`, else one begun now.

    A paused session is resumed, and an expired one goes on as it was left: opening a dataset never
    costs anybody their work. An open session without any, on other content than the dataset's, is
    put away for a new one, unless its user had chosen to stay on it.

    Raises:
        SessionNotFound, SessionConflict: the caller expects a session, and none is open or not
        that one at its version.
        LogDamaged, LogUnreadable: the open session cannot be read.
        Nothing was written in any of these cases.
    """
    command = command.without_id

    def open_now() -> Outcome:
        found = heads.open_head(user_id=command.actor_id, dataset_id=dataset.dataset_id)
        return _open_or_start(found, dataset=dataset, command=command)

    try:
        return _open_or_start(head, dataset=dataset, command=command)
    except (AnotherStreamOpen, SessionConflict):  # another tab was a moment faster
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
    events = (*expiry_events(session.state), SessionResumed())
    return Outcome(session=record(session, *events, command=command), recorded=True)


def is_outdated_and_empty(state: SessionState, dataset: DatasetFacts) -> bool:
    """Tell whether `open_or_start` puts the session away: nothing was done on other content."""
    return (
        not state.operations
        and not state.redo
        and dataset.fingerprint not in (state.source_fingerprint, state.declined_fingerprint)
    )


def apply_operation(
    session: Session, prepare: Callable[[SessionState], OperationApplied], *, command: Command
) -> Outcome:
    """Apply what `prepare` makes of the current state; it is not called for a repeated command.

    Raises:
        TooManyOperations, and what `execute` and `prepare` raise; nothing was written.
    """

    def decide(state: SessionState) -> Event:
        require_room(state)
        return prepare(state)

    return execute(session, decide, command=command)


def apply_operations(
    session: Session,
    prepare: Callable[[SessionState], Sequence[OperationApplied]],
    *,
    command: Command,
) -> Outcome:
    """Apply all that `prepare` makes of the current state in one append; nothing, if it is none.

    Each can be undone singly. `prepare` looks for room itself; it is not called for a repeated
    command. Raises: as `apply_operation`.
    """
    return execute_all(session, prepare, command=command)


def require_room(state: SessionState, *, for_operations: int = 1) -> None:
    """Raise `TooManyOperations` where so many more operations are more than a session holds."""
    maximum = setting("MAX_OPERATIONS")
    if len(state.operations) + for_operations > maximum:
        raise TooManyOperations(maximum=maximum)


def undo(session: Session, *, command: Command) -> Outcome:
    """Take the last operation back. Raises `NothingToUndo`, and what `execute` raises."""

    def decide(state: SessionState) -> Event:
        if not state.operations:
            raise NothingToUndo
        return OperationUndone(operation_sequence=state.operations[-1].sequence)

    return execute(session, decide, command=command)


def redo(session: Session, *, command: Command) -> Outcome:
    """Put the operation undone last back. Raises `NothingToRedo`, and what `execute` raises."""

    def decide(state: SessionState) -> Event:
        if not state.redo:
            raise NothingToRedo
        return OperationRedone(operation_sequence=state.redo[-1].sequence)

    return execute(session, decide, command=command)


def reset(session: Session, *, command: Command) -> Outcome:
    """Go back to the original columns. Recovering an earlier version brings the work back."""
    return execute(session, lambda state: SessionReset(), command=command)


def pause(session: Session, *, command: Command) -> Outcome:
    """Put the session aside; it does not expire. Pausing a paused session does nothing."""
    return settle(
        session,
        lambda state: SessionPaused(),
        reached=Status.PAUSED,
        command=command,
        allowed=frozenset({Status.ACTIVE}),
    )


def resume(session: Session, *, command: Command) -> Outcome:
    """Take a paused session up again. Resuming an active session does nothing."""
    return settle(
        session,
        lambda state: SessionResumed(),
        reached=Status.ACTIVE,
        command=command,
        allowed=frozenset({Status.PAUSED}),
    )


def clear(head: StreamHead, *, command: Command) -> Outcome | None:
    """Put the open session away, whatever its status. It stays recoverable in the retention time.

    A damaged session can be put away as well; None is returned then, since it cannot be read.
    """
    try:
        session = load(head)
    except LogDamaged:
        require_expected(head, command, state=None)
        put_away(head, reason="user", command=command)
        return None
    return settle(
        session,
        lambda state: SessionCleared(reason="user", replaced_by=None),
        reached=Status.CLEARED,
        command=command,
        allowed=frozenset({Status.ACTIVE, Status.PAUSED, Status.EXPIRED}),
    )


def put_away(
    head: StreamHead, *, reason: str, command: Command, replaced_by: uuid.UUID | None = None
) -> None:
    """Close an open stream without reading it, so that another can be opened: `replaced_by`.

    Where an event that is not ours stands behind the head, nothing can be appended: such a stream
    is closed without an event.

    Raises:
        SessionConflict: the stream has moved on since `head` was read; nothing was written.
    """
    if store.first_beyond_head(head.stream_id) is not None:
        store.close_without_event(head)
        return
    cleared = SessionCleared(reason=reason, replaced_by=replaced_by)
    sealed = store.seal_all(
        [NewEvent(event=cleared, metadata=command.without_id.metadata)],
        stream_id=head.stream_id,
        position=head.position,
        recorded_at=timezone.now(),
    )
    store.append(
        sealed,
        user_id=head.user_id,
        dataset_id=head.dataset_id,
        status=Status.CLEARED,
        is_open=False,
    )


def change_view(session: Session, view: View, *, command: Command) -> Session:
    """Record what the user looks at, at most once in the interval of the settings.

    Looking is not worth a refusal or a wait: a session that is not active, has just moved on or
    cannot be written to at this moment is returned as it is.
    """
    state, now = session.state, timezone.now()
    if view == state.view or current_status(state) is not Status.ACTIVE:
        return session
    if state.view_changed_at is not None:
        since_seconds = (now - state.view_changed_at).total_seconds()
        if since_seconds < setting("VIEW_CHANGE_INTERVAL_SECONDS"):
            return session
    try:
        with store.waiting_at_most_ms(_LOOKING_WAITS_MS):
            return record(session, ViewChanged(view=view), command=command.without_id)
    except (SessionEventsError, Error) as error:
        logger.info("a view was not recorded: %s", error)
        return session
