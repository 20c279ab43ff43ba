"""The real event store as one object, for tests that take any store."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction

from session_events import heads, store
from session_events.envelope import StoredEvent
from session_events.heads import StreamHead
from session_events.state import Status


class PostgresStore:
    """The store's functions; a refused append leaves the test's own transaction usable."""

    read = staticmethod(store.read)
    first_events = staticmethod(store.first_events)
    find_client_operation = staticmethod(store.find_client_operation)
    open_head = staticmethod(heads.open_head)
    head_of = staticmethod(heads.head_of)

    def append(
        self,
        sealed: Sequence[StoredEvent],
        *,
        user_id: int,
        dataset_id: uuid.UUID,
        status: Status,
        is_open: bool,
    ) -> StreamHead:
        with transaction.atomic():
            return store.append(
                sealed, user_id=user_id, dataset_id=dataset_id, status=status, is_open=is_open
            )
