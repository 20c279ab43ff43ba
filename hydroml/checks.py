"""System checks: what is missing in the configuration, or stands in the way."""

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

from data_tools.replica.reading import REPLICA, fault, is_configured
from data_tools.services import demo_account, tokens_in_clear
from hydroml import database_log
from hydroml.database_limits import differences, without_limits


@register()
def redis_is_configured(**kwargs: Any) -> list[CheckMessage]:
    """hydroml.W001: without Redis the service suits one machine and one person."""
    if settings.REDIS_URL:
        return []
    return [
        Warning(
            "REDIS_URL is not set: each process counts calls for itself, background jobs run in "
            "the process that starts them, and no periodic job runs other than beginning "
            "interrupted loads again.",
            hint="Set REDIS_URL, for example to redis://127.0.0.1:6379/0, and start a worker with "
            "`hydroml worker`.",
            id="hydroml.W001",
        )
    ]


@register()
def psycopg_3_is_not_installed(**kwargs: Any) -> list[CheckMessage]:
    """hydroml.W002: Django prefers psycopg 3 to psycopg2 wherever it can import it."""
    if find_spec("psycopg") is None:
        return []
    return [
        Warning(
            "psycopg 3 is installed beside psycopg2, and Django uses it: files cannot be loaded, "
            "and database errors are misread.",
            hint="Run `pip uninstall psycopg`, or install what needs psycopg 3 in another "
            "environment.",
            id="hydroml.W002",
        )
    ]


@register(Tags.database)
def no_account_is_the_demos(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """hydroml.E001: an account has the demo's password, which everybody knows.

    Runs before each migration.
    """
    if settings.DEMO_USER is not None:
        return []
    for alias in databases or ():
        connection = connections[alias]
        if User._meta.db_table not in connection.introspection.table_names():
            continue  # a new database
        if names := demo_account.refused_accounts():
            return [
                Error(
                    f"The account {names[0]!r} is the demo's, whose password everybody knows. "
                    "Nobody can sign in with it here.",
                    hint=f"Erase it with `hydroml erase_user {names[0]} --yes`, or give it a "
                    f"password of its own with `hydroml changepassword {names[0]}`.",
                    id="hydroml.E001",
                )
            ]
    return []


@register(Tags.database)
def database_keeps_the_limits(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """hydroml.E002, E003 and W003: see Note [Limits that a pooler drops] in `database_limits`."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].wrap_database_errors:  # one sentence, as of other checks
            messages += without_limits(alias) or _with_other_limits(alias)
    return messages


def _with_other_limits(alias: str) -> list[Warning]:
    others = differences(alias)
    if not others:
        return []
    return [
        Warning(
            f"The database has other limits than the service asks for: "
            f"{'; '.join(map(str, others))}.",
            hint="If that is not on purpose, run `hydroml set_database_limits`, and look for "
            "`options` in DATABASE_URL.",
            id="hydroml.W003",
        )
    ]


@register(Tags.database)
def upgrade_is_finished(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """hydroml.W004: what the version before kept in clear is still there."""
    if not databases or not tokens_in_clear.are_kept():
        return []
    return [
        Warning(
            "Tokens of the version before are still stored in clear, for servers of that version.",
            hint="When the last of them has stopped, run `hydroml finish_upgrade`.",
            id="hydroml.W004",
        )
    ]


@register(Tags.database)
def database_logs_no_values(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """hydroml.W006: see Note [No values in the server's log] in `database_log`."""
    telling = {alias: database_log.telling_settings(alias) for alias in databases or ()}
    return [
        Warning(
            "PostgreSQL's own log may hold what users type: "
            f"{'; '.join(f'{name} is {value}' for name, value in found.items())}.",
            hint="Let a superuser run the script of `hydroml create_database` (once more), and "
            "start the service again, and a pooler's connections (RECONNECT in PgBouncer); or set "
            "them for the whole server.",
            id="hydroml.W006",
        )
        for found in telling.values()
        if found
    ]


@register(Tags.database)
def replica_can_be_used(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """hydroml.W005: the primary answers all reads, although there is a replica for some, or the
    replica has not the limits of Note [Limits that a pooler drops] in `database_limits`.
    """
    if not databases or not is_configured():
        return []
    if (reason := fault()) is None:
        try:
            with connections[REPLICA].wrap_database_errors:
                missing = without_limits(REPLICA)
        except DatabaseError as error:
            reason = str(error).strip()
    if reason is not None:
        return [
            Warning(
                f"The replica cannot be used, and the primary answers in its place: {reason}.",
                hint="REPLICA_DATABASE_URL must lead to a running standby of the server of "
                "DATABASE_URL, for the same role and database.",
                id="hydroml.W005",
            )
        ]
    return [
        Warning(f"Of the replica: {error.msg}", hint=error.hint, id="hydroml.W005")
        for error in missing
    ]
