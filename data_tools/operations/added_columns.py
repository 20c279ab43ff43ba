"""Operations that make new columns of others: planned and compiled in one way.

Such an operation is a function from some cells and what was fitted to the cell of a new column. A
new column goes to the end and never takes the place of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_tools.operations.column_lookup import free_name
from data_tools.operations.declaration import Compile, PreparedOperation
from data_tools.operations.effects import Change, effects
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from session_events.events import Column, ColumnChange, Operation

Express = Callable[[Sequence[Expression], dict[str, Any]], Expression]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A new column: the name it gets if that is free, what it is made of, what was fitted."""

    name: str
    inputs: tuple[Column, ...]
    fitted: dict[str, Any]


def added(
    rows: Rows,
    *,
    operation: str,
    parameters: dict[str, Any],
    additions: Sequence[Addition],
    express: Express,
    on_error: str | None = None,
    drops: Sequence[Column] = (),
) -> PreparedOperation:
    """The operation prepared; a name that is taken gets a number.

    Reads the rows only with `on_error`: what becomes of values without a result, see `effects`.
    Raises: ValuesDoNotFit.
    """
    taken = {column.name for column in rows.columns}
    changes: list[Change] = []
    column_changes = [ColumnChange(action="drop", key=column.key) for column in drops]
    fitted: dict[str, Any] = {}
    for count, one in enumerate(additions, start=1):
        name, key = free_name(one.name, taken), f"d{rows.added_columns + count}"
        taken.add(name)
        inputs = tuple(rows.cells[column.key] for column in one.inputs)
        output = express(inputs, one.fitted)
        changes.append(Change(name=name, inputs=inputs, output=output))
        column_changes.append(ColumnChange(action="add", key=key, name=name, type=str(output.type)))
        fitted[key] = {**one.fitted, "inputs": [column.key for column in one.inputs]}
    lost = 0
    if on_error is not None:
        lost = sum(one.without_result for one in effects(rows, changes, on_error=on_error))
    names = ", ".join(f'"{change.name}"' for change in changes[:3])
    more = f" and {len(changes) - 3} more" if len(changes) > 3 else ""
    return PreparedOperation(
        operation=operation,
        parameters=parameters,
        fitted={"columns": fitted},
        column_changes=tuple(column_changes),
        rows_before=rows.total_rows,
        rows_after=rows.total_rows,
        message=f"Added {len(changes)} {'column' if len(changes) == 1 else 'columns'}: "
        f"{names}{more}" + (f"; cells without a result: {lost}" if lost else ""),
    )


def compiling(express: Express) -> Compile:
    """The compilation of what `added` prepared."""

    def compile_added(
        operation: Operation, cells: Mapping[str, Expression]
    ) -> dict[str, Expression]:
        return {
            key: express([cells[source] for source in fitted["inputs"]], fitted)
            for key, fitted in operation.fitted["columns"].items()
        }

    return compile_added
