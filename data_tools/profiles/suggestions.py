"""A column's values to choose from, as somebody types."""

from __future__ import annotations

import re

from data_tools.columns import ColumnType
from data_tools.profiles.profile import LONGEST_VALUE_CHARACTERS, Frequency, frequency
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import Sql, bound, compose
from session_events.events import Column

_SPECIAL = re.compile(r"([\\%_])")


def suggest(rows: SessionRows, column: Column, *, text: str, limit: int) -> tuple[Frequency, ...]:
    """Return at most `limit` values of the column that contain `text`, whatever its case.

    Any type is searched as the text that PostgreSQL writes. Values that begin with the text come
    first, then frequent ones, then in order. Reads all rows, in one query.
    """
    column_type = ColumnType(column.type)
    pattern = _SPECIAL.sub(r"\\\1", text)
    query = compose(
        *("SELECT ", _shown(column_type), ", n FROM (SELECT v0, count(*) AS n FROM ("),
        *(rows.cells_query([rows.cells[column.key]]), ") AS cells WHERE v0 IS NOT NULL"),
        *(" GROUP BY v0) AS groups WHERE v0::text ILIKE ", bound(f"%{pattern}%")),
        *(" ORDER BY v0::text ILIKE ", bound(f"{pattern}%"), " DESC, n DESC, "),
        *(_ordered(column_type), " LIMIT ", bound(limit)),
    )
    return tuple(frequency(column_type, value, count) for value, count in rows.fetch_all(query))


def _shown(column_type: ColumnType) -> Sql:
    """A long text is not fetched whole; the one character more tells that it is cut."""
    if column_type is ColumnType.TEXT:
        return Sql(f"left(v0, {LONGEST_VALUE_CHARACTERS + 1})")
    return Sql("v0")


def _ordered(column_type: ColumnType) -> Sql:
    is_text = column_type in (ColumnType.TEXT, ColumnType.DATE, ColumnType.DATETIME)
    return Sql('v0 COLLATE "C"' if is_text else "v0")
