"""A state frozen and thawed is the same state, at any cut of any log."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_events.events import Event
from session_events.frozen_state import freeze, text_digest, thaw
from session_events.replay import replay
from session_events.state import INITIAL, fold
from tests.golden.examples import FROM_OLDER
from tests.golden.files import event_path, read_event
from tests.unit.session_events.streams import (
    STREAM_ID,
    OlderEvent,
    head_of,
    meaning,
    recorded,
    renamed,
    sealed,
    started,
)
from tests.unit.session_events.test_state import ANY_EVENT

# Every version of every event that a log may hold, older ones as in their golden files.
OLDER = [
    OlderEvent(
        schema_version=version,
        payload=read_event(event_path(wire_name, version)).stored.payload,
        means=means,
    )
    for (wire_name, version), means in FROM_OLDER.items()
]
ANY_STORED_EVENT = ANY_EVENT | st.sampled_from(OLDER)


@given(events=st.lists(ANY_STORED_EVENT, min_size=1, max_size=20))
def test_fold_of_snapshot_and_tail_is_the_fold_of_all(events: list[Event | OlderEvent]) -> None:
    """For every log of new and old events, at every cut."""
    stream = sealed(events)

    whole = replay(stream, stream_id=STREAM_ID, head=head_of(stream))

    assert whole.defect is None
    assert whole.state == fold(recorded(map(meaning, events)))
    for cut in range(len(stream) + 1):
        before = replay(stream[:cut], stream_id=STREAM_ID)
        thawed = thaw(freeze(before.state))
        assert thawed == before.state
        after = replay(
            stream[cut:],
            stream_id=STREAM_ID,
            head=head_of(stream),
            initial=thawed,
            position=before.position,
        )
        assert (after.state, after.defect, after.position) == (whole.state, None, whole.position)


def test_no_events_freeze_to_the_initial_state() -> None:
    assert thaw(freeze(INITIAL)) == INITIAL
    empty = {key: value for key, value in json.loads(freeze(INITIAL)).items() if value}
    assert empty == {"status": "not_started"}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"status":"teleported"}'])
def test_a_text_that_is_not_a_state_thaws_to_none(text: str) -> None:
    assert thaw(text) is None


def test_the_digest_is_of_the_text_to_the_byte() -> None:
    text = freeze(fold(recorded([started(), renamed("a")])))

    assert text_digest(text) == text_digest(text)
    assert text_digest(text) != text_digest(text + " ")
    assert text_digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
