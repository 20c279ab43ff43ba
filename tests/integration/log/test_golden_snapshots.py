"""A snapshot of an older fold is ignored: the log is folded anew."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from session_events import integrity, snapshots, store
from session_events.frozen_state import FOLD_VERSION, freeze
from session_events.heads import StreamHead
from session_events.loading import replay_from_snapshot
from session_events.models import SessionSnapshot
from session_events.replay import replay
from session_events.state import SessionState, Status
from tests.golden import files
from tests.golden.files import STREAM_ID, GoldenSnapshot

GOLDEN = files.snapshots()
OLDER = [golden for version, golden in GOLDEN.items() if version < FOLD_VERSION]
# Fold 3 made the text of its log that today's fold makes.
OTHER = [golden for golden in OLDER if golden.fold_version != 3]


def restore(user: User, golden: GoldenSnapshot, *, fold_version: int | None = None) -> StreamHead:
    """The stream and its snapshot, as an older server left them in the tables."""
    head = store.append(
        golden.log,
        user_id=user.pk,
        dataset_id=uuid.uuid4(),
        status=Status.CLEARED,
        is_open=False,
    )
    SessionSnapshot.objects.create(
        stream_id=STREAM_ID,
        sequence=golden.sequence,
        fold_version=golden.fold_version if fold_version is None else fold_version,
        state=golden.state,
        digest=golden.digest,
        event_hash=golden.event_hash,
        taken_at=timezone.now(),
    )
    return head


def truth(golden: GoldenSnapshot) -> SessionState:
    return replay(golden.log, stream_id=STREAM_ID).state


@pytest.mark.parametrize("golden", OLDER, ids=lambda golden: f"fold {golden.fold_version}")
def test_a_snapshot_of_an_older_fold_is_ignored_and_the_log_replayed(
    user: User, golden: GoldenSnapshot
) -> None:
    head = restore(user, golden)

    replayed = replay_from_snapshot(head)

    assert (replayed.snapshot_sequence, replayed.distrusted) == (None, {})
    assert replayed.replay.events_replayed == len(golden.log)
    assert replayed.replay.defect is None
    assert replayed.replay.state == truth(golden)


def test_a_snapshot_of_todays_fold_is_used(user: User) -> None:
    golden = GOLDEN[FOLD_VERSION]

    replayed = replay_from_snapshot(restore(user, golden))

    assert (replayed.snapshot_sequence, replayed.replay.events_replayed) == (golden.sequence, 0)
    assert replayed.replay.state == truth(golden)


@pytest.mark.parametrize("golden", OLDER, ids=lambda golden: f"fold {golden.fold_version}")
def test_a_snapshot_of_todays_fold_is_taken_in_addition_to_the_older_one(
    user: User, golden: GoldenSnapshot
) -> None:
    head = restore(user, golden)
    assert snapshots.streams_without_recent(limit=1, behind=1) == [STREAM_ID]

    assert snapshots.take(replay_from_snapshot(head).replay, stream_id=STREAM_ID)

    replayed = replay_from_snapshot(head)
    assert (replayed.snapshot_sequence, replayed.replay.state) == (golden.sequence, truth(golden))
    assert set(SessionSnapshot.objects.values_list("fold_version", "quarantine_reason")) == {
        (golden.fold_version, ""),
        (FOLD_VERSION, ""),
    }


@pytest.mark.parametrize("golden", OTHER, ids=lambda golden: f"fold {golden.fold_version}")
def test_an_older_text_under_todays_fold_version_is_found_and_quarantined(
    user: User, golden: GoldenSnapshot
) -> None:
    """What verification finds if the fold is changed without raising its version."""
    head = restore(user, golden, fold_version=FOLD_VERSION)

    verification = integrity.verify(STREAM_ID)

    assert verification is not None
    assert verification.quarantined == {golden.sequence: "state_differs"}
    assert freeze(replay_from_snapshot(head).replay.state) == freeze(truth(golden))
