"""The arguments of the commands that choose sessions: some of them, all, or one."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from session_events.conf import setting


def add_arguments(parser: ArgumentParser, *, limit: str, all: str, stream: str) -> None:
    """Add `--limit` (a job's batch by default), `--all` and `--stream` with these help texts."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--limit", type=int, default=setting("JOB_BATCH"), help=limit)
    which.add_argument("--all", action="store_true", help=all)
    which.add_argument("--stream", type=UUID, help=stream)
