"""What changed between two versions of a session."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.operation_answers import AppliedOperation, operation_list
from data_tools.answers.row_answers import ColumnNameAndType, column_list
from data_tools.answers.shared_values import Success
from data_tools.services.time_travel_service import Changes


class ChangedOperations(TypedDict):
    added: list[AppliedOperation]
    taken_back: list[AppliedOperation]
    restored: list[AppliedOperation]


class ChangedColumns(TypedDict):
    """`renamed` holds {"from", "to"}, `retyped` {"name", "from", "to"}."""

    added: list[ColumnNameAndType]
    dropped: list[ColumnNameAndType]
    renamed: list[dict[str, Any]]
    retyped: list[dict[str, Any]]


class ChangesBody(TypedDict):
    """Operations and columns, each in the order in which the session has them."""

    success: Success
    session_id: UUID
    from_version: int
    to_version: int
    operations: ChangedOperations
    columns: ChangedColumns


def changes_body(changes: Changes) -> ChangesBody:
    differences = changes.differences
    return {
        "success": True,
        "session_id": changes.after.head.stream_id,
        "from_version": changes.before.head.position.version,
        "to_version": changes.after.head.position.version,
        "operations": {
            "added": operation_list(differences.added),
            "taken_back": operation_list(differences.taken_back),
            "restored": operation_list(differences.restored),
        },
        "columns": {
            "added": column_list(differences.columns_added),
            "dropped": column_list(differences.columns_dropped),
            "renamed": [
                {"from": pair.before.name, "to": pair.after.name}
                for pair in differences.columns_renamed
            ],
            "retyped": [
                {"name": pair.after.name, "from": pair.before.type, "to": pair.after.type}
                for pair in differences.columns_retyped
            ],
        },
    }
