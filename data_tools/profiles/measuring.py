"""Figures of columns, measured in the database.

Note [One pass, then groups]
    A pass reads the rows once and counts every distinct value of each of its columns (GROUPING
    SETS). All figures are computed from those groups, exactly, and a column of few values costs
    next to nothing after the pass. The number of columns in one pass is bounded, because a column
    of distinct values has as many groups as rows, and the groups are sorted.

Note [Figures that do not overflow]
    Floats are scaled by the column's largest absolute value before they are summed or squared, so
    that nothing overflows. PostgreSQL raises on underflow as well, so a scaled value below 1e-150
    counts as 0. Sums of integers are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from data_tools.columns import ColumnType
from data_tools.profiles.profile import (
    LONGEST_VALUE_CHARACTERS,
    MOST_BUCKETS,
    MOST_FREQUENT,
    QUANTILE_PERCENTS,
    ColumnProfile,
    Measures,
    profile_of,
)
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column

_MOST_COLUMNS_PER_PASS = 16  # PostgreSQL's GROUPING takes 31 arguments
_MOST_GROUPS_PER_PASS = 10_000_000


def measure(
    rows: SessionRows,
    columns: Sequence[Column],
    *,
    on_pass: Callable[[float], None] = lambda fraction: None,
) -> Iterator[list[tuple[Column, ColumnProfile]]]:
    """Yield the profiles of the columns, in the order given, those of each pass together.

    `on_pass` is called after each pass with the fraction of the columns that is done. See Note
    [One pass, then groups].
    """
    fitting = _MOST_GROUPS_PER_PASS // (rows.total_rows + 1)
    pass_columns = max(1, min(_MOST_COLUMNS_PER_PASS, fitting))
    for first in range(0, len(columns), pass_columns):
        measured = columns[first : first + pass_columns]
        records = rows.fetch_all(figures_query(rows, measured))
        by_mask = {mask: Measures(*figures) for mask, *figures in records}
        yield [
            # Without a row a column has no groups, and no record.
            (column, profile_of(ColumnType(column.type), by_mask.get(mask, Measures())))
            for column, mask in zip(measured, _masks(len(measured)), strict=True)
        ]
        on_pass(min(1.0, (first + pass_columns) / len(columns)))


def _masks(count: int) -> list[int]:
    """Return what GROUPING says of the groups of each column.

    It sets a bit for each column that is not grouped by; the first column's bit is the highest.
    """
    return [2**count - 1 - 2 ** (count - 1 - at) for at in range(count)]


def figures_query(rows: SessionRows, columns: Sequence[Column]) -> Sql:
    """Query of one row for each column: its mask, then the fields of `Measures` in order.

    In the query a group's value is in the column of its kind: i, f, d or t. `x` is the value's
    place on a number line: the number itself, or seconds since 1970.
    """
    values = [sql("v{at}", at=number(at)) for at in range(len(columns))]
    types = [ColumnType(column.type) for column in columns]
    return sql(
        """
        WITH groups AS (
            SELECT
                GROUPING({values}) AS mask,
                count(*) AS n,
                {values_by_kind}
            FROM (
                {cells}
            ) AS cells
            GROUP BY GROUPING SETS ({grouping_sets})
        ), keyed AS MATERIALIZED (
            SELECT mask, n, i, f, d, t, num_nonnulls(i, f, d, t) = 1 AS is_value,
                   coalesce(f, i::float8, extract(epoch FROM CAST(d AS timestamp))::float8) AS x
            FROM groups
        ), totals AS MATERIALIZED (
            SELECT mask, coalesce(sum(n) FILTER (WHERE is_value), 0)::bigint AS present,
                   coalesce(sum(n) FILTER (WHERE NOT is_value), 0)::bigint AS missing,
                   count(*) FILTER (WHERE is_value) AS different,
                   min(i) AS lowest_i, max(i) AS highest_i, min(x) AS lowest_x, max(x) AS highest_x,
                   min(t COLLATE "C") AS lowest_t, max(t COLLATE "C") AS highest_t,
                   sum(i::numeric * n) AS sum_i, sum(i::numeric * i * n) AS squares_i,
                   coalesce(sum(octet_length(t)::bigint * n), 0)::bigint AS text_bytes,
                   greatest(abs(min(x)), abs(max(x))) AS scale,
                   div(max(i)::numeric - min(i), {buckets}) + 1 AS width_i
            FROM keyed GROUP BY mask
        ), scaled AS MATERIALIZED (
            SELECT keyed.*, present, lowest_i, lowest_x, highest_x, width_i,
                   CASE WHEN abs(x) <= CASE WHEN scale > 1e-150 THEN scale * 1e-150 ELSE 0 END
                        THEN 0 ELSE x / scale END AS y
            FROM keyed JOIN totals USING (mask) WHERE x IS NOT NULL
        ), centres AS (
            SELECT mask, sum(y * n) / min(present) AS centre, min(y) AS low, max(y) AS high
            FROM scaled GROUP BY mask
        ), spreads AS (
            SELECT mask, min(d) FILTER (WHERE x = lowest_x) AS lowest_d,
                   max(d) FILTER (WHERE x = highest_x) AS highest_d, min(centre) AS centre,
                   sum(CASE WHEN abs(y - centre) < 1e-150 THEN 0 ELSE (y - centre) ^ 2 * n END)
                       AS spread
            FROM scaled JOIN centres USING (mask) GROUP BY mask
        ), buckets AS (
            SELECT mask, json_object_agg(bucket, n)::text AS counts
            FROM (
                SELECT mask, sum(n) AS n, coalesce(
                       div(i::numeric - lowest_i, width_i), least({last_bucket},
                       floor(coalesce((y - low) / nullif(high - low, 0), 0) * {buckets}))::numeric
                       )::integer AS bucket
                FROM scaled JOIN centres USING (mask) GROUP BY 1, 3
            ) AS counted GROUP BY mask
        ), quantiles AS (
            SELECT
                mask,
                ARRAY[
                    {ranks_i}
                ] AS quantiles_i,
                ARRAY[
                    {ranks_f}
                ] AS quantiles_f
            FROM (
                SELECT mask, i, f, present, sum(n) OVER (PARTITION BY mask ORDER BY x, i) AS upto
                FROM scaled WHERE d IS NULL
            ) AS ranked GROUP BY mask
        ), frequent AS (
            SELECT mask, json_agg(json_build_array(i, f, d, left(t, {characters_and_one}), n)
                                  ORDER BY place)::text AS most
            FROM (
                SELECT mask, n, i, f, d, t, row_number() OVER (
                    PARTITION BY mask ORDER BY n DESC, i, f, d COLLATE "C", t COLLATE "C") AS place
                FROM keyed WHERE is_value
            ) AS placed WHERE place <= {most_frequent} GROUP BY mask
        )
        SELECT mask, present, missing, different, lowest_i, highest_i, lowest_x, highest_x,
               lowest_d, highest_d, left(lowest_t, {characters}), left(highest_t, {characters}),
               sum_i, squares_i, centre, spread, text_bytes, counts, quantiles_i, quantiles_f, most
        FROM totals LEFT JOIN spreads USING (mask) LEFT JOIN buckets USING (mask)
        LEFT JOIN quantiles USING (mask) LEFT JOIN frequent USING (mask)
        """,
        values=joined(", ", values),
        values_by_kind=joined(",\n", _values_by_kind(values, types)),
        cells=rows.cells_query([rows.cells[column.key] for column in columns]),
        grouping_sets=joined(", ", [sql("({value})", value=value) for value in values]),
        buckets=number(MOST_BUCKETS),
        last_bucket=number(MOST_BUCKETS - 1),
        ranks_i=_ranks(Sql("i")),
        ranks_f=_ranks(Sql("f")),
        characters=number(LONGEST_VALUE_CHARACTERS),
        characters_and_one=number(LONGEST_VALUE_CHARACTERS + 1),
        most_frequent=number(MOST_FREQUENT),
    )


# The query's columns of values, their types, and the columns that share them; booleans count as 0
# and 1.
_KINDS = (
    (Sql("i"), Sql("bigint"), {ColumnType.INTEGER, ColumnType.BOOLEAN}),
    (Sql("f"), Sql("float8"), {ColumnType.FLOAT}),
    (Sql("d"), Sql("text"), {ColumnType.DATE, ColumnType.DATETIME}),
    (Sql("t"), Sql("text"), {ColumnType.TEXT}),
)


def _values_by_kind(values: Sequence[Sql], types: Sequence[ColumnType]) -> Iterator[Sql]:
    """Yield the group's value in the column of each kind, null if it is of another kind.

    Of all `values` only the one that is grouped by is not null.
    """
    for name, sql_type, kind in _KINDS:
        alike = [
            sql("CAST({value} AS integer)", value=value)
            if column_type is ColumnType.BOOLEAN
            else value
            for value, column_type in zip(values, types, strict=True)
            if column_type in kind
        ]
        null = sql("CAST(NULL AS {type})", type=sql_type)
        yield sql("coalesce({values}) AS {name}", values=joined(", ", [*alike, null]), name=name)


def _ranks(value: Sql) -> Sql:
    """Return, for each quantile, its lower and upper neighbour among the sorted values."""
    neighbours = [
        sql(
            """
            min({value}) FILTER (WHERE upto > (present - 1) * {percent} / 100),
            min({value}) FILTER (WHERE upto > ((present - 1) * {percent} + 99) / 100)
            """,
            value=value,
            percent=number(percent),
        )
        for percent in QUANTILE_PERCENTS
    ]
    return joined(",\n", neighbours)
