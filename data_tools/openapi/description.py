"""The description of one endpoint, and the parameters and body fields that many share.

The modules `*_endpoints` beside this one hold the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data_tools.filtering import LOCALES, MAX_PAGE_NUMBER, MAX_PAGE_SIZE
from data_tools.openapi.json_schema import INTEGER, TEXT, Schema, fields_of, nullable, schemas_of
from data_tools.views.api.studio_view import CommandFields, PastFields

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


PAGE_NUMBER: Schema = {**INTEGER, "minimum": 1, "maximum": MAX_PAGE_NUMBER}
PAGE_SIZE: Schema = {**INTEGER, "minimum": 1, "maximum": MAX_PAGE_SIZE}

Query = dict[str, tuple[Schema, bool]]

PAGE: Query = {"page_number": (PAGE_NUMBER, False), "page_size": (PAGE_SIZE, False)}
PAST: Query = fields_of(PastFields)
ORDER_OF_ROWS: Query = {
    "sortField": (TEXT, False),
    "sortOrder": ({"type": "string", "enum": ["asc", "desc"]}, False),
}
ORDER: Query = {
    "page": (PAGE_NUMBER, False),
    "pageSize": (PAGE_SIZE, False),
    **ORDER_OF_ROWS,
}
SELECTION: Query = {
    "sort": (
        TEXT
        | {
            "description": "Names of columns with commas between, `-` for descending, or JSON: a "
            'list of names and of {"column", "descending", "locale", "ignore_case"}. A locale is '
            f"one of {', '.join(LOCALES)}.",
        },
        False,
    ),
    "filter": (
        TEXT
        | {"description": 'JSON: a list of {"column", "op", "value"}, or a tree of all, any, not.'},
        False,
    ),
}

SHOWN: Query = PAGE | SELECTION  # which of a session's rows the answer shows

# In the body of every request that changes a session.
COMMAND: dict[str, Schema] = schemas_of(CommandFields)
PAGE_IN_BODY: dict[str, Schema] = {
    "page_number": nullable(PAGE_NUMBER),
    "page_size": nullable(PAGE_SIZE),
}
