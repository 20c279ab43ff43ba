"""A session's rows: what its operations make of a dataset's rows, as SQL.

The rows of a dataset never change; what a session shows is its operations, compiled into the one
query that reads a page. Queries run through `fetch_all`, except where `pages` reads on a replica,
`lists.sorting` receives numbers by COPY, and `slices` copies rows into another dataset. Requires
Django's psycopg2 connection, and its rule that `%` in SQL text stands only in placeholders.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import OperationalError, connection, transaction

from data_tools.exceptions import RowsNotReproduced, TookTooLong
from data_tools.observing import activity
from data_tools.operations.catalogue import require_operation
from data_tools.operations.declaration import PreparedOperation
from data_tools.operations.exceptions import SessionTooComplex
from data_tools.operations.row_source import RowsWithCells
from data_tools.row_tables.placement import has_own_table
from data_tools.rows.compilation import Compilation, KeptRows, compiled, row_of
from data_tools.rows.lists import storage
from data_tools.rows.lists.queries import (
    ListKey,
    is_kept,
    page_of_list,
    place_in_list,
    rows_of_block,
)
from data_tools.rows.lists.sorting import RowNumbers
from data_tools.rows.rendering import ROW, SHARED_ROWS, render
from data_tools.rows.rows_to_learn_from import rows_to_learn_from
from data_tools.sql.database_errors import meaning_of
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql, number, own_rows_table, sql
from data_tools.under_way.admission import begin_heavy_work
from data_tools.under_way.requests import require_time
from session_events.events import Column, Operation, fields_of
from session_events.services import DatasetFacts, facts_of
from session_events.spans import Step, span
from session_events.state import SessionState, new_columns

MAX_QUERY_CHARACTERS = 1_000_000
# Of columns and operations as JSON: a thousand operations that each list ten thousand names would
# take gigabytes of memory to load.
MAX_DEFINING_BYTES = 32 << 20
# PostgreSQL stores longer rows compressed, and would unpack them again for each cell. Unpacking
# them ahead makes reading narrow rows take half as long again, and reading 16 cells of 5,000 ten
# times as fast.
WIDE_COLUMNS = 200


@dataclass(frozen=True)  # without slots: the compilation is looked up once and kept
class SessionRows:
    """The rows of one revision of a dataset, after a session's operations.

    `row_count` is how many rows are stored, those included that operations removed.
    """

    dataset_id: uuid.UUID
    revision: int
    row_count: int
    base_columns: tuple[Column, ...]
    operations: tuple[Operation, ...] = ()

    @classmethod
    def of(cls, state: SessionState) -> SessionRows:
        """Return the rows that a session in this state shows; reads none of them.

        Raises:
            SessionNotFound: the session never began.
        """
        return cls.of_dataset(facts_of(state), state.operations)

    @classmethod
    def of_dataset(cls, facts: DatasetFacts, operations: tuple[Operation, ...] = ()) -> SessionRows:
        """Return a dataset's rows after `operations`; reads none of them."""
        return cls(
            dataset_id=facts.dataset_id,
            revision=facts.revision,
            row_count=facts.row_count,
            base_columns=facts.columns,
            operations=operations,
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._compiled.columns

    @property
    def cells(self) -> Mapping[str, Expression]:
        """Each column's expression by column key."""
        return self._compiled.cells

    @property
    def stored_cells(self) -> tuple[Expression, ...]:
        return tuple(replace(self, operations=()).cells.values())

    @property
    def total_rows(self) -> int:
        return self.operations[-1].rows_after if self.operations else self.row_count

    @property
    def added_columns(self) -> int:
        """How many columns the operations added, including those dropped again."""
        return sum(len(new_columns(operation.column_changes)) for operation in self.operations)

    @property
    def kept(self) -> tuple[KeptRows, ...]:
        """The rows kept by each operation that removed some; the last entry is these rows."""
        return self._compiled.kept

    def list_key(self, defined_by: Any) -> ListKey:
        """Return the key of a list of some of these rows.

        `defined_by` is what defines the list, in values that JSON can hold.
        """
        return ListKey(
            list_id=storage.list_id_of(self._compiled.digest, defined_by),
            parent_id=self.kept[-1].list_id if self.kept else None,
            dataset_id=self.dataset_id,
            revision=self.revision,
        )

    def keep(self, rule: Any, numbers: RowNumbers) -> tuple[int, str]:
        """Store which of these rows `rule` keeps: see `lists.storage.store_kept`."""
        return storage.store_kept(self.list_key(rule), numbers, among=self.total_rows)

    def require_kept(self) -> None:
        """Ensure that the list of these rows, and all lists before it, are in the database.

        Call it before a pass over the rows. Missing lists are computed again in order, each from
        the rows that the one before kept. Takes no query if no operation removed rows.

        Raises:
            RowsNotReproduced: the rows would differ from those that the session kept.
        """
        if not self.kept:
            return
        present = storage.present([kept.list_id for kept in self.kept])
        for kept in self.kept:
            if kept.list_id in present:
                continue
            begin_heavy_work()
            operation = self.operations[kept.position]
            before = replace(self, operations=self.operations[: kept.position])
            with transaction.atomic():
                count, proof = require_operation(operation.operation).keep_rows(
                    operation.parameters, operation.fitted, rows_to_learn_from(before)
                )
                if (count, proof) != (kept.count, kept.sha256):
                    raise RowsNotReproduced(
                        operation=operation.operation,
                        version=operation.sequence,
                        expected_rows=kept.count,
                        found_rows=count,
                    )

    def prepare(self, name: str, parameters: Mapping[str, Any]) -> PreparedOperation:
        """Check and fit an operation against these rows, and change nothing.

        Makes at most two passes over the rows, reading the named columns.

        Raises:
            RequestRejected: the operation cannot be applied to these rows.
            TookTooLong: the request's time is over.
        """
        declaration = require_operation(name)
        checked = declaration.check(parameters)
        require_time()
        self.require_kept()
        activity.note(operation=name)
        with span(Step.FIT, operation=name):
            prepared = declaration.prepare(checked, rows_to_learn_from(self))
        self.after(prepared).refuse_if_too_complex()
        return prepared

    def after(self, prepared: PreparedOperation) -> SessionRows:
        """Return these rows after one more operation."""
        operation = Operation(
            **fields_of(prepared),
            sequence=self.operations[-1].sequence + 1 if self.operations else 1,
            applied_at=dt.datetime.fromtimestamp(0, dt.UTC),
        )
        return replace(self, operations=(*self.operations, operation))

    def place_of(self, row_number: int) -> int:
        """Return the place, from 1, of a stored row among these rows; it must be one of them."""
        if not self.kept:
            return row_number
        place, *_ = self.fetch_one(place_in_list(self.kept[-1].list_id, row_number))
        return int(place)

    def refuse_if_too_complex(self) -> None:
        """Bound the size of the query that reads a page of these rows, and of what defines them.

        The number of operations is bounded by the log.

        Raises:
            SessionTooComplex: the query is over MAX_QUERY_CHARACTERS, bound texts included, or the
                operations are over MAX_DEFINING_BYTES.
        """
        if self._compiled.defining_bytes > MAX_DEFINING_BYTES:
            raise SessionTooComplex(
                details={
                    "limit": "bytes of operations",
                    "found": self._compiled.defining_bytes,
                    "maximum": MAX_DEFINING_BYTES,
                }
            )
        row = self._compiled.row_text(self._table)
        query = sql("{json}{layers}", json=row.json, layers=row.layers)
        bound_texts = (value for value in query.parameters if isinstance(value, str))
        characters = len(query.one_line) + sum(map(len, bound_texts))
        if characters > MAX_QUERY_CHARACTERS:
            raise SessionTooComplex(
                details={
                    "limit": "query characters",
                    "found": characters,
                    "maximum": MAX_QUERY_CHARACTERS,
                }
            )

    def with_cells(self, expressions: Sequence[Expression]) -> RowsWithCells:
        """Return all rows with the typed values of `expressions`, for a pass over them.

        If operations removed rows, the pass reads through the list of those kept, and fails where
        that list is missing: see `require_kept`.
        """
        rendered = render(expressions, table=self._table)
        row, layers = rendered.row, rendered.layers
        if self.kept:
            rows = self._rows_where(rows_of_block())
            rows = sql("data_tools_rowlistblock AS kept\nCROSS JOIN LATERAL {rows}", rows=rows)
            condition = is_kept(row, self.kept[-1].list_id)
        elif self._are_wide:
            rows, condition = self._rows_where(Sql("r.row_number > 0")), Sql("true")
        else:
            rows, condition = self._table, self._this_revision(row)
        source = sql("{rows} AS {row}{layers}", rows=rows, row=row, layers=layers)
        return RowsWithCells(row, source, condition, rendered.cells)

    def cells_query(self, expressions: Sequence[Expression]) -> Sql:
        """Query of `row_number` and the typed values of `expressions` as v0, v1 … of every row.

        OFFSET 0 keeps each expression evaluated once, however often the outer query mentions it.
        """
        rows = self.with_cells(expressions)
        values = [
            sql("{cell} AS v{at}", cell=cell, at=number(at)) for at, cell in enumerate(rows.cells)
        ]
        return sql("{cells}\nOFFSET 0", cells=rows.select([rows.row_number, *values]))

    def rows_between(self, first: int, last: int, *, only: str | None = None) -> Sql:
        """Query of `json`, a stored row as JSON text, and `n` and `at`, its number; in row order.

        For sessions that removed no rows. `only` is the key of the one column to read.
        """
        return sql(
            """
            SELECT {json} AS json, {row}.row_number AS n, {row}.row_number AS at
            FROM {rows} AS {row}{layers}
            WHERE {this_revision}
                AND {row}.row_number BETWEEN {first} AND {last}
            ORDER BY {row}.row_number
            """,
            **self._parts(only),
            first=first,
            last=last,
        )

    def rows_at(self, places: Sql, *, only: str | None = None) -> Sql:
        """Query of `json`, a row as JSON text, `n` and `at`; `places` is a query of the last two.

        `only` is the key of the one column to read.
        """
        return sql(
            """
            SELECT {json} AS json, page.n, page.at
            FROM (
                {places}
            ) AS page
            CROSS JOIN LATERAL {numbered_row} AS {row}{layers}
            """,
            **self._parts(only),
            places=places,
            numbered_row=self._rows_where(Sql("r.row_number = page.n")),
        )

    def rows_in_order(self, offset: int, size: int) -> Sql:
        """Query of `json`, a row as JSON text, and `at`, its place from 1; in any order.

        Reads at most `size` rows after the first `offset`. The list of kept rows must exist.
        """
        if self.kept:
            return self.rows_at(page_of_list(self.kept[-1].list_id, offset, size))
        return sql(
            """
            SELECT {json} AS json, {row}.row_number AS at
            FROM {rows} AS {row}{layers}
            WHERE {this_revision}
                AND {row}.row_number > {offset}
                AND {row}.row_number <= {end}
            """,
            **self._parts(),
            offset=offset,
            end=offset + size,
        )

    @contextmanager
    def each_within(self, seconds: int) -> Iterator[None]:
        """Stop every statement inside that runs longer; they must write nothing.

        Raises:
            TookTooLong: one did.
        """
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = %s", [f"{seconds}s"])
                yield
                transaction.set_rollback(True)  # a caller's limit comes back
        except OperationalError as error:
            if meaning_of(error) != TookTooLong.code:
                raise
            raise TookTooLong from error

    def fetch_one(self, query: Sql) -> tuple[Any, ...]:
        [row] = self.fetch_all(query)
        return row

    def fetch_all(self, query: Sql) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query.text, query.parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    @functools.cached_property
    def _compiled(self) -> Compilation:
        return compiled((str(self.dataset_id), self.revision), self.base_columns, self.operations)

    def _parts(self, only: str | None = None) -> dict[str, Sql]:
        """Return the parts that the queries of rows share; of rows of one column with `only`."""
        table = self._table
        text = self._compiled.row_text(table) if only is None else row_of([self.cells[only]], table)
        return {
            "json": text.json,
            "rows": table,
            "row": ROW,
            "layers": text.layers,
            "this_revision": self._this_revision(ROW),
        }

    @property
    def _table(self) -> Sql:  # asked each time, because rows may be moved
        key = (self.dataset_id, self.revision)
        return own_rows_table(*key) if has_own_table(*key) else SHARED_ROWS

    @property
    def _are_wide(self) -> bool:
        return len(self.base_columns) > WIDE_COLUMNS

    def _rows_where(self, condition: Sql) -> Sql:
        """Rows joined to another table, read by their key whatever the planner's statistics say.

        A revision that was just loaded has no statistics, and looks like a single row. OFFSET 0
        keeps this a query of its own.
        """
        return sql(
            """
            (
                SELECT r.dataset_id, r.revision, r.row_number, {values} AS "values"
                FROM {rows} AS r
                WHERE {this_revision}
                    AND {condition}
                OFFSET 0
            )
            """,
            values=Sql("r.\"values\" #> '{}'" if self._are_wide else 'r."values"'),
            rows=self._table,
            this_revision=self._this_revision(Sql("r")),
            condition=condition,
        )

    def _this_revision(self, row: Sql) -> Sql:
        return sql(
            "{row}.dataset_id = {dataset_id}::uuid AND {row}.revision = {revision}",
            row=row,
            dataset_id=self.dataset_id,
            revision=self.revision,
        )
