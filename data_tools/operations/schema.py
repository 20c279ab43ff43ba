"""An operation's parameters as JSON Schema (draft 2020-12), fit for building a form.

`x-kind` says what a value means where its type does not: the name of a column, say.
"""

from __future__ import annotations

from typing import Any

from data_tools.operations.declaration import (
    LARGEST_NUMBER,
    LONGEST_NEW_NAME,
    LONGEST_TEXT,
    MOST_COLUMNS,
    MOST_NUMBERS,
    Declaration,
    Kind,
    Parameter,
)

_NAME = {"type": "string"}
NEW_NAME = {"type": "string", "minLength": 1, "maxLength": LONGEST_NEW_NAME}
_FINITE = {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}


def parameter_schema(declaration: Declaration) -> dict[str, Any]:
    """The JSON Schema of the object that `parameters` must be; columns are checked beyond it."""
    return {
        "type": "object",
        "properties": {
            parameter.name: property_schema(parameter) for parameter in declaration.parameters
        },
        "required": [one.name for one in declaration.parameters if one.required],
        "additionalProperties": False,
    }


def property_schema(parameter: Parameter) -> dict[str, Any]:
    """What one parameter's value must be; null stands for the default."""
    schema = _value(parameter)
    if not parameter.required:
        schema["type"] = [*_types(schema), "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        schema["default"] = parameter.default
    return {
        "title": parameter.name.replace("_", " ").capitalize(),
        "description": parameter.description,
        "x-kind": str(parameter.kind),
        **schema,
    }


def _types(schema: dict[str, Any]) -> list[str]:
    return schema["type"] if isinstance(schema["type"], list) else [schema["type"]]


def _value(parameter: Parameter) -> dict[str, Any]:
    match parameter.kind:
        case Kind.COLUMN:
            return dict(_NAME)
        case Kind.COLUMNS:
            least = 0 if parameter.empty_is_all else 1
            return {"type": "array", "items": _NAME, "minItems": least, "maxItems": MOST_COLUMNS}
        case Kind.NEW_NAME:
            return dict(NEW_NAME)
        case Kind.NEW_NAMES:
            return {
                "type": "object",
                "additionalProperties": NEW_NAME,
                "minProperties": 1,
                "maxProperties": MOST_COLUMNS,
            }
        case Kind.CHOICE:
            return {"type": "string", "enum": list(parameter.choices)}
        case Kind.CHOICES:
            one = {"type": "string", "enum": list(parameter.choices)}
            return {"type": "array", "items": one, "minItems": 1}
        case Kind.TEXT:
            return {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
        case Kind.FLAG:
            return {"type": "boolean"}
        case Kind.FILTER:
            return {"type": ["array", "object"]}  # see docs/api.md
        case Kind.SCALAR:
            return {"type": ["string", "number", "boolean"], "maxLength": LONGEST_TEXT}
        case Kind.INTEGER | Kind.NUMBER:
            within = {"minimum": parameter.minimum, "maximum": parameter.maximum}
            given = {name: bound for name, bound in within.items() if bound is not None}
            return {**_FINITE, **given, "type": str(parameter.kind)}
        case Kind.NUMBERS:
            return {"type": "array", "items": _FINITE, "minItems": 2, "maxItems": MOST_NUMBERS}
    raise TypeError(f"no schema is known for {parameter.kind}")
