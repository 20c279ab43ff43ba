"""An event store in memory, written from the promises alone, to compare the real one with."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import IntegrityError

from session_events.envelope import StoredEvent
from session_events.exceptions import (
    AnotherStreamOpen,
    ClientOperationRepeated,
    SessionConflict,
    SessionNotFound,
)
from session_events.heads import StreamHead
from session_events.replay import StreamPosition
from session_events.state import Status


class ReferenceStore:
    """An `EventStore` of `tests.support.event_store_contract`, for one thread."""

    def __init__(self) -> None:
        self.heads: dict[uuid.UUID, StreamHead] = {}
        self.logs: dict[uuid.UUID, tuple[StoredEvent, ...]] = {}

    def append(
        self,
        sealed: Sequence[StoredEvent],
        *,
        user_id: int,
        dataset_id: uuid.UUID,
        status: Status,
        is_open: bool,
    ) -> StreamHead:
        stream_id, expected_version = sealed[0].stream_id, sealed[0].sequence - 1
        log = self.logs.get(stream_id, ())
        if expected_version and not log:
            raise SessionNotFound
        operation_ids = {stored.client_operation_id for stored in sealed} - {None}
        for stored in log:
            if stored.client_operation_id in operation_ids:
                raise ClientOperationRepeated(sequence=stored.sequence)
        if len(log) != expected_version:
            raise SessionConflict(expected_version=expected_version, current_version=len(log))
        beside = self.open_head(user_id=user_id, dataset_id=dataset_id)
        if is_open and beside is not None and beside.stream_id != stream_id:
            raise AnotherStreamOpen
        known = {stored.event_id for events in self.logs.values() for stored in events}
        if len(known | {stored.event_id for stored in sealed}) < len(known) + len(sealed):
            raise IntegrityError("an event id is there already")
        head = StreamHead(
            stream_id=stream_id,
            user_id=user_id,
            dataset_id=dataset_id,
            position=StreamPosition(version=sealed[-1].sequence, hash=sealed[-1].hash),
            status=status,
            is_open=is_open,
            last_event_at=sealed[-1].recorded_at,
        )
        self.logs[stream_id] = (*log, *sealed)
        self.heads[stream_id] = head
        return head

    def read(
        self,
        stream_id: uuid.UUID,
        *,
        after: int = 0,
        until: int | None = None,
        limit: int | None = None,
    ) -> tuple[StoredEvent, ...]:
        return tuple(
            stored
            for stored in self.logs.get(stream_id, ())
            if after < stored.sequence and (until is None or stored.sequence <= until)
        )[:limit]

    def first_events(self, stream_ids: Sequence[uuid.UUID]) -> tuple[StoredEvent, ...]:
        return tuple(self.logs[stream_id][0] for stream_id in stream_ids if stream_id in self.logs)

    def find_client_operation(
        self, client_operation_id: uuid.UUID, *, user_id: int, dataset_id: uuid.UUID
    ) -> StoredEvent | None:
        matching = [
            stored
            for head in self._heads(user_id, dataset_id)
            for stored in self.logs[head.stream_id]
            if stored.client_operation_id == client_operation_id
        ]
        return max(matching, key=lambda stored: stored.recorded_at, default=None)

    def open_head(self, *, user_id: int, dataset_id: uuid.UUID) -> StreamHead | None:
        return next((head for head in self._heads(user_id, dataset_id) if head.is_open), None)

    def head_of(
        self, *, user_id: int, dataset_id: uuid.UUID, stream_id: uuid.UUID
    ) -> StreamHead | None:
        heads = self._heads(user_id, dataset_id)
        return next((head for head in heads if head.stream_id == stream_id), None)

    def _heads(self, user_id: int, dataset_id: uuid.UUID) -> list[StreamHead]:
        return [
            head
            for head in self.heads.values()
            if (head.user_id, head.dataset_id) == (user_id, dataset_id)
        ]
