"""What an operation may ask of the rows that it is fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql
from session_events.events import Column


@dataclass(frozen=True, slots=True)
class RowsWithCells:
    """All rows of a session with some cells: `SELECT … FROM source WHERE condition`.

    `row` is the alias of the stored row, `cells` are in the order asked for.
    """

    row: Sql
    source: Sql
    condition: Sql
    cells: tuple[Sql, ...]


class Rows(Protocol):
    """A session's rows as they stand before the operation; `row_queries.SessionRows` are some."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    @property
    def cells(self) -> Mapping[str, Expression]:
        """Each column's expression by column key."""

    @property
    def row_count(self) -> int:
        """How many rows are stored, those included that operations removed."""

    @property
    def total_rows(self) -> int: ...

    @property
    def added_columns(self) -> int:
        """How many columns the operations added, those dropped again included."""

    def with_cells(self, expressions: Sequence[Expression]) -> RowsWithCells:
        """All rows with the typed values of `expressions`, for a pass over them."""

    def cells_query(self, expressions: Sequence[Expression]) -> Sql:
        """Query of `row_number` and the typed values of `expressions` as v0, v1 … of every row.

        Each is evaluated once a row, however often its value is mentioned.
        """

    def place_of(self, row_number: int) -> int:
        """The place, from 1, of a stored row among these rows; it must be one of them."""

    def keep(self, rule: Any, numbers: Sql) -> tuple[int, str]:
        """Store which of these rows `rule` keeps, unless it is all; return their count and proof.

        `numbers` is a query of the `row_number` of each.
        """

    def fetch_one(self, query: Sql) -> tuple[Any, ...]: ...

    def fetch_all(self, query: Sql) -> list[tuple[Any, ...]]: ...
