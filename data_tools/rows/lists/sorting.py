"""Rows in an order: their numbers, sorted in this process by keys that the database computes.

# Note [Sorting outside of the database]
Reading the cells is most of the work, and PostgreSQL may read in parallel if the statement writes
nothing. It sends row numbers and keys by COPY, as binary records of one length. numpy reads them
without conversion, and sorts them in a fraction of the time that PostgreSQL takes to sort rows.
Texts have no fixed length: the database groups the rows by their texts and sends each text's rank
among the distinct ones, so that texts of any length stay there. Measured in docs/decisions/0008.
Where a language orders them, the distinct texts are sent as well: see `rows.lists.locale_order`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from data_tools.column_blocks.binary_copy import BEGINNING, END
from data_tools.columns import ColumnType
from data_tools.filtering.exceptions import InvalidSort
from data_tools.rows.lists.locale_order import ranks_by_locale
from data_tools.sql.expressions import CARRIERS
from data_tools.sql.fragment import Sql, joined, number, sql
from data_tools.under_way.admission import others_do_heavy_work

RowNumbers = NDArray[np.int64]

# Of texts that a locale orders. Each counts with 50 characters more, for what it takes in memory.
COMPARED_CHARACTERS = 1_000
MOST_CHARACTERS = 100_000_000
CHARACTERS_OF_A_TEXT = 50

_NO_WORKERS = Sql("SET LOCAL max_parallel_workers_per_gather = 0;")


@dataclass(frozen=True, slots=True)
class _Packing:
    """What is sent in place of a missing value, and how numpy reads a value."""

    where_missing: Sql
    dtype: np.dtype[Any]


_INTEGERS = _Packing(Sql("0"), np.dtype(">i8"))  # also the ranks of texts
_PACKINGS: dict[ColumnType, _Packing] = {
    ColumnType.FLOAT: _Packing(Sql("0"), np.dtype(">f8")),
    ColumnType.BOOLEAN: _Packing(Sql("false"), np.dtype("?")),
    ColumnType.DATETIME: _Packing(Sql("'epoch'"), np.dtype(">i8")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """A cell to order by; missing values come last in either direction.

    Texts only may be ordered by a `locale` of `filtering.LOCALES`, and with `ignore_case`.
    """

    cell: Sql
    type: ColumnType
    descending: bool = False
    locale: str | None = None
    ignore_case: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the database ranks it by code point. Others are ordered as numbers, times by
        instant."""
        return self.type is not ColumnType.DATETIME and CARRIERS[self.type].text == "text"

    @property
    def ordered_by(self) -> Sql:
        """The value that the database orders it by. A time without an offset is UTC."""
        if self.ignore_case and self.locale is None:
            return sql('lower({cell}) COLLATE "C"', cell=self.cell)
        if self.is_text:
            return sql('{cell} COLLATE "C"', cell=self.cell)
        if self.type is ColumnType.DATETIME:
            return sql("CAST({cell} AS timestamp)", cell=self.cell)
        return self.cell

    @property
    def packing(self) -> _Packing:
        return _PACKINGS.get(self.type, _INTEGERS)


def in_row_order(numbers: Sql) -> RowNumbers:
    """Return the rows of a query of `row_number`, in row order."""
    cells = sql(
        """
        SELECT row_number AS n
        FROM (
            {numbers}
        ) AS numbers
        """,
        numbers=numbers,
    )
    return in_order(cells, ())


def in_order(cells: Sql, keys: Sequence[SortKey]) -> RowNumbers:
    """Return row numbers ordered by keys.

    `cells` is a query of `n`, a row number, and k0, k1 …, the `ordered_by` of each of `keys`. Rows
    that are equal by all keys are in row order. Runs in a transaction of its own, or a savepoint.
    Takes up to 50 bytes of this process's memory for each row, 18 more for each further key; 30
    without a key; and with a locale some times the size of the distinct texts.

    Raises:
        InvalidSort: the distinct texts are too many to order them by a locale.
    """
    records = fetch_records(sort_query(cells, keys), _record_of(keys))
    numbers = records["n"].astype(np.int64)
    if not keys:
        return np.sort(numbers)
    columns: list[NDArray[Any]] = []
    for at, key in enumerate(keys):
        values = records[f"k{at}"].astype(key.packing.dtype.newbyteorder("="))
        is_missing = records[f"is_missing{at}"].copy()  # a view would keep all records
        if key.locale is not None:
            texts = _fetched_texts(distinct_texts_query(cells, at))
            values = _by_locale(values, is_missing, texts, key)
        columns.append(is_missing)
        columns.append(_reversed(values) if key.descending else values)
    del records
    return numbers[np.lexsort([numbers, *reversed(columns)])]  # lexsort takes the primary key last


def _by_locale(
    ranks: NDArray[Any], is_missing: NDArray[Any], texts: list[str], key: SortKey
) -> NDArray[Any]:
    """Return in place of each rank by code point the rank of its text in the key's locale.

    `texts` are the distinct ones, by code point.
    """
    assert key.locale is not None
    by_code_point = np.unique(ranks[~is_missing])
    if len(by_code_point) != len(texts):
        raise too_much_text(key.locale)
    if not texts:
        return ranks
    by_locale = ranks_by_locale(texts, key.locale, ignore_case=key.ignore_case)
    return by_locale[np.searchsorted(by_code_point, np.where(is_missing, by_code_point[0], ranks))]


