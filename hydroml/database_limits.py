"""Whether the database keeps the limits that every connection asks for, and how to set them there.

Note [Limits that a pooler drops]
    A connection asks for `DATABASE_CONNECTION_SETTINGS` when it starts. A pooler such as PgBouncer
    shares its own connections to the server, and refuses such parameters or ignores them. A query
    would then run without end, and so would one whose client is gone. `manage.py
    set_database_limits` makes the limits defaults of the service's role in its database, which
    every connection has, a pooler's as well.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import psycopg2
from django.conf import settings
from django.core.checks import Error
from django.db import DEFAULT_DB_ALIAS, connections, transaction

# How PgBouncer refuses a parameter that it does not know.
_REFUSAL = "unsupported startup parameter"

_SET = """
DO $set$
BEGIN
    EXECUTE format(
        'ALTER ROLE %%I IN DATABASE %%I SET %%I = %%L',
        current_user, current_database(), %s::text, %s::text
    );
END
$set$
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A limit that the server has other than it was asked for; both as the server writes it."""

    name: str
    asked: str
    found: str

    @property
    def is_missing(self) -> bool:
        """Whether the server does not limit this at all."""
        return self.found == "0"

    def __str__(self) -> str:
        return f"{self.name} is {self.found} instead of {self.asked}"


class LimitsRefused(Exception):
    """A pooler refuses the connection because of the limits that it asks for."""


def differences(alias: str = DEFAULT_DB_ALIAS) -> list[Difference]:
    """Return the limits that a new connection does not have, in the order of the settings.

    Raises:
        LimitsRefused: no connection with them is let in.
        psycopg2.Error: the database cannot be asked.
    """
    # Not through Django, which servers have not set up yet when they ask this.
    parameters = connections[alias].get_connection_params()
    found = []
    try:
        with closing(psycopg2.connect(**parameters)) as connection, connection.cursor() as cursor:
            for name, asked in settings.DATABASE_CONNECTION_SETTINGS.items():
                cursor.execute("SELECT current_setting(%s)", [name])
                [has] = cursor.fetchone() or [""]
                cursor.execute("SELECT set_config(%s, %s, true)", [name, asked])  # as it writes it
                [asked_as_written] = cursor.fetchone() or [""]
                if has != asked_as_written:
                    found.append(Difference(name, asked=asked_as_written, found=has))
    except psycopg2.OperationalError as error:
        if _REFUSAL in str(error):
            raise LimitsRefused(str(error).strip()) from error
        raise
    return found


def without_limits(alias: str = DEFAULT_DB_ALIAS) -> list[Error]:
    """Return why the service must not run with this database, if it does not limit statements.

    Raises:
        psycopg2.Error: the database cannot be asked.
    """
    try:
        missing = [limit for limit in differences(alias) if limit.is_missing]
    except LimitsRefused as refusal:
        return [
            Error(
                f"A pooler in front of the database refuses the service's connections: {refusal}",
                hint="Run `hydroml set_database_limits` with a DATABASE_URL that leads to "
                "PostgreSQL itself. Then let PgBouncer ignore the parameter: "
                "`ignore_startup_parameters = options`.",
                id="hydroml.E003",
            )
        ]
    if not missing:
        return []
    return [
        Error(
            "The database drops limits that the service asks for: "
            f"{'; '.join(map(str, missing))}. A pooler such as PgBouncer does so. Without them, "
            "queries run on when their time is over or their client is gone.",
            hint="Run `hydroml set_database_limits`, and let the pooler make new connections "
            "(`RECONNECT` in PgBouncer's console).",
            id="hydroml.E002",
        )
    ]


def set_for_the_role(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Make the limits defaults of the current role in the current database.

    Connections that are open already keep what they have.
    """
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        for name, asked in settings.DATABASE_CONNECTION_SETTINGS.items():
            cursor.execute(_SET, [name, asked])


def refuse_to_start_without() -> None:
    """End the process with the reason if the database does not keep the limits.

    A database that cannot be asked is no reason: the service starts, and waits for it.
    """
    try:
        refusals = without_limits()
    except psycopg2.Error:
        return
    for refusal in refusals:
        raise SystemExit(f"{refusal.id}: {refusal.msg}\n{refusal.hint}")
