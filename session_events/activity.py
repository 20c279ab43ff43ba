"""What a client tells of itself: views looked at and errors met, a batch in one append.

Note [A batch of activity]
    Each item has an id of its own and is one event, so that a batch sent again, whole or in other
    company, writes nothing twice. Looking is no work: it costs nobody a conflict, so what others
    append meanwhile is no reason to refuse a batch.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from session_events import store
from session_events.envelope import decode_metadata, digest
from session_events.events import ClientErrorReported, ViewChanged
from session_events.exceptions import (
    ClientOperationIdReused,
    ClientOperationRepeated,
    LogDamaged,
    SessionConflict,
    UndecodablePayload,
)
from session_events.loading import Session
from session_events.recording import (
    Command,
    append_sealed,
    reload,
    require_expected,
    require_status,
)
from session_events.state import Status
from session_events.store import NewEvent

_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One thing that the client tells, under the id that it gave it."""

    client_operation_id: uuid.UUID
    event: ViewChanged | ClientErrorReported

    @property
    def request_digest(self) -> str:
        return digest([self.event.wire_name, self.event])


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Where an item stands. `is_repeat`: it stood there before, in whichever session."""

    client_operation_id: uuid.UUID
    session_id: uuid.UUID
    version: int
    is_repeat: bool


def report(
    session: Session, reported: Sequence[Reported], *, command: Command
) -> tuple[Session, tuple[Noted, ...]]:
    """Append all of `reported` that is not in the log yet, or nothing; return where each stands.

    Their ids differ from each other. Raises:
        ClientOperationIdReused: an id stands for something else.
        SessionConflict: not the expected session at its version, or others were faster every time.
        LogDamaged, and the errors of `require_status` unless nothing was left to write.
    """
    for _ in range(_TRIES):
        known = _known(session, reported)
        fresh = [one for one in reported if one.client_operation_id not in known]
        if fresh:
            require_expected(session.head, command, state=session.state)
            require_status(session.state, frozenset({Status.ACTIVE}))
            try:
                session = _append(session, fresh, command)
            except (SessionConflict, ClientOperationRepeated):
                session = reload(session)
                continue
        first = session.head.position.version - len(fresh) + 1
        for version, one in enumerate(fresh, start=first):
            known[one.client_operation_id] = Noted(
                client_operation_id=one.client_operation_id,
                session_id=session.head.stream_id,
                version=version,
                is_repeat=False,
            )
        return session, tuple(known[one.client_operation_id] for one in reported)
    raise SessionConflict(
        expected_version=session.state.version,
        current_version=session.state.version,
        current_session_id=session.head.stream_id,
    )


def _known(session: Session, reported: Sequence[Reported]) -> dict[uuid.UUID, Noted]:
    found = store.find_client_operations(
        [one.client_operation_id for one in reported],
        user_id=session.head.user_id,
        dataset_id=session.head.dataset_id,
    )
    known: dict[uuid.UUID, Noted] = {}
    for one in reported:
        stored = found.get(one.client_operation_id)
        if stored is None:
            continue
        try:
            metadata = decode_metadata(stored)
        except UndecodablePayload as error:
            raise LogDamaged(sequence=stored.sequence, defect="undecodable") from error
        if metadata.request_digest != one.request_digest:
            raise ClientOperationIdReused(client_operation_id=str(one.client_operation_id))
        known[one.client_operation_id] = Noted(
            client_operation_id=one.client_operation_id,
            session_id=stored.stream_id,
            version=stored.sequence,
            is_repeat=True,
        )
    return known


def _append(session: Session, fresh: Sequence[Reported], command: Command) -> Session:
    events = [
        NewEvent(
            event=one.event,
            metadata=replace(
                command,
                client_operation_id=one.client_operation_id,
                request_digest=one.request_digest,
            ).metadata,
        )
        for one in fresh
    ]
    sealed = store.seal_all(
        events,
        stream_id=session.head.stream_id,
        position=session.head.position,
        recorded_at=timezone.now(),
    )
    return append_sealed(
        sealed,
        session.state,
        user_id=session.head.user_id,
        dataset_id=session.head.dataset_id,
    )
