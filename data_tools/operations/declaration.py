"""What an operation is: its name, its parameters, how it is planned and how it is compiled.

Each operation is declared once. Validation reads the declaration; so can a schema or a form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from data_tools.filtering.filters import filter_of
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql
from session_events.events import ColumnChange, Effect, Operation


class Kind(StrEnum):
    """What a parameter's JSON value must be."""

    COLUMN = "column"  # the name of a column
    COLUMNS = "columns"  # a list of names, at least one
    NEW_NAME = "new_name"  # a name a column may get
    NEW_NAMES = "new_names"  # {old name: new name}, at least one
    CHOICE = "choice"  # one of `choices`
    FILTER = "filter"  # as in `filtering.filters`
    FLAG = "flag"  # true or false
    SCALAR = "scalar"  # text, number, true or false
    CHOICES = "choices"  # a list of some of `choices`, at least one
    TEXT = "text"  # text, not empty
    INTEGER = "integer"  # a whole number from `minimum` to `maximum`
    NUMBER = "number"  # a finite number, from `minimum` to `maximum` where they are given
    NUMBERS = "numbers"  # a list of finite numbers, each greater than the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. Without `required`, a missing or null value becomes `default`.

    With `empty_is_all`, an empty list of columns is no list: the operation takes all that suit it.
    """

    name: str
    kind: Kind
    description: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    empty_message: str = ""
    minimum: float | None = None
    maximum: float | None = None
    empty_is_all: bool = False

    def is_absent(self, value: Any) -> bool:
        return value is None or (self.empty_is_all and value == [])


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedOperation(Effect):
    """An operation checked and fitted, ready to become an event; nothing is changed yet.

    `parameters` is the normalised request, `message` says in a sentence what it would do.
    """

    fitted: dict[str, Any] = field(default_factory=dict)
    column_changes: tuple[ColumnChange, ...] = ()
    cells_changed: int = 0
    message: str


Plan = Callable[[dict[str, Any], "Rows"], PreparedOperation]
Compile = Callable[[Operation, Mapping[str, Expression]], dict[str, Expression]]


def rule_of(operation: str, parameters: Mapping[str, Any], fitted: Mapping[str, Any]) -> Any:
    """Return what defines the rows that an operation keeps: all of it but what proves them."""
    return (operation, parameters, {name: fitted[name] for name in fitted if name != "kept"})


Keep = Callable[[Mapping[str, Any], Mapping[str, Any], "Rows"], "Sql"]


def keeps_every_row(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    """Query of the `row_number` of each row that stays."""
    return rows.cells_query([])


def leaves_cells_alone(
    operation: Operation, cells: Mapping[str, Expression]
) -> dict[str, Expression]:
    """Compiles to nothing: names and places change, no cell does."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One operation.

    `plan` turns checked parameters into a PreparedOperation, or raises Refused. `compile` takes an
    applied operation and the cells before it, and returns the cells that it gives a new
    expression, by column key. `keep` takes parameters, what was fitted and the rows before it, and
    composes the query of the `row_number` of each row that stays, the same whenever it is asked;
    `removal` puts its effect into the event. `looks_at_values` is false for an
    operation that does the same to columns of whatever type.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    plan: Plan
    compile: Compile = leaves_cells_alone
    keep: Keep = keeps_every_row
    looks_at_values: bool = True

    def columns_named(self, parameters: Mapping[str, Any]) -> list[str]:
        """The names of columns in an applied operation's parameters, in order, each once."""
        named: list[str] = []
        for parameter in self.parameters:
            value = parameters.get(parameter.name)
            if parameter.kind is Kind.COLUMN and value is not None:
                named.append(value)
            elif parameter.kind in (Kind.COLUMNS, Kind.NEW_NAMES):
                named.extend(value or ())
            elif parameter.kind is Kind.FILTER:
                named.extend(condition.column_name for condition in filter_of(value).conditions)
        return list(dict.fromkeys(named))

    def asked_again(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The request that an applied operation's parameters were, for other rows.

        They may hold what was found on the way (a column's old type); nobody asks for that.
        """
        declared = {parameter.name for parameter in self.parameters}
        return {name: value for name, value in parameters.items() if name in declared}

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with their defaults. Raises: InvalidParameter, naming the first wrong one.

        A parameter that is not declared is refused: it is more often a slip than a wish.
        """
        if not isinstance(given, Mapping):
            raise InvalidParameter("", "must be an object")
        declared = {parameter.name for parameter in self.parameters}
        for name in given:
            if name not in declared:
                raise InvalidParameter(
                    str(name), "is not a parameter of this operation", known=sorted(declared)
                )
        missing = [
            parameter.name
            for parameter in self.parameters
            if parameter.required and given.get(parameter.name) is None
        ]
        for parameter in self.parameters:
            if parameter.name in missing and parameter.empty_message:
                raise InvalidParameter(
                    parameter.name, "is required", message=parameter.empty_message
                )
        if missing:
            raise InvalidParameter(
                missing[0],
                "is required",
                message=f"Missing required fields: {', '.join(missing)}",
                missing=missing,
            )
        return {
            parameter.name: _checked(parameter, given[parameter.name])
            if not parameter.is_absent(given.get(parameter.name))
            else parameter.default
            for parameter in self.parameters
        }


LONGEST_NEW_NAME = 255
LONGEST_TEXT = 10_000
MOST_COLUMNS = 10_000  # in one list; no table that we meet has more
MOST_NUMBERS = 1_001  # in one list: the edges of a thousand bins
LARGEST_NUMBER = 1e300


def _checked(parameter: Parameter, value: Any) -> Any:
    path = parameter.name
    match parameter.kind:
        case Kind.COLUMN:
            return _text(value, path)
        case Kind.NEW_NAME:
            return _new_name(value, path)
        case Kind.CHOICE:
            if value not in parameter.choices:
                raise InvalidParameter(
                    path,
                    f"must be one of {', '.join(parameter.choices)}",
                    choices=parameter.choices,
                )
            return value
        case Kind.COLUMNS:
            if not isinstance(value, list | tuple):
                raise InvalidParameter(path, "must be a list of column names")
            if not value:
                raise InvalidParameter(path, "must not be empty", message=parameter.empty_message)
            _refuse_too_many(value, path)
            names = [_text(name, f"{path}[{index}]") for index, name in enumerate(value)]
            return list(dict.fromkeys(names))
        case Kind.NEW_NAMES:
            if not isinstance(value, Mapping):
                raise InvalidParameter(path, "must be an object of old name to new name")
            if not value:
                raise InvalidParameter(path, "must not be empty")
            _refuse_too_many(value, path)
            return {_text(old, path): _new_name(new, f"{path}.{old}") for old, new in value.items()}
        case Kind.SCALAR:
            return _scalar(value, path)
        case Kind.CHOICES:
            return _choices(value, parameter)
        case Kind.TEXT:
            if not 0 < len(_text(value, path)) <= LONGEST_TEXT:
                raise InvalidParameter(path, f"must be text of 1 to {LONGEST_TEXT:,} characters")
            return value
        case Kind.INTEGER | Kind.NUMBER:
            return _number(value, parameter)
        case Kind.NUMBERS:
            return _ascending(value, path)
        case Kind.FILTER:
            return filter_of(value).written
        case Kind.FLAG:
            if not isinstance(value, bool):
                raise InvalidParameter(path, "must be true or false")
            return value


def _refuse_too_many(names: Collection[Any], path: str) -> None:
    if len(names) > MOST_COLUMNS:
        raise InvalidParameter(path, f"must name at most {MOST_COLUMNS:,} columns")


def _scalar(value: Any, path: str) -> str | bool | int | float:
    match value:
        case str():
            if len(_text(value, path)) > LONGEST_TEXT:
                raise InvalidParameter(path, f"must be at most {LONGEST_TEXT:,} characters")
            return value
        case bool():
            return value
        case int() if -(2**63) <= value < 2**63:
            return value
        case float() if math.isfinite(value):
            return value
    raise InvalidParameter(path, "must be text, a finite number within 64 bits, true or false")


def _choices(value: Any, parameter: Parameter) -> list[str]:
    if not isinstance(value, list | tuple) or not value:
        raise InvalidParameter(parameter.name, "must be a list of at least one choice")
    for index, choice in enumerate(value):
        if not isinstance(choice, str) or choice not in parameter.choices:
            raise InvalidParameter(
                f"{parameter.name}[{index}]",
                f"must be one of {', '.join(parameter.choices)}",
                choices=parameter.choices,
            )
    return list(dict.fromkeys(value))


def _number(value: Any, parameter: Parameter) -> int | float:
    minimum, maximum = parameter.minimum, parameter.maximum
    whole = parameter.kind is Kind.INTEGER
    within = " ".join(
        f"{word} {bound:g}"
        for word, bound in (("from", minimum), ("to", maximum))
        if bound is not None
    )
    if (
        isinstance(value, bool)
        or not isinstance(value, int if whole else int | float)
        or not abs(value) <= LARGEST_NUMBER
        or (minimum is not None and value < minimum)
        or (maximum is not None and value > maximum)
    ):
        kind = "a whole number" if whole else "a finite number"
        raise InvalidParameter(parameter.name, f"must be {kind} {within}".rstrip())
    return value if isinstance(value, float) or -(2**63) <= value < 2**63 else float(value)


def _ascending(value: Any, path: str) -> list[float]:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= MOST_NUMBERS:
        raise InvalidParameter(path, f"must be a list of 2 to {MOST_NUMBERS:,} numbers")
    for index, item in enumerate(value):
        is_number = isinstance(item, int | float) and not isinstance(item, bool)
        if not is_number or not abs(item) <= LARGEST_NUMBER:
            raise InvalidParameter(f"{path}[{index}]", "must be a finite number")
    numbers = [float(item) for item in value]
    for index, (before, after) in enumerate(zip(numbers[:-1], numbers[1:], strict=True), start=1):
        if after <= before:
            raise InvalidParameter(f"{path}[{index}]", "must be greater than the one before")
    return numbers


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidParameter(path, "must be text")
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidParameter(path, "must be text without NUL and lone surrogates")
    return value


def _new_name(value: Any, path: str) -> str:
    name = _text(value, path)
    if not name.strip():
        raise InvalidParameter(path, "must not be empty")
    if len(name) > LONGEST_NEW_NAME:
        raise InvalidParameter(path, f"must be at most {LONGEST_NEW_NAME} characters")
    return name
