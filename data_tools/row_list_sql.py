"""SQL over lists of row numbers; `row_lists` says what they are and runs what is not a page."""

from __future__ import annotations

from uuid import UUID

from data_tools.sql import Sql, bound, compose, number

# A block of so many 64-bit numbers stays in its row of the table: no detour for long values.
BLOCK_ROWS = 128


def new_list(
    *,
    list_id: UUID,
    parent_id: UUID | None,
    dataset_id: UUID,
    revision: int,
    ordered: Sql,
    fewer_than: int | None,
    proved: bool,
) -> Sql:
    """Statement that stores the rows of `ordered` as a list, and gives their count and proof.

    `ordered` is a query of `n`, a row number, and `at`, what it is ordered by: its place from 0, or
    n - 1. A list that is there already stays as it is, one of not `fewer_than` rows is not stored.
    The proof is the SHA-256, in hexadecimal, of the numbers in decimal with commas between; null
    if not `proved`.
    """
    proof = (
        "encode(sha256(convert_to(coalesce(string_agg(array_to_string(row_numbers, ','), ','"
        " ORDER BY block), ''), 'UTF8')), 'hex')"
    )
    return compose(
        *("WITH blocks AS MATERIALIZED (SELECT at / ", number(BLOCK_ROWS), " AS block, "),
        *("array_agg(n ORDER BY at) AS row_numbers FROM (", ordered, ") AS ordered GROUP BY 1), "),
        "found AS MATERIALIZED (SELECT coalesce(sum(cardinality(row_numbers)), 0)::bigint AS rows,",
        *(" ", proof if proved else "NULL", " AS proof FROM blocks), "),
        "list AS (INSERT INTO data_tools_rowlist ",
        "(id, parent_id, dataset_id, revision, row_count, used_at) SELECT ",
        *(_uuid(list_id), ", ", _uuid(parent_id), ", ", _uuid(dataset_id), ", ", bound(revision)),
        *(", rows, now() FROM found WHERE ", bound(fewer_than), "::bigint IS NULL OR rows < "),
        *(bound(fewer_than), "::bigint ON CONFLICT DO NOTHING RETURNING id), "),
        "stored AS (INSERT INTO data_tools_rowlistblock (list_id, block, rows_before, row_numbers)",
        " SELECT list.id, block, sum(cardinality(row_numbers)) OVER (ORDER BY block)",
        " - cardinality(row_numbers), row_numbers FROM blocks CROSS JOIN list) ",
        "SELECT rows, proof FROM found",
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
