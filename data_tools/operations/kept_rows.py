"""Operations that remove rows: the rows they keep are found, stored and proved in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.operations.declaration import PreparedOperation, QueryKeptRows, rule_of
from data_tools.operations.messages import counted
from data_tools.operations.row_source import Rows
from session_events.events import ColumnChange


def prepare_row_removal(
    operation: str,
    query_kept_rows: QueryKeptRows,
    parameters: dict[str, Any],
    rows: Rows,
    *,
    fitted: Mapping[str, Any] | None = None,
    column_changes: tuple[ColumnChange, ...] = (),
) -> PreparedOperation:
    """Prepare the operation and store which rows it keeps; one pass over the rows.

    If any row goes, `fitted` gets `kept`: the count and the SHA-256 of the numbers that stay.
    """
    learned = dict(fitted or {})
    kept_rows, proof = rows.keep(
        rule_of(operation, parameters, learned), query_kept_rows(parameters, learned, rows)
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
        message=f"Removed {counted(removed, 'row')}, {kept_rows} left",
    )
