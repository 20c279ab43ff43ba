"""JSON Schema derived from the types of answers."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired

import pytest
from msgspec import Meta
from typing_extensions import TypedDict

from data_tools.openapi.answer_schema import AnswerSchemas
from data_tools.openapi.json_schema import INTEGER, TEXT, record


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Shared(TypedDict):
    version: int


class Named(TypedDict):
    name: str


class Answer(Shared):
    note: NotRequired[str]
    name: str


SCHEMAS = AnswerSchemas({Named: "Named"})


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str, {"type": "string"}),
        (Any, {}),
        (Literal[True], {"const": True}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (dict[str, Any], {"type": "object"}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (int | None, {"type": ["integer", "null"]}),
        (str | float | None, {"type": ["string", "number", "null"]}),
        (list[str] | None, {"type": ["array", "null"], "items": {"type": "string"}}),
        (Named, {"$ref": "#/components/schemas/Named"}),
        (Named | None, {"oneOf": [{"$ref": "#/components/schemas/Named"}, {"type": "null"}]}),
        (
            Named | Shared,
            {"oneOf": [{"$ref": "#/components/schemas/Named"}, record(version=INTEGER)]},
        ),
        (
            Annotated[int, Meta(description="A share.", extra_json_schema={"maximum": 100})],
            {"type": "integer", "description": "A share.", "maximum": 100},
        ),
    ],
    ids=str,
)
def test_a_type_is_described_as(kind: Any, schema: dict[str, Any]) -> None:
    assert SCHEMAS.schema_of(kind) == schema


def test_a_record_has_its_own_keys_first_and_optional_ones_last() -> None:
    schema = SCHEMAS.schema_of(Answer)

    assert list(schema["properties"]) == ["name", "version", "note"]
    assert schema["required"] == ["name", "version"]


def test_picked_keys_are_all_required_in_the_order_given() -> None:
    assert SCHEMAS.picked(Answer, "note", "name") == record(note=TEXT, name=TEXT)


def test_a_named_type_is_spelled_out_once() -> None:
    assert SCHEMAS.spelled_out(Named) == record(name=TEXT)


def test_a_type_that_json_does_not_have_is_an_error() -> None:
    with pytest.raises(TypeError, match=re.escape("bytes")):
        SCHEMAS.schema_of(bytes)
