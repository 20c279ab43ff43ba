"""Record what a client reports of its own activity: views and errors, a batch in one append.

Note [A batch of activity]
    Each item has an id of its own and becomes one event, so that an item sent again, in the same
    batch or another, is not written twice. Activity is not work and never causes a conflict, so
    events that others append in the meantime are no reason to refuse a batch.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from session_events import store
from session_events.envelope import digest
from session_events.events import ClientErrorReported, ViewChanged
from session_events.exceptions import ClientOperationRepeated, SessionConflict
from session_events.loading import Session
from session_events.recording import (
    Command,
    append,
    lost_race,
    reload,
    require_expected,
    require_same_request,
    require_status,
    tries,
)
from session_events.state import Status
from session_events.store import NewEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One item that the client reports, under an id that the client chose."""

    client_operation_id: uuid.UUID
    event: ViewChanged | ClientErrorReported

    @property
    def request_digest(self) -> str:
        return digest([self.event.wire_name, self.event])

    def caused_by(self, command: Command) -> NewEvent:
        """Return the event as `command` causes it, under the item's own id."""
        item_command = replace(
            command,
            client_operation_id=self.client_operation_id,
            request_digest=self.request_digest,
        )
        return item_command.causes(self.event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Where an item is in the log. `is_repeat` if it was there before, in any of the sessions."""

    client_operation_id: uuid.UUID
    session_id: uuid.UUID
    version: int
    is_repeat: bool


def report(
    session: Session,
    reported: Sequence[Reported],
    *,
    command: Command,
    require_room: Callable[[int], None] = lambda events: None,
) -> tuple[Session, tuple[Noted, ...]]:
    """Append those of `reported` that are not in the log yet, all or nothing.

    Return the session after them, and where each item is in the log. The ids must be distinct.
    `require_room` is called with the number of events to append; what it raises refuses them all.

    Raises:
        ClientOperationIdReused, LogDamaged: as `require_same_request`, for any of the ids.
        SessionConflict: the session is not the expected one at its version, or others kept writing
            first.
        SessionPausedError, SessionExpiredError, SessionNotFound: there are items to write, and the
            session is not active.
    """
    for _ in tries():
        known = _known(session, reported)
        fresh = [item for item in reported if item.client_operation_id not in known]
        if fresh:
            require_expected(session.head, command, state=session.state)
            require_status(session.state, frozenset({Status.ACTIVE}))
            require_room(len(fresh))
            try:
                session = append(session, [item.caused_by(command) for item in fresh])
            except (SessionConflict, ClientOperationRepeated):
                session = reload(session)
                continue
        first = session.head.position.version - len(fresh) + 1
        for version, item in enumerate(fresh, start=first):
            known[item.client_operation_id] = Noted(
                client_operation_id=item.client_operation_id,
                session_id=session.head.stream_id,
                version=version,
                is_repeat=False,
            )
        return session, tuple(known[item.client_operation_id] for item in reported)
    raise lost_race(session, session)


def _known(session: Session, reported: Sequence[Reported]) -> dict[uuid.UUID, Noted]:
    stored_events = store.find_client_operations(
        [item.client_operation_id for item in reported],
        user_id=session.head.user_id,
        dataset_id=session.head.dataset_id,
    )
    known: dict[uuid.UUID, Noted] = {}
    for item in reported:
        stored = stored_events.get(item.client_operation_id)
        if stored is None:
            continue
        require_same_request(stored, item.request_digest)
        known[item.client_operation_id] = Noted(
            client_operation_id=item.client_operation_id,
            session_id=stored.stream_id,
            version=stored.sequence,
            is_repeat=True,
        )
    return known
