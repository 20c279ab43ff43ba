"""SQL over lists of row numbers. See Note [Lists of rows] in `rows.lists.storage`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from data_tools.sql.fragment import Sql, number, sql

# A block of 128 64-bit numbers fits into its row of the table: PostgreSQL need not store it apart.
BLOCK_ROWS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKey:
    """A list's id, the revision whose rows it lists, and the list that it was made of, if any."""

    list_id: UUID
    parent_id: UUID | None
    dataset_id: UUID
    revision: int


def new_list(key: ListKey, row_count: int) -> Sql:
    """Statement that makes a list without its blocks; changes no row if the list exists."""
    return sql(
        """
        INSERT INTO data_tools_rowlist (id, parent_id, dataset_id, revision, row_count, used_at)
        VALUES ({list}::uuid, {parent}::uuid, {dataset}::uuid, {revision}, {row_count}, now())
        ON CONFLICT DO NOTHING
        """,
        list=key.list_id,
        parent=key.parent_id,
        dataset=key.dataset_id,
        revision=key.revision,
        row_count=row_count,
    )


def page_of_list(list_id: UUID, offset: int, size: int) -> Sql:
    """Query of `n`, a row number, and `at`, its place from 1: a list's `size` after `offset`."""
    return sql(
        """
        SELECT e.n, b.rows_before + e.i AS at
        FROM data_tools_rowlistblock AS b
        CROSS JOIN LATERAL unnest(b.row_numbers) WITH ORDINALITY AS e (n, i)
        WHERE b.list_id = {list}::uuid
            AND b.rows_before < {end}
            AND b.rows_before >= coalesce((
                SELECT max(f.rows_before)
                FROM data_tools_rowlistblock AS f
                WHERE f.list_id = {list}::uuid AND f.rows_before <= {offset}
            ), 0)
            AND b.rows_before + e.i > {offset}
            AND b.rows_before + e.i <= {end}
        LIMIT {size}
        """,
        list=list_id,
        offset=offset,
        end=offset + size,
        size=size,
    )


def page_of_numbers(row_numbers: Sequence[int]) -> Sql:
    """Query of `n`, each of the row numbers, and `at`, its place from 1."""
    return sql(
        "SELECT n, at FROM unnest({row_numbers}::bigint[]) WITH ORDINALITY AS page (n, at)",
        row_numbers=row_numbers,
    )


def place_in_list(list_id: UUID, row_number: int) -> Sql:
    """Query of the place, from 1, of a row in a list in row order."""
    return sql(
        """
        SELECT rows_before + width_bucket({row_number}::bigint, row_numbers)
        FROM data_tools_rowlistblock
        WHERE list_id = {list}::uuid AND block = {block}
        """,
        row_number=row_number,
        list=list_id,
        block=(row_number - 1) // BLOCK_ROWS,
    )


def with_list(list_id: UUID, rows_of_page: Sql) -> Sql:
    """Query of the list's row count, whether its use should be noted, `json` and `n`; by `at`.

    Gives no row if the list does not exist, and one with nulls if the page is past its end.
    """
    return sql(
        """
        SELECT list.row_count, list.used_at < now() - interval '5 minutes', page.json, page.n
        FROM data_tools_rowlist AS list
        LEFT JOIN LATERAL (
            {rows_of_page}
        ) AS page ON true
        WHERE list.id = {list}::uuid
        ORDER BY page.at
        """,
        rows_of_page=rows_of_page,
        list=list_id,
    )


def rows_of_block() -> Sql:
    """Condition on `r.row_number`: the row may be in `kept`, a block of a list in row order."""
    first = sql("kept.block * {block_rows} + 1", block_rows=number(BLOCK_ROWS))
    rest = number(BLOCK_ROWS - 1)
    return sql("r.row_number BETWEEN {first} AND {first} + {rest}", first=first, rest=rest)


def is_kept(row: Sql, list_id: UUID) -> Sql:
    """Condition on a block `kept` and a row of it: the row is in the list.

    The statement fails if the list does not exist.
    """
    return sql(
        """
        (SELECT data_tools_require_row_list({list}::uuid))
            AND kept.list_id = {list}::uuid
            AND kept.row_numbers[width_bucket({number}, kept.row_numbers)] = {number}
        """,
        list=list_id,
        number=sql("{row}.row_number", row=row),
    )


def is_one_of(row: Sql, list_id: UUID) -> Sql:
    """Condition on one row at hand: it is in a list in row order.

    Does not check that the list exists. A scalar subquery, so that PostgreSQL never turns it into
    a join over all rows.
    """
    return sql(
        """
        (
            SELECT b.row_numbers[width_bucket({row}.row_number, b.row_numbers)]
            FROM data_tools_rowlistblock AS b
            WHERE b.list_id = {list}::uuid AND b.block = ({row}.row_number - 1) / {block_rows}
        ) = {row}.row_number
        """,
        row=row,
        list=list_id,
        block_rows=number(BLOCK_ROWS),
    )
