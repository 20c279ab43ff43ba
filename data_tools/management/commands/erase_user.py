"""`manage.py erase_user NAME --yes`: erase everything of a user, and the account, for good."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from data_tools.models import DataSource
from data_tools.services import erasure_service
from session_events import removal


class Command(BaseCommand):
    help = (
        "Erase a user: sessions with all events and snapshots, datasets with rows and files, "
        "sign-ins and tokens, and the account. This cannot be undone. Each session leaves a "
        "tombstone: ids, counts and the hash of the last event."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="confirm the erasure")

    def handle(self, *, username: str, yes: bool, **_: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            raise CommandError(f"There is no user “{username}”.") from None
        if not yes:
            datasets = DataSource.objects.filter(owner=user).count()
            raise CommandError(
                f"{username} has {datasets} datasets and {len(removal.streams_of_user(user.pk))} "
                "sessions. Nothing was erased; add --yes to erase them and the account for good."
            )
        erased = erasure_service.erase(user, removed_by=f"erase_user by {getpass.getuser()}")
        self.stdout.write(
            f"Erased: the account, {erased.datasets} datasets, {erased.sessions} sessions with "
            f"{erased.events} events"
        )
