"""Clients of datasets, with and without a session, in one line each.

    studio_of(user)                                        a small dataset, no session yet
    open_studio(user, headers=STRUCTURED)                  a session on one, structured errors
    open_studio(user, publish(user, columns, rows))        a session on these columns and rows
    open_studio(user, steps=[rename("id", "key"), UNDO])   a session with two commands behind it
    open_studio(other_user, transport=server.transport)    somebody else's, over a socket

A server in another process sees what is committed alone: such a test is marked with
`django_db(transaction=True)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.test import Client

from data_tools.models import DataSource
from tests.support.small_datasets import publish
from tests.support.studio_client import InProcess, Step, Studio
from tests.support.users import token_of

INITIALIZE: Step = ("session/initialize/", {})
UNDO: Step = ("session/undo/", {})


def rename(old_name: str, new_name: str) -> Step:
    return "session/rename-column/", {"old_name": old_name, "new_name": new_name}


def fill(column: str, strategy: str) -> Step:
    return "session/fill-missing-values/", {"columns": [column], "strategy": strategy}


def drop(column: str) -> Step:
    return "transform/columns/", {"operation": "drop", "columns": [column]}


def duplicate(column: str) -> Step:
    return "transform/columns/", {"operation": "duplicate", "columns": [column]}


def studio_of(user: User, dataset: DataSource | UUID | str | None = None, **fields: Any) -> Studio:
    """Return the user's client of a dataset, by default of a small one published now.

    `fields` are those of `Studio`: mount, transport, headers.
    """
    dataset = publish(user) if dataset is None else dataset
    return Studio(datasource_id=_id_of(dataset), token=token_of(user), **fields)


def open_studio(
    user: User,
    dataset: DataSource | UUID | str | None = None,
    *,
    steps: Sequence[Step] = (),
    **fields: Any,
) -> Studio:
    """Return a client as `studio_of` does, with a new session on which the steps were taken."""
    return studio_of(user, dataset, **fields).take(INITIALIZE, *steps)


def signed_in_studio(user: User, dataset: DataSource | UUID | str) -> Studio:
    """Return a client that sends the cookie of a login session, as a browser does, and no token."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)
    return Studio(datasource_id=_id_of(dataset), transport=InProcess(client))


def _id_of(dataset: DataSource | UUID | str) -> UUID | str:
    return dataset.pk if isinstance(dataset, DataSource) else dataset
