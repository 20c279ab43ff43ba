"""`manage.py feature [NAME on|off]`: show the feature flags, or switch one for everybody."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from data_tools.features import REMEMBERED_SECONDS, Feature, is_on, switch


class Command(BaseCommand):
    help = "Show the feature flags, or switch one on or off at once, without a deploy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", choices=[feature.value for feature in Feature])
        parser.add_argument("state", nargs="?", choices=["on", "off"])

    def handle(self, *, name: str | None, state: str | None, **_: Any) -> None:
        if name and not state:
            raise CommandError(f"Say on or off: hydroml feature {name} off")
        if name:
            switch(Feature(name), on=state == "on")
            self.stdout.write(
                f"{name} is {state}; every process knows within {REMEMBERED_SECONDS:g} s."
            )
            return
        for feature in Feature:
            self.stdout.write(f"{feature.value:25} {'on' if is_on(feature) else 'off'}")
