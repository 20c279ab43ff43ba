"""`manage.py migrate`: Django's own command, by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.management.commands import migrate
from django.db import Error, connections

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('hydroml.migrate', 0))"
_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('hydroml.migrate', 0))"
_WITHOUT_LIMITS = (
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"
    "SET LOCAL idle_in_transaction_session_timeout = 0"
)


class Command(migrate.Command):
    help = migrate.Command.help + " If another process migrates this database, wait for it first."

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        with _alone(options["database"], told=self.stderr.write):
            super().handle(*args, **options)


@contextmanager
def _alone(alias: str, told: Callable[[str], object]) -> Iterator[None]:
    """Let one process into the block, of all that use this database; tell if this one waits.

    The lock belongs to a transaction on a connection of its own, not to a session: so it holds
    behind a pooler in transaction mode as well, and ends with its process. The transaction reads
    and writes nothing else, and holds up neither vacuum nor a concurrent index.
    """
    beside = connections[alias].copy()
    try:
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            cursor.execute(_WITHOUT_LIMITS)
            cursor.execute(_TRY_LOCK)
            if not cursor.fetchone()[0]:
                told("Another process migrates the database: waiting for it.")
                cursor.execute(_LOCK)
        yield
    finally:
        with suppress(Error):
            beside.rollback()
        beside.close()
