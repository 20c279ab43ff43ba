"""The endpoints about what columns hold."""

from __future__ import annotations

from data_tools.openapi.components import DURABLE, SUCCESS
from data_tools.openapi.description import Described
from data_tools.openapi.json_schema import (
    BOOLEAN,
    CELL,
    INTEGER,
    NUMBER,
    TEXT,
    Schema,
    fields_of,
    many,
    nullable,
    record,
    with_more,
    with_optional,
)
from data_tools.openapi.session_endpoints import UNREADABLE
from data_tools.views.api.column_api_views import SuggestionFields

_MEASURING = ("SESSION_TOO_COMPLEX", "QUERY_TIMEOUT", *UNREADABLE)
_OF_A_SESSION = ("SESSION_NOT_FOUND", *_MEASURING)
_EDGE: Schema = {"type": ["number", "string"]}
_FREQUENCIES = many(with_optional(record(value=CELL, count=INTEGER), is_shortened=BOOLEAN))
_COLUMN = with_more(
    record(key=TEXT, name=TEXT, type=TEXT, nullable=BOOLEAN),
    null_count=INTEGER,
    null_percentage=NUMBER,
    distinct_count=INTEGER,
    min=CELL,
    max=CELL,
    mean=nullable(NUMBER),
    std=nullable(NUMBER),
    quantiles={"type": "object", "additionalProperties": NUMBER},
    histogram=nullable(record(edges=many(_EDGE), counts=many(INTEGER))),
    most_frequent=_FREQUENCIES,
    date_range=nullable(record(**{"from": TEXT, "to": TEXT})),
)
_SUGGESTIONS = record(
    success=SUCCESS,
    column=record(key=TEXT, name=TEXT, type=TEXT),
    values=_FREQUENCIES,
    has_more=BOOLEAN,
    **DURABLE,
)
_STATISTICS = with_optional(
    record(
        name=TEXT,
        dtype=TEXT,
        non_null_count=INTEGER,
        null_count=INTEGER,
        null_percentage=NUMBER,
        unique_count=INTEGER,
        memory_usage=INTEGER,
    ),
    **{name: nullable(NUMBER) for name in ("mean", "median", "std", "min", "max")},
    top_value=nullable(TEXT),
    top_value_freq=INTEGER,
)
_MISSING = record(
    total_rows=INTEGER,
    total_columns=INTEGER,
    total_cells=INTEGER,
    nan_analysis={"type": "object", "additionalProperties": INTEGER},
    total_nan_cells=INTEGER,
    nan_cell_percentage=NUMBER,
    columns_with_nan=INTEGER,
    columns_completely_nan=INTEGER,
    rows_with_nan=INTEGER,
    rows_with_nan_percentage=NUMBER,
    column_details=many(
        record(
            column=TEXT,
            nan_count=INTEGER,
            nan_percentage=NUMBER,
            total_values=INTEGER,
            is_completely_nan=BOOLEAN,
        )
    ),
    completely_nan_columns=many(TEXT),
    recommendations=many(TEXT),
    column_nullity=many(record(column=TEXT, null_percentage=NUMBER)),
)

COLUMNS: dict[tuple[str, str], Described] = {
    ("GET", "columns/"): Described(
        summary="What each column holds: enough to draw a filter panel",
        text="Of the session, or without one of the dataset. Measured once and kept.",
        tag="Columns",
        answer=record(success=SUCCESS, total_rows=INTEGER, columns=many(_COLUMN), **DURABLE),
        refusals=_MEASURING,
    ),
    ("GET", "columns/{column}/values/"): Described(
        summary="A column's values that contain a text, with their counts",
        text="The name is percent-encoded, a slash as %2F.",
        tag="Columns",
        query=fields_of(SuggestionFields),
        answer=_SUGGESTIONS,
        example_path={"column": "carrier"},
        example_query={"q": "a", "limit": 2},
        refusals=("COLUMN_NOT_FOUND", *_MEASURING),
    ),
    ("GET", "columns/values/"): Described(
        summary="The same for a column that no path can name: by `column` or by `key`",
        tag="Columns",
        query={"column": (TEXT, False), "key": (TEXT, False)} | fields_of(SuggestionFields),
        answer=_SUGGESTIONS,
        example_query={"key": "b1"},
        refusals=("COLUMN_NOT_FOUND", *_MEASURING),
    ),
    ("GET", "session/column-statistics/"): Described(
        summary="The figures of the session's columns, as existing clients read them",
        tag="Columns",
        answer=record(
            success=SUCCESS,
            column_statistics={"type": "object", "additionalProperties": _STATISTICS},
            dataset_statistics=record(
                total_rows=INTEGER,
                total_columns=INTEGER,
                memory_usage_mb=NUMBER,
                total_null_values=INTEGER,
            ),
            **DURABLE,
        ),
        refusals=_OF_A_SESSION,
    ),
    ("GET", "nan/analysis/"): Described(
        summary="Where the session's values are missing",
        tag="Columns",
        answer=record(success=SUCCESS, data=_MISSING, **DURABLE),
        refusals=_OF_A_SESSION,
    ),
}
