"""A column's cell as an expression over one stored row.

Operations build these; `rendering` writes them as SQL. Nodes are compared by identity: a node that
several columns use is one node, and is written once.

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

from dataclasses import dataclass
from typing import Any, Literal, LiteralString
from uuid import UUID

from data_tools.columns import ColumnType
from data_tools.sql import Sql, bound, compose

CARRIERS: dict[ColumnType, LiteralString] = {
    ColumnType.INTEGER: "bigint",
    ColumnType.FLOAT: "double precision",
    ColumnType.TEXT: "text",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "text",
    ColumnType.DATETIME: "text",
}


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """The value at `position` of the row's JSON array."""

    position: int
    type: ColumnType


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """SQL around an input: `before`, the input, `after`. Null stays possible on both sides.

    The input is mentioned once, so that a stack of operations stays as long as the stack.
    `undone_as` is set where a cast back to that type would give exactly the input;
    `filling` on a plain fill, and is what fills it.
    """

    type: ColumnType
    before: Sql
    input: Expression
    after: Sql
    undone_as: ColumnType | None = None
    filling: Sql | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NearestValue:
    """The input where it has a value, otherwise its nearest value in an earlier or later row.

    `limit_row` is the first (earlier) or last (later) row with a value: no search goes past it.
    `gaps` are the long runs of missing cells as (first row, last row): a search that starts in one
    starts at its end instead. Neither changes a result, only how far a search walks.
    `among` is the list of the rows that are looked at (compilation knows it), None for all.
    """

    type: ColumnType
    input: Expression
    direction: Literal["earlier", "later"]
    limit_row: int
    gaps: tuple[tuple[int, int], ...] = ()
    among: UUID | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """SQL around several inputs: a piece, an input, a piece, … and a last piece.

    Null wherever an input is. An input that is given twice is mentioned twice.
    """

    type: ColumnType
    pieces: tuple[Sql, ...]
    inputs: tuple[Expression, ...]


Expression = Stored | Computed | NearestValue | Combined


def inputs_of(node: Expression) -> tuple[Expression, ...]:
    """The expressions that this one is made of."""
    match node:
        case Stored():
            return ()
        case Combined():
            return node.inputs
    return (node.input,)


def constant(value: Any, column_type: ColumnType) -> Sql:
    """A value of a column, bound, as its carrier."""
    return compose("CAST(", bound(value), " AS ", CARRIERS[column_type], ")")


def filled(given: Expression, value: Any, column_type: ColumnType) -> Computed:
    """`given`, and `value` where it is missing."""
    filling = constant(value, column_type)
    return Computed(
        type=column_type,
        before=Sql("coalesce("),
        input=given,
        after=compose(", ", filling, ")"),
        filling=filling,
    )
