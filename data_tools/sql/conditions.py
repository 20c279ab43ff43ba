"""A filter over typed columns, as SQL over their cells.

Every condition is true or false, never unknown: a missing value satisfies `is_null` and `ne`, and
no other condition, so that `ne` is what `eq` is not, and `not` turns any condition around.

| type | operators | value |
| --- | --- | --- |
| integer, float | eq ne lt lte gt gte between in is_null not_null | a number |
| date | the same | `2013-01-31` |
| datetime | the same | ISO 8601; no offset is UTC, a date is its midnight |
| text | eq ne in contains starts_with ends_with is_null not_null | text |
| boolean | eq is_null not_null | true or false |

Text is compared by code point, without case (`ignore_case`) as the database's `lower` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

from data_tools.columns import INTEGERS, ColumnType
from data_tools.filtering.exceptions import InvalidFilter
from data_tools.filtering.filters import COMPARISONS, TEXT_SEARCHES, WITHOUT_VALUE, Filter, Node
from data_tools.filtering.filters import Condition as WrittenCondition
from data_tools.sql.filter_values import value_for
from data_tools.sql.fragment import Sql, bound, compose
from session_events.events import Column

_ORDERED = (*COMPARISONS, "between", "in", *WITHOUT_VALUE)
_OPERATORS: dict[ColumnType, tuple[str, ...]] = {
    ColumnType.INTEGER: _ORDERED,
    ColumnType.FLOAT: _ORDERED,
    ColumnType.DATE: _ORDERED,
    ColumnType.DATETIME: _ORDERED,
    ColumnType.TEXT: ("eq", "ne", "in", *TEXT_SEARCHES, *WITHOUT_VALUE),
    ColumnType.BOOLEAN: ("eq", *WITHOUT_VALUE),
}
_SIGNS: dict[str, LiteralString] = {
    "eq": " = ",
    "ne": " IS DISTINCT FROM ",
    "lt": " < ",
    "lte": " <= ",
    "gt": " > ",
    "gte": " >= ",
}
_COMPARED_AS: dict[ColumnType, LiteralString] = {
    ColumnType.INTEGER: "bigint",
    ColumnType.FLOAT: "double precision",
    ColumnType.TEXT: "text",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "text",
    ColumnType.DATETIME: "timestamp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A condition whose column is there and whose operator and value suit it."""

    key: str
    type: ColumnType
    operator: str
    value: Any
    ignores_case: bool

    @property
    def compared_as(self) -> LiteralString:
        """The SQL type of its values. Numbers that are no 64-bit integers are held exactly too."""
        values = self.value if isinstance(self.value, list) else [self.value]
        if self.type is ColumnType.INTEGER and not all(
            isinstance(value, int) and value in INTEGERS for value in values
        ):
            return "numeric"
        return _COMPARED_AS[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """A filter that suits the columns. `keys` are the columns of its conditions, in order."""

    root: Node
    tests: tuple[_Test, ...]

    @property
    def keys(self) -> list[str]:
        return [test.key for test in self.tests]

    def sql(self, cells: Iterable[Sql]) -> Sql:
        """The condition on a row whose cells, one for each of `keys`, are these."""
        return _node(self.root, iter(zip(self.tests, cells, strict=True)))


def conditions_on(columns: Iterable[Column], asked: Filter) -> Conditions:
    """Hold a filter against columns. Raises: InvalidFilter, naming the path of what is wrong."""
    by_name = {column.name: column for column in columns}
    return Conditions(
        root=asked.root,
        tests=tuple(_test(condition, by_name) for condition in asked.conditions),
    )


def _test(condition: WrittenCondition, columns: dict[str, Column]) -> _Test:
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
    return _Test(
        key=column.key,
        type=column_type,
        operator=condition.operator,
        value=value,
        ignores_case=condition.ignores_case,
    )


def _node(node: Node, tests: Iterator[tuple[_Test, Sql]]) -> Sql:
    if isinstance(node, WrittenCondition):
        return _condition(*next(tests))
    parts = [_node(part, tests) for part in node.parts]
    if node.kind == "not":
        return compose("NOT (", parts[0], ")")
    sql = parts[0]
    for part in parts[1:]:
        sql = compose(sql, " AND " if node.kind == "all" else " OR ", part)
    return compose("(", sql, ")")


def _condition(test: _Test, cell: Sql) -> Sql:
    operator = test.operator
    if operator in WITHOUT_VALUE:
        return compose(cell, " IS NULL" if operator == "is_null" else " IS NOT NULL")
    if test.type is ColumnType.DATETIME:
        cell = compose("CAST(", cell, " AS timestamp)")
    if test.type is ColumnType.DATE:
        cell = compose(cell, ' COLLATE "C"')
    cell = _folded(test, cell)
    return compose("coalesce(", _holds(test, cell), ", false)")


def _holds(test: _Test, cell: Sql) -> Sql:
    match test.operator:
        case "between":
            low, high = (_value(test, value) for value in test.value)
            return compose(cell, " BETWEEN ", low, " AND ", high)
        case "in":
            values = compose("CAST(", bound(test.value), " AS ", test.compared_as, "[])")
            if test.ignores_case:
                values = compose("ARRAY(SELECT lower(v) FROM unnest(", values, ") AS v)")
            return compose(cell, " = ANY(", values, ")")
        case "contains":
            return compose("strpos(", cell, ", ", _value(test, test.value), ") > 0")
        case "starts_with":
            return compose("starts_with(", cell, ", ", _value(test, test.value), ")")
        case "ends_with":
            value = _value(test, test.value)
            return compose("right(", cell, ", length(", value, ")) = ", value)
    return compose(cell, _SIGNS[test.operator], _value(test, test.value))


def _value(test: _Test, value: Any) -> Sql:
    return _folded(test, compose("CAST(", bound(value), " AS ", test.compared_as, ")"))


def _folded(test: _Test, text: Sql) -> Sql:
    return compose("lower(", text, ")") if test.ignores_case else text
