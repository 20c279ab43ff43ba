"""`manage.py erase_user_log NAME --yes`: remove every session of a user for good."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from session_events import removal
from session_events.removal import StreamTombstone


class Command(BaseCommand):
    help = (
        "Remove every session of a user, including open ones, with all events and snapshots. This "
        "cannot be undone. Each leaves a tombstone: ids, counts and the hash of the last event."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="confirm the removal")

    def handle(self, *, username: str, yes: bool, **_: Any) -> None:
        users = get_user_model()
        try:
            user = users.objects.get_by_natural_key(username)
        except users.DoesNotExist:
            raise CommandError(f"There is no user “{username}”.") from None
        streams = removal.streams_of_user(user.pk)
        if not yes:
            raise CommandError(
                f"{username} has {len(streams)} sessions. Nothing was removed; add --yes to remove"
                " them for good."
            )
        with tqdm(
            total=len(streams), desc="sessions", unit="", disable=None, file=sys.stderr
        ) as bar:

            def report(tombstone: StreamTombstone) -> None:
                bar.update()
                self.stdout.write(
                    f"{tombstone.stream_id}: {tombstone.event_count} events, the last with hash "
                    f"{bytes(tombstone.last_hash).hex()}"
                )

            removed = removal.erase_user(
                user.pk, removed_by=f"erase_user_log by {getpass.getuser()}", on_removed=report
            )
        self.stdout.write(f"{removed.streams} sessions removed, with {removed.events} events")
