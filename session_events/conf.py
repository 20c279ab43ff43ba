"""The log's settings: ``SESSION_EVENTS`` in Django's settings, and their defaults."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings

from session_events.lifetime import RecoveryPolicy

DEFAULTS: dict[str, Any] = {
    # An active session expires after this long without activity; the old API promised 4 hours.
    "INACTIVITY_TIMEOUT_SECONDS": 4 * 60 * 60,
    # An ended or expired session stays recoverable for this long.
    "RETENTION_SECONDS": 30 * 24 * 60 * 60,
    # Page turns within this time of the last recorded one are not recorded.
    "VIEW_CHANGE_INTERVAL_SECONDS": 10,
    # A stream gets a snapshot every time it has grown by this many events.
    "SNAPSHOT_EVERY_EVENTS": 100,
    # Pruning keeps this many snapshots of a stream.
    "SNAPSHOTS_KEPT": 3,
    # Quarantined snapshots and those of an older fold are kept for this long.
    "SNAPSHOT_RETENTION_SECONDS": 7 * 24 * 60 * 60,
    # One run of a job handles at most this many streams or snapshots.
    "JOB_BATCH": 500,
    # One verification samples this many streams, and this many snapshots, at random.
    "VERIFY_SAMPLE": 50,
    # One session holds at most this many operations.
    "MAX_OPERATIONS": 1000,
}


def setting(name: str) -> Any:
    """Return the setting. It is read at every call, so that tests and operators can change it."""
    return getattr(settings, "SESSION_EVENTS", {}).get(name, DEFAULTS[name])


def recovery_policy() -> RecoveryPolicy:
    """Return how long sessions stay active and recoverable."""
    return RecoveryPolicy(
        inactivity_timeout=dt.timedelta(seconds=setting("INACTIVITY_TIMEOUT_SECONDS")),
        retention=dt.timedelta(seconds=setting("RETENTION_SECONDS")),
    )
