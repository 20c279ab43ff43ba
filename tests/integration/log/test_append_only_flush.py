"""The log refuses TRUNCATE, except when Django flushes the tables after a test."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection


@pytest.mark.django_db(transaction=True)
def test_after_a_flush_the_log_is_append_only_again() -> None:
    call_command("flush", interactive=False, verbosity=0)

    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute("TRUNCATE session_events_sessionevent")
