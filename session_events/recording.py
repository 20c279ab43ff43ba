"""Record what a command does: read, decide, append. The append is the transaction.

A command that is refused, is repeated or has nothing to do appends nothing.

Note [One wins each version]
    A command decides on the version it has read and appends only after that version. Of two
    concurrent commands the second finds that the session has moved on. If only views were recorded
    in between, its decision still holds, and it appends again. If work was done, a command that
    expected a version gets `SessionConflict`; any other decides anew on the present state, because
    its caller wants it done after whatever came first: a double click on undo undoes two steps.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db import OperationalError
from django.utils import timezone

from session_events import heads, store
from session_events.conf import recovery_policy
from session_events.envelope import EventMetadata, StoredEvent, decode, decode_metadata, digest
from session_events.events import Event, SessionExpired
from session_events.exceptions import (
    AnotherStreamOpen,
    ClientOperationIdReused,
    ClientOperationRepeated,
    LogDamaged,
    SessionConflict,
    SessionEventsError,
    SessionExpiredError,
    SessionNotFound,
    SessionPausedError,
    UndecodablePayload,
)
from session_events.giving_way import gave_way
from session_events.heads import StreamHead
from session_events.lifetime import expires_at, status_at
from session_events.loading import Session, load, remember, tell_session
from session_events.state import SessionState, Status, fold
from session_events.store import NewEvent

T = TypeVar("T")

# Each lost try is somebody else's success, so this many commands at once all get through.
MOST_TRIES = 32
# A command that learns from many rows takes seconds for each try. Its caller does not wait longer.
_LAST_TRY_AFTER_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who sends a command, and what they last saw.

    `expected_version` and `expected_session_id` are the version and the session that the caller
    last saw, None to accept any. With a `client_operation_id` the same request can safely be sent
    again; `request_digest` then identifies the request.
    """

    actor_id: int
    trace_id: str = ""
    client_kind: str = ""
    client_operation_id: uuid.UUID | None = None
    request_digest: str | None = None
    expected_version: int | None = None
    expected_session_id: uuid.UUID | None = None

    @property
    def expects(self) -> bool:
        return self.expected_version is not None or self.expected_session_id is not None

    @property
    def ends_in_conflict(self) -> bool:
        """Whether a conflict is final, rather than a reason to try again.

        With a client operation id it is not: this same request may be what came first.
        """
        return self.expects and self.client_operation_id is None

    def causes(self, event: Event) -> NewEvent:
        """Return `event` with this command as what caused it."""
        metadata = EventMetadata(
            actor_id=self.actor_id,
            trace_id=self.trace_id,
            client_kind=self.client_kind,
            client_operation_id=self.client_operation_id,
            request_digest=self.request_digest,
        )
        return NewEvent(event=event, metadata=metadata)

    def asking(self, request: Any) -> Command:
        """Return the command whose client operation id stands for `request`, any JSON value."""
        if self.client_operation_id is None:
            return self
        return replace(self, request_digest=digest(request))

    @property
    def without_id(self) -> Command:
        """The command for the other events that it causes: an id names one event only."""
        return replace(self, client_operation_id=None, request_digest=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The session after a command. `recorded` is false if the command wrote nothing."""

    session: Session
    recorded: bool


def execute(
    session: Session, decide: Callable[[SessionState], Event], *, command: Command
) -> Outcome:
    """Record the one event that `decide` returns for the session's state. Like `execute_all`."""
    return execute_all(session, lambda state: [decide(state)], command=command)


def execute_all(
    session: Session,
    decide: Callable[[SessionState], Sequence[Event]],
    *,
    command: Command,
    allowed: frozenset[Status] = frozenset({Status.ACTIVE}),
) -> Outcome:
    """Record the events that `decide` returns for the session's state, once, all or nothing.

    A repeated command does not call `decide`. If others work at the same time and the command
    expects no version, `decide` is called again for the state after their work; see Note [One wins
    each version]. An error, including any that `decide` raises, means that nothing was written.

    Raises:
        SessionConflict: the session is not, or no longer, the expected one at its version; or
            others kept writing first.
        SessionPausedError, SessionExpiredError, SessionNotFound: its status is not in `allowed`.
        ClientOperationIdReused: the command's id belongs to another request.
    """
    for is_last in tries():
        try:
            return execute_once(session, decide, command=command, allowed=allowed)
        except SessionConflict:
            require_expected_session(session.head, command)  # it will never be the other one
            if command.expected_version is not None or is_last:
                raise
            session = reload(session)
    raise AssertionError("the last try returns or raises")


def execute_once(
    session: Session,
    decide: Callable[[SessionState], Sequence[Event]],
    *,
    command: Command,
    allowed: frozenset[Status] = frozenset({Status.ACTIVE}),
) -> Outcome:
    """Like `execute_all`, but calls `decide` only once: whatever came first is a conflict.

    For a caller whose `decide` writes, and who has to roll that back before the next try.

    Raises: as `execute_all`.
    """
    if _is_repeated(session, command):
        return Outcome(session=reload(session), recorded=False)
    require_expected(session.head, command, state=session.state)
    require_status(session.state, allowed)
    events = decide(session.state)
    if not events:
        return Outcome(session=session, recorded=False)
    try:
        return Outcome(session=record(session, *events, command=command), recorded=True)
    except ClientOperationRepeated:  # the same request, sent twice at once, came first
        _is_repeated(session, command)
        return Outcome(session=reload(session), recorded=False)


def settle(
    session: Session,
    event: Event,
    *,
    reached: Status,
    command: Command,
    allowed: frozenset[Status],
) -> Outcome:
    """Record `event` unless the session has the status `reached` that it leads to.

    Idempotent, even under concurrency: whoever wants a paused session and finds that another tab
    has just paused it has what they wanted.

    Raises: as `execute_all`.
    """

    def decide(state: SessionState) -> list[Event]:
        if current_status(state) is reached:
            return []
        require_status(state, allowed)  # again: the session may have expired a moment ago
        return [event]

    return execute_all(session, decide, command=command, allowed=allowed | {reached})


def record(session: Session, *events: Event, command: Command) -> Session:
    """Append `events` to the session and return it. See Note [One wins each version].

    The last event carries the command's client operation id.

    Raises:
        SessionConflict: the session has moved on.
        ClientOperationRepeated: that id is in the stream already.
    """
    *earlier, last = events
    seen = session
    for _ in range(MOST_TRIES):
        try:
            return append(session, [*map(command.without_id.causes, earlier), command.causes(last)])
        except SessionConflict:
            session = reload(session)
            if session.state.work_version != seen.state.work_version:
                break
    raise lost_race(seen, session)


def tries() -> Iterator[bool]:
    """Yield, for each try that a command has against others, whether it is the last one."""
    began = time.monotonic()
    for tries_left in reversed(range(MOST_TRIES)):
        is_last = not tries_left or time.monotonic() - began > _LAST_TRY_AFTER_SECONDS
        yield is_last
        if is_last:
            return


def lost_race(seen: Session, present: Session) -> SessionConflict:
    """Return the conflict of a command decided on `seen` when others wrote up to `present`."""
    return SessionConflict(
        expected_version=seen.state.version,
        current_version=present.state.version,
        current_session_id=present.head.stream_id,
    )


def with_retries(attempt: Callable[[], T], *, is_final: bool = False) -> T:
    """Return what `attempt` returns, calling it again if somebody else wrote first.

    Also if PostgreSQL undid all that it wrote for the sake of another transaction.

    `attempt` must read everything anew each time.

    Raises:
        SessionConflict, AnotherStreamOpen, ClientOperationRepeated: somebody else wrote first every
            time; with `is_final`, the first time.
    """
    for is_last in tries():
        try:
            return attempt()
        except (SessionConflict, AnotherStreamOpen, ClientOperationRepeated):
            if is_final or is_last:
                raise
        except OperationalError as error:
            if is_last or not gave_way(error):
                raise
    raise AssertionError("the last try returns or raises")


def find_repeated(command: Command, *, user_id: int, dataset_id: uuid.UUID) -> StoredEvent | None:
    """Return the event that the same command wrote when it was sent before, if it was.

    Raises:
        ClientOperationIdReused, LogDamaged: as `require_same_request`.
    """
    if command.client_operation_id is None:
        return None
    stored = store.find_client_operation(
        command.client_operation_id, user_id=user_id, dataset_id=dataset_id
    )
    if stored is not None:
        require_same_request(stored, command.request_digest)
    return stored


def require_same_request(stored: StoredEvent, request_digest: str | None) -> None:
    """Raise unless the request of that digest wrote `stored`.

    Raises:
        ClientOperationIdReused: another request wrote it, under the same client operation id.
        LogDamaged: its metadata cannot be read.
    """
    try:
        metadata = decode_metadata(stored)
    except UndecodablePayload as error:
        raise LogDamaged(sequence=stored.sequence, defect="undecodable") from error
    if metadata.request_digest != request_digest:
        raise ClientOperationIdReused(client_operation_id=str(stored.client_operation_id))


def reload(session: Session) -> Session:
    """Return the session at its present version.

    Raises:
        SessionNotFound: its stream was removed.
    """
    head = heads.head_of(
        user_id=session.head.user_id,
        dataset_id=session.head.dataset_id,
        stream_id=session.head.stream_id,
    )
    if head is None:
        raise SessionNotFound
    return load(head)


def current_status(state: SessionState) -> Status:
    """Return the status as of now: expired even if the log does not record the expiry yet."""
    return status_at(state, timezone.now(), recovery_policy())


def require_status(state: SessionState, allowed: frozenset[Status]) -> None:
    """Raise the error for the session's present status unless that is one of `allowed`."""
    status = current_status(state)
    if status in allowed:
        return
    errors: dict[Status, type[SessionEventsError]] = {
        Status.PAUSED: SessionPausedError,
        Status.EXPIRED: SessionExpiredError,
    }
    raise errors.get(status, SessionNotFound)(status=status.value)


def expiry_events(state: SessionState) -> tuple[Event, ...]:
    """Return the expiry that the session has reached and the log does not record yet, if any."""
    end = expires_at(state, recovery_policy())
    return () if end is None or timezone.now() < end else (SessionExpired(since=end),)


def require_expected(head: StreamHead, command: Command, *, state: SessionState | None) -> None:
    """Raise `SessionConflict` if the caller last saw another session, or work was done since.

    `state` is None if the log cannot be read; then only its last version is accepted.
    """
    require_expected_session(head, command)
    current, expected = head.position.version, command.expected_version
    oldest = current if state is None else state.work_version
    if expected is not None and not oldest <= expected <= current:
        raise SessionConflict(
            current_version=current,
            expected_version=expected,
            current_session_id=head.stream_id,
        )


def require_expected_session(head: StreamHead, command: Command) -> None:
    """Raise `SessionConflict` if the caller last saw another session."""
    if command.expected_session_id not in (None, head.stream_id):
        raise SessionConflict(
            current_version=head.position.version,
            current_session_id=head.stream_id,
            expected_session_id=command.expected_session_id,
        )


def append(session: Session, events: Iterable[NewEvent]) -> Session:
    """Append `events` to the session, all recorded now, and return it.

    The new state is folded from the sealed bytes, so that a replay will find the same.

    Raises:
        SessionEventsError: as `store.append`.
    """
    sealed = store.seal_all(events, after=session.head)
    state = fold(map(decode, sealed), session.state)
    head = store.append(
        sealed,
        user_id=session.head.user_id,
        dataset_id=session.head.dataset_id,
        status=state.status,
        is_open=state.is_open,
    )
    tell_session(head)
    return remember(Session(head=head, state=state))


def _is_repeated(session: Session, command: Command) -> bool:
    head = session.head
    repeated = find_repeated(command, user_id=head.user_id, dataset_id=head.dataset_id)
    return repeated is not None
