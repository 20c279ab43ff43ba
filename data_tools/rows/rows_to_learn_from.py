"""The rows that an operation is fitted to: every question is about all of them, so it is heavy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_tools.figures.numbers import Numbers
from data_tools.figures.row_flags import Flags
from data_tools.observing.activity import count
from data_tools.operations.row_source import Rows
from data_tools.rows.lists.found import numbered
from data_tools.rows.lists.sorting import in_row_order
from data_tools.rows.number_cells import fetch_numbers
from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.revision_rows import RevisionRows
from data_tools.sql.conditions import Conditions
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql
from data_tools.under_way.admission import begin_heavy_work
from data_tools.under_way.requests import require_time
from session_events.events import Column

_REMEMBERED_BYTES = 64 << 20


def rows_to_learn_from(rows: RevisionRows) -> Rows:
    """Return the same rows, whose first question about values begins heavy work.

    An operation that asks nothing, such as a rename, stays light.
    """
    return cast("Rows", _RowsToLearnFrom(rows))


class _RowsToLearnFrom:
    def __init__(self, rows: RevisionRows) -> None:
        self._rows = rows
        self._packed = PackedRows(rows)
        self._remembered: dict[str, Numbers] = {}
        self._room_bytes = _REMEMBERED_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def values_of(self, column: Column) -> pa.ChunkedArray | None:
        begin_heavy_work()
        columns = self._packed.columns([column.key], may_scan=False)
        return columns[0].values if columns else None

    def cells_of(self, expressions: Sequence[Expression]) -> Iterator[list[pa.Array] | None]:
        begin_heavy_work()
        return self._packed.cells(expressions)

    def values_in_turn(
        self, columns: Sequence[Column], *, only_gaps: bool = False
    ) -> Iterator[pa.ChunkedArray | None]:
        begin_heavy_work()
        packed = PackedRows(self._rows, only_gaps=True) if only_gaps else self._packed
        for column in packed.in_turn([column.key for column in columns]):
            values = column and column.values
            del column  # or two are held while the next one is read
            yield values
            del values

    def flags_where(self, conditions: Conditions) -> Flags | None:
        begin_heavy_work()
        mask = self._packed.mask_where(conditions, may_scan=False)
        if mask is None:
            return None
        flags: Flags = mask.to_numpy()
        return flags

    def numbers_of(self, columns: Sequence[Column]) -> Iterator[Numbers]:
        # Most fits ask two or three times, so the first columns are remembered.
        fetched: dict[str, NDArray[Any]] = {}
        for at, column in enumerate(columns):
            numbers = self._remembered.get(column.key)
            if numbers is None:
                require_time()
                values = self.values_of(column)
                if values is not None:
                    numbers = Numbers.of(values)
                else:
                    if column.key not in fetched:
                        self._begin_pass()
                        fetched = fetch_numbers(self._rows, columns[at:])
                    numbers = Numbers(fetched.pop(column.key))
                self._remember(column, numbers)
            yield numbers

    def fetch_one(self, query: Sql) -> tuple[Any, ...]:
        self._begin_pass()
        return self._rows.fetch_one(query)

    def fetch_all(self, query: Sql) -> list[tuple[Any, ...]]:
        self._begin_pass()
        return self._rows.fetch_all(query)

    def keep(self, rule: Any, kept: Sql | Flags) -> tuple[int, str]:
        self._begin_pass()
        if isinstance(kept, Sql):
            numbers = in_row_order(kept)
        else:
            numbers = numbered(np.flatnonzero(kept), self._packed.numbers)
        return self._rows.keep(rule, numbers)

    @contextmanager
    def each_within(self, seconds: int) -> Iterator[None]:
        self._begin_pass()  # before the transaction, since nobody may wait within one
        with self._rows.each_within(seconds):
            yield

    def _begin_pass(self) -> None:
        begin_heavy_work()
        count(rows_scanned=self._rows.total_rows)

    def _remember(self, column: Column, numbers: Numbers) -> None:
        if numbers.values.nbytes <= self._room_bytes:
            self._room_bytes -= numbers.values.nbytes
            self._remembered[column.key] = numbers
