"""SQL over lists of row numbers; `row_lists` says what they are and runs what is not a page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from data_tools.sql.fragment import Sql, bound, compose, number

# A block of so many 64-bit numbers stays in its row of the table: no detour for long values.
BLOCK_ROWS = 128


def new_list(
    *, list_id: UUID, parent_id: UUID | None, dataset_id: UUID, revision: int, row_count: int
) -> Sql:
    """Statement that makes a list without its blocks; it changes no row where the list is there."""
    return compose(
        "INSERT INTO data_tools_rowlist (id, parent_id, dataset_id, revision, row_count, used_at) ",
        *("VALUES (", _uuid(list_id), ", ", _uuid(parent_id), ", ", _uuid(dataset_id), ", "),
        *(bound(revision), ", ", bound(row_count), ", now()) ON CONFLICT DO NOTHING"),
    )


def page_of_list(list_id: UUID, offset: int, size: int) -> Sql:
    """Query of `n`, a row number, and `at`, its place from 1, of some places of a list."""
    first_block = compose(
        "SELECT max(f.rows_before) FROM data_tools_rowlistblock AS f WHERE f.list_id = ",
        *(_uuid(list_id), " AND f.rows_before <= ", bound(offset)),
    )
    return compose(
        "SELECT e.n, b.rows_before + e.i AS at FROM data_tools_rowlistblock AS b ",
        "CROSS JOIN LATERAL unnest(b.row_numbers) WITH ORDINALITY AS e (n, i) WHERE b.list_id = ",
        *(_uuid(list_id), " AND b.rows_before < ", bound(offset + size)),
        *(" AND b.rows_before >= coalesce((", first_block, "), 0) AND b.rows_before + e.i > "),
        *(bound(offset), " AND b.rows_before + e.i <= ", bound(offset + size)),
        *(" LIMIT ", bound(size)),
    )


def page_of_numbers(row_numbers: Sequence[int]) -> Sql:
    """The same query of rows at hand, their places counted from 1."""
    return compose(
        *("SELECT n, at FROM unnest(", bound(row_numbers), "::bigint[])"),
        " WITH ORDINALITY AS page (n, at)",
    )


def place_in_list(list_id: UUID, row_number: int) -> Sql:
    """Query of the place, from 1, of a row of a list in row order."""
    return compose(
        *("SELECT rows_before + width_bucket(", bound(row_number), "::bigint, row_numbers) FROM "),
        *("data_tools_rowlistblock WHERE list_id = ", _uuid(list_id), " AND block = "),
        bound((row_number - 1) // BLOCK_ROWS),
    )


def with_list(list_id: UUID, rows_of_page: Sql) -> Sql:
    """Query of the list's row count, whether its use should be noted, and `json`, in order of `at`.

    No row at all if there is no such list, and one with a null if the page is past its end.
    """
    return compose(
        "SELECT list.row_count, list.used_at < now() - interval '5 minutes', page.json FROM ",
        *("data_tools_rowlist AS list LEFT JOIN LATERAL (", rows_of_page, ") AS page ON true "),
        *("WHERE list.id = ", _uuid(list_id), " ORDER BY page.at"),
    )


def rows_of_block() -> Sql:
    """Condition on `row_number`: the block `kept` of a list in row order may hold it."""
    first = compose("kept.block * ", number(BLOCK_ROWS), " + 1")
    return compose("row_number BETWEEN ", first, " AND ", first, " + ", number(BLOCK_ROWS - 1))


def is_kept(row: Sql, list_id: UUID) -> Sql:
    """Condition on a block `kept` and a row of it: it is in the list, which must be there.

    Where there is no such list the statement fails.
    """
    return compose(
        *("(SELECT data_tools_require_row_list(", _uuid(list_id), ")) AND kept.list_id = "),
        *(_uuid(list_id), " AND kept.row_numbers[width_bucket(", row, ".row_number, "),
        *("kept.row_numbers)] = ", row, ".row_number"),
    )


def is_one_of(row: Sql, list_id: UUID) -> Sql:
    """Condition on one row at hand: it is in a list in row order. That there is one is not asked.

    A scalar subquery, so that it is never turned into a join over all rows.
    """
    return compose(
        *("(SELECT b.row_numbers[width_bucket(", row, ".row_number, b.row_numbers)] FROM "),
        *("data_tools_rowlistblock AS b WHERE b.list_id = ", _uuid(list_id), " AND b.block = ("),
        *(row, ".row_number - 1) / ", number(BLOCK_ROWS), ") = ", row, ".row_number"),
    )


def _uuid(value: UUID | None) -> Sql:
    return compose(bound(None if value is None else str(value)), "::uuid")
