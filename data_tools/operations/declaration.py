"""What an operation is: its name, its parameters, how it is planned and how it is compiled.

Each operation is declared once. Validation reads the declaration; so can a schema or a form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from data_tools.expressions import Expression
from data_tools.operations.exceptions import InvalidParameter
from session_events.events import ColumnChange, Operation

if TYPE_CHECKING:
    from data_tools.row_queries import SessionRows


class Kind(StrEnum):
    """What a parameter's JSON value must be."""

    COLUMN = "column"  # the name of a column
    COLUMNS = "columns"  # a list of names, at least one
    NEW_NAME = "new_name"  # a name a column may get
    NEW_NAMES = "new_names"  # {old name: new name}, at least one
    CHOICE = "choice"  # one of `choices`
    SCALAR = "scalar"  # text, number, true or false


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. Without `required`, a missing or null value becomes `default`."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    empty_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedOperation:
    """An operation checked and fitted, ready to become an event; nothing is changed yet.

    `parameters` is the normalised request, `fitted` all that compiling it needs (so a replay never
    looks at the rows), `cells_changed` the number of cells of columns that stay whose value is
    another one afterwards, a value that became missing included.
    """

    operation: str
    parameters: dict[str, Any]
    fitted: dict[str, Any] = field(default_factory=dict)
    column_changes: tuple[ColumnChange, ...] = ()
    rows_before: int
    rows_after: int
    cells_changed: int = 0
    message: str


Plan = Callable[[dict[str, Any], "SessionRows"], PreparedOperation]
Compile = Callable[[Operation, Mapping[str, Expression]], dict[str, Expression]]


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
    expression, by column key. `looks_at_values` is false for an operation that does the same to
    columns of whatever type.
    """

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    plan: Plan
    compile: Compile = leaves_cells_alone
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
            if given.get(parameter.name) is not None
            else parameter.default
            for parameter in self.parameters
        }


LONGEST_NEW_NAME = 255
LONGEST_TEXT = 10_000
MOST_COLUMNS = 10_000  # in one list; no table that we meet has more


def _checked(parameter: Parameter, value: Any) -> Any:
    path = parameter.name
    match parameter.kind:
        case Kind.COLUMN:
            return _text(value, path)
        case Kind.NEW_NAME:
            return _new_name(value, path)
        case Kind.CHOICE:
            if _text(value, path) not in parameter.choices:
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
