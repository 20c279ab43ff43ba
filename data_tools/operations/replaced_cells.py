"""Operations that put other cells into columns that stay: planned and compiled in one way.

Such an operation is a function from a cell and what was fitted for its column to the next cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.declaration import Compile, PreparedOperation
from data_tools.operations.effects import Change, effects
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation

Express = Callable[[Expression, dict[str, Any]], Expression]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A column and what the event keeps of its fit."""

    column: Column
    fitted: dict[str, Any]


def replaced(
    rows: Rows,
    *,
    operation: str,
    parameters: dict[str, Any],
    replacements: Sequence[Replacement],
    express: Express,
    did: str,
    on_error: str = "fail",
) -> PreparedOperation:
    """The operation prepared; a column whose every value stays is left out of the event.

    `did` begins the message: "Scaled". Raises: ValuesDoNotFit.
    """
    outputs = [express(rows.cells[one.column.key], one.fitted) for one in replacements]
    changes = [
        Change(
            name=one.column.name,
            inputs=(rows.cells[one.column.key],),
            output=output,
            replaces=True,
        )
        for one, output in zip(replacements, outputs, strict=True)
    ]
    measured = effects(rows, changes, on_error=on_error)
    changed = [
        (one, output)
        for one, output, effect in zip(replacements, outputs, measured, strict=True)
        if effect.changed
    ]
    cells = sum(effect.changed for effect in measured)
    lost = sum(effect.without_result for effect in measured)
    return PreparedOperation(
        operation=operation,
        parameters=parameters,
        fitted={"columns": {one.column.key: one.fitted for one, _ in changed}},
        column_changes=tuple(
            ColumnChange(
                action="set", key=one.column.key, name=one.column.name, type=str(output.type)
            )
            for one, output in changed
        ),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        cells_changed=cells,
        message=f"{did} {cells} {'value' if cells == 1 else 'values'} in {len(replacements)} "
        f"{'column' if len(replacements) == 1 else 'columns'}"
        + (f"; {lost} became missing" if lost else ""),
    )


def compiling(express: Express) -> Compile:
    """The compilation of what `replaced` prepared."""

    def compile_replaced(
        operation: Operation, cells: Mapping[str, Expression]
    ) -> dict[str, Expression]:
        return {
            key: express(cells[key], fitted) for key, fitted in operation.fitted["columns"].items()
        }

    return compile_replaced


def type_of(fitted: Mapping[str, Any]) -> ColumnType:
    """The type that a column had when it was fitted."""
    return ColumnType(fitted["from"])
