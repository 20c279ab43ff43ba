"""`manage.py recovery_drill`: does recovery keep its promises on this system, today?

Makes sessions of its own, kills and damages them in every way of docs/recovery.md, brings them
back, and prints what became of each acknowledged operation. Fails when one was lost, or when a
verdict was not the documented one.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from data_tools.drill.report import Tally, table
from data_tools.drill.running import run
from data_tools.drill.situations import SITUATIONS
from session_events.staged_damage import NotTheOwner


class Command(BaseCommand):
    help = "Make, kill, damage and recover sessions, and count what was lost (zero)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sessions", type=_at_least_one, default=20, help="how many for each situation"
        )

    def handle(self, *, sessions: int, **_: Any) -> None:
        with tqdm(
            total=sessions * len(SITUATIONS),
            desc="rehearsing",
            unit="session",
            disable=None,
            file=sys.stderr,
        ) as bar:
            try:
                tallies = run(sessions=sessions, on_rehearsed=bar.update)
            except NotTheOwner as error:
                raise CommandError(str(error)) from error
        self.stdout.write(table(tallies))
        _judge(tallies)
        self.stdout.write("Nothing was lost, and every verdict was the documented one.")


def _judge(tallies: list[Tally]) -> None:
    complaints = [
        f"{tally.situation.name}: {complaint}"
        for tally in tallies
        for complaint in dict.fromkeys(tally.complaints)
    ]
    if lost := sum(tally.lost for tally in tallies):
        complaints.insert(0, f"{lost} acknowledged operations were lost")
    if complaints:
        raise CommandError("; ".join(complaints))


def _at_least_one(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError("must be a number from 1")
    return number
