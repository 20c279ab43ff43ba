"""Columns of numbers out of the rows, for what has to see every value and finds no blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_tools.columns import ColumnType
from data_tools.operations.row_source import RowQueries
from data_tools.rows.lists.sorting import fetch_records
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column

_MOST_COLUMNS = 500  # PostgreSQL selects 1,664 expressions at most, and a column takes two
_MOST_BYTES = 128 << 20  # received by one pass, unless one column alone takes more
_BYTES_OF_A_CELL = 17
_TYPES = {ColumnType.INTEGER: ">i8", ColumnType.FLOAT: ">f8"}


def fetch_numbers(rows: RowQueries, columns: Sequence[Column]) -> dict[str, NDArray[Any]]:
    """Return the values of as many of the columns, by their keys, as one pass over the rows takes.

    They are the first of `columns`, at least one. Missing values are left out.

    What is received is in memory until the arrays are made: _MOST_BYTES, or of one column of more
    than seven million rows 19 bytes a row. Of the column that is being made it takes 16 bytes a
    value beside them, and each array 8.
    """
    fitting = _MOST_BYTES // (_BYTES_OF_A_CELL * (rows.total_rows + 1))
    together = columns[: max(1, min(fitting, _MOST_COLUMNS))]
    fields: list[tuple[str, str]] = [("columns", ">i2")]
    for at, column in enumerate(together):
        fields += [(f"v{at}_bytes", ">i4"), (f"v{at}", _TYPES[ColumnType(column.type)])]
        fields += [(f"is_missing{at}_bytes", ">i4"), (f"is_missing{at}", "?")]
    records = fetch_records(numbers_query(rows, together), np.dtype(fields))
    return {
        column.key: _native(records[f"v{at}"][~records[f"is_missing{at}"]])
        for at, column in enumerate(together)
    }


def numbers_query(rows: RowQueries, columns: Sequence[Column]) -> Sql:
    """Query of the value of each column, and whether it is missing, of every row; none is null."""
    values = [sql("v{at}", at=number(at)) for at in range(len(columns))]
    return sql(
        """
        SELECT
            {values}
        FROM (
            {cells}
        ) AS cells
        """,
        values=joined(",\n", [sql("coalesce({v}, 0), {v} IS NULL", v=value) for value in values]),
        cells=rows.cells_query([rows.cells[column.key] for column in columns]),
    )


def _native(values: NDArray[Any]) -> NDArray[Any]:
    native = values.astype(values.dtype.newbyteorder("="))
    if native.dtype.kind == "f":
        native += 0.0  # no negative zero
    return native
