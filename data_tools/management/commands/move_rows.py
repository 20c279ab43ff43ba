"""`manage.py move_rows`: move large datasets from the shared table into tables of their own."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from data_tools.revisions import row_moving


class Command(BaseCommand):
    help = (
        "Move the rows of large datasets from the shared table into tables of their own, in two "
        "steps: they are copied, and an hour later removed from the shared table, by the job of "
        "that name or by this command again. May run while the service is in use, and may be "
        "stopped at any time."
    )

    def handle(self, **_: Any) -> None:
        with tqdm(unit=" rows", disable=None, file=sys.stderr) as bar:
            moved = row_moving.move(
                most_rows=sys.maxsize, begin=partial(_begin, bar), advance=bar.update
            )
        self.stdout.write(
            f"Copied {moved.copied:,} revisions, and removed {moved.finished:,} from the shared "
            f"table. {moved.unfinished:,} are to be removed from it."
        )


def _begin(bar: tqdm[Any], revision: row_moving.Revision) -> None:
    bar.set_description(f"{revision.dataset_id} r{revision.number}")
    bar.reset(total=revision.row_count)
