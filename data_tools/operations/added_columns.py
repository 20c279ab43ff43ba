"""Operations that make new columns from others: planned and compiled in one way.

Such an operation is a function from some cells and what was fitted to the cell of a new column. A
new column goes to the end and never takes the place of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_tools.operations.column_lookup import free_name
from data_tools.operations.declaration import CompileCells, Plan
from data_tools.operations.effects import CellChange, count_changes
from data_tools.operations.growth import (
    estimated_bytes,
    require_growth,
    require_room_for_columns,
)
from data_tools.operations.messages import counted
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation

CombineCells = Callable[[Sequence[Expression], dict[str, Any]], Expression]


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A new column: the name it gets if that is free, what it is made of, what was fitted."""

    name: str
    inputs: tuple[Column, ...]
    fitted: dict[str, Any]


def plan_added_columns(
    rows: Rows,
    new_columns: Sequence[NewColumn],
    combine: CombineCells,
    *,
    parameters: dict[str, Any] | None = None,
    on_error: str | None = None,
    drops: Sequence[Column] = (),
) -> Plan:
    """Plan the operation; a name that is taken gets a number.

    Reads the rows only with `on_error`: what becomes of values without a result. Without it, new
    texts must be parts of other cells, so that they need no measuring.

    Raises:
        TooManyColumns, CellTooLarge, TableTooLarge: see `growth`.
        ValuesDoNotFit: `on_error` is fail and some row has no result.
    """
    require_room_for_columns(rows, added=len(new_columns), dropped=len(drops))
    taken = {column.name for column in rows.columns if column not in drops}
    changes: list[CellChange] = []
    column_changes = [ColumnChange(action="drop", key=column.key) for column in drops]
    fitted: dict[str, Any] = {}
    for count, new in enumerate(new_columns, start=1):
        name, key = free_name(new.name, taken), f"d{rows.added_columns + count}"
        taken.add(name)
        inputs = tuple(rows.cells[column.key] for column in new.inputs)
        output = combine(inputs, new.fitted)
        changes.append(CellChange(name=name, inputs=inputs, output=output))
        column_changes.append(ColumnChange(action="add", key=key, name=name, type=str(output.type)))
        fitted[key] = {**new.fitted, "inputs": [column.key for column in new.inputs]}
    numbers = estimated_bytes((change.output for change in changes), rows.total_rows)
    require_growth(rows, numbers, are_texts=False)
    lost = 0
    if on_error is not None:
        counts = count_changes(rows, changes, on_error=on_error)
        lost = sum(count.without_result for count in counts)
    names = ", ".join(f'"{change.name}"' for change in changes[:3])
    more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
    return Plan(
        parameters=parameters,
        fitted={"columns": fitted},
        column_changes=column_changes,
        message=f"Added {counted(len(changes), 'column')}: {names}{more}"
        + (f"; cells without a result: {lost}" if lost else ""),
    )


def added_columns_compiler(combine: CombineCells) -> CompileCells:
    """Return the `compile` of an operation that `plan_added_columns` plans."""

    def compile_added_columns(
        operation: Operation, cells: Mapping[str, Expression]
    ) -> dict[str, Expression]:
        return {
            key: combine([cells[source] for source in fitted["inputs"]], fitted)
            for key, fitted in operation.fitted["columns"].items()
        }

    return compile_added_columns
