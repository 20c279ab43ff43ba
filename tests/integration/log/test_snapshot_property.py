"""A log reads the same with any snapshots of it, at any versions and of any folds."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from session_events import store
from session_events.envelope import GENESIS_HASH, StoredEvent, canonical_json, expected_hash
from session_events.events import Event
from session_events.frozen_state import FOLD_VERSION, freeze, text_digest
from session_events.heads import StreamHead
from session_events.loading import replay_all, replay_from_snapshot
from session_events.models import SessionSnapshot
from session_events.replay import replay
from session_events.state import SessionState, fold
from tests.support.examples import examples
from tests.unit.session_events.streams import OlderEvent, meaning, recorded, sealed
from tests.unit.session_events.test_frozen_state import ANY_STORED_EVENT

# The versions with a snapshot, and the fold that made it: today's is complete, older ones are not.
CUTS = st.dictionaries(st.integers(1, 12), st.integers(1, FOLD_VERSION), max_size=4)


def append(user: User, events: list[Event | OlderEvent]) -> tuple[StreamHead, list[StoredEvent]]:
    stream_id, previous_hash = uuid.uuid4(), GENESIS_HASH
    log: list[StoredEvent] = []
    for stored in sealed(events):
        moved = replace(stored, stream_id=stream_id, event_id=uuid.uuid4())
        previous_hash = expected_hash(moved, previous_hash=previous_hash)
        log.append(replace(moved, hash=previous_hash))
    state = fold(recorded(map(meaning, events)))
    head = store.append(
        log,
        user_id=user.pk,
        dataset_id=uuid.uuid4(),
        status=state.status,
        is_open=state.is_open,
    )
    return head, log


def older_text(state: SessionState) -> str:
    """What a simpler fold could have made; nothing in it shows that it is incomplete."""
    known = json.loads(freeze(state))
    return canonical_json({key: known[key] for key in ("status", "version", "dataset_id")})


@settings(max_examples=examples(40))
@given(events=st.lists(ANY_STORED_EVENT, min_size=1, max_size=12), cuts=CUTS)
def test_a_log_reads_the_same_with_snapshots_of_any_folds(
    user: User, events: list[Event | OlderEvent], cuts: dict[int, int]
) -> None:
    head, log = append(user, events)
    cuts = {cut: fold_version for cut, fold_version in cuts.items() if cut <= len(log)}
    for cut, fold_version in cuts.items():
        state = replay(log[:cut], stream_id=head.stream_id).state
        text = freeze(state) if fold_version == FOLD_VERSION else older_text(state)
        SessionSnapshot.objects.create(
            stream_id=head.stream_id,
            sequence=cut,
            fold_version=fold_version,
            state=text,
            digest=text_digest(text),
            event_hash=log[cut - 1].hash,
            taken_at=timezone.now(),
        )

    replayed = replay_from_snapshot(head)

    assert replayed.replay.state == fold(recorded(map(meaning, events)))
    assert replayed.replay.state == replay_all(head).state
    assert replayed.distrusted == {}
    ours = [cut for cut, fold_version in cuts.items() if fold_version == FOLD_VERSION]
    assert replayed.snapshot_sequence == max(ours, default=None)
