"""What a session's operations make of its columns and cells; the same for every page of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from data_tools.columns import ColumnType
from data_tools.expressions import Computed, Expression, Stored
from data_tools.operations.catalogue import declared
from data_tools.rendering import ROW, as_json, render, stored_json
from data_tools.sql import Sql, compose, joined
from session_events.events import Column, Operation
from session_events.state import columns_after

KEPT_COMPILATIONS = 128
_ENCODER = msgspec.json.Encoder()  # four times faster than orjson on slotted dataclasses


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """Columns, cells by column key, and the SQL that reads a row of them.

    `row_json` is a row as the text of a JSON array, to be selected FROM `source`, where the stored
    row has the alias r0. `float_positions` are the positions of float columns.
    """

    columns: tuple[Column, ...]
    cells: Mapping[str, Expression]
    added_columns: int
    row_json: Sql
    source: Sql
    float_positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Session:
    """Equal by content, so that equal sessions share one compilation whoever holds them."""

    content: bytes
    base_columns: tuple[Column, ...] = field(compare=False)
    operations: tuple[Operation, ...] = field(compare=False)


def compiled(base_columns: tuple[Column, ...], operations: tuple[Operation, ...]) -> Compilation:
    """The compilation, kept for the last KEPT_COMPILATIONS sessions. Raises: SessionTooComplex."""
    what_counts = [
        (operation.operation, operation.parameters, operation.fitted, operation.column_changes)
        for operation in operations
    ]
    content = _ENCODER.encode((base_columns, what_counts))
    return _compile(_Session(content, base_columns, operations))


@functools.lru_cache(maxsize=KEPT_COMPILATIONS)
def _compile(session: _Session) -> Compilation:
    columns = session.base_columns
    cells: dict[str, Expression] = {
        column.key: Stored(position=int(column.key[1:]), type=ColumnType(column.type))
        for column in columns
    }
    for operation in session.operations:
        cells |= declared(operation.operation).compile(operation, cells)
    columns = columns_after(session.base_columns, session.operations)
    shown = [cells[column.key] for column in columns]
    rendered = render([cell for cell in shown if _json_as_stored(cell) is None])
    computed = iter(rendered.cells)
    values = [_json_as_stored(cell) or as_json(next(computed)) for cell in shown]
    as_stored = [cell.position if isinstance(cell, Stored) else None for cell in shown] == list(
        range(len(session.base_columns))
    )
    return Compilation(
        columns=columns,
        cells={column.key: cells[column.key] for column in columns},
        added_columns=sum(
            change.action == "add"
            for operation in session.operations
            for change in operation.column_changes
        ),
        row_json=compose(ROW, '."values"::text')
        if as_stored
        else compose("to_jsonb(ARRAY[", joined(", ", values), "])::text"),
        source=rendered.source,
        float_positions=tuple(
            at for at, column in enumerate(columns) if column.type == ColumnType.FLOAT
        ),
    )


def _json_as_stored(cell: Expression) -> Sql | None:
    """A cell's jsonb made of the stored jsonb alone, if it can be.

    A stored value, filled or not, need not become a number and jsonb again: that is most of the
    cost of a computed cell.
    """
    match cell:
        case Stored():
            return stored_json(ROW, cell.position)
        case Computed(filling=Sql() as filling, input=Stored() as stored):
            kept = stored_json(ROW, stored.position)
            return compose("coalesce(nullif(", kept, ", 'null'), ", as_json(filling), ")")
    return None
