"""Figures of columns, measured in the database.

Note [One pass, then groups]
    A pass reads the rows once and counts every distinct value of each of its columns (GROUPING
    SETS). All figures are computed from those groups, exactly, and a column of few values costs
    next to nothing after the pass. The number of columns in one pass is bounded, because a column
    of distinct values has as many groups as rows, and the groups are sorted.

Note [Exact figures]
    Sums of integers are exact, and so are sums of floats but for what Note [Three sums] in
    `sql.exact_sums` allows. What floats deviate by is measured from a centre beside the mean.

Note [Edges before counts]
    A value is counted into the bucket that the edges say, as they are answered: a filter with these
    edges finds as many rows. So the edges are there first, and values are compared with them.
    Edges of floats are doubles. Those of integers, days and microseconds are whole numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

from data_tools.columns import ColumnType
from data_tools.observing.activity import count
from data_tools.profiles.profile import (
    LONGEST_VALUE_CHARACTERS,
    MICROSECONDS_OF_DAY,
    MOST_BUCKETS,
    MOST_FREQUENT,
    QUANTILE_PERCENTS,
    ColumnProfile,
    Measures,
    profile_of,
)
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.exact_sums import (
    FINENESS,
    UNIT_BITS,
    double,
    factor_sql,
    moved,
    power_above_sql,
    rest_of,
    share_of_reach,
    square_of,
    sum_aggregates,
)
from data_tools.sql.fragment import Sql, bound, joined, number, sql
from session_events.events import Column
from session_events.spans import Step, span

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
        with span(Step.PROFILE, columns=len(measured), rows_scanned=rows.total_rows):
            records = rows.fetch_all(figures_query(rows, measured))
        count(rows_scanned=rows.total_rows)
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

    In the query a group's value is in the column of its kind: i, f, d or t. `w` is the place of
    one that lies on a line of whole numbers: an integer itself, or microseconds since 1970. `y` is
    a float, multiplied by a power of two. See Note [Exact figures] and Note [Edges before counts].
    """
    values = [sql("v{at}", at=number(at)) for at in range(len(columns))]
    types = [ColumnType(column.type) for column in columns]
    masks = list(zip(_masks(len(columns)), types, strict=True))
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
            SELECT mask, n, i, f, d, t, num_nonnulls(i, f, d, t) = 1 AS is_value, coalesce(
                       i, (extract(epoch FROM CAST(d AS timestamp)) * 1000000)::bigint) AS w
            FROM groups
        ), totals AS MATERIALIZED (
            SELECT mask, coalesce(sum(n) FILTER (WHERE is_value), 0)::bigint AS present,
                   coalesce(sum(n) FILTER (WHERE NOT is_value), 0)::bigint AS missing,
                   count(*) FILTER (WHERE is_value) AS different,
                   min(w) AS lowest_w, max(w) AS highest_w, min(f) AS lowest_f, max(f) AS highest_f,
                   min(t COLLATE "C") AS lowest_t, max(t COLLATE "C") AS highest_t,
                   sum(i::numeric * n) AS sum_i, sum(i::numeric * i * n) AS squares_i,
                   coalesce(sum(octet_length(t)::bigint * n), 0)::bigint AS text_bytes
            FROM keyed GROUP BY mask
        ), days AS (
            SELECT keyed.mask, min(d) FILTER (WHERE w = lowest_w) AS lowest_d,
                   max(d) FILTER (WHERE w = highest_w) AS highest_d
            FROM keyed JOIN totals USING (mask) WHERE d IS NOT NULL GROUP BY 1
        ), scales AS MATERIALIZED (
            SELECT *, unit * {fineness} AS fine_unit
            FROM (
                SELECT *, {power_above_farthest} * {fineness} AS unit
                FROM (
                    SELECT mask, present, farthest, {factor} AS factor
                    FROM (
                        SELECT *, greatest(abs(lowest_f), abs(highest_f)) AS farthest FROM totals
                    ) AS extents WHERE farthest IS NOT NULL
                ) AS factors
            ) AS units
        ), scaled AS MATERIALIZED (
            SELECT mask, n, {y} AS y FROM keyed JOIN scales USING (mask) WHERE f IS NOT NULL
        ), sums AS (
            SELECT mask, {multiples} AS multiples,
                   {fine_multiples} AS fine_multiples,
                   min(y) AS low, max(y) AS high
            FROM scaled JOIN scales USING (mask) GROUP BY mask
        ), rests AS (
            SELECT mask, sum(rest * n ORDER BY y) AS rest
            FROM (
                SELECT mask, n, y, {rest} AS rest
                FROM scaled JOIN scales USING (mask) OFFSET 0
            ) AS of_values WHERE rest <> 0 GROUP BY mask
        ), centres AS MATERIALIZED (
            SELECT *, {reach} AS reach
            FROM (
                SELECT *, least(high, greatest(low, (multiples::float8 * unit
                       + fine_multiples::float8 * fine_unit + coalesce(rest, 0)) / present
                       )) AS centre
                FROM sums JOIN scales USING (mask) LEFT JOIN rests USING (mask)
            ) AS means
        ), spreads AS (
            SELECT mask, sum(trunc(coarse)::bigint * n) AS squares,
                   sum(trunc(fine)::bigint * n) AS fine_squares,
                   sum(trunc((fine - trunc(fine)) * {units})::bigint * n) AS finest_squares
            FROM (
                SELECT mask, n, coarse, (coarse - trunc(coarse)) * {units} AS fine
                FROM (
                    SELECT mask, n, {square} * {units} AS coarse
                    FROM (
                        SELECT mask, n, {share} AS share
                        FROM scaled JOIN centres USING (mask) OFFSET 0
                    ) AS shares OFFSET 0
                ) AS multiples OFFSET 0
            ) AS multiples GROUP BY mask
        ), edges AS MATERIALIZED (
            SELECT mask, lowest_w,
                   div(div(highest_w::numeric - lowest_w, line.step), {buckets}) * line.step
                       + line.step AS width_w,
                   CASE WHEN line.is_shared THEN ARRAY(
                       SELECT (lowest_w + div((highest_w::numeric - lowest_w) * at, {buckets})
                           )::bigint
                       FROM generate_series(0, {buckets}) AS at ORDER BY at
                   ) END AS edges_w,
                   CASE WHEN lowest_f IS NOT NULL THEN ARRAY(
                       SELECT CASE at WHEN 0 THEN lowest_f WHEN {buckets} THEN highest_f
                           ELSE least(highest_f, greatest(lowest_f,
                               {edge}
                           )) END
                       FROM generate_series(0, {buckets}) AS at ORDER BY 1
                   ) END AS edges_f
            FROM totals LEFT JOIN centres USING (mask), LATERAL (
                SELECT CASE WHEN mask = ANY({dates}) THEN {microseconds_of_day} ELSE 1 END AS step,
                       mask = ANY({datetimes}) AS is_shared
            ) AS line
        ), buckets AS (
            SELECT mask, json_object_agg(bucket, n)::text AS counts
            FROM (
                SELECT mask, sum(n) AS n, CASE
                       WHEN f IS NOT NULL THEN least({buckets}, width_bucket(f, edges_f)) - 1
                       WHEN edges_w IS NOT NULL THEN least({buckets}, width_bucket(w, edges_w)) - 1
                       ELSE div(w::numeric - lowest_w, width_w)::integer END AS bucket
                FROM keyed JOIN edges USING (mask) WHERE f IS NOT NULL OR w IS NOT NULL
                GROUP BY 1, 3
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
                SELECT mask, i, f, present, sum(n) OVER (PARTITION BY mask ORDER BY f, i) AS upto
                FROM keyed JOIN totals USING (mask) WHERE f IS NOT NULL OR i IS NOT NULL
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
        SELECT mask, totals.present, missing, different, totals.lowest_w, highest_w,
               lowest_f, highest_f, lowest_d, highest_d,
               left(lowest_t, {characters}), left(highest_t, {characters}),
               sum_i, squares_i, factor, unit, multiples, fine_multiples, rest, centre, reach,
               squares, fine_squares, finest_squares, text_bytes, edges_f, counts,
               quantiles_i, quantiles_f, most
        FROM totals LEFT JOIN days USING (mask) LEFT JOIN centres USING (mask)
        LEFT JOIN spreads USING (mask) LEFT JOIN edges USING (mask) LEFT JOIN buckets USING (mask)
        LEFT JOIN quantiles USING (mask) LEFT JOIN frequent USING (mask)
        """,
        values=joined(", ", values),
        values_by_kind=joined(",\n", _values_by_kind(values, types)),
        cells=rows.cells_query([rows.cells[column.key] for column in columns]),
        grouping_sets=joined(", ", [sql("({value})", value=value) for value in values]),
        **_float_parts(),
        dates=bound([mask for mask, kind in masks if kind is ColumnType.DATE]),
        datetimes=bound([mask for mask, kind in masks if kind is ColumnType.DATETIME]),
        microseconds_of_day=number(MICROSECONDS_OF_DAY),
        buckets=number(MOST_BUCKETS),
        ranks_i=_ranks(Sql("i")),
        ranks_f=_ranks(Sql("f")),
        characters=number(LONGEST_VALUE_CHARACTERS),
        characters_and_one=number(LONGEST_VALUE_CHARACTERS + 1),
        most_frequent=number(MOST_FREQUENT),
    )


def _float_parts() -> dict[str, Sql]:
    """Return the parts of the query that compute with floats. See Note [Exact figures]."""
    y, unit, fine_unit = Sql("y"), Sql("unit"), Sql("fine_unit")
    multiples, fine_multiples = sum_aggregates(y, unit, fine_unit, weight=Sql("n"))
    return {
        "factor": factor_sql(Sql("farthest")),
        "power_above_farthest": power_above_sql(Sql("(farthest * factor)")),
        "fineness": double(FINENESS),
        "y": moved(Sql("f"), Sql("factor")),
        "multiples": multiples,
        "fine_multiples": fine_multiples,
        "rest": rest_of(y, unit, fine_unit),
        "reach": power_above_sql(Sql("greatest(high - centre, centre - low)")),
        "share": share_of_reach(y, Sql("centre"), Sql("reach")),
        "square": sql("({square})", square=square_of(Sql("share"))),
        "units": double(2.0**UNIT_BITS),
        "edge": _edge(),
    }


def _edge() -> Sql:
    """Return the inner edge `at` of the buckets of floats from `low` to `high`.

    Their difference may be too large for a double, and a part of one too small.
    """
    share = sql("(at / CAST({buckets} AS float8))", buckets=number(MOST_BUCKETS))
    edge = sql(
        "least(high, greatest(low, {of_low} + {of_high}))",
        of_low=_part(Sql("low"), sql("(1 - {share})", share=share)),
        of_high=_part(Sql("high"), share),
    )
    return sql(
        """
        (SELECT CASE WHEN factor > 1 AND abs(e) < {least} * factor THEN 0 ELSE e / factor END
        FROM (
            SELECT {edge} AS e OFFSET 0
        ) AS of_moved)
        """,
        edge=edge,
        least=double(sys.float_info.min),
    )


def _part(end: Sql, share: Sql) -> Sql:
    return sql(
        "CASE WHEN abs({end}) < 1e-300 THEN 0 ELSE {end} * {share} END", end=end, share=share
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
