"""What operations that remove rows have in common: the rows they keep, found, stored and proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.operations.declaration import Keep, PreparedOperation, rule_of
from data_tools.operations.row_source import Rows
from session_events.events import ColumnChange


def removing(
    operation: str,
    *,
    keep: Keep,
    parameters: dict[str, Any],
    fitted: Mapping[str, Any] | None = None,
    column_changes: tuple[ColumnChange, ...] = (),
    rows: Rows,
) -> PreparedOperation:
    """The operation that leaves the rows that `keep` finds; one pass over the rows.

    Its `fitted` gets `kept`, the count and the SHA-256 of their numbers, if any row goes.
    """
    learned = dict(fitted or {})
    kept_rows, proof = rows.keep(
        rule_of(operation, parameters, learned), keep(parameters, learned, rows)
    )
    removed = rows.total_rows - kept_rows
    if removed:
        learned["kept"] = {"count": kept_rows, "sha256": proof}
    return PreparedOperation(
        operation=operation,
        parameters=parameters,
        fitted=learned,
        column_changes=column_changes,
        rows_before=rows.total_rows,
        rows_after=kept_rows,
        message=f"Removed {removed} {'row' if removed == 1 else 'rows'}, {kept_rows} left",
    )
