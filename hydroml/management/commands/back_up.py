"""`manage.py back_up FOLDER`: back up the database and the uploaded files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hydroml.back_up import making
from hydroml.back_up.ending import ended_by_signals
from hydroml.back_up.exceptions import BackUpError


class Command(BaseCommand):
    help = (
        "Back up the database and the uploaded files into a new folder, as they are at one moment. "
        "The service may be in use meanwhile. A folder of that name exists only if the back-up is "
        "complete. It holds everything that users have: keep it where nobody else reads it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder to make")

    def handle(self, *, folder: Path, **_: Any) -> None:
        try:
            with ended_by_signals():
                made = making.make(folder, report=self.stdout.write)
        except BackUpError as error:
            raise CommandError(str(error)) from error
        for name in made.lost_files:
            self.stderr.write(f"A dataset waits for the file {name}, which was gone before.")
        self.stdout.write(
            f"{folder} shows the database as it was at {made.shown_at.isoformat()}: "
            f"{len(made.files)} files, {made.bytes:,} bytes."
        )
