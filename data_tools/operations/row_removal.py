"""Operations that take rows away: with missing values, duplicates, or those a filter drops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data_tools.columns import ColumnType
from data_tools.figures.row_flags import Flags, complete_rows, distinct_rows
from data_tools.filtering.filters import filter_from_json
from data_tools.operations.column_lookup import require_columns
from data_tools.operations.declaration import Declaration, Group, Plan, query_every_row
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import NO_COLUMN_LEFT
from data_tools.operations.parameters import Choice, ColumnNames, Flag, Parameter, RowFilter
from data_tools.operations.row_source import Rows, columns_with_values
from data_tools.sql.conditions import Conditions, conditions_on
from data_tools.sql.fragment import Sql, joined, sql
from session_events.events import Column, ColumnChange

# Telling more rows apart takes more memory than a request may.
MOST_TOLD_APART = 5_000_000
# A few columns of numbers tell most rows apart, and texts take longer to read.
_TOLD_APART_BY = (
    ColumnType.FLOAT,
    ColumnType.DATETIME,
    ColumnType.INTEGER,
    ColumnType.TEXT,
    ColumnType.DATE,
    ColumnType.BOOLEAN,
)


def _query_rows_with_values(rows: Rows, columns: Sequence[Column], *, how: str) -> Sql:
    """Return the query of the rows that stay when others go for missing values in some columns.

    A row goes for any missing value, or only if all are missing, as `how` says ("any", "all").
    """
    every = rows.with_cells([rows.cells[column.key] for column in columns])
    present = [sql("{cell} IS NOT NULL", cell=cell) for cell in every.cells]
    return every.numbers_where(joined(" AND " if how == "any" else " OR ", present))


def _find_rows_with_values(rows: Rows, columns: Sequence[Column], *, how: str) -> Flags | None:
    values = rows.values_in_turn(columns, only_gaps=True)
    return complete_rows(values, rows.total_rows, needs_all=how == "any")


def _columns(parameters: Mapping[str, Any], rows: Rows) -> Sequence[Column]:
    names = parameters["columns"]
    return rows.columns if names is None else require_columns(rows.columns, names)


def _query_complete(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    return _query_rows_with_values(rows, _columns(parameters, rows), how=parameters["how"])


def _find_complete(
    parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows
) -> Flags | None:
    return _find_rows_with_values(rows, _columns(parameters, rows), how=parameters["how"])


def _query_distinct(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    every = rows.with_cells([rows.cells[column.key] for column in _columns(parameters, rows)])
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


def _find_distinct(
    parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows
) -> Flags | None:
    if rows.total_rows > MOST_TOLD_APART:
        return None
    columns = sorted(
        _columns(parameters, rows), key=lambda column: _TOLD_APART_BY.index(ColumnType(column.type))
    )
    values = rows.values_in_turn(columns)
    return distinct_rows(values, rows.total_rows, keeps_first=parameters["keep"] == "first")


def _conditions(parameters: Mapping[str, Any], rows: Rows) -> Conditions:
    return conditions_on(rows.columns, filter_from_json(parameters["filter"]))


def _query_matching(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    conditions = _conditions(parameters, rows)
    every = rows.with_cells([rows.cells[key] for key in conditions.keys])
    return every.numbers_where(conditions.sql(every.cells))


def _find_matching(
    parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows
) -> Flags | None:
    return rows.flags_where(_conditions(parameters, rows))


def _query_cleaned(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    if not parameters["remove_nan_rows"]:
        return query_every_row(parameters, fitted, rows)
    return _query_rows_with_values(rows, _cleaned_columns(fitted, rows), how="any")


def _find_cleaned(
    parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows
) -> Flags | None:
    if not parameters["remove_nan_rows"]:
        return None
    return _find_rows_with_values(rows, _cleaned_columns(fitted, rows), how="any")


def _cleaned_columns(fitted: Mapping[str, Any], rows: Rows) -> Sequence[Column]:
    dropped = set(fitted["dropped"])
    return [column for column in rows.columns if column.key not in dropped]


def _plan_cleaning(parameters: dict[str, Any], rows: Rows) -> Plan:
    if not parameters["remove_nan_rows"] and not parameters["remove_nan_columns"]:
        raise InvalidParameter("remove_nan_rows", "or remove_nan_columns must be true")
    dropped = _without_values(rows) if parameters["remove_nan_columns"] else []
    if dropped and len(dropped) == len(rows.columns):
        raise InvalidParameter(
            "remove_nan_columns", "must leave at least one column", told=NO_COLUMN_LEFT
        )
    return Plan(
        fitted={"dropped": [column.key for column in dropped]},
        column_changes=[ColumnChange(action="drop", key=column.key) for column in dropped],
    )


def _without_values(rows: Rows) -> list[Column]:
    """Return the columns with no value at all; none where there are no rows to tell from."""
    if not rows.total_rows:
        return []
    with_values = {column.key for column in columns_with_values(rows, rows.columns)}
    return [column for column in rows.columns if column.key not in with_values]


_COLUMNS = Parameter(
    "columns", ColumnNames(), "Names of the columns to look at; all of them by default."
)

DROP_MISSING_ROWS = Declaration(
    "drop_missing_rows",
    "Take away the rows with a missing value.",
    title="Remove rows with missing values",
    group=Group.ROWS,
    parameters=(
        _COLUMNS,
        Parameter(
            "how",
            Choice(("any", "all")),
            "Whether a row goes for any missing value, or only if all are missing.",
            default="any",
            title="Values that must be missing",
        ),
    ),
    query_kept_rows=_query_complete,
    find_kept_rows=_find_complete,
    looks_at_values=False,
)
DROP_DUPLICATE_ROWS = Declaration(
    "drop_duplicate_rows",
    "Of rows with the same values keep one; missing is the same as missing.",
    title="Remove duplicate rows",
    group=Group.ROWS,
    parameters=(
        _COLUMNS,
        Parameter(
            "keep",
            Choice(("first", "last")),
            "Which one of them stays.",
            default="first",
            title="Which one to keep",
        ),
    ),
    query_kept_rows=_query_distinct,
    find_kept_rows=_find_distinct,
    looks_at_values=False,
)
FILTER_ROWS = Declaration(
    "filter_rows",
    "Keep the rows that match a filter, and take the others away for good.",
    title="Keep only rows that match a filter",
    group=Group.ROWS,
    parameters=(
        Parameter(
            "filter",
            RowFilter(),
            "Conditions as `data/` reads them: a list, or a tree of all, any, not.",
            required=True,
        ),
    ),
    query_kept_rows=_query_matching,
    find_kept_rows=_find_matching,
)
QUICK_NAN_CLEANING = Declaration(
    "quick_nan_cleaning",
    "Take away the columns without any value, then the rows with a missing one.",
    title="Remove empty columns and incomplete rows",
    group=Group.MISSING_VALUES,
    parameters=(
        Parameter(
            "remove_nan_rows",
            Flag(),
            "Whether rows with a missing value go.",
            default=True,
            title="Remove rows with a missing value",
        ),
        Parameter(
            "remove_nan_columns",
            Flag(),
            "Whether columns without any value go.",
            default=True,
            title="Remove columns without any value",
        ),
    ),
    plan=_plan_cleaning,
    query_kept_rows=_query_cleaned,
    find_kept_rows=_find_cleaned,
    looks_at_values=False,
)
