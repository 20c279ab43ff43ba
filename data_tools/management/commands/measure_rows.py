"""`manage.py measure_rows`: measure what was stored before there were quotas; check the figures."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from data_tools.revisions import measuring


class Command(BaseCommand):
    help = (
        "Measure the rows and files that were stored before there were quotas. With --check, also "
        "measure all others again, correct the figures that are wrong, and fail if there are any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="measure everything again")

    def handle(self, *, check: bool, **_: Any) -> None:
        self.stdout.write(f"Measured {measuring.measure_missing()} revisions.")
        if not check:
            return
        wrong = 0
        for difference in measuring.check():
            wrong += 1
            self.stdout.write(
                f"{difference.dataset_id} r{difference.revision}: noted "
                f"{difference.noted_bytes:,} bytes, measured {difference.measured_bytes:,}"
            )
        if wrong:
            raise CommandError(f"{wrong} figures were wrong and are corrected now.")
        self.stdout.write("Every figure is right.")
