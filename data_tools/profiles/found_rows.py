"""A column's values among the rows that a filter finds."""

from __future__ import annotations

from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions
from data_tools.sql.fragment import Sql, sql
from session_events.events import Column


def found_cells(rows: SessionRows, column: Column, conditions: Conditions | None) -> Sql:
    """Query of the column's typed value as v0, of each row that meets the conditions."""
    cell = rows.cells[column.key]
    if conditions is None:
        return rows.cells_query([cell])
    found = rows.with_cells([cell, *(rows.cells[key] for key in conditions.keys)])
    value, *compared = found.cells
    cells = found.select([sql("{value} AS v0", value=value)], where=[conditions.sql(compared)])
    return sql("{cells}\nOFFSET 0", cells=cells)  # each value is made once, as in `cells_query`
