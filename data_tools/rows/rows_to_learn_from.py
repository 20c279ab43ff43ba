"""The rows that an operation is fitted to: every question is about all of them, so it is heavy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from data_tools.observing.activity import count
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import Sql
from data_tools.under_way.admission import begin_heavy_work


def rows_to_learn_from(rows: Rows) -> Rows:
    """Return the same rows, whose first query begins heavy work.

    An operation that asks nothing, such as a rename, stays light.
    """
    return cast("Rows", _RowsToLearnFrom(rows))


class _RowsToLearnFrom:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def fetch_one(self, query: Sql) -> tuple[Any, ...]:
        self._begin_pass()
        return self._rows.fetch_one(query)

    def fetch_all(self, query: Sql) -> list[tuple[Any, ...]]:
        self._begin_pass()
        return self._rows.fetch_all(query)

    def keep(self, rule: Any, numbers: Sql) -> tuple[int, str]:
        self._begin_pass()
        return self._rows.keep(rule, numbers)

    @contextmanager
    def each_within(self, seconds: int) -> Iterator[None]:
        self._begin_pass()  # before the transaction, since nobody may wait within one
        with self._rows.each_within(seconds):
            yield

    def _begin_pass(self) -> None:
        begin_heavy_work()
        count(rows_scanned=self._rows.total_rows)
