"""Parameters of operations, by kind: how each kind checks a JSON value, and its JSON Schema.

A kind knows the shape of a value and nothing of any rows: whether a named column exists is checked
when the operation is planned.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from data_tools.columns import ColumnType
from data_tools.date_formats import parse_format
from data_tools.filtering.filters import filter_from_json
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import CHOOSE_COLUMNS

LONGEST_NEW_NAME = 255  # characters
LONGEST_TEXT = 10_000  # characters
MOST_COLUMNS = 10_000  # in one list; no table that we meet has more

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # NUL and lone surrogates


class ParameterKind(ABC):
    """What the JSON value of a parameter must be. `name` is the schema's `x-kind`.

    `schema` is that of a value; a kind that takes options overrides `json_schema` instead.
    `empty_message` is what the user reads where the value is missing or empty; most kinds leave it
    to the general messages. `column_types` are those that named columns may have, if not all.
    """

    name: ClassVar[str]
    schema: ClassVar[dict[str, Any]]
    empty_message = ""
    column_types: Collection[ColumnType] = ()

    @abstractmethod
    def check(self, value: Any, path: str) -> Any:
        """Return the value as the operation gets it.

        Raises:
            InvalidParameter: the value is not of this kind; its `path` begins with this one.
            InvalidFilter: the same, of a filter.
        """

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of a value; null is not one."""
        return dict(self.schema)

    def is_absent(self, value: Any) -> bool:
        """Tell whether `value` stands for the parameter's default."""
        return value is None

    def columns_named(self, value: Any) -> list[str]:
        """Return the names of existing columns in a checked value, in order."""
        return []

    @property
    def suits(self) -> list[ColumnType]:
        """`column_types` in the order in which we list types."""
        return [each for each in ColumnType if each in self.column_types]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation. Unless `required`, a missing or null value is `default`.

    `title` names its field in a form; without one, its own name does.
    """

    name: str
    kind: ParameterKind
    description: str
    _: KW_ONLY
    required: bool = False
    default: Any = None
    title: str = ""

    @property
    def label(self) -> str:
        """What people read at its field."""
        return self.title or self.name.replace("_", " ").capitalize()

    def check(self, value: Any) -> Any:
        """Return the value as the operation gets it: the default, or as the kind checks it."""
        return self.default if self.kind.is_absent(value) else self.kind.check(value, self.name)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the value, with what a form needs to show a field for it.

        `x-kind` says what a value means where its type does not, `x-suits` which types named
        columns may have, `x-shown` which choices are no mere spellings. Null is the default.
        """
        schema = self.kind.json_schema()
        if not self.required:
            types = schema["type"]
            schema["type"] = [*(types if isinstance(types, list) else [types]), "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
            schema["default"] = self.default
        return {
            "title": self.label,
            "description": self.description,
            "x-kind": self.kind.name,
            **({"x-suits": self.kind.suits} if self.kind.suits else {}),
            **schema,
        }


@dataclass(frozen=True, kw_only=True)
class ColumnName(ParameterKind):
    """The name of a column; with `column_types`, of one of these."""

    name = "column"
    schema = {"type": "string"}
    column_types: Collection[ColumnType] = ()

    def check(self, value: Any, path: str) -> str:
        return _check_text(value, path)

    def columns_named(self, value: Any) -> list[str]:
        return [value]


@dataclass(frozen=True, kw_only=True)
class ColumnNames(ParameterKind):
    """A list of names of columns, at least one; a name given twice counts once.

    With `column_types`, of columns of these. With `empty_is_all` an empty list stands for the
    default: every column that suits.
    """

    name = "columns"
    column_types: Collection[ColumnType] = ()
    empty_is_all: bool = False
    empty_message: str = ""

    def check(self, value: Any, path: str) -> list[str]:
        if not isinstance(value, list | tuple):
            raise InvalidParameter(path, "must be a list of column names")
        if not value:
            raise InvalidParameter(
                path, "must not be empty", message=self.empty_message, told=CHOOSE_COLUMNS
            )
        _require_few_columns(value, path)
        names = [_check_text(name, f"{path}[{index}]") for index, name in enumerate(value)]
        return list(dict.fromkeys(names))

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": ColumnName.schema,
            "minItems": 0 if self.empty_is_all else 1,
            "maxItems": MOST_COLUMNS,
        }

    def is_absent(self, value: Any) -> bool:
        return value is None or (self.empty_is_all and value == [])

    def columns_named(self, value: Any) -> list[str]:
        return list(value)


