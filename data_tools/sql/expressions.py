"""A column's cell as an expression over one stored row.

Operations build these; `rows.rendering` writes them as SQL. Nodes are compared by identity: a node
that several columns use is one node, and is written once.

The SQL type that carries each column type:

| column type | carried as | because |
| --- | --- | --- |
| integer | bigint | |
| float | double precision, always finite | |
| text | text | |
| boolean | boolean | |
| date, datetime | text, ISO 8601 as stored | a value passes through unchanged, to its last digit |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, LiteralString
from uuid import UUID

import pyarrow as pa

from data_tools.columns import ColumnType
from data_tools.sql.fragment import Sql, sql

CARRIERS: dict[ColumnType, Sql] = {
    ColumnType.INTEGER: Sql("bigint"),
    ColumnType.FLOAT: Sql("double precision"),
    ColumnType.TEXT: Sql("text"),
    ColumnType.BOOLEAN: Sql("boolean"),
    ColumnType.DATE: Sql("text"),
    ColumnType.DATETIME: Sql("text"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """The value at `position` of the row's JSON array."""

    position: int
    type: ColumnType


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """A value computed from other cells of the row; `write` makes its SQL from theirs.

    `write` mentions each input once, so that the SQL grows with the height of a stack of operations
    and no faster. Inputs and result may be null. `undone_as` is set where a cast back to that type
    gives exactly the input. `filling` is set on a plain fill: the value in place of a missing one.
    `compute` is set where this process can do the same, to the last bit: it makes an Arrow array of
    results from one of each input, all as blocks hold them. It may return None, as only the
    database can tell. `keeps_gaps` is set where the result is missing exactly where the only input
    is.
    """

    type: ColumnType
    inputs: tuple[Expression, ...]
    write: Callable[..., Sql]
    undone_as: ColumnType | None = None
    filling: Sql | None = None
    compute: Callable[..., pa.Array | None] | None = None
    keeps_gaps: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class NearestValue:
    """The input where it has a value, otherwise its nearest value in an earlier or later row.

    `limit_row` is the first (earlier) or last (later) row with a value: no search goes past it.
    `gaps` are the long runs of missing cells as (first row, last row): a search that would start
    inside one starts past it instead. Neither changes a result, only how far a search walks.
    `among` is the list of the rows to search, which compilation sets; None means all rows.
    """

    type: ColumnType
    input: Expression
    direction: Literal["earlier", "later"]
    limit_row: int
    gaps: tuple[tuple[int, int], ...] = ()
    among: UUID | None = None


Expression = Stored | Computed | NearestValue


def inputs_of(node: Expression) -> tuple[Expression, ...]:
    """Return the expressions that this one is made of."""
    if isinstance(node, Computed):
        return node.inputs
    return (node.input,) if isinstance(node, NearestValue) else ()


def inputs_first(outputs: Sequence[Expression]) -> list[Expression]:
    """Return every node under `outputs` once, each after its inputs.

    A loop, since stacks outgrow recursion.
    """
    ordered: dict[int, Expression] = {}
    waiting = list(reversed(outputs))
    while waiting:
        missing = [below for below in inputs_of(waiting[-1]) if id(below) not in ordered]
        if missing:
            waiting += reversed(missing)
        else:
            node = waiting.pop()
            ordered[id(node)] = node
    return list(ordered.values())


def lacking_as(cell: Expression) -> Expression | None:
    """Return the first of the expressions that a cell is made of that is missing where the cell is.

    None if the cell is never missing.
    """
    while isinstance(cell, Computed):
        if cell.filling is not None:
            return None
        if not cell.keeps_gaps:
            break
        [cell] = cell.inputs
    return cell


def constant(value: Any, column_type: ColumnType) -> Sql:
    """Bind a value of a column as its carrier."""
    return sql("CAST({value} AS {carrier})", value=value, carrier=CARRIERS[column_type])


def computed(
    column_type: ColumnType,
    template: LiteralString,
    cell: Expression,
    *,
    compute: Callable[[Any], pa.Array | None] | None = None,
    keeps_gaps: bool = False,
    **parts: Sql,
) -> Computed:
    """Return what `template` makes of its `{cell}`, the only input, and of its other parts."""
    return Computed(
        type=column_type,
        inputs=(cell,),
        write=lambda cell: sql(template, cell=cell, **parts),
        compute=compute,
        keeps_gaps=keeps_gaps,
    )


def filled(
    cell: Expression,
    value: Any,
    column_type: ColumnType,
    *,
    compute: Callable[[Any], pa.Array | None] | None = None,
) -> Computed:
    """Return the cell with `value` where it is missing."""
    filling = constant(value, column_type)
    return Computed(
        type=column_type,
        inputs=(cell,),
        write=lambda cell: sql("coalesce({cell}, {filling})", cell=cell, filling=filling),
        filling=filling,
        compute=compute,
    )