def too_much_text(locale: str) -> InvalidSort:
    """Return the refusal to order a column of more than MOST_CHARACTERS by a locale."""
    return InvalidSort(
        "the column has too much text to order it by a locale",
        details={"locale": locale, "maximum": MOST_CHARACTERS},
    )


def distinct_texts_query(cells: Sql, at: int) -> Sql:
    """Query of the distinct texts of a key by code point, as far as MOST_CHARACTERS allow."""
    return sql(
        """
        SELECT left(text, {longest})
        FROM (
            SELECT text, sum(least(length(text), {longest}) + {each}) OVER (ORDER BY text) AS total
            FROM (
                SELECT DISTINCT {key} AS text
                FROM (
                    {cells}
                ) AS cells
                WHERE {key} IS NOT NULL
            ) AS distinct_texts
        ) AS counted
        WHERE total <= {most}
        ORDER BY text
        """,
        longest=number(COMPARED_CHARACTERS),
        each=number(CHARACTERS_OF_A_TEXT),
        most=number(MOST_CHARACTERS),
        key=_name(at),
        cells=sql("{cells}\nOFFSET 0", cells=cells),
    )


def sort_query(cells: Sql, keys: Sequence[SortKey]) -> Sql:
    """Query of `n` and, of each key, the value and whether it is missing; none is null."""
    # OFFSET 0: a key that is mentioned twice is computed once.
    cells = sql("{cells}\nOFFSET 0", cells=cells)
    columns = [Sql("n")]
    for at, key in enumerate(keys):
        name, value = _name(at), key.packing.where_missing
        columns.append(sql("coalesce({key}, {value})", key=name, value=value))
        columns.append(sql("{key} IS NULL", key=name))
    return sql(
        """
        SELECT
            {columns}
        FROM (
            {cells}
        ) AS cells
        """,
        columns=joined(",\n", columns),
        cells=_with_ranks(cells, keys) if any(key.is_text for key in keys) else cells,
    )


def _with_ranks(cells: Sql, keys: Sequence[SortKey]) -> Sql:
    """Replace each text in `cells` by its rank among the distinct ones.

    The rows are grouped by their texts, and each group is spread into its rows again.
    """
    texts = [_name(at) for at, key in enumerate(keys) if key.is_text]
    others = [Sql("n"), *(_name(at) for at, key in enumerate(keys) if not key.is_text)]
    ranks = [
        sql(
            "CASE WHEN {text} IS NOT NULL THEN rank() OVER (ORDER BY {text}) END AS {text}",
            text=text,
        )
        for text in texts
    ]
    gathered = [sql("array_agg({other}) AS {other}s", other=other) for other in others]
    return sql(
        """
        SELECT {spread}, {ranked}
        FROM (
            SELECT
                {gathered},
                {ranks}
            FROM (
                {cells}
            ) AS cells
            GROUP BY {texts}
        ) AS groups
        CROSS JOIN LATERAL unnest({arrays}) AS rows ({others})
        """,
        spread=joined(", ", [sql("rows.{other}", other=other) for other in others]),
        ranked=joined(", ", [sql("groups.{text}", text=text) for text in texts]),
        gathered=joined(",\n", gathered),
        ranks=joined(",\n", ranks),
        cells=cells,
        texts=joined(", ", texts),
        arrays=joined(", ", [sql("groups.{other}s", other=other) for other in others]),
        others=joined(", ", others),
    )


def _name(at: int) -> Sql:
    return sql("k{at}", at=number(at))


def _fetched_texts(query: Sql) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.parameters)
        return [text for (text,) in cursor.fetchall()]


def fetch_records(query: Sql, record: np.dtype[np.void]) -> NDArray[np.void]:
    """Return the rows of a query whose columns have fixed lengths, as COPY sends them."""
    # A million texts are grouped in memory in half of the time it takes on disk. Workers hand over
    # a few bytes a row, far less than the planner assumes. And a revision's rows lie together, in
    # the order of their key, which the planner cannot see in a table of many revisions. If others
    # compute too, workers would only take the processors from those who read pages.
    statement = sql(
        """
        SET LOCAL work_mem = '64MB';
        {no_workers}
        SET LOCAL parallel_tuple_cost = 0;
        SET LOCAL enable_seqscan = off;
        SET LOCAL enable_bitmapscan = off;
        COPY (
            {query}
        ) TO STDOUT (FORMAT binary)
        """,
        query=query,
        no_workers=_NO_WORKERS if others_do_heavy_work() else Sql(""),
    )
    received = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        copy = cursor.mogrify(statement.text, statement.parameters).decode()
        with connection.wrap_database_errors:
            cursor.copy_expert(copy, received)
        transaction.set_rollback(True)  # nothing was written, and a caller's settings come back
    sent = received.getbuffer()[len(BEGINNING) : -len(END)]
    return np.frombuffer(sent, record)


def _record_of(keys: Sequence[SortKey]) -> np.dtype[np.void]:
    """Return a row's record: the number of values, then each value after its length in bytes."""
    fields: list[tuple[str, str | np.dtype[Any]]] = [
        ("columns", ">i2"),
        ("n_bytes", ">i4"),
        ("n", ">i8"),
    ]
    for at, key in enumerate(keys):
        fields += [(f"k{at}_bytes", ">i4"), (f"k{at}", key.packing.dtype)]
        fields += [(f"is_missing{at}_bytes", ">i4"), (f"is_missing{at}", "?")]
    return np.dtype(fields)


def _reversed(values: NDArray[Any]) -> NDArray[Any]:
    """Negate the order of values; integers by their complement, since the least has no negative."""
    return -values if values.dtype.kind == "f" else ~values
