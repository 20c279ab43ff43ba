"""The categories of a column of text: what they are, how often they occur, who came first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.columns import ColumnType
from data_tools.operations.column_lookup import suitable_columns
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import bound, compose, number
from session_events.events import Column

MOST_CHARACTERS = 200_000  # of all categories of a column together: each page's query has them


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """How many a column has, and the labels of those asked for in order of first appearance."""

    count: int
    labels: list[str]


def columns_of_text(rows: Rows, names: Sequence[str] | None) -> list[Column]:
    """The columns named, each with a value; or every one with a value that is no date.

    Raises: ColumnNotFound, InvalidParameter, NothingToFit.
    """
    suitable: list[Column] = []
    for column in suitable_columns(rows.columns, names, {ColumnType.TEXT}, of_what="text"):
        cells = rows.cells_query([rows.cells[column.key]])
        has_values, has_more_than_dates = rows.fetch_one(
            compose(
                *("SELECT EXISTS (SELECT FROM (", cells, ") AS c WHERE v0 IS NOT NULL), "),
                *("EXISTS (SELECT FROM (", cells, ") AS c WHERE v0 IS NOT NULL "),
                "AND data_tools_text_to_datetime(v0) IS NULL)",
            )
        )
        if names is not None and not has_values:
            raise NothingToFit(
                f'Column "{column.name}" has no value to learn from',
                details={"column": column.name},
            )
        if names is not None or has_more_than_dates:
            suitable.append(column)
    if not suitable:
        raise NothingToFit("No column of text has a value to learn from", details={"columns": []})
    return suitable


def categories_of(rows: Rows, column: Column, *, at_least: float = 0.0, at_most: int) -> Categories:
    """The categories with a share of `at_least` of the values. One pass over one column.

    `labels` are one more than `at_most` where there are more. Raises: InvalidParameter, where they
    are too long together to be remembered.
    """
    found = rows.fetch_all(
        compose(
            *("SELECT v0, kinds, n / total >= ", bound(at_least), " AS is_asked_for FROM ("),
            *("SELECT v0, CAST(count(*) AS double precision) AS n, min(row_number) AS first, "),
            *("sum(count(*)) OVER () AS total, count(*) OVER () AS kinds FROM ("),
            *(rows.cells_query([rows.cells[column.key]]), ") AS c WHERE v0 IS NOT NULL "),
            *("GROUP BY v0) AS category ORDER BY is_asked_for DESC, first LIMIT "),
            number(at_most + 1),
        )
    )
    labels = [label for label, _, is_asked_for in found if is_asked_for]
    if sum(map(len, labels)) > MOST_CHARACTERS:
        raise InvalidParameter(
            "columns",
            "must name columns of shorter texts",
            message=f'The categories of column "{column.name}" are too long to be encoded',
            column=column.name,
        )
    return Categories(count=found[0][1] if found else 0, labels=labels)
