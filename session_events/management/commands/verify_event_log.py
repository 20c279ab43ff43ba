"""`manage.py verify_event_log`: verify sessions by a full replay of their logs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from session_events import heads, integrity
from session_events.integrity import Verification
from session_events.management import which_streams


class Command(BaseCommand):
    help = (
        "Replay sessions from their first event and compare their snapshots with the result. "
        "Quarantines snapshots that differ, reports all damage, and exits with 1 if there is any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which_streams.add_arguments(
            parser,
            limit="this many random sessions (default: %(default)s)",
            all="every session",
            stream="only this session",
        )

    def handle(self, *, limit: int, all: bool, stream: UUID | None, **_: Any) -> None:
        if stream is not None:
            streams, total = iter([stream]), 1
        elif all:
            streams, total = heads.stream_ids(), heads.count_streams()
        else:
            chosen = integrity.random_streams(limit)
            streams, total = iter(chosen), len(chosen)
        verified = damaged = 0
        progress = tqdm(streams, "sessions", total, unit="", disable=None, file=sys.stderr)
        for stream_id in progress:
            verification = integrity.verify(stream_id)
            if verification is None:
                continue
            verified += 1
            findings = list(_findings(verification))
            damaged += bool(findings)
            for finding in findings:
                self.stdout.write(f"{stream_id}: {finding}")
        if stream is not None and not verified:
            raise CommandError(f"There is no session {stream}.")
        if damaged:
            raise CommandError(f"{damaged} of {verified} sessions are damaged")
        self.stdout.write(f"{verified} sessions verified, none damaged")


def _findings(verification: Verification) -> list[str]:
    snapshots = [
        f"snapshot at {sequence} quarantined: {reason}"
        for sequence, reason in verification.quarantined.items()
    ]
    return [f"log damaged: {verification.finding}"] * verification.is_damaged + snapshots
