"""Our log, as a request uses it: decide on the session's state, seal, append, fold, remember."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Callable

import django

from benchmarks.writers.database import Address


def writer(address: Address) -> Callable[[], None]:
    """Return a function that undoes or redoes the one operation of a session of its own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection

    from session_events import services
    from session_events.events import Column, ColumnChange, OperationApplied
    from session_events.recording import Command

    connection.settings_dict["NAME"] = address.name
    user = User.objects.create(username=f"writer {uuid.uuid4()}")

    def command() -> Command:
        return Command(actor_id=user.pk, trace_id=secrets.token_hex(16), client_kind="benchmarks")

    columns = tuple(Column(key=f"b{at}", name=f"column_{at}", type="float") for at in range(20))
    session = services.start(
        services.DatasetFacts(
            dataset_id=uuid.uuid4(), revision=1, fingerprint="0", columns=columns, row_count=1
        ),
        command=command(),
    )
    renamed = OperationApplied(
        operation="rename_column",
        parameters={"old_name": "column_0", "new_name": "renamed"},
        fitted={},
        column_changes=(ColumnChange(action="set", key="b0", name="renamed", type="float"),),
        rows_before=1,
        rows_after=1,
        cells_changed=0,
    )
    session = services.apply_operation(session, lambda state: renamed, command=command()).session

    def write() -> None:
        nonlocal session
        step = services.undo if session.state.operations else services.redo
        session = step(session, command=command()).session

    return write
