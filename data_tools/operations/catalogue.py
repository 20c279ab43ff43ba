"""All operations by name, and the one way to prepare one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from data_tools.operations import column_types, columns, missing_values
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import OperationUnknown

if TYPE_CHECKING:
    from data_tools.row_queries import SessionRows

OPERATIONS: dict[str, Declaration] = {
    declaration.name: declaration
    for declaration in (
        columns.RENAME_COLUMN,
        columns.RENAME_COLUMNS,
        columns.DROP_COLUMNS,
        columns.DUPLICATE_COLUMNS,
        column_types.CHANGE_COLUMN_TYPE,
        missing_values.FILL_MISSING_VALUES,
    )
}


def declared(name: str) -> Declaration:
    """Raises: OperationUnknown."""
    if name not in OPERATIONS:
        raise OperationUnknown(
            f'There is no operation "{name}"',
            details={"operation": name, "known": sorted(OPERATIONS)},
        )
    return OPERATIONS[name]


def prepare(name: str, parameters: Mapping[str, Any], rows: SessionRows) -> PreparedOperation:
    """Check and fit an operation against the session's rows; changes nothing.

    Reads rows at most twice over the named columns. Raises: a `Refused`, and then nothing happened.
    """
    declaration = declared(name)
    prepared = declaration.plan(declaration.checked(parameters), rows)
    rows.after(prepared).refuse_if_too_complex()
    return prepared
