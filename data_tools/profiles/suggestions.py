"""A column's values to choose from, as somebody types."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_tools.columns import ColumnType
from data_tools.profiles.found_rows import found_cells, found_values
from data_tools.profiles.profile import LONGEST_VALUE_CHARACTERS, Frequency, frequency
from data_tools.profiles.value_counts import (
    MOST_VALUES_KEPT,
    count_values,
    keep_counts,
    kept_counts_query,
    may_be_sent,
    sent_counts_query,
)
from data_tools.rows.distinct_values import MOST_VALUES_SENT
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column

_SPECIAL = re.compile(r"([\\%_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Values to choose from; and of all rows looked at, how many there are and lack a value."""

    values: tuple[Frequency, ...]
    missing: int
    total: int


def suggest(
    rows: SessionRows,
    column: Column,
    *,
    text: str,
    limit: int,
    conditions: Conditions | None = None,
) -> Suggested:
    """Return at most `limit` values of the column that contain `text`, ignoring case.

    Of the rows that meet the conditions. A value of any type is searched as the text that
    PostgreSQL writes for it. Values that begin with the text come first, then frequent ones, then
    in order. Reads all rows, in one query, unless blocks tell the column's values.

    Lists of kept rows must exist: see `SessionRows.require_kept`.
    """
    column_type = ColumnType(column.type)

    def among(counted: Sql) -> Suggested:
        query = suggestion_query(counted, column_type, text=text, limit=limit)
        [(missing, total, *_), *_] = records = rows.fetch_all(query)
        return Suggested(
            values=tuple(
                frequency(column_type, value, count)
                for _, _, value, count in records
                if count is not None
            ),
            missing=missing,
            total=total,
        )

    kept = kept_counts_query(rows, column) if conditions is None else None
    if kept and (suggested := among(kept)).total == rows.total_rows:
        return suggested
    if packed := found_values(rows, column, conditions):
        values, missing = packed.values, packed.values.null_count
        most = MOST_VALUES_KEPT if kept else MOST_VALUES_SENT if text else 0
        counted = count_values(packed, least=limit, most=most)
        if kept and keep_counts(rows, column, counted, missing=missing):
            return among(kept)
        if not text:
            return Suggested(
                values=tuple(
                    frequency(column_type, value, count)
                    for value, count in counted.most_frequent[:limit]
                ),
                missing=missing,
                total=len(values),
            )
        if may_be_sent(counted):
            return among(sent_counts_query(column, counted, missing=missing))
    return among(counted_query(rows, column, conditions))


def counted_query(rows: SessionRows, column: Column, conditions: Conditions | None) -> Sql:
    """Query of each value of the column as v0, and how many of the found rows have it, as n."""
    return sql(
        """
        SELECT v0, count(*) AS n
        FROM (
            {cells}
        ) AS cells
        GROUP BY v0
        """,
        cells=found_cells(rows, column, conditions),
    )


def suggestion_query(counted: Sql, column_type: ColumnType, *, text: str, limit: int) -> Sql:
    """Query of how many rows lack a value, how many there are, and the values with their counts.

    `counted` is a query of values and counts. Gives one row with nulls for value and count if no
    value contains the text.
    """
    value = ordered = Sql("v0")
    if column_type is ColumnType.TEXT:
        # A long text is not fetched whole; one character more than is shown tells that it is cut.
        value = sql("left(v0, {length})", length=number(LONGEST_VALUE_CHARACTERS + 1))
    if column_type in (ColumnType.TEXT, ColumnType.DATE, ColumnType.DATETIME):
        ordered = Sql('v0 COLLATE "C"')
    pattern = _SPECIAL.sub(r"\\\1", text)
    return sql(
        """
        WITH groups AS MATERIALIZED (
            {counted}
        ), totals AS (
            SELECT coalesce(sum(n) FILTER (WHERE v0 IS NULL), 0)::bigint AS missing,
                   coalesce(sum(n), 0)::bigint AS total
            FROM groups
        ), chosen AS (
            SELECT v0, n, v0::text ILIKE {begins} AS begins
            FROM groups
            WHERE v0 IS NOT NULL AND v0::text ILIKE {contains}
            ORDER BY v0::text ILIKE {begins} DESC, n DESC, {ordered}
            LIMIT {limit}
        )
        SELECT missing, total, {value}, n
        FROM totals LEFT JOIN chosen ON true
        ORDER BY begins DESC, n DESC, {ordered}
        """,
        value=value,
        counted=counted,
        contains=f"%{pattern}%",
        begins=f"{pattern}%",
        ordered=ordered,
        limit=limit,
    )
