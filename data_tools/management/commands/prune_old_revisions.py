"""`manage.py prune_old_revisions`: remove rows of old revisions that no session needs."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from data_tools.revisions import pruning


class Command(BaseCommand):
    help = "Remove the rows of superseded revisions that no recoverable session needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--limit",
            type=int,
            default=pruning.ROWS_PER_RUN,
            help="the most rows to remove (default: %(default)s)",
        )

    def handle(self, *, limit: int, **_: Any) -> None:
        with tqdm(unit=" rows", desc="Removing", disable=None, file=sys.stderr) as bar:
            pruned = pruning.prune(limit=limit, on_removed=bar.update)
        more = "" if pruned.is_complete else "; there may be more: run the command again"
        self.stdout.write(f"Removed {pruned.rows:,} rows that no session needs{more}.")
