"""`manage.py prune_snapshots`: remove the snapshots that are no longer needed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from tqdm import tqdm

from session_events import snapshot_jobs
from session_events.conf import setting
from session_events.management import which_streams


class Command(BaseCommand):
    help = "Remove snapshots that are no longer needed. No work is lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which_streams.add_arguments(
            parser,
            limit="at most this many snapshots (default: %(default)s)",
            all="all such snapshots",
            stream="only those of this session",
        )

    def handle(self, *, limit: int, all: bool, stream: UUID | None, **_: Any) -> None:
        batch_size = setting("JOB_BATCH")
        prunable = snapshot_jobs.prunable(limit=None if all or stream else limit, stream_id=stream)
        removed = 0
        with tqdm(
            total=len(prunable), desc="snapshots", unit="", disable=None, file=sys.stderr
        ) as bar:
            for start in range(0, len(prunable), batch_size):
                batch = prunable[start : start + batch_size]
                removed += snapshot_jobs.remove(batch)
                bar.update(len(batch))
        self.stdout.write(f"{removed} removed")
