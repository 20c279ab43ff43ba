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


def needed_revisions(dataset_id: uuid.UUID, *, now: dt.datetime) -> frozenset[int] | None:
    """Return the revisions of the dataset that sessions need, None if any may be needed.

    See Note [Who needs a revision].
    """
    streams = heads.open_or_active_since(
        dataset_id=dataset_id, since=now - recovery_policy().retention
    )
    revisions: set[int] = set()
    for stored in store.first_events(streams):
        try:
            event = decode(stored).event
        except (NewerSchemaVersion, UnknownEventType):
            return None
        except EventError:
            continue
        if isinstance(event, SessionStarted):
            revisions.add(event.source_revision)
    return frozenset(revisions)
