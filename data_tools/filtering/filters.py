"""A filter as a client writes it in JSON, its shape checked. Pure and strict.

A filter is a list of conditions, all of which must hold, or a tree of ``{"all": […]}``,
``{"any": […]}`` and ``{"not": …}``. A condition is ``{"column", "op", "value"}``. `sql.conditions`
checks that its column exists, and that operator and value suit the column's type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from data_tools.filtering.exceptions import InvalidFilter

COMPARISONS = ("eq", "ne", "lt", "lte", "gt", "gte")
TEXT_SEARCHES = ("contains", "starts_with", "ends_with")
WITHOUT_VALUE = ("is_null", "not_null")
OPERATORS = (*COMPARISONS, "between", "in", *TEXT_SEARCHES, *WITHOUT_VALUE)

MAX_DEPTH = 8  # groups within groups
MAX_CONDITIONS = 100
MAX_VALUES = 1_000  # of one `in`
LONGEST_FILTER = 200_000  # characters of JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One column compared with a value, as it was written; `path` says where in the filter."""

    column_name: str
    operator: str
    value: Any
    ignores_case: bool
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Parts of which all must hold, or any, or the only one must not (`not` has one part)."""

    kind: Literal["all", "any", "not"]
    parts: tuple[Node, ...]


Node = Condition | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A filter whose shape is right. `written` is the JSON value as the client wrote it."""

    root: Node
    written: Any

    @property
    def conditions(self) -> list[Condition]:
        """Every condition, in the order in which they are written."""
        return list(_conditions(self.root))


def filter_from_json(value: Any) -> Filter:
    """Return a JSON value as a filter.

    Raises:
        InvalidFilter: names the path of the first part that is wrong.
    """
    if isinstance(value, list):
        parts = _parts(value, "filter", depth=1)
        root: Node = parts[0] if len(parts) == 1 else Group(kind="all", parts=parts)
    elif isinstance(value, dict):
        root = _node(value, "filter", depth=1)
    else:
        raise InvalidFilter("filter", "must be a list or an object")
    parsed = Filter(root=root, written=value)
    if len(parsed.conditions) > MAX_CONDITIONS:
        raise InvalidFilter("filter", "has too many conditions", maximum=MAX_CONDITIONS)
    return parsed


def _node(value: Any, path: str, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise InvalidFilter(path, "is nested too deep", maximum=MAX_DEPTH)
    if not isinstance(value, dict):
        raise InvalidFilter(path, "must be an object")
    match value:
        case {"all": parts, **more} if not more:
            return Group(kind="all", parts=_parts(parts, f"{path}.all", depth + 1))
        case {"any": parts, **more} if not more:
            return Group(kind="any", parts=_parts(parts, f"{path}.any", depth + 1))
        case {"not": part, **more} if not more:
            return Group(kind="not", parts=(_node(part, f"{path}.not", depth + 1),))
    return _condition(value, path)


def _parts(value: Any, path: str, depth: int) -> tuple[Node, ...]:
    if not isinstance(value, list) or not value:
        raise InvalidFilter(path, "must be a list of at least one condition")
    if len(value) > MAX_CONDITIONS:
        raise InvalidFilter(path, "has too many conditions", maximum=MAX_CONDITIONS)
    return tuple(_node(part, f"{path}[{at}]", depth) for at, part in enumerate(value))


def _condition(value: dict[str, Any], path: str) -> Condition:
    for name in value:
        if name not in ("column", "op", "value", "ignore_case", "case_sensitive"):
            raise InvalidFilter(path, "has a field that no condition has", field=name)
    column, operator = value.get("column"), value.get("op")
    if not isinstance(column, str):
        raise InvalidFilter(f"{path}.column", "must be the name of a column")
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise InvalidFilter(f"{path}.op", f"must be one of {', '.join(OPERATORS)}")
    operand = value.get("value")
    if operator in WITHOUT_VALUE and operand is not None:
        raise InvalidFilter(f"{path}.value", f"is not for {operator}")
    if operator not in WITHOUT_VALUE and operand is None:
        raise InvalidFilter(f"{path}.value", "is required; a missing value is found by is_null")
    _check_list(operator, operand, f"{path}.value")
    return Condition(
        column_name=column,
        operator=operator,
        value=operand,
        ignores_case=_ignores_case(value, path),
        path=path,
    )


def _check_list(operator: str, operand: Any, path: str) -> None:
    if operator == "in":
        if not isinstance(operand, list) or not operand:
            raise InvalidFilter(path, "must be a list of at least one value")
        if len(operand) > MAX_VALUES:
            raise InvalidFilter(path, "has too many values", maximum=MAX_VALUES)
    if operator == "between" and not (isinstance(operand, list) and len(operand) == 2):
        raise InvalidFilter(path, "must be a list of the least and the largest value")


def _ignores_case(value: dict[str, Any], path: str) -> bool:
    answers = set[bool]()
    for name, means_ignored in (("ignore_case", True), ("case_sensitive", False)):
        flag = value.get(name)
        if flag is not None:
            if not isinstance(flag, bool):
                raise InvalidFilter(f"{path}.{name}", "must be true or false")
            answers.add(flag is means_ignored)
    if len(answers) > 1:
        raise InvalidFilter(path, "ignore_case and case_sensitive disagree")
    return True in answers


def _conditions(node: Node) -> list[Condition]:
    if isinstance(node, Condition):
        return [node]
    return [condition for part in node.parts for condition in _conditions(part)]
