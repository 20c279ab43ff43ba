"""`manage.py finish_upgrade`: remove what only servers of the version before need."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from data_tools.services import tokens_in_clear


class Command(BaseCommand):
    help = (
        "Remove what only servers of the version before need: tokens in clear. Run it when the "
        "last of them has stopped; they do not work afterwards. Repeatable."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            removed = tokens_in_clear.remove()
        except tokens_in_clear.NotMigrated as error:
            raise CommandError(str(error)) from None
        except OperationalError as error:
            raise CommandError(
                f"Nothing was changed, because the tables are in use: {error}Try again."
            ) from None
        self.stdout.write(
            "removed the tokens in clear; programs keep theirs" if removed else "nothing to do"
        )
