"""Rows in an order: their numbers, sorted in this process by keys that the database reads.

# Note [Sorting outside of the database]
Reading the cells is most of the work, and PostgreSQL may do it in parallel where nothing is written
by the same statement. It hands over numbers and keys packed, as one value for each key: a row costs
its bytes, not a tuple. numpy then sorts a million numbers in the time that PostgreSQL takes for a
quarter of them. A text is no number: the database groups the rows by their texts and hands over
each text's rank among the different ones, so that texts of any length stay there.
Measured in docs/decisions/0007.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from data_tools.columns import ColumnType
from data_tools.expressions import CARRIERS
from data_tools.sql import Sql, compose, joined, number

RowNumbers = NDArray[np.int64]

# A million texts in memory are grouped in half of the time it takes on disk. What workers hand over
# is a few bytes a row, far less than the planner takes a row for. And the rows of a revision lie
# together, in the order of their key, which the planner cannot see in a table of many revisions.
_READING = (
    "SET LOCAL work_mem = '64MB'; SET LOCAL parallel_tuple_cost = 0;"
    " SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; "
)


@dataclass(frozen=True, slots=True)
class _Packing:
    """How values travel: what makes bytes of one, what stands where it is missing, and back."""

    send: LiteralString
    where_missing: LiteralString
    dtype: LiteralString


_INTEGERS = _Packing("int8send", "0", ">i8")
_PACKINGS: dict[ColumnType, _Packing] = {
    ColumnType.INTEGER: _INTEGERS,
    ColumnType.FLOAT: _Packing("float8send", "0", ">f8"),
    ColumnType.BOOLEAN: _Packing("boolsend", "false", "?"),
    ColumnType.DATETIME: _Packing("timestamp_send", "'epoch'", ">i8"),
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
    savepoint; sorting takes about 50 bytes of this process's memory for each row, and 20 more for
    each further key.
    """
    query = _packed(cells, keys)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_READING + query.text, query.parameters)
        packed = list(cursor.fetchone())
    numbers = _unpacked(packed.pop(0), _INTEGERS)
    if not keys:
        return np.sort(numbers)
    by = []
    for key in keys:
        values = _unpacked(packed.pop(0), key.packing)  # popped: the bytes go as they are read
        is_missing = _unpacked(packed.pop(0), _PACKINGS[ColumnType.BOOLEAN])
        by += [is_missing, _reversed(values) if key.descending else values]
    return numbers[np.lexsort([numbers, *reversed(by)])]  # the most significant key comes last


def _packed(cells: Sql, keys: Sequence[SortKey]) -> Sql:
    """One row: the numbers, and of each key the values and which are missing, as bytes."""
    columns = [Sql("string_agg(int8send(n), '')")]
    for at, key in enumerate(keys):
        name = compose("k", number(at))
        packing = key.packing
        columns += [
            compose(
                *("string_agg(", packing.send, "(coalesce(", name, ", "),
                *(packing.where_missing, ")), '')"),
            ),
            compose("string_agg(boolsend(", name, " IS NULL), '')"),
        ]
    cells = compose(cells, " OFFSET 0")  # a key that is mentioned twice is computed once
    ranked = _with_ranks(cells, keys) if any(key.is_text for key in keys) else cells
    return compose("SELECT ", joined(", ", columns), " FROM (", ranked, ") AS cells")


def _with_ranks(cells: Sql, keys: Sequence[SortKey]) -> Sql:
    """`cells` with the rank of each text among the different ones instead of the text."""
    names = [compose("k", number(at)) for at in range(len(keys))]
    texts = [name for name, key in zip(names, keys, strict=True) if key.is_text]
    travelling = [Sql("n")]
    travelling += [name for name, key in zip(names, keys, strict=True) if not key.is_text]
    ranks = [
        compose("CASE WHEN ", name, " IS NOT NULL THEN rank() OVER (ORDER BY ", name, ") END AS ")
        + name
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


def _unpacked(values: memoryview | None, packing: _Packing) -> NDArray[np.generic]:
    """An array in this machine's byte order; the database has no bytes for no rows."""
    array = np.frombuffer(values or b"", np.dtype(packing.dtype))
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _reversed(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Values in the reverse order; of integers the complement, since the least has no negative."""
    return -values if values.dtype.kind == "f" else ~values
