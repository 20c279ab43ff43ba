"""Sessions written to the log by its services, for tests of what happens to them later."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.contrib.auth.models import User

from session_events import loading, services
from session_events.loading import Session
from session_events.recording import Command
from session_events.services import DatasetFacts
from tests.unit.session_events.streams import BASE_COLUMNS, DATASET_ID, renamed

FACTS = DatasetFacts(
    dataset_id=DATASET_ID, revision=1, fingerprint="f" * 64, columns=BASE_COLUMNS, row_count=10
)


def begin(user: User, *, events: int = 1, dataset_id: uuid.UUID | None = None) -> Session:
    """Start a session of that many events, on a dataset of its own by default."""
    facts = replace(FACTS, dataset_id=dataset_id or uuid.uuid4())
    session = services.start(facts, command=Command(actor_id=user.pk))
    return work_on(session, until=events)


def rename(session: Session, name: str, command: Command) -> Session:
    """Return the session after its second column got a new name."""
    return services.apply_operation(session, lambda state: renamed(name), command=command).session


def work_on(session: Session, *, until: int) -> Session:
    """Rename columns until the session has that many events, and forget its remembered state."""
    for version in range(session.state.version + 1, until + 1):
        session = rename(session, f"name{version}", Command(actor_id=session.head.user_id))
    loading.forget_all()
    return session
