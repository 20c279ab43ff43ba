"""Building blocks of JSON Schema (2020-12)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
UUID: Schema = {"type": "string", "format": "uuid"}
TIME: Schema = {"type": "string", "format": "date-time"}

_FIELD_TYPES: dict[type[serializers.Field[Any, Any, Any, Any]], Schema] = {
    serializers.UUIDField: UUID,
    serializers.IntegerField: INTEGER,
    serializers.BooleanField: BOOLEAN,
    serializers.FileField: {"type": "string", "format": "binary"},
    serializers.CharField: TEXT,
}


def record(**properties: Schema) -> Schema:
    """Return the schema of an object that has all these properties, and perhaps others."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def with_optional(schema: Schema, **properties: Schema) -> Schema:
    """Return a record with further properties, which may be missing."""
    return {**schema, "properties": schema["properties"] | properties}


def body(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return the schema of a request's object, which has no other properties."""
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def nullable(schema: Schema) -> Schema:
    if "$ref" in schema or "enum" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*types, "null"]}


def ref(name: str) -> Schema:
    """Return a reference to a schema of `components`."""
    return {"$ref": f"#/components/schemas/{name}"}


def fields_of(serializer: type[serializers.Serializer[Any]]) -> dict[str, tuple[Schema, bool]]:
    """Return each field of a serializer as (schema, whether it is required)."""
    return {name: (_field(field), field.required) for name, field in serializer().fields.items()}


def schemas_of(serializer: type[serializers.Serializer[Any]]) -> dict[str, Schema]:
    """Return the schema of each field of a serializer."""
    return {name: schema for name, (schema, _) in fields_of(serializer).items()}


def _field(field: serializers.Field[Any, Any, Any, Any]) -> Schema:
    schema: Schema = {}
    if isinstance(field, serializers.ChoiceField):
        schema = {"type": "string", "enum": list(field.choices)}
    else:
        for kind, known in _FIELD_TYPES.items():
            if isinstance(field, kind):
                schema = dict(known)
                break
    for bound, keyword in (("min_value", "minimum"), ("max_value", "maximum")):
        if (value := getattr(field, bound, None)) is not None:
            schema[keyword] = value
    if isinstance(field, serializers.CharField) and not isinstance(field, serializers.UUIDField):
        schema["minLength"] = 0 if field.allow_blank else 1
        if field.max_length is not None:
            schema["maxLength"] = field.max_length
    if field.help_text:
        schema["description"] = str(field.help_text)
    return nullable(schema) if field.allow_null and schema else schema
