"""A filter over typed columns, as SQL over their cells.

Every condition is true or false, never unknown: a missing value satisfies `is_null` and `ne`, and
no other condition, so that `ne` is the opposite of `eq`, and `not` negates any condition.

| type | operators | value |
| --- | --- | --- |
| integer, float | eq ne lt lte gt gte between in is_null not_null | a number |
| date | the same | `2013-01-31` |
| datetime | the same | ISO 8601; no offset is UTC, a date is its midnight |
| text | eq ne in contains starts_with ends_with is_null not_null | text |
| boolean | eq is_null not_null | true or false |

Text is compared by code point; `ignore_case` compares what the database's `lower` makes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from data_tools.columns import INTEGERS, ColumnType
from data_tools.filtering.exceptions import InvalidFilter
from data_tools.filtering.filters import COMPARISONS, TEXT_SEARCHES, WITHOUT_VALUE, Filter, Node
from data_tools.filtering.filters import Condition as WrittenCondition
from data_tools.sql.expressions import CARRIERS
from data_tools.sql.filter_values import value_for
from data_tools.sql.fragment import Sql, joined, sql
from session_events.events import Column

_ORDERED: tuple[str, ...] = (*COMPARISONS, "between", "in", *WITHOUT_VALUE)
_OPERATORS = dict.fromkeys(ColumnType, _ORDERED) | {
    ColumnType.TEXT: ("eq", "ne", "in", *TEXT_SEARCHES, *WITHOUT_VALUE),
    ColumnType.BOOLEAN: ("eq", *WITHOUT_VALUE),
}
_SIGNS = {
    "eq": Sql("="),
    "ne": Sql("IS DISTINCT FROM"),
    "lt": Sql("<"),
    "lte": Sql("<="),
    "gt": Sql(">"),
    "gte": Sql(">="),
}
_COMPARED_AS = CARRIERS | {ColumnType.DATETIME: Sql("timestamp")}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCondition:
    """A condition on an existing column, with an operator and a value that suit its type."""

    column: Column
    written: WrittenCondition
    value: Any

    @property
    def type(self) -> ColumnType:
        return ColumnType(self.column.type)

    @property
    def compared_as(self) -> Sql:
        """The SQL type of its values: numeric for numbers that 64-bit integers cannot hold."""
        values = self.value if isinstance(self.value, list) else [self.value]
        if self.type is ColumnType.INTEGER and not all(
            isinstance(value, int) and value in INTEGERS for value in values
        ):
            return Sql("numeric")
        return _COMPARED_AS[self.type]

    def sql(self, cell: Sql) -> Sql:
        """Return the condition on a cell of its column; it is true or false, never null."""
        return _condition(self, cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """A filter that was checked against columns; `keys` are those of its conditions, in order.

    `rows.lists.packed_filter` evaluates the same conditions on columns in memory.
    """

    root: Node
    tests: tuple[CheckedCondition, ...]

    @property
    def keys(self) -> list[str]:
        return [test.column.key for test in self.tests]

    def sql(self, cells: Iterable[Sql]) -> Sql:
        """Return the condition on a row, given its cells: one for each of `keys`."""
        return _node(self.root, iter(zip(self.tests, cells, strict=True)))


def conditions_on(columns: Iterable[Column], row_filter: Filter) -> Conditions:
    """Check a filter against columns.

    Raises:
        InvalidFilter: a column, operator or value does not suit; names its path in the filter.
    """
    by_name = {column.name: column for column in columns}
    return Conditions(
        root=row_filter.root,
        tests=tuple(_test(condition, by_name) for condition in row_filter.conditions),
    )


def _test(condition: WrittenCondition, columns: dict[str, Column]) -> CheckedCondition:
    column, path = columns.get(condition.column_name), condition.path
    if column is None:
        raise InvalidFilter(f"{path}.column", "is not there", column=condition.column_name)
    column_type = ColumnType(column.type)
    if condition.operator not in _OPERATORS[column_type]:
        raise InvalidFilter(
            f"{path}.op",
            f"is not for a column of {column_type}",
            column=column.name,
            possible=list(_OPERATORS[column_type]),
        )
    if condition.ignores_case and column_type is not ColumnType.TEXT:
        raise InvalidFilter(f"{path}.ignore_case", "is for text only", column=column.name)
    value, value_path = condition.value, f"{path}.value"
    if isinstance(value, list) and condition.operator in ("in", "between"):
        value = [value_for(column, v, f"{value_path}[{at}]") for at, v in enumerate(value)]
        if condition.operator == "between" and value[0] > value[1]:
            raise InvalidFilter(value_path, "must have the least value first", column=column.name)
    elif condition.operator not in WITHOUT_VALUE:
        value = value_for(column, value, value_path)
    return CheckedCondition(column=column, written=condition, value=value)


def _node(node: Node, tests: Iterator[tuple[CheckedCondition, Sql]]) -> Sql:
    if isinstance(node, WrittenCondition):
        test, cell = next(tests)
        return test.sql(cell)
    parts = [_node(part, tests) for part in node.parts]
    if node.kind == "not":
        return sql("NOT ({part})", part=parts[0])
    return sql(
        """
        (
            {parts}
        )
        """,
        parts=joined("\nAND " if node.kind == "all" else "\nOR ", parts),
    )


def _condition(test: CheckedCondition, cell: Sql) -> Sql:
    if test.written.operator == "is_null":
        return sql("{cell} IS NULL", cell=cell)
    if test.written.operator == "not_null":
        return sql("{cell} IS NOT NULL", cell=cell)
    if test.type is ColumnType.DATETIME:
        cell = sql("CAST({cell} AS timestamp)", cell=cell)
    if test.type is ColumnType.DATE:
        cell = sql('{cell} COLLATE "C"', cell=cell)
    return sql("coalesce({holds}, false)", holds=_holds(test, _folded(test, cell)))


def _holds(test: CheckedCondition, cell: Sql) -> Sql:
    """Return the comparison of a cell with the test's value; null where the cell is."""
    match test.written.operator:
        case "between":
            low, high = (_value(test, value) for value in test.value)
            return sql("{cell} BETWEEN {low} AND {high}", cell=cell, low=low, high=high)
        case "in":
            values = sql("CAST({values} AS {type}[])", values=test.value, type=test.compared_as)
            if test.written.ignores_case:
                values = sql("ARRAY(SELECT lower(v) FROM unnest({values}) AS v)", values=values)
            return sql("{cell} = ANY({values})", cell=cell, values=values)
        case "contains":
            return sql("strpos({cell}, {part}) > 0", cell=cell, part=_value(test, test.value))
        case "starts_with":
            return sql("starts_with({cell}, {start})", cell=cell, start=_value(test, test.value))
        case "ends_with":
            end = _value(test, test.value)
            return sql("right({cell}, length({end})) = {end}", cell=cell, end=end)
    sign, value = _SIGNS[test.written.operator], _value(test, test.value)
    return sql("{cell} {sign} {value}", cell=cell, sign=sign, value=value)


def _value(test: CheckedCondition, value: Any) -> Sql:
    return _folded(test, sql("CAST({value} AS {type})", value=value, type=test.compared_as))


def _folded(test: CheckedCondition, text: Sql) -> Sql:
    return sql("lower({text})", text=text) if test.written.ignores_case else text
