"""What an error report says of a session's last events names them, and quotes nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from session_events.inspection.last_events import last_events
from tests.support.log_damage import alter_event
from tests.support.written_sessions import begin

pytestmark = pytest.mark.django_db


def words(session_id: object, most: int = 10) -> list[str]:
    return [event.words for event in last_events(session_id, most=most)]


def test_the_last_events_are_named_oldest_first(user: User) -> None:
    stream_id = begin(user, events=3).head.stream_id

    assert words(stream_id, most=2) == [
        "Operation applied: rename_column (version 2)",
        "Operation applied: rename_column (version 3)",
    ]
    assert words(stream_id)[0] == "Session started (version 1)"


@pytest.mark.parametrize(
    "payload",
    [
        "no json",
        "[]",
        '{"operation": null}',
        '{"operation": "A value"}',
        '{"fitted": {"operation": "a_value"}}',
        '{"operation": "' + "a" * 200_000 + '"}',
    ],
)
def test_a_damaged_payload_is_not_quoted(user: User, payload: str) -> None:
    stream_id = begin(user, events=2).head.stream_id

    alter_event(stream_id, 2, f"payload = $${payload}$$")

    assert words(stream_id)[-1] == "Operation applied (version 2)"


def test_a_kind_that_nobody_knows_is_not_quoted(user: User) -> None:
    stream_id = begin(user, events=2).head.stream_id

    alter_event(stream_id, 2, "wire_name = 'a value'")

    assert words(stream_id)[-1] == "Unknown event (version 2)"
