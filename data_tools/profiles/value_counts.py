"""The values of a dataset's own column, counted once and kept beside its profile.

A pass over a column of ten million rows takes a second, too long for each letter that somebody
types. Columns of up to MOST_VALUES_KEPT values are kept, and searched where they are kept.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.db import Error, connection, transaction

from data_tools.columns import ColumnType
from data_tools.features import Feature, is_on
from data_tools.figures.frequent_values import all_or_frequent_values
from data_tools.profiles.stored import column_digest
from data_tools.rows.distinct_values import MOST_BYTES_SENT, MOST_VALUES_SENT, distinct_values
from data_tools.rows.packed_columns import PackedColumn
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import CARRIERS, Stored
from data_tools.sql.fragment import Sql, sql
from session_events.error_names import without_values
from session_events.events import Column

logger = logging.getLogger(__name__)

MOST_VALUES_KEPT = 100_000


def kept_counts_query(rows: SessionRows, column: Column) -> Sql | None:
    """Query of each value of the column as v0, and how many rows have it, as n.

    A missing value is null. It gives nothing if no counts are kept; None if none can be.
    """
    is_own = isinstance(rows.cells[column.key], Stored) and not rows.kept
    if not is_own or not is_on(Feature.COLUMN_BLOCKS):
        return None
    return sql(
        """
        SELECT CAST(written AS {type}) AS v0, n
        FROM data_tools_keptprofile, unnest(counted_values, value_counts) AS counted (written, n)
        WHERE dataset_id = {dataset_id} AND revision = {revision} AND digest = {digest}
        """,
        type=CARRIERS[ColumnType(column.type)],
        dataset_id=rows.dataset_id,
        revision=rows.revision,
        digest=column_digest(rows, column),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """Values as cells hold them, each with the number of its rows, which is never 0.

    The most frequent ones come first, equally frequent ones in order, texts by code point. These
    are all values of their column, unless `are_all` is false.
    """

    most_frequent: list[tuple[Any, int]]
    are_all: bool

    @property
    def values(self) -> list[Any]:
        return [value for value, _ in self.most_frequent]

    @property
    def counts(self) -> list[int]:
        return [count for _, count in self.most_frequent]


def count_values(column: PackedColumn, *, least: int, most: int) -> Counted:
    """Count a column's values: all if there are at most `most`, not too long, or else `least`."""
    values = column.values
    are_long = column.type is ColumnType.TEXT and distinct_values(values).nbytes > MOST_BYTES_SENT
    counted, are_all = all_or_frequent_values(values, least, all_up_to=0 if are_long else most)
    return Counted(counted, are_all=are_all and not are_long)


def keep_counts(rows: SessionRows, column: Column, counted: Counted, *, missing: int) -> bool:
    """Keep all values of a column with their counts; tell whether that was done.

    `missing` rows have none. Only values of a column that no operation touched are kept, and only
    once its profile is.
    """
    if not counted.are_all:
        return False
    statement = sql(
        """
        UPDATE data_tools_keptprofile
        SET counted_values = CAST(CAST({values} AS {type}[]) AS text[]),
            value_counts = CAST({counts} AS bigint[])
        WHERE dataset_id = {dataset_id} AND revision = {revision} AND digest = {digest} AND is_base
        """,
        values=[*counted.values, None],
        type=CARRIERS[ColumnType(column.type)],
        counts=[*counted.counts, missing],
        dataset_id=rows.dataset_id,
        revision=rows.revision,
        digest=column_digest(rows, column),
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.text, statement.parameters)
            return bool(cursor.rowcount)
    except Error as error:  # they only save time
        logger.info("the values of a column were not kept: %s", without_values(error))
        return False


def may_be_sent(counted: Counted) -> bool:
    """Tell whether sending the values takes less time than a look at all rows."""
    return counted.are_all and len(counted.most_frequent) <= MOST_VALUES_SENT


def sent_counts_query(column: Column, counted: Counted, *, missing: int) -> Sql:
    """Query of the same as `kept_counts_query`, with the values in it."""
    return sql(
        """
        SELECT *
        FROM unnest(CAST({values} AS {type}[]), CAST({counts} AS bigint[])) AS counted (v0, n)
        """,
        values=[*counted.values, None],
        type=CARRIERS[ColumnType(column.type)],
        counts=[*counted.counts, missing],
    )
