"""What the version before left in clear, which goes once none of its servers runs any more.

Migration 0018 carries tokens over as hashes, and keeps the table of tokens in clear, so that
servers of both versions can run on one database. See "Upgrade and go back" in the operations guide.
"""

from __future__ import annotations

from typing import LiteralString

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction


class NotMigrated(Exception):
    """The tokens are not carried over yet. Run `manage.py migrate` first."""


def are_kept() -> bool:
    """Tell whether the database keeps tokens in clear beside their hashes."""
    return _has("SELECT to_regprocedure('data_tools_carry_over_token()') IS NOT NULL")


def remove() -> bool:
    """Remove the table, and tokens from the admin's history; return False if they were gone.

    Tokens keep working as hashes. Servers of the version before fail from now on. May be called
    again at any time.

    Raises:
        NotMigrated: nothing was changed.
        OperationalError: others held the tables for too long. Nothing was changed.
    """
    if not are_kept():
        if _has("SELECT to_regclass('authtoken_token') IS NOT NULL"):
            raise NotMigrated(NotMigrated.__doc__)
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        # In the order in which requests take them: first their own table, then that of a trigger.
        cursor.execute("LOCK TABLE data_tools_apitoken, authtoken_token IN ACCESS EXCLUSIVE MODE")
        cursor.execute("DROP TABLE authtoken_token")
        cursor.execute("DROP FUNCTION data_tools_carry_over_token")
        cursor.execute("DROP FUNCTION data_tools_end_token_in_clear CASCADE")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'authtoken'")
        kinds = ContentType.objects.filter(app_label="authtoken")
        history = LogEntry.objects.filter(content_type__in=kinds)
        history.update(object_repr="a token", object_id=None)
        kinds.delete()
    ContentType.objects.clear_cache()
    return True


def _has(question: LiteralString) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])
