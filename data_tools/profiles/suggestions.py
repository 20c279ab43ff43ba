"""A column's values to choose from, as somebody types."""

from __future__ import annotations

import re

from data_tools.columns import ColumnType
from data_tools.profiles.profile import LONGEST_VALUE_CHARACTERS, Frequency, frequency
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column

_SPECIAL = re.compile(r"([\\%_])")


def suggest(rows: SessionRows, column: Column, *, text: str, limit: int) -> tuple[Frequency, ...]:
    """Return at most `limit` values of the column that contain `text`, ignoring case.

    A value of any type is searched as the text that PostgreSQL writes for it. Values that begin
    with the text come first, then frequent ones, then in order. Reads all rows, in one query.
    """
    column_type = ColumnType(column.type)
    query = suggestion_query(rows, column, text=text, limit=limit)
    return tuple(frequency(column_type, value, count) for value, count in rows.fetch_all(query))


def suggestion_query(rows: SessionRows, column: Column, *, text: str, limit: int) -> Sql:
    """Query of the values that `suggest` returns, and how often each occurs."""
    value = ordered = Sql("v0")
    if column.type == ColumnType.TEXT:
        # A long text is not fetched whole; one character more than is shown tells that it is cut.
        value = sql("left(v0, {length})", length=number(LONGEST_VALUE_CHARACTERS + 1))
    if column.type in (ColumnType.TEXT, ColumnType.DATE, ColumnType.DATETIME):
        ordered = Sql('v0 COLLATE "C"')
    pattern = _SPECIAL.sub(r"\\\1", text)
    return sql(
        """
        SELECT {value}, n
        FROM (
            SELECT v0, count(*) AS n
            FROM (
                {cells}
            ) AS cells
            WHERE v0 IS NOT NULL
            GROUP BY v0
        ) AS groups
        WHERE v0::text ILIKE {contains}
        ORDER BY v0::text ILIKE {begins} DESC, n DESC, {ordered}
        LIMIT {limit}
        """,
        value=value,
        cells=rows.cells_query([rows.cells[column.key]]),
        contains=f"%{pattern}%",
        begins=f"{pattern}%",
        ordered=ordered,
        limit=limit,
    )
