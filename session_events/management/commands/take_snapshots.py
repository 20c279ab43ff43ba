"""`manage.py take_snapshots`: take the snapshots that sessions are due."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from session_events import snapshot_jobs, snapshots
from session_events.management import which_streams
from session_events.snapshot_jobs import SnapshotOutcome


class Command(BaseCommand):
    help = "Take snapshots to keep replays short. Exits with 1 if a session cannot be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which_streams.add_arguments(
            parser,
            limit="at most this many of the sessions that are due one (default: %(default)s)",
            all="every session with events after its newest snapshot, due or not",
            stream="only this session, due or not",
        )

    def handle(self, *, limit: int, all: bool, stream: UUID | None, **_: Any) -> None:
        take = snapshot_jobs.take_at_head if all or stream else snapshot_jobs.take_due
        if stream is not None:
            streams = [stream]
        elif all:
            streams = snapshots.streams_without_recent(limit=None, behind=1)
        else:
            streams = snapshots.streams_without_recent(limit=limit)
        outcomes: Counter[SnapshotOutcome] = Counter()
        unreadable = []
        for stream_id in tqdm(streams, "snapshots", unit="", disable=None, file=sys.stderr):
            outcome = take(stream_id)
            outcomes[outcome] += 1
            if outcome is SnapshotOutcome.UNREADABLE:
                unreadable.append(str(stream_id))
        if stream is not None and outcomes[SnapshotOutcome.NO_STREAM]:
            raise CommandError(f"There is no session {stream}.")
        taken = outcomes[SnapshotOutcome.TAKEN]
        self.stdout.write(f"{taken} taken, {len(streams) - taken} not needed or not possible")
        if unreadable:
            raise CommandError("These sessions cannot be read: " + ", ".join(unreadable))
