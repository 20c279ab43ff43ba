"""The log's settings: ``SESSION_EVENTS`` in Django's settings, with its defaults."""

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
    # A stream gets a snapshot when it is this many events behind its newest one.
    "SNAPSHOT_EVERY_EVENTS": 100,
    # This many snapshots of a stream are kept when they are pruned.
    "SNAPSHOTS_KEPT": 3,
    # Quarantined snapshots and those of an older fold are kept for this long.
    "SNAPSHOT_RETENTION_SECONDS": 7 * 24 * 60 * 60,
    # One run of a job looks at this many streams, or snapshots, at most.
    "JOB_BATCH": 500,
    # One verification takes this many streams, and this many snapshots, at random.
    "VERIFY_SAMPLE": 50,
    # Operations one session can hold.
    "MAX_OPERATIONS": 1000,
}


def setting(name: str) -> Any:
    """Return the setting, read at every call so that tests and operators can change it."""
    return getattr(settings, "SESSION_EVENTS", {}).get(name, DEFAULTS[name])


def recovery_policy() -> RecoveryPolicy:
    return RecoveryPolicy(
        inactivity_timeout=dt.timedelta(seconds=setting("INACTIVITY_TIMEOUT_SECONDS")),
        retention=dt.timedelta(seconds=setting("RETENTION_SECONDS")),
    )
