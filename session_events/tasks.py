"""Background jobs on the log: each calls one service and returns a small dict.

Jobs find their work by query and may be late, lost, repeated or run concurrently: no answer to a
request depends on them. Each run is bounded by a batch and by a time limit far below the broker's
visibility timeout, after which Redis would deliver a running job again.
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from celery import current_task, shared_task

from session_events import expiry, integrity, removal, snapshot_jobs
from session_events.conf import setting

# Limits in seconds.
_short_job = shared_task(soft_time_limit=60, time_limit=90)
_long_job = shared_task(soft_time_limit=600, time_limit=660)


@_short_job
def take_snapshot(stream_id: str) -> dict[str, str]:
    """Take the snapshot that a stream is due."""
    return {"outcome": snapshot_jobs.take_due(UUID(stream_id)).value}


@_long_job
def sweep_snapshots() -> dict[str, int]:
    """Take the due snapshots that the trigger missed."""
    return asdict(snapshot_jobs.sweep(limit=setting("JOB_BATCH")))


@_long_job
def expire_idle_sessions() -> dict[str, int]:
    """Record the expiry of idle sessions in the log."""
    trace_id = current_task.request.get("trace_id") or ""  # set by who does the job, if anybody
    return asdict(expiry.expire_idle(limit=setting("JOB_BATCH"), trace_id=trace_id))


@_long_job
def verify_snapshots() -> dict[str, int]:
    """Verify a random sample of streams and snapshots by full replays."""
    sample = setting("VERIFY_SAMPLE")
    verified = integrity.verify_sample(streams=sample, snapshots=sample)
    return {
        "verified": len(verified),
        "damaged": sum(verification.is_damaged for verification in verified),
        "quarantined": sum(len(verification.quarantined) for verification in verified),
    }


@_long_job
def prune_snapshots() -> dict[str, int]:
    """Remove the snapshots that are no longer needed."""
    return {"removed": snapshot_jobs.prune(limit=setting("JOB_BATCH"))}


@_long_job
def remove_past_retention() -> dict[str, int]:
    """Remove the sessions that can no longer be recovered; each leaves a tombstone."""
    return asdict(removal.remove_past_retention(limit=setting("JOB_BATCH")))