class NewName(ParameterKind):
    """A name that a column may get."""

    name = "new_name"
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_NEW_NAME}

    def check(self, value: Any, path: str) -> str:
        text = _check_text(value, path)
        if not text.strip():
            raise InvalidParameter(path, "must not be empty")
        if len(text) > LONGEST_NEW_NAME:
            raise InvalidParameter(path, f"must be at most {LONGEST_NEW_NAME} characters")
        return text


class NewNames(ParameterKind):
    """New names of columns by their present names, at least one."""

    name = "new_names"
    schema = {
        "type": "object",
        "additionalProperties": NewName.schema,
        "minProperties": 1,
        "maxProperties": MOST_COLUMNS,
    }

    def check(self, value: Any, path: str) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise InvalidParameter(path, "must be an object of old name to new name")
        if not value:
            raise InvalidParameter(path, "must not be empty")
        _require_few_columns(value, path)
        return {
            _check_text(old, path): NewName().check(new, f"{path}.{old}")
            for old, new in value.items()
        }

    def columns_named(self, value: Any) -> list[str]:
        return list(value)


@dataclass(frozen=True)
class Choice(ParameterKind):
    """One of `choices`. A form shows `shown`, if given: the others are spellings of these."""

    name = "choice"
    choices: tuple[str, ...]
    shown: tuple[str, ...] = ()

    def check(self, value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise InvalidParameter(
                path, f"must be one of {', '.join(self.choices)}", choices=self.choices
            )
        return value

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "enum": list(self.choices),
            **({"x-shown": list(self.shown)} if self.shown else {}),
        }


@dataclass(frozen=True)
class Choices(ParameterKind):
    """A list of some of `choices`, at least one; one given twice counts once."""

    name = "choices"
    choices: tuple[str, ...]

    def check(self, value: Any, path: str) -> list[str]:
        if not isinstance(value, list | tuple) or not value:
            raise InvalidParameter(path, "must be a list of at least one choice")
        item = Choice(self.choices)
        return list(dict.fromkeys(item.check(each, f"{path}[{i}]") for i, each in enumerate(value)))

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": Choice(self.choices).json_schema(), "minItems": 1}


class RowFilter(ParameterKind):
    """A filter as `filtering.filters` reads it; its columns and types are checked against rows."""

    name = "filter"
    schema = {"type": ["array", "object"]}  # see docs/api.md

    def check(self, value: Any, path: str) -> Any:
        return filter_from_json(value).written

    def columns_named(self, value: Any) -> list[str]:
        return [condition.column_name for condition in filter_from_json(value).conditions]


class Flag(ParameterKind):
    """True or false."""

    name = "flag"
    schema = {"type": "boolean"}

    def check(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            raise InvalidParameter(path, "must be true or false")
        return value


class Text(ParameterKind):
    """Text that is not empty."""

    name = "text"
    fewest: ClassVar[int] = 1

    def check(self, value: Any, path: str) -> str:
        text = _check_text(value, path)
        if not self.fewest <= len(text) <= LONGEST_TEXT:
            raise InvalidParameter(
                path, f"must be text of {self.fewest} to {LONGEST_TEXT:,} characters"
            )
        return text

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": self.fewest, "maxLength": LONGEST_TEXT}


class AnyText(Text):
    """Text that may be empty."""

    fewest = 0


class WrittenDate(ParameterKind):
    """How a text spells a date, in the letters of `data_tools.date_formats`."""

    name = "date_format"
    schema = {"type": "string", "minLength": 1, "maxLength": 100}

    def check(self, value: Any, path: str) -> str:
        try:
            return str(parse_format(_check_text(value, path)))
        except ValueError as error:
            raise InvalidParameter(path, str(error), told=str(error)) from None


class Scalar(ParameterKind):
    """Text, a finite number, true or false: a value that a cell could have."""

    name = "scalar"
    schema = {"type": ["string", "number", "boolean"], "maxLength": LONGEST_TEXT}

    def check(self, value: Any, path: str) -> str | bool | int | float:
        match value:
            case str():
                if len(_check_text(value, path)) > LONGEST_TEXT:
                    raise InvalidParameter(path, f"must be at most {LONGEST_TEXT:,} characters")
                return value
            case bool():
                return value
            case int() if -(2**63) <= value < 2**63:
                return value
            case float() if math.isfinite(value):
                return value
        raise InvalidParameter(path, "must be text, a finite number within 64 bits, true or false")


def _require_few_columns(names: Collection[Any], path: str) -> None:
    if len(names) > MOST_COLUMNS:
        raise InvalidParameter(path, f"must name at most {MOST_COLUMNS:,} columns")


def _check_text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidParameter(path, "must be text")
    if _NO_TEXT.search(value):
        raise InvalidParameter(path, "must be text without NUL and lone surrogates")
    return value
