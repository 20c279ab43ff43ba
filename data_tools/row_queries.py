"""A session's rows as SQL, and the only place that asks the database for them.

The SQL of a cell is composed by the operations and by the modules that compile them; whatever a
user chose reaches it as a bound parameter or as a position of ours (`data_tools.sql`).
The rows of a dataset never change; what a session shows is its operations, compiled into the one
query that reads a page. Requires Django's psycopg2 connection, and its rule that `%` in SQL text
stands only in placeholders.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.db import connection

from data_tools.columns import ColumnType
from data_tools.compilation import Compilation, compiled
from data_tools.expressions import Expression
from data_tools.filtering import PageSpec, SortSpec
from data_tools.operations.declaration import PreparedOperation
from data_tools.operations.exceptions import SessionTooComplex
from data_tools.operations.lookup import column_named
from data_tools.rendering import ROW, render, sort_key
from data_tools.sql import Sql, bound, compose, joined, number
from session_events.events import Column, Operation

MAX_QUERY_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a session, each a list of values in column order; missing is None."""

    rows: list[list[Any]]
    page_number: int
    page_size: int
    total_rows: int

    @property
    def total_pages(self) -> int:
        return -(-self.total_rows // self.page_size)

    @property
    def has_next(self) -> bool:
        return self.page_number < self.total_pages

    @property
    def has_previous(self) -> bool:
        return self.page_number > 1


@dataclass(frozen=True)  # without slots: the compilation is looked up once and kept
class SessionRows:
    """The rows of one revision of a dataset, as they stand after a session's operations."""

    dataset_id: uuid.UUID
    revision: int
    row_count: int
    base_columns: tuple[Column, ...]
    operations: tuple[Operation, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._compiled.columns

    @property
    def cells(self) -> Mapping[str, Expression]:
        """Each column's expression by column key."""
        return self._compiled.cells

    @property
    def total_rows(self) -> int:
        return self.operations[-1].rows_after if self.operations else self.row_count

    @property
    def added_columns(self) -> int:
        """How many columns the operations added, those dropped again included."""
        return self._compiled.added_columns

    def page(self, page: PageSpec, sort: SortSpec | None = None) -> Page:
        """One page in one query; without a sort its cost does not depend on the page or the rows.

        A page past the end is empty and needs no query. Missing values sort last either way, ties
        by row number. Raises: ColumnNotFound, SessionTooComplex.
        """
        column = column_named(self.columns, sort.column_name) if sort else None
        rows: list[list[Any]] = []
        if page.offset < self.total_rows:
            query = (
                self._sorted_page(page, column, sort.descending)
                if sort and column
                else self._plain_page(page)
            )
            rows = [orjson.loads(text) for (text,) in self.fetch_all(query)]
            _restore_floats(rows, self._compiled.float_positions)
        return Page(
            rows=rows,
            page_number=page.page_number,
            page_size=page.page_size,
            total_rows=self.total_rows,
        )

    def after(self, prepared: PreparedOperation) -> SessionRows:
        """These rows with one more operation."""
        operation = Operation(
            sequence=self.operations[-1].sequence + 1 if self.operations else 1,
            operation=prepared.operation,
            parameters=prepared.parameters,
            fitted=prepared.fitted,
            column_changes=prepared.column_changes,
            rows_before=prepared.rows_before,
            rows_after=prepared.rows_after,
            cells_changed=prepared.cells_changed,
            applied_at=dt.datetime.fromtimestamp(0, dt.UTC),
        )
        return replace(self, operations=(*self.operations, operation))

    def refuse_if_too_complex(self) -> None:
        """Raises: SessionTooComplex, when a page of these rows would take too large a query.

        How many operations a session holds is for the log to bound.
        """
        found = len(self._compiled.row_json.text + self._compiled.source.text)
        if found > MAX_QUERY_CHARACTERS:
            raise SessionTooComplex(
                details={
                    "limit": "query characters",
                    "found": found,
                    "maximum": MAX_QUERY_CHARACTERS,
                }
            )

    def cells_query(self, expressions: Sequence[Expression]) -> Sql:
        """Query of `row_number` and the typed values of `expressions` as v0, v1 … of every row.

        OFFSET 0 keeps each expression evaluated once however often a fit mentions its value.
        """
        rendered = render(expressions)
        values = [compose(cell, " AS v", number(at)) for at, cell in enumerate(rendered.cells)]
        return compose(
            "SELECT ",
            joined(", ", [compose(rendered.row, ".row_number"), *values]),
            " FROM ",
            rendered.source,
            " WHERE ",
            self._these(rendered.row),
            " OFFSET 0",
        )

    def fetch_one(self, query: Sql) -> tuple[Any, ...]:
        [row] = self.fetch_all(query)
        return row

    def fetch_all(self, query: Sql) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query.text, query.parameters)
            return cursor.fetchall()

    @functools.cached_property
    def _compiled(self) -> Compilation:
        return compiled(self.base_columns, self.operations)

    def _these(self, row: Sql) -> Sql:
        return compose(
            row,
            ".dataset_id = ",
            bound(str(self.dataset_id)),
            "::uuid AND ",
            row,
            ".revision = ",
            bound(self.revision),
        )

    def _plain_page(self, page: PageSpec) -> Sql:
        return compose(
            *("SELECT ", self._compiled.row_json, " FROM ", self._compiled.source, " WHERE "),
            self._these(ROW),
            *(" AND ", ROW, ".row_number BETWEEN ", bound(page.offset + 1)),
            *(" AND ", bound(page.offset + page.page_size), " ORDER BY r0.row_number"),
        )

    def _sorted_page(self, page: PageSpec, column: Column, descending: bool) -> Sql:
        """Sorts keys and row numbers alone; the cells are computed for the rows of the page."""
        rendered = render([self.cells[column.key]])
        key = sort_key(rendered.cells[0], ColumnType(column.type))
        order = Sql(" DESC NULLS LAST" if descending else " ASC NULLS LAST")
        return compose(
            *("SELECT ", self._compiled.row_json, " FROM (SELECT ", key, " AS k, "),
            *(rendered.row, ".row_number AS n FROM ", rendered.source, " WHERE "),
            *(self._these(rendered.row), " ORDER BY k", order, ", n LIMIT "),
            *(bound(page.page_size), " OFFSET ", bound(page.offset), ") AS page CROSS JOIN "),
            *(self._compiled.source, " WHERE ", self._these(ROW)),
            *(" AND r0.row_number = page.n ORDER BY page.k", order, ", page.n"),
        )


def _restore_floats(rows: list[list[Any]], positions: Sequence[int]) -> None:
    """jsonb writes 1e16, and a computed 2.0, without a fraction: give them back as floats."""
    for row in rows:
        for at in positions:
            if type(row[at]) is int:
                row[at] = float(row[at])
