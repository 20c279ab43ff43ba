"""What an operation does to cells: counted before it is applied, and refused where it has to be."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

import pyarrow as pa
import pyarrow.compute as pc
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
    """Return what each change does: from blocks where they tell, or from one pass for every 200.

    Raises:
        ValuesDoNotFit: `on_error` is fail and some row has no result.
        CellTooLarge, TableTooLarge: a text, or the table, would become too large.
    """
    counted_ones = [_count_cells(rows, change) for change in changes]
    others = [change for change, known in zip(changes, counted_ones, strict=True) if not known]
    rest = _count(rows, others)
    counts = [known or next(rest) for known in counted_ones]
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


def _count_cells(rows: Rows, change: CellChange) -> ChangeCounts | None:
    """Return what a change does to the cells in blocks; None if the rows have to be asked."""
    values = changed = without_result = 0
    text, text_before = _TextBytes(), _TextBytes()
    is_compared = change.replaces and _are_comparable(change.inputs[0].type, change.output.type)
    for cells in rows.cells_of([*change.inputs, change.output]):
        if cells is None:
            return None
        *inputs, output = cells
        have_inputs = functools.reduce(pc.and_, (each.is_valid() for each in inputs))
        values += have_inputs.true_count
        without_result += pc.and_(have_inputs, output.is_null()).true_count
        if is_compared:
            changed += _are_distinct(inputs[0], output).true_count
        text.add(output)
        if change.replaces:
            text_before.add(inputs[0])
    return ChangeCounts(
        values=values,
        changed=changed if is_compared else values,
        without_result=without_result,
        longest_bytes=text.longest if text.longest > text_before.longest else 0,
        added_bytes=text.total - text_before.total,
    )


@dataclass(slots=True)
class _TextBytes:
    """The bytes of the longest text and of all texts of a column; 0 of other types."""

    longest: int = 0
    total: int = 0

    def add(self, cells: pa.Array) -> None:
        if pa.types.is_dictionary(cells.type):
            lengths = pc.binary_length(cells.dictionary).take(cells.indices)
            self.longest = max(self.longest, pc.max(lengths).as_py() or 0)
            self.total += pc.sum(lengths).as_py() or 0


def _are_distinct(before: pa.Array, after: pa.Array) -> pa.BooleanArray:
    """Return what SQL's IS DISTINCT FROM says of each two cells."""
    if pa.types.is_dictionary(before.type):
        before, after = before.dictionary_decode(), after.dictionary_decode()
    if before.type != after.type:  # numbers, which SQL compares as doubles
        before, after = (each.cast(pa.float64(), safe=False) for each in (before, after))
    are_unequal = pc.not_equal(before, after).fill_null(False)
    return pc.or_(are_unequal, pc.xor(before.is_null(), after.is_null()))


def _count(rows: Rows, changes: Sequence[CellChange]) -> Iterator[ChangeCounts]:
    """Yield what each change does, from one pass over the rows for every 200."""
    waiting = iter(changes)
    while together := list(islice(waiting, _CHANGES_PER_PASS)):
        yield from _count_in_a_pass(rows, together)


def _count_in_a_pass(rows: Rows, changes: Sequence[CellChange]) -> Iterator[ChangeCounts]:
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
