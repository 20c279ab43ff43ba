"""`manage.py restore FOLDER`: restore a back-up into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hydroml.back_up import restoring
from hydroml.back_up.ending import ended_by_signals
from hydroml.back_up.exceptions import BackUpError


class Command(BaseCommand):
    help = (
        "Restore what `back_up` made into the configured database, which must be empty, and the "
        "uploaded files to where uploads are stored. All or nothing: if it fails, the database is "
        "empty as before, or the message says that it is to be dropped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that `back_up` made")

    def handle(self, *, folder: Path, **_: Any) -> None:
        try:
            with ended_by_signals():
                made = restoring.restore(folder, report=self.stdout.write)
        except BackUpError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The database is as it was at {made.shown_at.isoformat()}. Now run `hydroml migrate`"
            " and `hydroml verify_server`."
        )
