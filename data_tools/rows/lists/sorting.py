"""Rows in an order: their numbers, sorted in this process by keys that the database reads.

# Note [Sorting outside of the database]
Reading the cells is most of the work, and PostgreSQL may do it in parallel where nothing is written
by the same statement. It sends row numbers and keys as COPY's binary records of one length, which
numpy takes as they are, and sorts in a fraction of the time that PostgreSQL takes for rows. A text
is no number: the database groups the rows by their texts and sends each text's rank among the
different ones, so that texts of any length stay there. Measured in docs/decisions/0008.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from data_tools.columns import ColumnType
from data_tools.sql.expressions import CARRIERS
from data_tools.sql.fragment import Sql, compose, joined, number

RowNumbers = NDArray[np.int64]

# A million texts in memory are grouped in half of the time it takes on disk. What workers hand over
# is a few bytes a row, far less than the planner takes a row for. And the rows of a revision lie
# together, in the order of their key, which the planner cannot see in a table of many revisions.
_READING = (
    "SET LOCAL work_mem = '64MB'; SET LOCAL parallel_tuple_cost = 0;"
    " SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; "
)
_COPY_HEADER_BYTES, _COPY_TRAILER_BYTES = 19, 2


@dataclass(frozen=True, slots=True)
class _Packing:
    """What stands where a value is missing, and how numpy reads one."""

    where_missing: LiteralString
    dtype: np.dtype[Any]


_INTEGERS = _Packing("0", np.dtype(">i8"))
_PACKINGS: dict[ColumnType, _Packing] = {
    ColumnType.INTEGER: _INTEGERS,
    ColumnType.FLOAT: _Packing("0", np.dtype(">f8")),
    ColumnType.BOOLEAN: _Packing("false", np.dtype("?")),
    ColumnType.DATETIME: _Packing("'epoch'", np.dtype(">i8")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """A cell to order by; missing values are last, whatever the direction."""

    cell: Sql
    type: ColumnType
    descending: bool = False

    @property
    def is_text(self) -> bool:
        """Whether it is ordered by code point; all others are numbers, times by instant."""
        return self.type is not ColumnType.DATETIME and CARRIERS[self.type] == "text"

    @property
    def sql(self) -> Sql:
        """What it is ordered by. A time without an offset is UTC."""
        if self.is_text:
            return compose(self.cell, ' COLLATE "C"')
        if self.type is ColumnType.DATETIME:
            return compose("CAST(", self.cell, " AS timestamp)")
        return self.cell

    @property
    def packing(self) -> _Packing:
        return _INTEGERS if self.is_text else _PACKINGS[self.type]


def in_row_order(numbers: Sql) -> RowNumbers:
    """The rows of a query of `row_number`, in row order."""
    return in_order(compose("SELECT row_number AS n FROM (", numbers, ") AS numbers"), ())


def in_order(cells: Sql, keys: Sequence[SortKey]) -> RowNumbers:
    """The rows of a query of `n`, a row number, and k0, k1 … (the `sql` of `keys`), by those keys.

    Rows that are equal by all of them are in row order. In a transaction of its own, or a
    savepoint. Takes up to 50 bytes of this process's memory for each row, 18 more for each further
    key; 30 without a key.
    """
    records = _fetched(_binary(cells, keys), _record_of(keys))
    numbers = records["n"].astype(np.int64)
    if not keys:
        return np.sort(numbers)
    by = []
    for at, key in enumerate(keys):
        values = records[f"k{at}"].astype(key.packing.dtype.newbyteorder("="))
        by.append(records[f"is_missing{at}"].copy())  # a view would keep all records
        by.append(_reversed(values) if key.descending else values)
    del records
    return numbers[np.lexsort([numbers, *reversed(by)])]  # the most significant key comes last


def _fetched(query: Sql, record: np.dtype[np.void]) -> NDArray[np.void]:
    """The rows of a query whose columns have fixed lengths, as COPY sends them."""
    received = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        copy = cursor.mogrify(f"COPY ({query.text}) TO STDOUT (FORMAT binary)", query.parameters)
        with connection.wrap_database_errors:
            cursor.copy_expert(_READING + copy.decode(), received)
        transaction.set_rollback(True)  # nothing was written, and a caller's settings come back
    sent = received.getbuffer()[_COPY_HEADER_BYTES:-_COPY_TRAILER_BYTES]
    return np.frombuffer(sent, record)


def _record_of(keys: Sequence[SortKey]) -> np.dtype[np.void]:
    """Each value has its length in bytes before it, and the row how many there are."""
    fields = [("columns", ">i2"), ("n_bytes", ">i4"), ("n", ">i8")]
    for at, key in enumerate(keys):
        fields += [(f"k{at}_bytes", ">i4"), (f"k{at}", key.packing.dtype)]
        fields += [(f"is_missing{at}_bytes", ">i4"), (f"is_missing{at}", "?")]
    return np.dtype(fields)


def _binary(cells: Sql, keys: Sequence[SortKey]) -> Sql:
    """Query of `n` and, of each key, the value and whether it is missing; none is null."""
    cells = compose(cells, " OFFSET 0")  # a key that is mentioned twice is computed once
    ranked = _with_ranks(cells, keys) if any(key.is_text for key in keys) else cells
    columns = [Sql("n")]
    for at, key in enumerate(keys):
        name = compose("k", number(at))
        columns.append(compose("coalesce(", name, ", ", key.packing.where_missing, ")"))
        columns.append(compose(name, " IS NULL"))
    return compose("SELECT ", joined(", ", columns), " FROM (", ranked, ") AS cells")


def _with_ranks(cells: Sql, keys: Sequence[SortKey]) -> Sql:
    """`cells` with the rank of each text among the different ones instead of the text."""
    names = [compose("k", number(at)) for at in range(len(keys))]
    texts = [name for name, key in zip(names, keys, strict=True) if key.is_text]
    travelling = [Sql("n")]
    travelling += [name for name, key in zip(names, keys, strict=True) if not key.is_text]
    ranks = [
        compose(
            "CASE WHEN ", name, " IS NOT NULL THEN rank() OVER (ORDER BY ", name, ") END AS ", name
        )
        for name in texts
    ]
    gathered = [compose("array_agg(", name, ") AS ", name, "s") for name in travelling]
    spread = joined(", ", [compose("groups.", name, "s") for name in travelling])
    return compose(
        *("SELECT ", joined(", ", [compose("rows.", name) for name in travelling]), ", "),
        *(joined(", ", [compose("groups.", name) for name in texts]), " FROM (SELECT "),
        *(joined(", ", [*gathered, *ranks]), " FROM (", cells, ") AS cells GROUP BY "),
        *(joined(", ", texts), ") AS groups CROSS JOIN LATERAL unnest(", spread, ") AS rows ("),
        *(joined(", ", travelling), ")"),
    )


def _reversed(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Values in the reverse order; of integers the complement, since the least has no negative."""
    return -values if values.dtype.kind == "f" else ~values
