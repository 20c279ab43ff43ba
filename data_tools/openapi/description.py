"""The description of one endpoint. The modules `*_endpoints` beside this one hold the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_tools.openapi.json_schema import Schema

JSON = "application/json"
FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One method at one address.

    `query` maps each parameter to (schema, whether it is required). A `body` with a required
    property has to be sent. `answer` is the body of a success, with the status `status` and in the
    media types `answers_in`. The `example_*` work: a test sends them. `refusals` are codes of the
    catalogue, beyond those that every endpoint has.
    """

    summary: str
    tag: str
    text: str = ""
    query: Mapping[str, tuple[Schema, bool]] = field(default_factory=dict)
    body: Schema | None = None
    sent_as: str = JSON
    answer: Schema = field(default_factory=dict)
    answers_in: tuple[str, ...] = (JSON,)
    status: int = 200
    example_path: Mapping[str, str] = field(default_factory=dict)
    example_query: Mapping[str, Any] = field(default_factory=dict)
    example_body: Mapping[str, Any] | None = None
    refusals: tuple[str, ...] = ()
    needs_sign_in: bool = True
    is_tagged: bool = False
