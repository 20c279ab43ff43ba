"""`manage.py verify_server`: verify everything that this server stores."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from data_tools.verification import running
from data_tools.verification.checks import Check
from data_tools.verification.later_clients import later_clients

_SHOWN = 20  # sentences of each check; --json has more


class Command(BaseCommand):
    help = (
        "Verify what this server stores, as after a restore: that migrations are applied, every "
        "session replays, rows have their fingerprints, files that are waited for are there, and "
        "new ids are free. Says what pages will be told that saw more. Exits with 1 if anything is "
        "wrong. Reads everything, in bounded memory, and may run while the service is in use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="write one JSON object instead")

    def handle(self, *, json: bool, **_: Any) -> None:
        checks = {}
        bar = tqdm(unit="", disable=None, file=sys.stderr)
        for name, check in running.run(begin=lambda name: _begin(name, bar)):
            checks[name] = check
            if not json:
                self._show(name, check)
        bar.close()
        faults = sum(check.faults for check in checks.values())
        clients = later_clients() if len(checks) > 1 else None
        if json:
            self.stdout.write(_as_json(checks, clients))
        elif clients is not None:
            self.stdout.write(clients.in_words())
        if faults:
            raise CommandError(f"{faults} faults were found.")

    def _show(self, name: str, check: Check) -> None:
        self.stdout.write(f"{name:<16} {check.examined:>12,} examined {check.faults:>6,} wrong")
        for sentence in [*check.sentences[:_SHOWN], *check.notes[:_SHOWN]]:
            self.stdout.write(f"  {sentence}")


def _begin(name: str, bar: tqdm[Any]) -> Check:
    bar.set_description(name)
    bar.reset()
    return Check(advance=bar.update)


def _as_json(checks: dict[str, Check], clients: Any) -> str:
    return json.dumps(
        {
            "is_sound": not any(check.faults for check in checks.values()),
            "checks": {
                name: {
                    "examined": check.examined,
                    "faults": check.faults,
                    "sentences": check.sentences,
                    "notes": check.notes,
                }
                for name, check in checks.items()
            },
            "later_clients": clients and asdict(clients),
        },
        indent=1,
        default=str,
    )
