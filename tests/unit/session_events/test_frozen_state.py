"""A state frozen and thawed is the same state, at any cut of any log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_events.events import Event
from session_events.frozen_state import freeze, text_digest, thaw
from session_events.state import INITIAL, fold
from tests.unit.session_events.streams import recorded, renamed, started
from tests.unit.session_events.test_state import ANY_EVENT


@given(events=st.lists(ANY_EVENT, max_size=20), cut=st.integers(0, 20))
def test_fold_of_snapshot_and_tail_is_the_fold_of_all(events: list[Event], cut: int) -> None:
    stream = recorded(events)
    thawed = thaw(freeze(fold(stream[:cut])))

    assert thawed is not None
    assert fold(stream[cut:], thawed) == fold(stream)


def test_no_events_freeze_to_the_initial_state() -> None:
    assert thaw(freeze(INITIAL)) == INITIAL


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"status":"teleported"}'])
def test_a_text_that_is_no_state_thaws_to_nothing(text: str) -> None:
    assert thaw(text) is None


def test_the_digest_is_of_the_text_to_the_byte() -> None:
    text = freeze(fold(recorded([started(), renamed("a")])))

    assert text_digest(text) == text_digest(text)
    assert text_digest(text) != text_digest(text + " ")
    assert text_digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
