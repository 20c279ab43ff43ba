"""Limits how many columns an operation may make, and how large it may make the table.

Note [Growth]
    The size of a table is the bytes of its cells as text; texts are measured, other types are
    estimated. An operation says how many bytes it adds, which most know from the pass that fits
    them. Only an operation that adds more than FREE_BYTES, and more than the table certainly has
    room for, takes another pass to measure the table. It is refused if the table would become more
    than SESSION_MAX_GROWTH times as large as it was, or as the stored columns of its rows are:
    without the latter, a few operations in a row would turn any file into a gigabyte. Up to
    SESSION_FREE_GROWTH_BYTES, growth does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings

from data_tools.columns import ColumnType
from data_tools.operations.exceptions import TableTooLarge, TooManyColumns
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, Stored
from data_tools.sql.fragment import joined, number, sql

FREE_BYTES = 8 << 20  # what an operation may add to any table, unmeasured
_COLUMNS_PER_PASS = 500
# The least that a cell takes, comma included; a text may be empty.
_LEAST_CELL_BYTES = 2
_CELL_BYTES = {
    ColumnType.INTEGER: 8,
    ColumnType.FLOAT: 8,
    ColumnType.BOOLEAN: 5,
    ColumnType.DATE: 12,
    ColumnType.DATETIME: 22,
}


def require_room_for_columns(rows: Rows, *, added: int, dropped: int = 0) -> None:
    """Refuse an operation that makes more columns than a session may have. Reads no rows.

    A table that already has more may still lose columns.

    Raises:
        TooManyColumns: there would be too many.
    """
    columns, maximum = len(rows.columns) - dropped + added, settings.BUDGETS["SESSION_MAX_COLUMNS"]
    if added > dropped and columns > maximum:
        raise TooManyColumns(
            f"There would be {columns:,} columns, and a session holds at most {maximum:,}. "
            "Choose fewer columns, or drop some first.",
            details={
                "columns": columns,
                "added": added,
                "maximum": maximum,
                "setting": "SESSION_MAX_COLUMNS",
            },
        )


def estimated_bytes(cells: Iterable[Expression], row_count: int) -> int:
    """Return about how many bytes these cells take in `row_count` rows, texts left out."""
    return row_count * sum(_CELL_BYTES.get(cell.type, 0) for cell in cells)


def require_growth(rows: Rows, added_bytes: int, *, are_texts: bool) -> None:
    """Refuse an operation that would make the table too large. See Note [Growth].

    `are_texts` says that texts are among what is added: their number does not bound their size.

    Raises:
        TableTooLarge: the table would become too large.
    """
    most_times = settings.BUDGETS["SESSION_MAX_GROWTH"]
    if added_bytes <= FREE_BYTES:
        return
    least_bytes = rows.total_rows * _LEAST_CELL_BYTES * len(rows.columns)
    if not are_texts and added_bytes <= (most_times - 1) * least_bytes:
        return
    shown = [rows.cells[column.key] for column in rows.columns]
    now_bytes, stored_bytes = _table_bytes(rows, shown, rows.stored_cells)
    maximum = max(
        settings.BUDGETS["SESSION_FREE_GROWTH_BYTES"], most_times * min(now_bytes, stored_bytes)
    )
    if now_bytes + added_bytes > maximum:
        raise TableTooLarge(
            f"The table would have {now_bytes + added_bytes:,} bytes in place of {now_bytes:,}, "
            f"and at most {maximum:,} are possible here. Put less into its cells, or drop columns "
            "first.",
            details={
                "bytes_before": now_bytes,
                "bytes_after": now_bytes + added_bytes,
                "bytes_of_dataset": stored_bytes,
                "maximum_bytes": maximum,
                "setting": "SESSION_MAX_GROWTH",
            },
        )


def _table_bytes(rows: Rows, *tables: Sequence[Expression]) -> list[int]:
    """Return each table's bytes over all rows; every 500 columns of text take one pass."""
    every: dict[object, Expression] = {}
    for cell in (cell for table in tables for cell in table if cell.type is ColumnType.TEXT):
        every.setdefault(_identity(cell), cell)
    identities, text_bytes = list(every), dict[object, int]()
    for first in range(0, len(identities), _COLUMNS_PER_PASS):
        together = identities[first : first + _COLUMNS_PER_PASS]
        sums = [
            sql("coalesce(sum(octet_length(v{at})), 0)", at=number(at))
            for at in range(len(together))
        ]
        query = sql(
            "SELECT {sums} FROM ({cells}) AS cells",
            sums=joined(", ", sums),
            cells=rows.cells_query([every[identity] for identity in together]),
        )
        text_bytes |= dict(zip(together, map(int, rows.fetch_one(query)), strict=True))
    return [
        rows.total_rows * _LEAST_CELL_BYTES * len(table)
        + estimated_bytes(table, rows.total_rows)
        + sum(text_bytes.get(_identity(cell), 0) for cell in table)
        for table in tables
    ]


def _identity(cell: Expression) -> object:
    """Return a key that is equal for nodes of the same stored column, and unique for others."""
    return (Stored, cell.position) if isinstance(cell, Stored) else id(cell)
