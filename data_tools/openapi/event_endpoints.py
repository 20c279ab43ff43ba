"""The endpoints of a user's own log."""

from __future__ import annotations

from data_tools.answers.history_answers import ActivityBody, EventsBody
from data_tools.openapi.answer_schema import schema_of
from data_tools.openapi.description import COMMAND, PAGE_NUMBER, PAGE_SIZE, Described
from data_tools.openapi.json_schema import TEXT, UUID, Schema, body, fields_of, many
from data_tools.openapi.session_endpoints import CHANGING
from data_tools.operations.parameters import MOST_COLUMNS
from data_tools.views.api.activity_fields import (
    LONGEST_MESSAGE,
    MAX_ITEMS,
    MAX_SORTS,
    NARROWEST_PIXELS,
    WIDEST_PIXELS,
)
from data_tools.views.api.event_api_views import EventsFields

_NAMES = many(TEXT)
_VIEW_CHANGED: Schema = body(
    ("client_operation_id", "type", "view"),
    client_operation_id=UUID,
    type={"const": "view_changed"},
    view=body(
        ("page_number", "page_size"),
        page_number=PAGE_NUMBER,
        page_size=PAGE_SIZE,
        sort={**_NAMES, "maxItems": MAX_SORTS},
        filter={"type": ["array", "object", "null"]},
        hidden_columns=_NAMES,
        column_order=_NAMES,
        column_widths={
            "type": "object",
            "additionalProperties": {
                "type": "integer",
                "minimum": NARROWEST_PIXELS,
                "maximum": WIDEST_PIXELS,
            },
        },
        frozen_columns={"type": "integer", "minimum": 0, "maximum": MOST_COLUMNS},
    ),
)
_CLIENT_ERROR: Schema = body(
    ("client_operation_id", "type", "message"),
    client_operation_id=UUID,
    type={"const": "client_error"},
    message={**TEXT, "minLength": 1, "maxLength": LONGEST_MESSAGE},
    context={"type": "object"},
)

EVENTS: dict[tuple[str, str], Described] = {
    ("GET", "session/events/"): Described(
        summary="What happened in the session, in sentences, newest first",
        text="`next_cursor` is the `cursor` of the page behind, null at the end.",
        tag="Log",
        query=fields_of(EventsFields),
        answer=schema_of(EventsBody),
        example_query={"limit": 2},
        refusals=("SESSION_NOT_FOUND",),
    ),
    ("POST", "session/activity/"): Described(
        summary="Record what the client saw: a batch of views and errors, each once",
        text="All of a batch or nothing. Also read as `text/plain`, for `navigator.sendBeacon`.",
        tag="Log",
        body=body(
            ("items",),
            items={
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_ITEMS,
                "items": {"oneOf": [_VIEW_CHANGED, _CLIENT_ERROR]},
            },
            expected_version=COMMAND["expected_version"],
            expected_session_id=COMMAND["expected_session_id"],
        ),
        answer=schema_of(ActivityBody),
        example_body={
            "items": [
                {
                    "client_operation_id": "7f1f0c52-6d0e-4c53-9b54-3a1c2f9d7e10",
                    "type": "view_changed",
                    "view": {
                        "page_number": 2,
                        "page_size": 50,
                        "hidden_columns": ["day"],
                        "column_widths": {"carrier": 160},
                        "frozen_columns": 1,
                    },
                }
            ]
        },
        refusals=CHANGING,
    ),
}
