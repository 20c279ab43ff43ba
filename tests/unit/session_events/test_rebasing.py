"""A rebased session folds to the same work, and records where it came from."""

from __future__ import annotations

import uuid

import pytest

from session_events.events import GivenUp, View
from session_events.recovery.rebasing import UNCHANGED, Rebased, rebased_events
from session_events.recovery.source_changes import SourceChange
from session_events.state import INITIAL, SessionState, fold
from tests.unit.session_events.streams import recorded, renamed, started

OLD = uuid.UUID(int=7)


@pytest.mark.parametrize("undone", [0, 1, 2, 3])
def test_the_last_operations_are_undone_again_and_can_be_redone_in_order(undone: int) -> None:
    rebased = Rebased(applied=(renamed("a"), renamed("b"), renamed("c")), undone=undone)

    events = rebased_events(rebased, from_stream=OLD, state=SessionState(version=9), given_up=())
    state = fold(recorded([started(), *events]))

    assert [o.sequence for o in state.operations] == [3, 4, 5][: 3 - undone]
    assert [o.sequence for o in reversed(state.redo)] == [3, 4, 5][3 - undone :]


def test_the_new_session_says_where_its_work_came_from_and_what_was_given_up() -> None:
    given_up = (GivenUp(sequence=4, sentence="why"),)
    view = View(page_number=3, page_size=10)
    old = SessionState(version=9, view=view)

    forked, *_ = rebased_events(Rebased(applied=()), from_stream=OLD, state=old, given_up=given_up)
    state = fold(recorded([started(), forked]))

    assert (state.forked_from, state.view) == (OLD, view)
    assert forked.from_sequence == 9  # type: ignore[attr-defined]
    assert forked.reason == "source_changed"  # type: ignore[attr-defined]
    assert forked.given_up == given_up  # type: ignore[attr-defined]


def test_a_dataset_of_which_nothing_is_known_has_not_changed() -> None:
    change = SourceChange(fingerprint="e", operations_that_fit=0)

    assert UNCHANGED.change_since(INITIAL) is None
    assert UNCHANGED.rebase(INITIAL, change) == Rebased(applied=())
