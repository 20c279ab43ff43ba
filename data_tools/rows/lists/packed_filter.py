"""The rows that meet a filter, found on packed columns instead of the cells of all rows.

# Note [One meaning]
What a condition means is its SQL, in `sql.conditions`. Here it is evaluated again, and only where
Arrow cannot differ from PostgreSQL: numbers, days and instants are compared as such, and texts by
code point, whose order and whose parts are those of their UTF-8 bytes. What `lower` makes of a
text only the database knows, so conditions that ignore case are put to it, on the distinct texts.
Property tests hold both ways to the same rows.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from data_tools.columns import INTEGERS, ColumnType
from data_tools.filtering.filters import Condition, Node
from data_tools.sql.conditions import CheckedCondition, Conditions
from data_tools.sql.fragment import Sql, sql
from data_tools.under_way.requests import require_time

# More distinct texts take longer to send than the database takes to look at all rows.
MOST_TEXTS_ASKED_FOR = 50_000
MOST_BYTES_ASKED_FOR = 2_000_000

_COMPARED = {
    "eq": pc.equal,
    "ne": pc.not_equal,
    "lt": pc.less,
    "lte": pc.less_equal,
    "gt": pc.greater,
    "gte": pc.greater_equal,
}
_SEARCHED = {
    "contains": pc.match_substring,
    "starts_with": pc.starts_with,
    "ends_with": pc.ends_with,
}


class _TooManyTexts(Exception):
    """There are too many distinct texts to put them to the database."""


def mask_where(
    conditions: Conditions, columns: Mapping[str, pa.ChunkedArray]
) -> pa.ChunkedArray | None:
    """Return for each row, in row order, whether it meets the conditions; never null.

    `columns` has the column of each of `conditions.keys`; null is missing. None means that the
    database has to find the rows: a condition ignores case, and its column has too many texts.

    Raises:
        TookTooLong: the request's time is over.
    """
    masks = (_mask(test, columns[test.column.key]) for test in conditions.tests)
    try:
        return _node(conditions.root, masks)
    except _TooManyTexts:
        return None


def _node(node: Node, masks: Iterator[pa.ChunkedArray]) -> pa.ChunkedArray:
    if isinstance(node, Condition):
        return next(masks)
    parts = (_node(part, masks) for part in node.parts)
    if node.kind == "not":
        return pc.invert(next(parts))
    return functools.reduce(pc.and_ if node.kind == "all" else pc.or_, parts)


def _mask(test: CheckedCondition, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return for each value whether it meets the condition; never null."""
    require_time()
    match test.written.operator:
        case "is_null":
            return pc.is_null(values)
        case "not_null":
            return pc.is_valid(values)
    if test.type is ColumnType.TEXT:
        met = _by_distinct_texts(values, _text_test(test, values))
    elif test.type is ColumnType.INTEGER:
        met = _integers(test, values)
    else:
        met = _ordered(test, values)
    return pc.fill_null(met, test.written.operator == "ne")  # a missing value differs from any


def _ordered(test: CheckedCondition, values: pa.ChunkedArray) -> pa.ChunkedArray:
    operator, value = test.written.operator, test.value
    if test.type is ColumnType.DATETIME:  # columns hold seconds or parts of them, a filter both
        values = values.cast(pa.timestamp("us", values.type.tz))
    if operator == "in":
        wanted = [_as_held(test.type, each) for each in value]
        return pc.is_in(values, value_set=pa.array(wanted, values.type))
    if operator == "between":
        low, high = (pa.scalar(_as_held(test.type, each), values.type) for each in value)
        return pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
    return _COMPARED[operator](values, pa.scalar(_as_held(test.type, value), values.type))


def _as_held(column_type: ColumnType, value: Any) -> Any:
    """Return the value of a condition as Arrow holds those of its column."""
    match column_type:
        case ColumnType.DATE:
            return dt.date.fromisoformat(value)
        case ColumnType.DATETIME:
            return dt.datetime.fromisoformat(value)
        case ColumnType.FLOAT:
            return value + 0.0  # is_in tells -0.0 and 0.0 apart; columns hold 0.0 alone
    return value


def _integers(test: CheckedCondition, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Compare integers with any number, as the range of the integers that meet the condition."""
    operator, value = test.written.operator, test.value
    if operator == "in":
        wanted = [int(each) for each in value if each == int(each) and int(each) in INTEGERS]
        return pc.is_in(values, value_set=pa.array(wanted, pa.int64()))
    low, high = INTEGERS[0], INTEGERS[-1]
    match operator:
        case "eq" | "ne":
            low, high = math.ceil(value), math.floor(value)
        case "lt":
            high = math.ceil(value) - 1
        case "lte":
            high = math.floor(value)
        case "gt":
            low = math.floor(value) + 1
        case "gte":
            low = math.ceil(value)
        case "between":
            low, high = math.ceil(value[0]), math.floor(value[1])
    are_in_range = _in_range(values, low, high)
    return pc.invert(are_in_range) if operator == "ne" else are_in_range


def _in_range(values: pa.ChunkedArray, low: int, high: int) -> pa.ChunkedArray:
    low, high = max(low, INTEGERS[0]), min(high, INTEGERS[-1])
    if low > high:  # also where one of them is beyond 64 bits
        low, high = 1, 0
    return pc.and_(
        pc.greater_equal(values, pa.scalar(low, pa.int64())),
        pc.less_equal(values, pa.scalar(high, pa.int64())),
    )


def _by_distinct_texts(
    values: pa.ChunkedArray, test: Callable[[pa.Array], pa.Array]
) -> pa.ChunkedArray:
    """Test each distinct text once; null for a missing one."""
    chunks = [pc.take(test(chunk.dictionary), chunk.indices) for chunk in values.chunks]
    return pa.chunked_array(chunks, pa.bool_())


def _text_test(test: CheckedCondition, values: pa.ChunkedArray) -> Callable[[pa.Array], pa.Array]:
    operator, value = test.written.operator, test.value
    if test.written.ignores_case:
        return functools.partial(pc.is_in, value_set=_meeting_by_database(test, values))
    if operator == "in":
        return functools.partial(pc.is_in, value_set=pa.array(value, values.type.value_type))
    if operator in _SEARCHED:
        return functools.partial(_SEARCHED[operator], pattern=value)
    wanted = pa.scalar(value, values.type.value_type)
    return lambda texts: _COMPARED[operator](texts, wanted)


def _meeting_by_database(test: CheckedCondition, values: pa.ChunkedArray) -> pa.Array:
    """Return the distinct texts that meet a condition, by its SQL.

    Raises:
        _TooManyTexts: they are not put to the database.
    """
    value_type = values.type.value_type
    texts = pc.unique(pa.chunked_array([each.dictionary for each in values.chunks], value_type))
    if len(texts) > MOST_TEXTS_ASKED_FOR or texts.nbytes > MOST_BYTES_ASKED_FOR:
        raise _TooManyTexts
    query = texts_meeting_query(test, texts.to_pylist())
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.parameters)
        return pa.array([text for (text,) in cursor.fetchall()], value_type)


def texts_meeting_query(test: CheckedCondition, texts: list[str]) -> Sql:
    """Query of those of the texts that meet the condition."""
    return sql(
        """
        SELECT text
        FROM unnest({texts}::text[]) AS distinct_texts (text)
        WHERE {met}
        """,
        texts=texts,
        met=test.sql(Sql("text")),
    )
