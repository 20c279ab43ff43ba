"""The log under a snapshot of any fold still folds correctly, and today's fold keeps its bytes.

A failure here says that the fold has changed: raise `FOLD_VERSION`, then `python -m tests.golden`
writes the file that is missing. No file is ever rewritten.
"""

from __future__ import annotations

import dataclasses

import pytest
from msgspec import UNSET, structs

from session_events.events import VOCABULARY
from session_events.frozen_state import FOLD_VERSION, freeze, text_digest, thaw
from session_events.replay import replay
from session_events.state import INITIAL, Status
from tests.golden.files import STREAM_ID, GoldenSnapshot, snapshots, states_along
from tests.unit.session_events.streams import head_of

GOLDEN = snapshots()
BEFORE_WIDTHS = 3  # its log has none of what a view holds since, and comes to the same text


def test_every_past_fold_has_its_golden_snapshot() -> None:
    assert list(GOLDEN) == list(range(1, FOLD_VERSION + 1))


@pytest.mark.parametrize(
    "golden", GOLDEN.values(), ids=lambda golden: f"fold {golden.fold_version}"
)
def test_the_log_under_a_golden_snapshot_is_whole_and_folds_to_the_same_work(
    golden: GoldenSnapshot,
) -> None:
    replayed = replay(golden.log, stream_id=STREAM_ID, head=head_of(list(golden.log)))

    assert replayed.defect is None
    assert replayed.state.status is Status.CLEARED
    assert replayed.state.version == golden.sequence
    assert replayed.position.hash == golden.event_hash
    assert replayed.state.work == replay(GOLDEN[FOLD_VERSION].log, stream_id=STREAM_ID).state.work


def test_todays_fold_makes_the_golden_text_to_the_byte() -> None:
    golden = GOLDEN[FOLD_VERSION]
    state = replay(golden.log, stream_id=STREAM_ID).state

    assert freeze(state) == golden.state
    assert text_digest(golden.state) == golden.digest
    assert thaw(golden.state) == state


def test_todays_fold_makes_the_golden_state_of_every_event() -> None:
    golden = GOLDEN[FOLD_VERSION]

    states = states_along(golden.log)

    assert [text_digest(freeze(state)) for state in states] == golden.digests
    assert {stored.wire_name for stored in golden.log} == set(VOCABULARY)


def test_the_golden_snapshot_of_today_fills_every_field_of_a_state() -> None:
    """Otherwise a field could change its meaning without any golden file showing it."""
    state = thaw(GOLDEN[FOLD_VERSION].state)

    assert state is not None
    unfilled = {
        field
        for field in state.__struct_fields__
        if getattr(state, field) == getattr(INITIAL, field)
    }
    assert unfilled == set()


@pytest.mark.parametrize(
    "fold_version", [version for version in range(1, FOLD_VERSION) if version != BEFORE_WIDTHS]
)
def test_an_older_fold_made_another_text_of_the_same_log(fold_version: int) -> None:
    """That is why the version was raised: the text would be read as another state."""
    golden = GOLDEN[fold_version]

    assert text_digest(golden.state) == golden.digest
    assert freeze(replay(golden.log, stream_id=STREAM_ID).state) != golden.state


def test_the_fold_before_column_widths_made_another_text_of_todays_log() -> None:
    """It read past them; see Note [Fields added to a view] in `session_events.events`."""
    golden = GOLDEN[BEFORE_WIDTHS + 1]
    whole = states_along(golden.log)[1]
    assert whole.view is not None

    read_past = dataclasses.replace(whole.view, column_widths=UNSET, frozen_columns=UNSET)
    text = freeze(structs.replace(whole, view=read_past))

    assert text_digest(freeze(whole)) == golden.digests[1]
    assert text_digest(text) != golden.digests[1]
