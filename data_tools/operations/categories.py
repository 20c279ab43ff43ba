"""The categories of a column of text: what they are, how often they occur, which came first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_tools.figures.groups import TextGroups
from data_tools.operations.column_lookup import text_columns
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.row_source import Rows
from data_tools.sql.fragment import bound, number, sql
from session_events.events import Column

MOST_CHARACTERS = 200_000  # of all categories of a column together: each page's query has them


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The number of a column's categories, and the labels of some in order of first appearance."""

    count: int
    labels: list[str]


def categorical_columns(rows: Rows, names: Sequence[str] | None) -> list[Column]:
    """Return the named columns, or every column of text with a value that is not a date.

    Raises:
        ColumnNotFound, InvalidParameter: a named column does not exist or does not hold text.
        NothingToFit: a named column has no value, or no column suits.
    """
    suitable: list[Column] = []
    for column in text_columns(rows.columns, names):
        has_values, has_more_than_dates = rows.fetch_one(
            sql(
                """
                SELECT
                    EXISTS (SELECT FROM ({cells}) AS c WHERE v0 IS NOT NULL),
                    EXISTS (
                        SELECT FROM ({cells}) AS c
                        WHERE v0 IS NOT NULL AND data_tools_text_to_datetime(v0) IS NULL
                    )
                """,
                cells=rows.cells_query([rows.cells[column.key]]),
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


def fit_categories(
    rows: Rows, column: Column, *, at_least: float = 0.0, at_most: int
) -> Categories:
    """Return the categories with a share of `at_least` of the values. One pass over one column.

    Stops at one label more than `at_most`, which tells that there are more.

    Raises:
        InvalidParameter: the labels are too long together to be kept in the event.
    """
    values = rows.values_of(column)
    if values is None:
        count, labels = _categories_of_rows(rows, column, at_least, at_most)
    else:
        count, labels = _categories_of_values(values, at_least, at_most)
    if sum(map(len, labels)) > MOST_CHARACTERS:
        raise InvalidParameter(
            "columns",
            "must name columns of shorter texts",
            message=f'The categories of column "{column.name}" are too long to be encoded',
            column=column.name,
        )
    return Categories(count=count, labels=labels)


def _categories_of_values(
    values: pa.ChunkedArray, at_least: float, at_most: int
) -> tuple[int, list[str]]:
    """Return the number of categories, and the labels of frequent ones."""
    groups = TextGroups.of(values)
    frequent = np.flatnonzero(groups.counts / max(1, groups.total) >= at_least)
    in_order = frequent[np.argsort(groups.first_rows[frequent])]
    labels: list[str] = groups.texts.take(pa.array(in_order[: at_most + 1])).to_pylist()
    return len(groups.texts), labels


def _categories_of_rows(
    rows: Rows, column: Column, at_least: float, at_most: int
) -> tuple[int, list[str]]:
    """Return what `_categories_of_values` does."""
    categories = rows.fetch_all(
        sql(
            """
            SELECT v0, categories, n / total >= {at_least} AS is_frequent
            FROM (
                SELECT
                    v0,
                    CAST(count(*) AS double precision) AS n,
                    min(row_number) AS first,
                    sum(count(*)) OVER () AS total,
                    count(*) OVER () AS categories
                FROM ({cells}) AS c WHERE v0 IS NOT NULL GROUP BY v0
            ) AS category
            ORDER BY is_frequent DESC, first
            LIMIT {limit}
            """,
            at_least=bound(at_least),
            cells=rows.cells_query([rows.cells[column.key]]),
            limit=number(at_most + 1),
        )
    )
    labels = [label for label, _, is_frequent in categories if is_frequent]
    return categories[0][1] if categories else 0, labels
