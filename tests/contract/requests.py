"""Requests that several tests of the contract send."""

from __future__ import annotations

from django.contrib.auth.models import User

from tests.support.studio_client import Studio
from tests.support.studios import UNDO, open_studio, rename

ONE_OPERATION_EACH = (
    ("session/rename-column/", {"old_name": "carrier", "new_name": "airline"}),
    ("session/change-column-type/", {"column_name": "delay", "new_type": "string"}),
    ("session/fill-missing-values/", {"columns": ["delay"], "strategy": "mean"}),
)

REFUSED_BY_TRANSFORM = (
    ({"operation": "drop", "columns": ["x"]}, "COLUMN_NOT_FOUND", 400),
    ({"operation": "rename", "new_names": {"id": "day"}}, "COLUMN_EXISTS", 400),
    ({"operation": "nope", "columns": ["id"]}, "INVALID_PARAMETER", 400),
    (
        {"operation": "drop", "columns": ["id"], "expected_version": 999},
        "SESSION_CONFLICT",
        409,
    ),
)


def in_the_middle_of_work(user: User) -> Studio:
    """Open a session on a new dataset, with one operation to undo and one to redo."""
    return open_studio(user, steps=[rename("day", "date"), rename("date", "when"), UNDO])
