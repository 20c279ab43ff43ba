"""What an operation does to cells: counted before it is applied, and refused where it has to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.declaration import Kind, Parameter
from data_tools.operations.exceptions import ValuesDoNotFit
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql, compose, joined, number

ROWS_NAMED = 5  # row numbers that a refusal names
_CHANGES_PER_PASS = 300  # PostgreSQL selects 1,664 expressions at most, and a change takes four

ON_ERROR = Parameter(
    name="on_error",
    kind=Kind.CHOICE,
    choices=("fail", "null"),
    default="fail",
    description="What becomes of a cell without a finite result (a zero divisor, an overflow, an "
    "integer beyond 2^53 where a float is needed): refuse the operation, or make it missing.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A column's next cell, and those that it is made of.

    `name` is the column's. `replaces` is true when the only input is the cell that goes.
    """

    name: str
    inputs: tuple[Expression, ...]
    output: Expression
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Rows in which all inputs have a value; where the cell is another; where it has no result."""

    values: int
    changed: int
    without_result: int


def effects(rows: Rows, changes: Sequence[Change], *, on_error: str) -> list[Effect]:
    """What each change does, in one pass over 300 of them.

    Raises: ValuesDoNotFit, where `on_error` is fail and an input has no result.
    """
    measured: list[Effect] = []
    waiting = iter(changes)
    while together := list(islice(waiting, _CHANGES_PER_PASS)):
        measured += _measured(rows, together)
    for change, effect in zip(changes, measured, strict=True):
        if effect.without_result and on_error == "fail":
            raise _refusal(rows, change, effect)
    return measured


def _measured(rows: Rows, changes: Sequence[Change]) -> Iterator[Effect]:
    expressions: list[Expression] = []
    counts: list[Sql] = []
    for change in changes:
        given, output = _positions(change, expressions)
        all_given = _all_given(given)
        changed = Sql("NULL")
        if change.replaces and _are_comparable(change.inputs[0].type, change.output.type):
            changed = compose(
                *("count(*) FILTER (WHERE ", given[0], " IS DISTINCT FROM ", output, ")")
            )
        counts += [
            compose("count(*) FILTER (WHERE ", all_given, ")"),
            changed,
            compose("count(*) FILTER (WHERE ", all_given, " AND ", output, " IS NULL)"),
        ]
    found = rows.fetch_one(
        compose("SELECT ", joined(", ", counts), " FROM (", rows.cells_query(expressions), ") AS c")
    )
    for values, changed, without_result in zip(*[iter(found)] * 3, strict=True):
        yield Effect(
            values=values,
            changed=values if changed is None else changed,
            without_result=without_result,
        )


def _positions(change: Change, expressions: list[Expression]) -> tuple[list[Sql], Sql]:
    """The names of a change's inputs and output; `expressions` gets what was not in it yet."""
    known = {id(expression): at for at, expression in enumerate(expressions)}
    named: list[Sql] = []
    for expression in (*change.inputs, change.output):
        if id(expression) not in known:
            known[id(expression)] = len(expressions)
            expressions.append(expression)
        named.append(compose("v", number(known[id(expression)])))
    return named[:-1], named[-1]


def _are_comparable(before: ColumnType, after: ColumnType) -> bool:
    return before is after or {before, after} <= NUMERIC_TYPES


def _all_given(given: Sequence[Sql]) -> Sql:
    return joined(" AND ", [compose(one, " IS NOT NULL") for one in given])


def _refusal(rows: Rows, change: Change, effect: Effect) -> ValuesDoNotFit:
    expressions: list[Expression] = []
    given, output = _positions(change, expressions)
    found = rows.fetch_all(
        compose(
            *("SELECT row_number FROM (", rows.cells_query(expressions), ") AS c WHERE "),
            *(_all_given(given), " AND ", output, " IS NULL ORDER BY row_number LIMIT "),
            number(ROWS_NAMED),
        )
    )
    examples = [row_number for (row_number,) in found]
    count = effect.without_result
    return ValuesDoNotFit(
        f'{count} {"value" if count == 1 else "values"} of "{change.name}" would have no result, '
        f"first in {'row' if len(examples) == 1 else 'rows'} {', '.join(map(str, examples))}",
        details={"column": change.name, "count": count, "row_numbers": examples},
    )
