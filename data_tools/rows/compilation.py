"""A session's operations compiled into the columns and cells that all of its pages show."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec

from data_tools.columns import ColumnType
from data_tools.operations.catalogue import require_operation
from data_tools.operations.declaration import rule_of
from data_tools.rows.lists.storage import digest_of, list_id_of
from data_tools.rows.rendering import ROW, as_json, render, stored_json
from data_tools.sql.expressions import Computed, Expression, NearestValue, Stored
from data_tools.sql.fragment import Sql, joined, sql
from session_events.events import Column, Operation
from session_events.state import columns_after

KEPT_COMPILATIONS = 128
_ENCODER = msgspec.json.Encoder()  # four times faster than orjson on slotted dataclasses


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRows:
    """The rows that the operation at `position` kept: their list, count and proof.

    See `rows.lists.storage.store_kept`.
    """

    list_id: UUID
    position: int
    count: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowText:
    """SQL for a row as the text of a JSON array.

    `json` is that text. `layers` has to follow the stored rows, under the alias r0, in FROM.
    """

    json: Sql
    layers: Sql


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """Columns, and cells by column key.

    `kept` has an entry for each operation that removed rows; the last one's are the session's rows.
    `digest` is equal for equal columns, cells and rows only. `defining_bytes` is the size of the
    columns and operations as JSON.
    """

    columns: tuple[Column, ...]
    cells: Mapping[str, Expression]
    kept: tuple[KeptRows, ...]
    digest: bytes
    defining_bytes: int
    is_as_stored: bool
    _texts: dict[str, RowText] = field(default_factory=dict, repr=False, compare=False)

    def row_text(self, table: Sql) -> RowText:
        """Return the SQL that reads a row of these columns; rows lie in `table`.

        Raises:
            SessionTooComplex: fills search inside of fills too deep or too often.
        """
        text = self._texts.get(table.text)
        if text is None:
            text = row_of([self.cells[column.key] for column in self.columns], table)
            if self.is_as_stored:
                text = replace(text, json=sql('{row}."values"::text', row=ROW))
            self._texts[table.text] = text
        return text


@dataclass(frozen=True, slots=True)
class _Session:
    """A key that is equal for equal content, so that equal sessions share one compilation."""

    content: bytes
    source: Any = field(compare=False)
    base_columns: tuple[Column, ...] = field(compare=False)
    operations: tuple[Operation, ...] = field(compare=False)


def compiled(
    source: Any, base_columns: tuple[Column, ...], operations: tuple[Operation, ...]
) -> Compilation:
    """Return the compilation; it is cached for the last KEPT_COMPILATIONS sessions.

    `source` identifies the stored rows, by values that JSON can hold.
    """
    defining = [_defining(operation) for operation in operations]
    content = _ENCODER.encode((source, base_columns, defining))
    return _compile(_Session(content, source, base_columns, operations))


def _defining(operation: Operation) -> Any:
    """Return what defines an operation's result; its sequence and time do not."""
    return (operation.operation, operation.parameters, operation.fitted, operation.column_changes)


@functools.lru_cache(maxsize=KEPT_COMPILATIONS)
def _compile(session: _Session) -> Compilation:
    columns = session.base_columns
    cells: dict[str, Expression] = {
        column.key: Stored(position=int(column.key[1:]), type=ColumnType(column.type))
        for column in columns
    }
    digest, kept = digest_of(session.source, columns), list[KeptRows]()
    for position, operation in enumerate(session.operations):
        for key, cell in require_operation(operation.operation).compile(operation, cells).items():
            if kept and isinstance(cell, NearestValue):
                # It searches the rows that there were before its operation.
                cells[key] = replace(cell, among=kept[-1].list_id)
            else:
                cells[key] = cell
        if (proof := operation.fitted.get("kept")) is not None:
            rule = rule_of(operation.operation, operation.parameters, operation.fitted)
            kept.append(KeptRows(list_id=list_id_of(digest, rule), position=position, **proof))
        digest = digest_of(digest.hex(), _defining(operation))
    columns = columns_after(session.base_columns, session.operations)
    shown = [cells[column.key] for column in columns]
    as_stored = [cell.position if isinstance(cell, Stored) else None for cell in shown] == list(
        range(len(session.base_columns))
    )
    return Compilation(
        columns=columns,
        cells={column.key: cells[column.key] for column in columns},
        kept=tuple(kept),
        digest=digest,
        defining_bytes=len(session.content),
        is_as_stored=as_stored,
    )


def row_of(cells: Sequence[Expression], table: Sql) -> RowText:
    """Return a row of these cells as text; rows lie in `table`."""
    as_stored = [_stored_part(cell) for cell in cells]
    rendered = render(
        [cell for cell, stored in zip(cells, as_stored, strict=True) if stored is None],
        table=table,
        other_cells=sum(stored is not None for stored in as_stored),
    )
    computed = iter(rendered.cells)
    values = [
        as_json(next(computed)) if stored is None else stored.json(rendered.values)
        for stored in as_stored
    ]
    json = sql(
        """
        to_jsonb(ARRAY[
            {values}
        ])::text
        """,
        values=joined(",\n", values),
    )
    return RowText(json=json, layers=rendered.layers)


@dataclass(frozen=True, slots=True)
class _StoredPart:
    """A cell that is made of stored jsonb alone: the stored value, or what fills its gaps.

    It need not become a number and jsonb again: that is most of the cost of a computed cell.
    """

    position: int
    filling: Sql | None = None

    def json(self, values: Sql) -> Sql:
        """Return the cell's jsonb, of a row with this JSON array."""
        stored = stored_json(values, self.position)
        if self.filling is None:
            return stored
        return sql(
            "coalesce(nullif({stored}, 'null'), {filling})",
            stored=stored,
            filling=as_json(self.filling),
        )


def _stored_part(cell: Expression) -> _StoredPart | None:
    match cell:
        case Stored():
            return _StoredPart(cell.position)
        case Computed(filling=Sql() as filling, inputs=(Stored() as stored,)):
            return _StoredPart(stored.position, filling)
    return None
