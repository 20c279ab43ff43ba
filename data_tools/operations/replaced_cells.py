"""Operations that put other cells into columns that stay: planned and compiled in one way.

Such an operation is a function from a cell and what was fitted for its column to the next cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from data_tools.operations.declaration import CompileCells, Plan
from data_tools.operations.effects import CellChange, count_changes
from data_tools.operations.messages import counted
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation

ReplaceCell = Callable[[Expression, dict[str, Any]], Expression]


def plan_replaced_cells(
    rows: Rows,
    fits: Sequence[tuple[Column, dict[str, Any]]],
    replace: ReplaceCell,
    verb: str,
    *,
    parameters: dict[str, Any] | None = None,
    on_error: str = "fail",
) -> Plan:
    """Plan the operation; a column that keeps every value is left out of the event.

    `fits` are the columns, each with what the event keeps of its fit. `verb` begins the message, in
    the past tense: "Scaled".

    Raises:
        ValuesDoNotFit: `on_error` is fail and some value has no result.
        CellTooLarge, TableTooLarge: see `growth`.
    """
    changes = [
        CellChange(
            name=column.name,
            inputs=(rows.cells[column.key],),
            output=replace(rows.cells[column.key], fitted),
            replaces=True,
        )
        for column, fitted in fits
    ]
    counts = count_changes(rows, changes, on_error=on_error)
    changed = [
        (column, fitted, change.output)
        for (column, fitted), change, count in zip(fits, changes, counts, strict=True)
        if count.changed
    ]
    cells = sum(count.changed for count in counts)
    lost = sum(count.without_result for count in counts)
    return Plan(
        parameters=parameters,
        fitted={"columns": {column.key: fitted for column, fitted, _ in changed}},
        column_changes=[
            ColumnChange(action="set", key=column.key, name=column.name, type=str(cell.type))
            for column, _, cell in changed
        ],
        cells_changed=cells,
        message=f"{verb} {counted(cells, 'value')} in {counted(len(fits), 'column')}"
        + (f"; {lost} became missing" if lost else ""),
    )


def replaced_cells_compiler(replace: ReplaceCell) -> CompileCells:
    """Return the `compile` of an operation that `plan_replaced_cells` plans."""

    def compile_replaced_cells(
        operation: Operation, cells: Mapping[str, Expression]
    ) -> dict[str, Expression]:
        return {
            key: replace(cells[key], fitted) for key, fitted in operation.fitted["columns"].items()
        }

    return compile_replaced_cells
