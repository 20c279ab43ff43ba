"""Parameters and body fields that many endpoints share."""

from __future__ import annotations

from data_tools.filtering import MAX_PAGE_NUMBER, MAX_PAGE_SIZE
from data_tools.openapi.json_schema import (
    INTEGER,
    TEXT,
    Schema,
    fields_of,
    nullable,
    schemas_of,
)
from data_tools.views.api.studio_view import CommandFields, PastFields

PAGE_NUMBER: Schema = {**INTEGER, "minimum": 1, "maximum": MAX_PAGE_NUMBER}
PAGE_SIZE: Schema = {**INTEGER, "minimum": 1, "maximum": MAX_PAGE_SIZE}

Query = dict[str, tuple[Schema, bool]]

PAGE: Query = {"page_number": (PAGE_NUMBER, False), "page_size": (PAGE_SIZE, False)}
PAST: Query = fields_of(PastFields)
ORDER: Query = {
    "page": (PAGE_NUMBER, False),
    "pageSize": (PAGE_SIZE, False),
    "sortField": (TEXT, False),
    "sortOrder": ({"type": "string", "enum": ["asc", "desc"]}, False),
}
SELECTION: Query = {
    "sort": (TEXT, False),
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
