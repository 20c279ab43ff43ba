"""Operations that put other cells into columns that stay: planned and compiled in one way.

Such an operation is a function from a cell and what was fitted for its column to the next cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_tools.operations.declaration import CompileCells, PreparedOperation
from data_tools.operations.effects import CellChange, count_changes
from data_tools.operations.messages import counted
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation

ReplaceCell = Callable[[Expression, dict[str, Any]], Expression]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedColumn:
    """A column and what the event keeps of its fit."""

    column: Column
    fitted: dict[str, Any]


def prepare_replaced_cells(
    rows: Rows,
    *,
    operation: str,
    parameters: dict[str, Any],
    columns: Sequence[FittedColumn],
    replace: ReplaceCell,
    verb: str,
    on_error: str = "fail",
) -> PreparedOperation:
    """Prepare the operation; a column that keeps every value is left out of the event.

    `verb` begins the message, in the past tense: "Scaled".

    Raises:
        ValuesDoNotFit: `on_error` is fail and some value has no result.
    """
    changes = [
        CellChange(
            name=each.column.name,
            inputs=(rows.cells[each.column.key],),
            output=replace(rows.cells[each.column.key], each.fitted),
            replaces=True,
        )
        for each in columns
    ]
    counts = count_changes(rows, changes, on_error=on_error)
    changed = [
        (each, change.output)
        for each, change, count in zip(columns, changes, counts, strict=True)
        if count.changed
    ]
    cells = sum(count.changed for count in counts)
    lost = sum(count.without_result for count in counts)
    return PreparedOperation(
        operation=operation,
        parameters=parameters,
        fitted={"columns": {each.column.key: each.fitted for each, _ in changed}},
        column_changes=tuple(
            ColumnChange(
                action="set", key=each.column.key, name=each.column.name, type=str(output.type)
            )
            for each, output in changed
        ),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        cells_changed=cells,
        message=f"{verb} {counted(cells, 'value')} in {counted(len(columns), 'column')}"
        + (f"; {lost} became missing" if lost else ""),
    )


def replaced_cells_compiler(replace: ReplaceCell) -> CompileCells:
    """Return the `compile` of an operation that `prepare_replaced_cells` prepares."""

    def compile_replaced_cells(
        operation: Operation, cells: Mapping[str, Expression]
    ) -> dict[str, Expression]:
        return {
            key: replace(cells[key], fitted) for key, fitted in operation.fitted["columns"].items()
        }

    return compile_replaced_cells
