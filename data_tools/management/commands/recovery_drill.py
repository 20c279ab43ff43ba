"""`manage.py recovery_drill`: check that recovery keeps its promises on this system, today.

The drill makes its own sessions, ends and damages them in every way of docs/recovery.md, recovers
them, and prints what became of the acknowledged operations. It fails if one was lost, or if a
verdict differs from the documented one.
"""

from __future__ import annotations

import datetime as dt
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from data_tools.drill.documented_figures import (
    NoMarkers,
    machine_in_words,
    require_markers,
    write_figures,
)
from data_tools.drill.outcome_table import Tally, table
from data_tools.drill.running import run
from data_tools.drill.scenarios import SCENARIOS
from session_events.fault_injection import NotTheOwner

_MARKERS = "drill figures"


class Command(BaseCommand):
    help = "Make, end, damage and recover sessions, and count lost operations (zero)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sessions", type=_at_least_one, default=20, help="how many for each scenario"
        )
        parser.add_argument(
            "--write", type=Path, help=f"put the table between this file's markers ({_MARKERS})"
        )

    def handle(self, *, sessions: int, write: Path | None = None, **_: Any) -> None:
        if write is not None:
            try:
                require_markers(write, _MARKERS)
            except NoMarkers as error:
                raise CommandError(str(error)) from error
        with tqdm(
            total=sessions * len(SCENARIOS),
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
        if write is not None:
            write_figures(write, _MARKERS, f"{_heading(sessions)}\n\n{table(tallies)}")
        self.stdout.write("Nothing was lost, and every verdict was the documented one.")


def _heading(sessions: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [version] = cursor.fetchone()
    return (
        f"{sessions} sessions each, {dt.datetime.now(dt.UTC):%F}, "
        f"PostgreSQL {version.split()[0]}, {machine_in_words()}."
    )


def _judge(tallies: list[Tally]) -> None:
    complaints = [
        f"{tally.scenario.name}: {complaint}"
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
        raise ArgumentTypeError("must be a number of at least 1")
    return number
