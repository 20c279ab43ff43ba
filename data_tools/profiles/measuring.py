"""Figures of columns, measured in the database.

Note [One pass, then groups]
    A pass reads the rows once and counts every distinct value of each of its columns (GROUPING
    SETS). All figures are made of those groups, exactly, and a column of few values costs next to
    nothing behind the pass. How many columns go together is bounded, because a column of distinct
    values has as many groups as rows, and the groups are sorted.

Note [Figures that do not overflow]
    Floats are scaled by the column's largest absolute value before they are summed or squared, so
    that nothing overflows; PostgreSQL refuses an underflow as well, so what is then below 1e-150
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
from data_tools.sql.fragment import Sql, compose, joined, number
from session_events.events import Column

_MOST_COLUMNS_PER_PASS = 16  # PostgreSQL's GROUPING takes 31 arguments
_MOST_GROUPS_PER_PASS = 10_000_000


def measure(
    rows: SessionRows,
    columns: Sequence[Column],
    *,
    on_pass: Callable[[float], None] = lambda fraction: None,
) -> Iterator[list[tuple[Column, ColumnProfile]]]:
    """Yield the figures of the columns, in the order given, a pass at a time as they are measured.

    `on_pass` is told after each pass which fraction of the columns is done. See Note [One pass,
    then groups].
    """
    together = max(1, min(_MOST_COLUMNS_PER_PASS, _MOST_GROUPS_PER_PASS // (rows.total_rows + 1)))
    for first in range(0, len(columns), together):
        some = columns[first : first + together]
        found = {mask: measures for mask, *measures in rows.fetch_all(_query(rows, some))}
        yield [
            (column, profile_of(ColumnType(column.type), _measures(found.get(_mask(at, some)))))
            for at, column in enumerate(some)
        ]
        on_pass(min(1.0, (first + together) / len(columns)))


def _mask(at: int, columns: Sequence[Column]) -> int:
    """What GROUPING says of the groups of column `at`: a bit for each column that is not grouped.

    The first column's bit is the highest.
    """
    return 2 ** len(columns) - 1 - 2 ** (len(columns) - 1 - at)


def _measures(found: Sequence[object] | None) -> Measures:
    """A column without a row has no groups, hence nothing found."""
    return Measures() if found is None else Measures(*found)


def _query(rows: SessionRows, columns: Sequence[Column]) -> Sql:
    """One row for each column: its mask, and the fields of `Measures` in order."""
    values = [compose("v", number(at)) for at in range(len(columns))]
    cells = rows.cells_query([rows.cells[column.key] for column in columns])
    types = [ColumnType(column.type) for column in columns]
    return compose(
        *("WITH groups AS (SELECT GROUPING(", joined(", ", values), ") AS mask, count(*) AS n, "),
        joined(", ", [_values_of(kind, values, types) for kind in _KINDS]),
        *(" FROM (", cells, ") AS cells GROUP BY GROUPING SETS ("),
        joined(", ", [compose("(", value, ")") for value in values]),
        *(")), ", _FIGURES),
    )


# A group's value stands in the column of its kind: i, f, d or t. Booleans count as 0 and 1.
_KINDS: dict[str, tuple[frozenset[ColumnType], Sql]] = {
    "i": (frozenset({ColumnType.INTEGER, ColumnType.BOOLEAN}), Sql("CAST(NULL AS bigint)")),
    "f": (frozenset({ColumnType.FLOAT}), Sql("CAST(NULL AS float8)")),
    "d": (frozenset({ColumnType.DATE, ColumnType.DATETIME}), Sql("CAST(NULL AS text)")),
    "t": (frozenset({ColumnType.TEXT}), Sql("CAST(NULL AS text)")),
}


def _values_of(kind: str, values: Sequence[Sql], types: Sequence[ColumnType]) -> Sql:
    """The group's value, null if it is of another kind: only the column grouped by is not null."""
    kinds, nothing = _KINDS[kind]
    alike = [
        compose("CAST(", value, " AS integer)") if its_type is ColumnType.BOOLEAN else value
        for value, its_type in zip(values, types, strict=True)
        if its_type in kinds
    ]
    return compose("coalesce(", joined(", ", [*alike, nothing]), ") AS ", Sql(kind))


def _ranks(value: str) -> str:
    """For each quantile its lower and upper neighbour among the sorted values."""
    ranks = [f"(present - 1) * {percent}" for percent in QUANTILE_PERCENTS]
    ends = [end for rank in ranks for end in (f"{rank} / 100", f"({rank} + 99) / 100")]
    return ", ".join(f"min({value}) FILTER (WHERE upto > {end})" for end in ends)


# `x` is what a value is on a number line: itself, or seconds since 1970.
_FIGURES = Sql(
    f"""
keyed AS MATERIALIZED (
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
           div(max(i)::numeric - min(i), {MOST_BUCKETS}) + 1 AS width_i
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
           sum(CASE WHEN abs(y - centre) < 1e-150 THEN 0 ELSE (y - centre) ^ 2 * n END) AS spread
    FROM scaled JOIN centres USING (mask) GROUP BY mask
), buckets AS (
    SELECT mask, json_object_agg(bucket, n)::text AS counts
    FROM (
        SELECT mask, sum(n) AS n, coalesce(
               div(i::numeric - lowest_i, width_i), least({MOST_BUCKETS - 1},
               floor(coalesce((y - low) / nullif(high - low, 0), 0) * {MOST_BUCKETS}))::numeric
               )::integer AS bucket
        FROM scaled JOIN centres USING (mask) GROUP BY 1, 3
    ) AS counted GROUP BY mask
), quantiles AS (
    SELECT mask, ARRAY[{_ranks("i")}] AS quantiles_i, ARRAY[{_ranks("f")}] AS quantiles_f
    FROM (
        SELECT mask, i, f, present, sum(n) OVER (PARTITION BY mask ORDER BY x, i) AS upto
        FROM scaled WHERE d IS NULL
    ) AS ranked GROUP BY mask
), frequent AS (
    SELECT mask, json_agg(json_build_array(i, f, d, left(t, {LONGEST_VALUE_CHARACTERS + 1}), n)
                          ORDER BY place)::text AS most
    FROM (
        SELECT mask, n, i, f, d, t, row_number() OVER (
            PARTITION BY mask ORDER BY n DESC, i, f, d COLLATE "C", t COLLATE "C") AS place
        FROM keyed WHERE is_value
    ) AS placed WHERE place <= {MOST_FREQUENT} GROUP BY mask
)
SELECT mask, present, missing, different, lowest_i, highest_i, lowest_x, highest_x,
       lowest_d, highest_d, left(lowest_t, {LONGEST_VALUE_CHARACTERS}),
       left(highest_t, {LONGEST_VALUE_CHARACTERS}), sum_i, squares_i, centre, spread,
       text_bytes, counts, quantiles_i, quantiles_f, most
FROM totals LEFT JOIN spreads USING (mask) LEFT JOIN buckets USING (mask)
LEFT JOIN quantiles USING (mask) LEFT JOIN frequent USING (mask)
"""  # noqa: S608 - every part is a text of ours
)
