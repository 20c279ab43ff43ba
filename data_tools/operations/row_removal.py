"""Operations that take rows away: with missing values, duplicates, or those a filter drops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.filtering.filters import filter_from_json
from data_tools.operations.column_lookup import require_columns
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.kept_rows import prepare_row_removal
from data_tools.operations.parameters import Choice, ColumnNames, Parameter, RowFilter
from data_tools.operations.row_source import Rows
from data_tools.sql.conditions import conditions_on
from data_tools.sql.fragment import Sql, joined, sql


def query_rows_with_values(rows: Rows, keys: list[str], *, how: str) -> Sql:
    """Return the query of the rows that stay when others go for missing values in some columns.

    A row goes for any missing value, or only if all are missing, as `how` says ("any", "all").
    """
    source = rows.with_cells([rows.cells[key] for key in keys])
    present = [sql("{cell} IS NOT NULL", cell=cell) for cell in source.cells]
    return sql(
        "SELECT {row}.row_number FROM {source} WHERE {condition} AND ({present})",
        row=source.row,
        source=source.source,
        condition=source.condition,
        present=joined(" AND " if how == "any" else " OR ", present),
    )


def _keys(parameters: Mapping[str, Any], rows: Rows) -> list[str]:
    names = parameters["columns"]
    columns = rows.columns if names is None else require_columns(rows.columns, names)
    return [column.key for column in columns]


def _query_complete(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    return query_rows_with_values(rows, _keys(parameters, rows), how=parameters["how"])


def _plan_drop_missing(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    return prepare_row_removal(
        rows,
        operation="drop_missing_rows",
        parameters=parameters,
        query_kept_rows=_query_complete,
    )


def _query_distinct(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    source = rows.with_cells([rows.cells[key] for key in _keys(parameters, rows)])
    return sql(
        """
        SELECT {first_or_last}({row}.row_number) AS row_number
        FROM {source} WHERE {condition} GROUP BY {cells}
        """,
        first_or_last=Sql("min") if parameters["keep"] == "first" else Sql("max"),
        row=source.row,
        source=source.source,
        condition=source.condition,
        cells=joined(", ", source.cells),
    )


def _plan_drop_duplicates(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    return prepare_row_removal(
        rows,
        operation="drop_duplicate_rows",
        parameters=parameters,
        query_kept_rows=_query_distinct,
    )


def _query_matching(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    conditions = conditions_on(rows.columns, filter_from_json(parameters["filter"]))
    source = rows.with_cells([rows.cells[key] for key in conditions.keys])
    return sql(
        "SELECT {row}.row_number FROM {source} WHERE {condition} AND {matches}",
        row=source.row,
        source=source.source,
        condition=source.condition,
        matches=conditions.sql(source.cells),
    )


def _plan_filter(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    return prepare_row_removal(
        rows, operation="filter_rows", parameters=parameters, query_kept_rows=_query_matching
    )


_COLUMNS = Parameter(
    name="columns",
    kind=ColumnNames(),
    description="Names of the columns to look at; all of them by default.",
)

DROP_MISSING_ROWS = Declaration(
    name="drop_missing_rows",
    description="Take away the rows with a missing value.",
    parameters=(
        _COLUMNS,
        Parameter(
            name="how",
            kind=Choice(choices=("any", "all")),
            default="any",
            description="Whether a row goes for any missing value, or only if all are missing.",
        ),
    ),
    plan=_plan_drop_missing,
    query_kept_rows=_query_complete,
    looks_at_values=False,
)
DROP_DUPLICATE_ROWS = Declaration(
    name="drop_duplicate_rows",
    description="Of rows with the same values keep one; missing is the same as missing.",
    parameters=(
        _COLUMNS,
        Parameter(
            name="keep",
            kind=Choice(choices=("first", "last")),
            default="first",
            description="Which one of them stays.",
        ),
    ),
    plan=_plan_drop_duplicates,
    query_kept_rows=_query_distinct,
    looks_at_values=False,
)
FILTER_ROWS = Declaration(
    name="filter_rows",
    description="Keep the rows that match a filter, and take the others away for good.",
    parameters=(
        Parameter(
            name="filter",
            kind=RowFilter(),
            required=True,
            description="Conditions as `data/` reads them: a list, or a tree of all, any, not.",
        ),
    ),
    plan=_plan_filter,
    query_kept_rows=_query_matching,
)
