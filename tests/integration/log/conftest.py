"""A session to read, damage and verify."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from session_events import snapshots
from session_events.loading import Session, replay_all
from tests.support.written_sessions import begin


@pytest.fixture
def session(user: User) -> Session:
    """Six events, with snapshots at 3 and 5. No process remembers its state."""
    session = begin(user, events=6)
    for sequence in (3, 5):
        head = replay_all(session.head, until=sequence)
        assert snapshots.take(head, stream_id=session.head.stream_id)
    return session
