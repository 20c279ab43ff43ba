"""Background jobs on the log: each calls one service and answers with a small dict.

Jobs find their work by query and may be late, lost, repeated or run twice at once: nothing that a
request answers depends on them. Each run is bounded by a batch and by a time limit far below the
broker's visibility timeout, behind which Redis would deliver a running job again.
"""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from session_events import expiry, integrity, removal, snapshot_jobs
from session_events.conf import setting

_SHORT = {"soft_time_limit": 60, "time_limit": 90}  # seconds
_LONG = {"soft_time_limit": 600, "time_limit": 660}  # seconds


@shared_task(**_SHORT)
def take_snapshot(stream_id: str) -> dict[str, str]:
    """Take the snapshot that a stream is due."""
    return {"outcome": snapshot_jobs.take_due(UUID(stream_id)).value}


@shared_task(**_LONG)
def sweep_snapshots() -> dict[str, int]:
    """Take the snapshots that nobody was woken for."""
    sweep = snapshot_jobs.sweep(limit=setting("JOB_BATCH"))
    return {"due": sweep.due, "taken": sweep.taken}


@shared_task(**_LONG)
def expire_idle_sessions() -> dict[str, int]:
    """Write the expiry of idle sessions into the log."""
    expiry_run = expiry.expire_idle(limit=setting("JOB_BATCH"))
    return {"expired": expiry_run.expired, "skipped": expiry_run.skipped}


@shared_task(**_LONG)
def verify_snapshots() -> dict[str, int]:
    """Hold a random sample of streams and snapshots against a full replay."""
    sample = setting("VERIFY_SAMPLE")
    verified = integrity.verify_sample(streams=sample, snapshots=sample)
    return {
        "verified": len(verified),
        "damaged": sum(verification.is_damaged for verification in verified),
        "quarantined": sum(len(verification.quarantined) for verification in verified),
    }


@shared_task(**_LONG)
def prune_snapshots() -> dict[str, int]:
    """Remove the snapshots that need not be kept."""
    return {"removed": snapshot_jobs.prune(limit=setting("JOB_BATCH"))}


@shared_task(**_LONG)
def remove_past_retention() -> dict[str, int]:
    """Remove the sessions that can no longer be recovered; a tombstone stays of each."""
    removed = removal.remove_past_retention(limit=setting("JOB_BATCH"))
    return {"streams": removed.streams, "events": removed.events}
