"""Sessions written to the log by its services, for tests of what happens to them later."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import connections

from session_events import loading, services
from session_events.loading import Session
from session_events.recording import Command
from session_events.services import DatasetFacts
from tests.unit.session_events.streams import BASE_COLUMNS, renamed

Result = TypeVar("Result")


def begin(user: User, *, events: int = 1, dataset_id: uuid.UUID | None = None) -> Session:
    """Start a session of that many events, on a dataset of its own by default."""
    facts = DatasetFacts(
        dataset_id=dataset_id or uuid.uuid4(),
        revision=1,
        fingerprint="f" * 64,
        columns=BASE_COLUMNS,
        row_count=10,
    )
    session = services.start(facts, command=Command(actor_id=user.pk))
    return work_on(session, until=events)


def work_on(session: Session, *, until: int) -> Session:
    """Rename columns until the session has that many events, and forget its remembered state."""
    for version in range(session.state.version + 1, until + 1):
        session = services.apply_operation(
            session,
            lambda state, version=version: renamed(f"name{version}"),
            command=Command(actor_id=session.head.user_id),
        ).session
    loading.forget_all()
    return session


def two_at_once(job: Callable[[], Result]) -> list[Result]:
    """Return the answers of the job when it is run twice concurrently."""
    barrier = threading.Barrier(2)

    def run(_: int) -> Result:
        try:
            barrier.wait()
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))
