"""Operations that take rows away: with missing values, duplicates, or those a filter drops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.filtering.filters import filter_of
from data_tools.operations.column_lookup import columns_named
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.kept_rows import removing
from data_tools.operations.row_source import Rows
from data_tools.sql.conditions import conditions_on
from data_tools.sql.fragment import Sql, compose, joined


def rows_with_values(rows: Rows, keys: list[str], *, how: str) -> Sql:
    """Query of the rows that `how` ("any", "all") does not drop for what is missing in columns."""
    found = rows.with_cells([rows.cells[key] for key in keys])
    present = [compose(cell, " IS NOT NULL") for cell in found.cells]
    kept = joined(" AND " if how == "any" else " OR ", present)
    return compose(
        *("SELECT ", found.row, ".row_number FROM ", found.source, " WHERE "),
        *(found.condition, " AND (", kept, ")"),
    )


def _keys(parameters: Mapping[str, Any], rows: Rows) -> list[str]:
    names = parameters["columns"]
    columns = rows.columns if names is None else columns_named(rows.columns, names)
    return [column.key for column in columns]


def _with_values(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    return rows_with_values(rows, _keys(parameters, rows), how=parameters["how"])


def _plan_drop_missing(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    return removing("drop_missing_rows", keep=_with_values, parameters=asked, rows=rows)


def _not_duplicates(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    found = rows.with_cells([rows.cells[key] for key in _keys(parameters, rows)])
    return compose(
        *("SELECT ", "min" if parameters["keep"] == "first" else "max"),
        *("(", found.row, ".row_number) AS row_number FROM ", found.source, " WHERE "),
        *(found.condition, " GROUP BY ", joined(", ", found.cells)),
    )


def _plan_drop_duplicates(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    return removing("drop_duplicate_rows", keep=_not_duplicates, parameters=asked, rows=rows)


def _filtered(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    conditions = conditions_on(rows.columns, filter_of(parameters["filter"]))
    found = rows.with_cells([rows.cells[key] for key in conditions.keys])
    return compose(
        *("SELECT ", found.row, ".row_number FROM ", found.source, " WHERE "),
        *(found.condition, " AND ", conditions.sql(found.cells)),
    )


def _plan_filter(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    return removing("filter_rows", keep=_filtered, parameters=asked, rows=rows)


_COLUMNS = Parameter(
    name="columns",
    kind=Kind.COLUMNS,
    description="Names of the columns to look at; all of them by default.",
)

DROP_MISSING_ROWS = Declaration(
    name="drop_missing_rows",
    description="Take away the rows with a missing value.",
    parameters=(
        _COLUMNS,
        Parameter(
            name="how",
            kind=Kind.CHOICE,
            choices=("any", "all"),
            default="any",
            description="Whether a row goes for any missing value, or only if all are missing.",
        ),
    ),
    plan=_plan_drop_missing,
    keep=_with_values,
    looks_at_values=False,
)
DROP_DUPLICATE_ROWS = Declaration(
    name="drop_duplicate_rows",
    description="Of rows with the same values keep one; missing is the same as missing.",
    parameters=(
        _COLUMNS,
        Parameter(
            name="keep",
            kind=Kind.CHOICE,
            choices=("first", "last"),
            default="first",
            description="Which one of them stays.",
        ),
    ),
    plan=_plan_drop_duplicates,
    keep=_not_duplicates,
    looks_at_values=False,
)
FILTER_ROWS = Declaration(
    name="filter_rows",
    description="Keep the rows that match a filter, and take the others away for good.",
    parameters=(
        Parameter(
            name="filter",
            kind=Kind.FILTER,
            required=True,
            description="Conditions as `data/` reads them: a list, or a tree of all, any, not.",
        ),
    ),
    plan=_plan_filter,
    keep=_filtered,
)
