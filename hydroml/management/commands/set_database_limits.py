"""`manage.py set_database_limits`: make the limits of connections defaults in the database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from hydroml import database_limits


class Command(BaseCommand):
    help = (
        "Make the limits that each connection asks for (statement_timeout and the like) defaults "
        "of this role in this database, as a pooler such as PgBouncer needs it. Repeatable."
    )
    requires_system_checks: list[str] = []  # one of them fails until this has run

    def handle(self, *args: Any, **options: Any) -> None:
        database_limits.set_for_the_role()
        limits = settings.DATABASE_CONNECTION_SETTINGS.items()
        self.stdout.write("set for new connections: " + ", ".join(f"{n}={v}" for n, v in limits))
