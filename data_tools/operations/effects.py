"""What an operation does to cells: counted before it is applied, and refused where it has to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

from django.conf import settings

from data_tools.columns import NUMERIC_TYPES, ColumnType
from data_tools.operations.exceptions import CellTooLarge, ValuesDoNotFit
from data_tools.operations.growth import require_growth
from data_tools.operations.messages import counted, first_in_rows
from data_tools.operations.parameters import Choice, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql, joined, number, sql

ROWS_NAMED = 5  # row numbers that a refusal names
_CHANGES_PER_PASS = 200  # PostgreSQL selects 1,664 expressions at most, and a change takes seven

ON_ERROR = Parameter(
    "on_error",
    Choice(("fail", "null")),
    "What becomes of a cell without a finite result (a zero divisor, an overflow, an "
    "integer beyond 2^53 where a float is needed): refuse the operation, or make it missing.",
    default="fail",
    title="If a cell has no result",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """A column's next cell, and those that it is made of.

    `name` is the column's. `replaces` is true when the only input is the cell that goes.
    """

    name: str
    inputs: tuple[Expression, ...]
    output: Expression
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCounts:
    """How many rows a change concerns.

    `values` counts the rows in which all inputs have a value, `changed` those whose cell becomes
    another, `without_result` those with all inputs and no result. `longest_bytes` is the longest
    text that the operation makes, 0 if it is no longer than the longest that it replaces.
    `added_bytes` is by how much the column's texts grow, which may be negative.
    """

    values: int
    changed: int
    without_result: int
    longest_bytes: int = 0
    added_bytes: int = 0


def count_changes(
    rows: Rows, changes: Sequence[CellChange], *, on_error: str
) -> list[ChangeCounts]:
    """Return what each change does, from one pass over every 200 of them.

    Raises:
        ValuesDoNotFit: `on_error` is fail and some row has no result.
        CellTooLarge, TableTooLarge: a text, or the table, would become too large.
    """
    counts: list[ChangeCounts] = []
    waiting = iter(changes)
    while together := list(islice(waiting, _CHANGES_PER_PASS)):
        counts += _count(rows, together)
    for change, effect in zip(changes, counts, strict=True):
        if effect.without_result and on_error == "fail":
            row_numbers = first_rows_without_result(rows, change)
            raise ValuesDoNotFit(
                f'{counted(effect.without_result, "value")} of "{change.name}" would have no '
                f"result, {first_in_rows(row_numbers)}",
                details={
                    "column": change.name,
                    "count": effect.without_result,
                    "row_numbers": row_numbers,
                },
            )
        if effect.longest_bytes > settings.BUDGETS["CELL_MAX_BYTES"]:
            _refuse_long_texts(rows, change, effect.longest_bytes)
    require_growth(rows, sum(max(0, effect.added_bytes) for effect in counts), are_texts=True)
    return counts


def _refuse_long_texts(rows: Rows, change: CellChange, longest_bytes: int) -> NoReturn:
    maximum = settings.BUDGETS["CELL_MAX_BYTES"]
    too_long = sql(
        "octet_length(v{output}) > {maximum}",
        output=number(len(change.inputs)),
        maximum=maximum,
    )
    count, row_numbers = rows.fetch_one(
        sql(
            """
            SELECT count(*), (array_agg(row_number ORDER BY row_number))[:{limit}]
            FROM ({cells}) AS cells
            WHERE {too_long}
            """,
            cells=rows.cells_query([*change.inputs, change.output]),
            too_long=too_long,
            limit=number(ROWS_NAMED),
        )
    )
    raise CellTooLarge(
        f'{counted(count, "text")} of "{change.name}" would have more than {maximum:,} bytes, '
        f"up to {longest_bytes:,}, {first_in_rows(row_numbers)}",
        details={
            "column": change.name,
            "count": count,
            "row_numbers": row_numbers,
            "longest_bytes": longest_bytes,
            "maximum_bytes": maximum,
            "setting": "CELL_MAX_BYTES",
        },
    )


def first_rows_without_result(rows: Rows, change: CellChange) -> list[int]:
    """Return the numbers of the first five rows that have all inputs and no result."""
    expressions: list[Expression] = []
    inputs, output = _place(change, expressions)
    query = sql(
        """
        SELECT row_number FROM ({cells}) AS cells
        WHERE {have_inputs} AND {output} IS NULL
        ORDER BY row_number LIMIT {limit}
        """,
        cells=rows.cells_query(expressions),
        have_inputs=_all_present(inputs),
        output=output,
        limit=number(ROWS_NAMED),
    )
    return [row_number for (row_number,) in rows.fetch_all(query)]


def _count(rows: Rows, changes: Sequence[CellChange]) -> Iterator[ChangeCounts]:
    expressions: list[Expression] = []
    counts: list[Sql] = []
    for change in changes:
        inputs, output = _place(change, expressions)
        have_inputs = _all_present(inputs)
        changed = Sql("NULL")
        if change.replaces and _are_comparable(change.inputs[0].type, change.output.type):
            changed = sql(
                "count(*) FILTER (WHERE {before} IS DISTINCT FROM {after})",
                before=inputs[0],
                after=output,
            )
        counts += [
            sql("count(*) FILTER (WHERE {have_inputs})", have_inputs=have_inputs),
            changed,
            sql(
                "count(*) FILTER (WHERE {have_inputs} AND {output} IS NULL)",
                have_inputs=have_inputs,
                output=output,
            ),
            *_text_bytes(output, change.output),
            *_text_bytes(inputs[0], change.inputs[0] if change.replaces else None),
        ]
    measured = rows.fetch_one(
        sql(
            "SELECT {counts} FROM ({cells}) AS cells",
            counts=joined(", ", counts),
            cells=rows.cells_query(expressions),
        )
    )
    for values, changed_values, without_result, longest, total, longest_before, total_before in zip(
        *[iter(measured)] * 7, strict=True
    ):
        yield ChangeCounts(
            values=values,
            changed=values if changed_values is None else changed_values,
            without_result=without_result,
            longest_bytes=longest if (longest or 0) > (longest_before or 0) else 0,
            added_bytes=int(total or 0) - int(total_before or 0),
        )


def _text_bytes(value: Sql, cell: Expression | None) -> tuple[Sql, Sql]:
    """Return SQL for the bytes of the longest text and of all texts; NULL for other types."""
    if cell is None or cell.type is not ColumnType.TEXT:
        return Sql("NULL"), Sql("NULL")
    return (
        sql("max(octet_length({value}))", value=value),
        sql("sum(octet_length({value}))", value=value),
    )


def _place(change: CellChange, expressions: list[Expression]) -> tuple[list[Sql], Sql]:
    """Return the names of the inputs and of the output in a `cells_query` of `expressions`.

    Appends those of them that `expressions` does not hold yet.
    """
    positions = {id(expression): at for at, expression in enumerate(expressions)}
    names: list[Sql] = []
    for expression in (*change.inputs, change.output):
        if id(expression) not in positions:
            positions[id(expression)] = len(expressions)
            expressions.append(expression)
        names.append(sql("v{at}", at=number(positions[id(expression)])))
    return names[:-1], names[-1]


def _are_comparable(before: ColumnType, after: ColumnType) -> bool:
    return before is after or {before, after} <= NUMERIC_TYPES


def _all_present(values: Sequence[Sql]) -> Sql:
    return joined(" AND ", [sql("{value} IS NOT NULL", value=value) for value in values])
