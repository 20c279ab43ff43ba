"""`manage.py pack_columns`: write the column blocks that are missing; check those that are not."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from data_tools.revisions import column_packing
from data_tools.rows.session_rows import SessionRows


class Command(BaseCommand):
    help = (
        "Write the column blocks of the revisions that have none. With --check, also compare all "
        "others with their rows, write anew those that differ, and fail if there are any. May run "
        "while the service is in use, and may be stopped at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare all blocks with the rows")

    def handle(self, *, check: bool, **_: Any) -> None:
        wrong = 0
        with tqdm(unit=" rows", disable=None, file=sys.stderr) as bar:
            progress = {"begin": partial(_begin, bar), "advance": bar.update}
            if check:
                for rows, keys in column_packing.remove_wrong(**progress):
                    wrong += 1
                    bar.clear()
                    self.stdout.write(_in_words(rows, keys))
            packed = column_packing.pack_missing(most_rows=sys.maxsize, **progress)
        self.stdout.write(f"Packed the columns of {packed.revisions:,} revisions.")
        if wrong:
            raise CommandError(f"The blocks of {wrong:,} of them were wrong.")
        if check:
            self.stdout.write("All other blocks are what their rows say.")


def _in_words(rows: SessionRows, keys: list[str]) -> str:
    return (
        f"{rows.dataset_id} r{rows.revision}: the blocks of {len(keys):,} columns differ from the "
        f"rows, the first of them {keys[0]}"
    )


def _begin(bar: tqdm[Any], rows: SessionRows) -> None:
    bar.set_description(f"{rows.dataset_id} r{rows.revision}")
    bar.reset(total=rows.row_count)
