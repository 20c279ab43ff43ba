"""Find the revisions of a dataset that its sessions still need: those that they began on.

Note [Who needs a revision]
    An open session needs its revision no matter how long nobody has used it, since opening the
    dataset continues it. An ended session needs its revision until its retention is over, counted
    from its last event, which is never before its end. A session whose first event cannot be read
    cannot be recovered and needs none; but if a newer server wrote that event, any revision may be
    needed.
"""

from __future__ import annotations

import datetime as dt
import uuid

from session_events import heads, store
from session_events.conf import recovery_policy
from session_events.envelope import decode
from session_events.events import SessionStarted
from session_events.exceptions import EventError, NewerSchemaVersion, UnknownEventType

_BATCH_STREAMS = 100  # a first event holds all columns of its dataset


def needed_revisions(dataset_id: uuid.UUID, *, now: dt.datetime) -> frozenset[int] | None:
    """Return the revisions of the dataset that sessions need, None if any may be needed.

    See Note [Who needs a revision].
    """
    sources = needed_sources(dataset_id, now=now)
    return None if sources is None else frozenset(sources)


def needed_sources(dataset_id: uuid.UUID, *, now: dt.datetime) -> dict[int, SessionStarted] | None:
    """Return what a session began on for each revision that sessions need, None as above."""
    streams = heads.open_or_active_since(
        dataset_id=dataset_id, since=now - recovery_policy().retention
    )
    sources: dict[int, SessionStarted] = {}
    for start in range(0, len(streams), _BATCH_STREAMS):
        for stored in store.first_events(streams[start : start + _BATCH_STREAMS]):
            try:
                event = decode(stored).event
            except (NewerSchemaVersion, UnknownEventType):
                return None
            except EventError:
                continue
            if isinstance(event, SessionStarted):
                sources[event.source_revision] = event
    return sources
