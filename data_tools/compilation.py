"""What a session's operations make of its columns and cells; the same for every page of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from data_tools.columns import ColumnType
from data_tools.expressions import Expression, Stored
from data_tools.operations.catalogue import declared
from data_tools.rendering import as_json, render, stored_json
from data_tools.sql import Sql, compose, joined
from session_events.events import Column, Operation
from session_events.state import columns_after

KEPT_COMPILATIONS = 128


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
    content = orjson.dumps((base_columns, operations))
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
    rendered = render([cell for cell in shown if not isinstance(cell, Stored)])
    computed = iter(rendered.cells)
    values = [
        stored_json(rendered.row, cell.position)
        if isinstance(cell, Stored)
        else as_json(next(computed))
        for cell in shown
    ]
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
        row_json=compose(rendered.row, '."values"::text')
        if as_stored
        else compose("to_jsonb(ARRAY[", joined(", ", values), "])::text"),
        source=rendered.source,
        float_positions=tuple(
            at for at, column in enumerate(columns) if column.type == ColumnType.FLOAT
        ),
    )
