"""A column's values among the rows that a filter finds."""

from __future__ import annotations

from data_tools.rows.lists.packed_filter import mask_where
from data_tools.rows.packed_columns import PackedColumn, PackedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions
from data_tools.sql.fragment import Sql, sql
from session_events.events import Column


def found_values(
    rows: SessionRows, column: Column, conditions: Conditions | None
) -> PackedColumn | None:
    """Return the column's values, of each row that meets the conditions, out of blocks.

    None if the rows have to be asked: a column of these would take a pass over them, or only the
    database can tell which rows meet the conditions. Lists of kept rows must exist.

    Raises:
        TookTooLong: as `PackedRows.columns`.
    """
    compared = [] if conditions is None else conditions.keys
    keys = list(dict.fromkeys([column.key, *compared]))
    packed = PackedRows(rows).columns(keys, may_scan=False)
    if packed is None:
        return None
    if conditions is None:
        return packed[0]
    by_key = {key: each.values for key, each in zip(keys, packed, strict=True)}
    mask = mask_where(conditions, by_key)
    if mask is None:
        return None
    return PackedColumn(type=packed[0].type, values=packed[0].values.filter(mask))


def found_cells(rows: SessionRows, column: Column, conditions: Conditions | None) -> Sql:
    """Query of the column's typed value as v0, of each row that meets the conditions."""
    cell = rows.cells[column.key]
    if conditions is None:
        return rows.cells_query([cell])
    found = rows.with_cells([cell, *(rows.cells[key] for key in conditions.keys)])
    value, *compared = found.cells
    cells = found.select([sql("{value} AS v0", value=value)], where=[conditions.sql(compared)])
    return sql("{cells}\nOFFSET 0", cells=cells)  # each value is made once, as in `cells_query`
