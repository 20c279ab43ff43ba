"""A session's rows as SQL, and the only place that asks the database for them.

The SQL of a cell is composed by the operations and by the modules that compile them; whatever a
user chose reaches it as a bound parameter or as a position of ours (`data_tools.sql.fragment`).
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

from django.db import connection, transaction

from data_tools.exceptions import RowsNotReproduced
from data_tools.operations.catalogue import require_operation
from data_tools.operations.declaration import PreparedOperation, rule_of
from data_tools.operations.exceptions import SessionTooComplex
from data_tools.operations.row_source import RowsWithCells
from data_tools.rows.compilation import Compilation, KeptRows, compiled
from data_tools.rows.lists import storage
from data_tools.rows.lists.kept import store_kept
from data_tools.rows.lists.queries import is_kept, page_of_list, place_in_list, rows_of_block
from data_tools.rows.lists.storage import ListKey, list_id_of
from data_tools.rows.rendering import ROW, ROWS_TABLE, render
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql, bound, compose, joined, number
from session_events.events import Column, Operation, fields_of

MAX_QUERY_CHARACTERS = 1_000_000
# PostgreSQL stores longer rows compressed, and would unpack them anew for each cell. Unpacking them
# ahead makes narrow rows half as slow again to read, and 16 cells of 5,000 ten times as fast.
WIDE_COLUMNS = 200


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

    @property
    def kept(self) -> tuple[KeptRows, ...]:
        """What each operation that removed rows kept; the last one's are the rows there are."""
        return self._compiled.kept

    @property
    def digest(self) -> bytes:
        """Stands for all that defines these rows, cells and columns."""
        return self._compiled.digest

    @property
    def float_positions(self) -> tuple[int, ...]:
        return self._compiled.float_positions

    def list_key(self, defined_by: Any) -> ListKey:
        """The key of a list of some of these rows, by what defines it: anything JSON can hold."""
        return ListKey(
            list_id=list_id_of(self.digest, defined_by),
            parent_id=self.kept[-1].list_id if self.kept else None,
            dataset_id=self.dataset_id,
            revision=self.revision,
        )

    def keep(self, rule: Any, numbers: Sql) -> tuple[int, str]:
        """As `kept_rows.store_kept`."""
        return store_kept(self.list_key(rule), numbers, among=self.total_rows)

    def require_kept(self) -> None:
        """Have the list of these rows, and so all lists before it, in the database.

        Before a pass over the rows. Lists that are gone are computed again in order, each from the
        rows that the one before kept. Needs no query where no operation removed rows.

        Raises:
            RowsNotReproduced: they would be other rows than the session kept.
        """
        if not self.kept:
            return
        there = storage.present(kept.list_id for kept in self.kept)
        for kept in self.kept:
            if kept.list_id in there:
                continue
            operation = self.operations[kept.position]
            before = replace(self, operations=self.operations[: kept.position])
            with transaction.atomic():
                found = before.keep(
                    rule_of(operation.operation, operation.parameters, operation.fitted),
                    require_operation(operation.operation).query_kept_rows(
                        operation.parameters, operation.fitted, before
                    ),
                )
                if found != (kept.count, kept.sha256):
                    raise RowsNotReproduced(
                        operation=operation.operation,
                        version=operation.sequence,
                        expected_rows=kept.count,
                        found_rows=found[0],
                    )

    def prepare(self, name: str, parameters: Mapping[str, Any]) -> PreparedOperation:
        """Check and fit an operation against these rows; changes nothing.

        Reads them at most twice, over the named columns.

        Raises:
            RequestRejected: and then nothing happened.
        """
        declaration = require_operation(name)
        checked = declaration.check(parameters)
        self.require_kept()
        prepared = declaration.plan(checked, self)
        self.after(prepared).refuse_if_too_complex()
        return prepared

    def after(self, prepared: PreparedOperation) -> SessionRows:
        """These rows with one more operation."""
        operation = Operation(
            **fields_of(prepared),
            sequence=self.operations[-1].sequence + 1 if self.operations else 1,
            applied_at=dt.datetime.fromtimestamp(0, dt.UTC),
        )
        return replace(self, operations=(*self.operations, operation))

    def place_of(self, row_number: int) -> int:
        """The place, from 1, of a stored row among these rows; it must be one of them."""
        if not self.kept:
            return row_number
        place, *_ = self.fetch_one(place_in_list(self.kept[-1].list_id, row_number))
        return int(place)

    def refuse_if_too_complex(self) -> None:
        """Raises: SessionTooComplex, when a page of these rows would take too large a query.

        How many operations a session holds is for the log to bound.
        """
        query = compose(self._compiled.row_json, self._compiled.layers)
        bound_texts = (value for value in query.parameters if isinstance(value, str))
        found = len(query.text) + sum(map(len, bound_texts))
        if found > MAX_QUERY_CHARACTERS:
            raise SessionTooComplex(
                details={
                    "limit": "query characters",
                    "found": found,
                    "maximum": MAX_QUERY_CHARACTERS,
                }
            )

    def with_cells(self, expressions: Sequence[Expression]) -> RowsWithCells:
        """All rows with the typed values of `expressions`, for a pass over them.

        It reads through the list of the rows kept, if any were removed, and fails without it: see
        `require_kept`.
        """
        rendered = render(expressions)
        row = rendered.row
        if self.kept:
            in_block = self._rows_where(rows_of_block())
            blocks = Sql("data_tools_rowlistblock AS kept CROSS JOIN LATERAL ")
            source = compose(blocks, in_block, " AS ", row, rendered.layers)
            return RowsWithCells(row, source, is_kept(row, self.kept[-1].list_id), rendered.cells)
        if self._are_wide:
            source = compose(self._rows_where(Sql("row_number > 0")), " AS ", row, rendered.layers)
            return RowsWithCells(row, source, Sql("true"), rendered.cells)
        return RowsWithCells(row, rendered.source, self._this_revision(row), rendered.cells)

    def cells_query(self, expressions: Sequence[Expression]) -> Sql:
        """Query of `row_number` and the typed values of `expressions` as v0, v1 … of every row.

        OFFSET 0 keeps each expression evaluated once however often a fit mentions its value.
        """
        rows = self.with_cells(expressions)
        values = [compose(cell, " AS v", number(at)) for at, cell in enumerate(rows.cells)]
        return compose(
            *("SELECT ", joined(", ", [compose(rows.row, ".row_number"), *values])),
            *(" FROM ", rows.source, " WHERE ", rows.condition, " OFFSET 0"),
        )

    def rows_between(self, first: int, last: int) -> Sql:
        """Query of each row, by its number, as JSON text; in row order. All rows must be there."""
        return compose(
            *("SELECT ", self._compiled.row_json, " FROM ", ROWS_TABLE, " AS ", ROW),
            *(self._compiled.layers, " WHERE ", self._this_revision(ROW), " AND "),
            *(ROW, ".row_number BETWEEN ", bound(first), " AND ", bound(last)),
            " ORDER BY r0.row_number",
        )

    def rows_at(self, places: Sql) -> Sql:
        """Query of each row as JSON text, `json`, and its `at`; `places` is one of `n` and `at`."""
        this_row = self._rows_where(Sql("row_number = page.n"))
        return compose(
            *("SELECT ", self._compiled.row_json, " AS json, page.at FROM (", places),
            *(") AS page CROSS JOIN LATERAL ", this_row, " AS ", ROW, self._compiled.layers),
        )

    def rows_in_order(self, offset: int, size: int) -> Sql:
        """Query of `json`, a row as JSON text, and `at`, its place from 1, of the rows behind
        `offset`, at most `size`; in any order. Needs the list of kept rows there is."""
        if self.kept:
            return self.rows_at(page_of_list(self.kept[-1].list_id, offset, size))
        return compose(
            *("SELECT ", self._compiled.row_json, " AS json, r0.row_number AS at FROM "),
            *(ROWS_TABLE, " AS ", ROW, self._compiled.layers, " WHERE "),
            *(self._this_revision(ROW), " AND r0.row_number > ", bound(offset)),
            *(" AND r0.row_number <= ", bound(offset + size)),
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
        source = (str(self.dataset_id), self.revision)
        return compiled(source, self.base_columns, self.operations)

    @property
    def _are_wide(self) -> bool:
        return len(self.base_columns) > WIDE_COLUMNS

    @property
    def _values(self) -> Sql:
        return Sql("r.\"values\" #> '{}'" if self._are_wide else 'r."values"')

    def _rows_where(self, condition: Sql) -> Sql:
        """Rows beside another table, found by their key whatever the planner takes them to be.

        A revision that was just loaded has no statistics, and looks like a single row. OFFSET 0
        keeps this a query of its own.
        """
        columns = compose("r.dataset_id, r.revision, r.row_number, ", self._values)
        return compose(
            *("(SELECT ", columns, ' AS "values" FROM ', ROWS_TABLE, " AS r WHERE "),
            *(self._this_revision(Sql("r")), " AND r.", condition, " OFFSET 0)"),
        )

    def _this_revision(self, row: Sql) -> Sql:
        return compose(
            *(row, ".dataset_id = ", bound(str(self.dataset_id)), "::uuid AND "),
            *(row, ".revision = ", bound(self.revision)),
        )
