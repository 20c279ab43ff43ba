"""What an operation may ask of the rows that it is fitted to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import compress
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from data_tools.figures.numbers import Numbers
from data_tools.figures.row_flags import Flags
from data_tools.sql.conditions import Conditions
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class RowsWithCells:
    """All rows of a session with some cells: `SELECT … FROM source WHERE condition`.

    `row` is the alias of the stored row; `cells` are in the order of the expressions.
    """

    row: Sql
    source: Sql
    condition: Sql
    cells: tuple[Sql, ...]

    @property
    def row_number(self) -> Sql:
        return sql("{row}.row_number", row=self.row)

    def select(self, columns: Iterable[Sql], *, where: Iterable[Sql] = ()) -> Sql:
        """Return the query of `columns` of each row that meets all of `where`."""
        return sql(
            """
            SELECT
                {columns}
            FROM {source}
            WHERE {conditions}
            """,
            columns=joined(",\n", columns),
            source=self.source,
            conditions=joined("\nAND ", [self.condition, *where]),
        )

    def numbers_where(self, condition: Sql) -> Sql:
        """Return the query of the `row_number` of each row that meets a condition on its cells."""
        return self.select([self.row_number], where=[sql("({met})", met=condition)])


class RowQueries(Protocol):
    """A session's rows, asked in SQL; `rows.session_rows.SessionRows` implements it."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    @property
    def cells(self) -> Mapping[str, Expression]:
        """Each column's expression by column key."""
        ...

    @property
    def stored_cells(self) -> Sequence[Expression]:
        """The columns as they are stored, before any operation."""
        ...

    @property
    def row_count(self) -> int:
        """The number of stored rows, including those that operations removed."""
        ...

    @property
    def total_rows(self) -> int: ...

    @property
    def added_columns(self) -> int:
        """How many columns the operations added, including those dropped again."""
        ...

    def with_cells(self, expressions: Sequence[Expression]) -> RowsWithCells:
        """Return all rows with the typed values of `expressions`, for a pass over them."""
        ...

    def cells_query(self, expressions: Sequence[Expression]) -> Sql:
        """Return the query of `row_number` and the values of `expressions` as v0, v1 … of each row.

        Each expression is evaluated once a row, however often its value is mentioned.
        """
        ...

    def place_of(self, row_number: int) -> int:
        """Return the place, from 1, of a stored row among these rows; it must be one of them."""
        ...

    def each_within(self, seconds: int) -> AbstractContextManager[None]:
        """Stop every statement inside that runs longer.

        Raises:
            TookTooLong: one did.
        """
        ...

    def fetch_one(self, query: Sql) -> tuple[Any, ...]: ...

    def fetch_all(self, query: Sql) -> list[tuple[Any, ...]]: ...


class Rows(RowQueries, Protocol):
    """A session's rows before an operation; `rows.rows_to_learn_from` implements it."""

    def values_of(self, column: Column) -> pa.ChunkedArray | None:
        """Return the column's values in row order, null where missing, as blocks hold them.

        None where there are no blocks: ask the rows then.
        """
        ...

    def cells_of(self, expressions: Sequence[Expression]) -> Iterator[list[pa.Array] | None]:
        """Yield the cells of expressions in row order, some rows at a time, as blocks hold them.

        Yields None, and then nothing more, if the rows have to be asked instead.
        """
        ...

    def values_in_turn(
        self, columns: Sequence[Column], *, only_gaps: bool = False
    ) -> Iterator[pa.ChunkedArray | None]:
        """Yield of each column what `values_of` returns, once it is asked for.

        With `only_gaps`, it may be the values of another column that is missing in the same rows.
        """
        ...

    def flags_where(self, conditions: Conditions) -> Flags | None:
        """Tell which rows meet the conditions; None where there are no blocks to tell."""
        ...

    def numbers_of(self, columns: Sequence[Column]) -> Iterator[Numbers]:
        """Yield the numbers of each of these columns, in order, from blocks or from the rows."""
        ...

    def keep(self, rule: Any, kept: Sql | Flags) -> tuple[int, str]:
        """Store which of these rows `rule` keeps, unless it is all; return their count and proof.

        `kept` is a query of the `row_number` of each, or tells which they are.
        """
        ...


def measure_columns(
    rows: RowQueries,
    columns: Sequence[Column],
    aggregates: Callable[[int, Sql], Sequence[Sql]],
    *,
    columns_per_pass: int,
) -> Iterator[Sequence[Any]]:
    """Yield the aggregates of each column, in order; every `columns_per_pass` take one pass.

    `aggregates` takes a column's index and its value, and returns as many aggregates for every
    column. PostgreSQL selects 1,664 expressions at most, which bounds the columns of a pass.
    """
    for first in range(0, len(columns), columns_per_pass):
        together = columns[first : first + columns_per_pass]
        selected = [
            aggregate
            for at in range(len(together))
            for aggregate in aggregates(first + at, sql("v{at}", at=number(at)))
        ]
        measured = rows.fetch_one(
            sql(
                "SELECT {aggregates} FROM ({cells}) AS cells",
                aggregates=joined(", ", selected),
                cells=rows.cells_query([rows.cells[column.key] for column in together]),
            )
        )
        each = len(measured) // len(together)
        for at in range(len(together)):
            yield measured[at * each : (at + 1) * each]


def ask_values_or_rows(
    rows: Rows,
    columns: Sequence[Column],
    *,
    from_values: Callable[[Column, pa.ChunkedArray], _Answer],
    from_rows: Callable[[Sequence[Column]], Iterable[_Answer]],
) -> list[_Answer]:
    """Return an answer for each column, in order.

    It is learned from the column's values where blocks hold them. Of all other columns the rows
    are asked together.
    """
    answers: dict[str, _Answer] = {}
    others: list[Column] = []
    for column in columns:
        values = rows.values_of(column)
        if values is None:
            others.append(column)
        else:
            answers[column.key] = from_values(column, values)
    for column, answer in zip(others, from_rows(others), strict=True):
        answers[column.key] = answer
    return [answers[column.key] for column in columns]


def columns_with_values(rows: Rows, columns: Sequence[Column]) -> list[Column]:
    """Return those of the columns that have any value, in order."""

    def from_rows(columns: Sequence[Column]) -> Iterator[bool]:
        counts = measure_columns(
            rows, columns, lambda at, value: [sql("count({v})", v=value)], columns_per_pass=1_000
        )
        return (count > 0 for [count] in counts)

    have_values = ask_values_or_rows(
        rows,
        columns,
        from_values=lambda column, values: values.null_count < len(values),
        from_rows=from_rows,
    )
    return list(compress(columns, have_values))
