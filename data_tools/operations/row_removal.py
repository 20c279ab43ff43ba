"""Operations that take rows away: with missing values, duplicates, or those a filter drops."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from data_tools.filtering.filters import filter_from_json
from data_tools.operations.column_lookup import require_columns
from data_tools.operations.declaration import Declaration
from data_tools.operations.kept_rows import prepare_row_removal
from data_tools.operations.parameters import Choice, ColumnNames, Parameter, RowFilter
from data_tools.operations.row_source import Rows
from data_tools.sql.conditions import conditions_on
from data_tools.sql.fragment import Sql, joined, sql


def query_rows_with_values(rows: Rows, keys: list[str], *, how: str) -> Sql:
    """Return the query of the rows that stay when others go for missing values in some columns.

    A row goes for any missing value, or only if all are missing, as `how` says ("any", "all").
    """
    every = rows.with_cells([rows.cells[key] for key in keys])
    present = [sql("{cell} IS NOT NULL", cell=cell) for cell in every.cells]
    return every.numbers_where(joined(" AND " if how == "any" else " OR ", present))


def _keys(parameters: Mapping[str, Any], rows: Rows) -> list[str]:
    names = parameters["columns"]
    columns = rows.columns if names is None else require_columns(rows.columns, names)
    return [column.key for column in columns]


def _query_complete(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    return query_rows_with_values(rows, _keys(parameters, rows), how=parameters["how"])


def _query_distinct(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    every = rows.with_cells([rows.cells[key] for key in _keys(parameters, rows)])
    return sql(
        """
        SELECT {first_or_last}({row}.row_number) AS row_number
        FROM {source} WHERE {condition} GROUP BY {cells}
        """,
        first_or_last=Sql("min") if parameters["keep"] == "first" else Sql("max"),
        row=every.row,
        source=every.source,
        condition=every.condition,
        cells=joined(", ", every.cells),
    )


def _query_matching(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    conditions = conditions_on(rows.columns, filter_from_json(parameters["filter"]))
    every = rows.with_cells([rows.cells[key] for key in conditions.keys])
    return every.numbers_where(conditions.sql(every.cells))


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
    plan=partial(prepare_row_removal, "drop_missing_rows", _query_complete),
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
    plan=partial(prepare_row_removal, "drop_duplicate_rows", _query_distinct),
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
    plan=partial(prepare_row_removal, "filter_rows", _query_matching),
    query_kept_rows=_query_matching,
)
