"""Whether every session's log is whole: each is replayed from its first event."""

from __future__ import annotations

from data_tools.verification.checks import Check
from session_events import heads, integrity


def verify_sessions(check: Check) -> None:
    """Replay every session, compare its snapshots with the replay, and store what was found."""
    unreadable = 0
    for stream_id in heads.stream_ids():
        verification = integrity.verify(stream_id)
        check.examine()
        if verification is None:  # removed meanwhile
            continue
        if verification.is_damaged:
            check.fault(f"the log of session {stream_id} is damaged: {verification.finding}")
        elif verification.defect is not None:
            unreadable += 1
        for sequence, reason in verification.quarantined.items():
            check.fault(f"the snapshot of session {stream_id} at {sequence} is wrong: {reason}")
    if unreadable:
        check.note(f"{unreadable} sessions have events that only a newer version can read")
