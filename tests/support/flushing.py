"""Emptying the tables after a test with `transaction=True`.

Django's flush truncates every table, and then makes all content types and permissions anew. Tables
with few rows are emptied twenty times faster by DELETE, and those two hold what they did before.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

from data_tools.row_tables.names import OWN_PREFIX
from tests.support.patience import PATIENCE_SECONDS

KEPT = {ContentType._meta.db_table, Permission._meta.db_table}
LARGE_BYTES = 128 << 10  # deleted rows count too, until the table is truncated or vacuumed
PATIENTLY = [
    f"SET LOCAL {limit} = '{PATIENCE_SECONDS}s'" for limit in ("statement_timeout", "lock_timeout")
]


def flush_quickly(patch: pytest.MonkeyPatch) -> None:
    """Let Django's flush empty the tables, the append-only ones as well, and in little time.

    A flush that starts the sequences anew, as the command does by default, is Django's own.
    """
    sql_flush, emit = DatabaseOperations.sql_flush, flush.emit_post_migrate_signal

    def statements(
        operations: DatabaseOperations,
        style: Any,
        tables: list[str],
        *,
        reset_sequences: bool = False,
        **how: Any,
    ) -> list[str]:
        if reset_sequences:
            return sql_flush(operations, style, tables, reset_sequences=True, **how)
        emptied = [table for table in tables if table not in KEPT]
        dropped = [f"DROP TABLE {table}" for table in _own_tables(operations)]
        if _are_large(operations, emptied):
            return [*dropped, *sql_flush(operations, style, emptied, **how)]
        deletions = [f"DELETE FROM {operations.quote_name(table)}" for table in emptied]
        return [*dropped, *deletions, "SET CONSTRAINTS ALL IMMEDIATE"]

    def emit_if_they_went(*arguments: Any, **how: Any) -> None:
        if not Permission.objects.exists():
            emit(*arguments, **how)

    patch.setattr(DatabaseOperations, "sql_flush", statements)
    patch.setattr(flush, "emit_post_migrate_signal", emit_if_they_went)
    _disable_triggers_meanwhile(patch)


def _own_tables(operations: DatabaseOperations) -> list[str]:
    with operations.connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, %s)",
            [OWN_PREFIX],
        )
        return [name for (name,) in cursor.fetchall()]


def _are_large(operations: DatabaseOperations, tables: list[str]) -> bool:
    with operations.connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(pg_relation_size(name::regclass)) FROM unnest(%s) AS name", [tables]
        )
        return cursor.fetchone()[0] > LARGE_BYTES


def _disable_triggers_meanwhile(patch: pytest.MonkeyPatch) -> None:
    """Let a flush empty the event log, which refuses it with triggers that fire ALWAYS.

    No session setting disables them, only the tables' owner can. The flush disables and enables
    them in one transaction, so that no test ever runs without them.
    """
    execute_sql_flush = DatabaseOperations.execute_sql_flush

    def execute(operations: DatabaseOperations, statements: list[str]) -> None:
        with operations.connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger"
                " WHERE tgenabled = 'A' AND NOT tgisinternal"
                " AND NOT starts_with(tgrelid::regclass::text, %s)",
                [OWN_PREFIX],  # these are dropped
            )
            triggers = cursor.fetchall()
        off = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in triggers]
        on = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table, name in triggers]
        execute_sql_flush(operations, [*PATIENTLY, *off, *statements, *on])

    patch.setattr(DatabaseOperations, "execute_sql_flush", execute)
