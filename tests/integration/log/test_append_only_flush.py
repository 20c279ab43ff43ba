"""The log refuses TRUNCATE, except when Django flushes the tables after a test."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import DatabaseError, connection

from data_tools.models import DataSource
from tests.support import flushing
from tests.support.flushing import KEPT
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("large_bytes", [-1, flushing.LARGE_BYTES], ids=["large", "small"])
def test_a_flush_after_a_test_leaves_no_row_and_the_permissions(
    user: User, datasource: DataSource, large_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flushing, "LARGE_BYTES", large_bytes)
    permissions = set(Permission.objects.values_list("pk", "codename"))
    triggers = triggers_that_fire_always()
    open_studio(user, datasource)

    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)

    models = apps.get_models(include_auto_created=True)
    left = {model._meta.db_table for model in models if model._base_manager.exists()}
    assert left == KEPT
    assert set(Permission.objects.values_list("pk", "codename")) == permissions
    assert triggers_that_fire_always() == triggers != []


def triggers_that_fire_always() -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A' ORDER BY tgname")
        return cursor.fetchall()


def test_after_a_flush_the_log_is_append_only_again() -> None:
    call_command("flush", interactive=False, verbosity=0)

    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
        cursor.execute("TRUNCATE session_events_sessionevent")
