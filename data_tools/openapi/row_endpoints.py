"""The endpoints that read rows, and those that describe what columns hold."""

from __future__ import annotations

from data_tools.answers.cell_answers import CellBody
from data_tools.answers.column_answers import (
    ColumnHistogramBody,
    ColumnsBody,
    StatisticsBody,
    SuggestionsBody,
)
from data_tools.answers.missing_value_answers import MissingValuesBody
from data_tools.answers.session_answers import PageBody
from data_tools.exporting.file_format import FileFormat
from data_tools.openapi.answer_schema import schema_of
from data_tools.openapi.description import (
    ORDER,
    ORDER_OF_ROWS,
    PAGE,
    PAST,
    SELECTION,
    Described,
    Query,
)
from data_tools.openapi.json_schema import TEXT, fields_of
from data_tools.openapi.session_endpoints import CHOOSING, LOOKING, UNREADABLE
from data_tools.views.api.column_api_views import ColumnsFields, SuggestionFields
from data_tools.views.api.data_api_views import CellFields
from data_tools.views.api.export_api_views import ExportFields

_FILTER = '[{"column": "carrier", "op": "in", "value": ["UA", "DL"]}]'

ROWS: dict[tuple[str, str], Described] = {
    ("GET", "data/"): Described(
        summary="One page of the session's rows",
        text="All pages together are exactly the rows, once each. Missing values sort last either "
        "way, ties by row number.",
        tag="Rows",
        query=PAGE | ORDER | SELECTION | PAST,
        answer=schema_of(PageBody),
        is_tagged=True,
        example_query={"page_number": 1, "page_size": 2, "sort": "-delay", "filter": _FILTER},
        refusals=(*CHOOSING, "COLUMN_NOT_FOUND", "QUERY_TIMEOUT", "ANSWER_TOO_LARGE", *LOOKING),
    ),
    ("GET", "data/cell/"): Described(
        summary="One cell, whole",
        text="A page shows only the beginning of a long text, and lists it in `shortened_cells`. "
        "`row` is the row's place, from 1, among the rows that the same filter and order show. The "
        "column is given by `column` or by `key`.",
        tag="Rows",
        query=fields_of(CellFields)
        | {"column": (TEXT, False), "key": (TEXT, False)}
        | ORDER_OF_ROWS
        | SELECTION
        | PAST,
        answer=schema_of(CellBody),
        example_query={"row": 1, "column": "carrier"},
        refusals=(*CHOOSING, "COLUMN_NOT_FOUND", "QUERY_TIMEOUT", "ANSWER_TOO_LARGE", *LOOKING),
    ),
    ("GET", "export/"): Described(
        summary="The session's rows, or the dataset's where there is no session, as a file",
        text="Streamed. `X-Total-Rows` says how many rows the whole file has; what breaks off has "
        "no last chunk. `delimiter`, `encoding` and `bom` are for CSV. A character that the "
        "encoding lacks, and what does not fit into a sheet, is refused before the file begins.",
        tag="Rows",
        query=fields_of(ExportFields) | SELECTION,
        answers_in=tuple(each.media_type.partition(";")[0] for each in FileFormat),
        example_query={"format": "csv"},
        refusals=(
            *(*CHOOSING, "COLUMN_NOT_FOUND", "QUERY_TIMEOUT"),
            *("SESSION_NOT_FOUND", "EXPORT_DOES_NOT_FIT", *LOOKING),
        ),
    ),
}


_MEASURING = ("ANSWER_TOO_LARGE", "SESSION_TOO_COMPLEX", "QUERY_TIMEOUT", *UNREADABLE)
_OF_A_SESSION = ("SESSION_NOT_FOUND", *_MEASURING)
_AMONG: Query = {"filter": SELECTION["filter"]}
_NAMED: Query = {"column": (TEXT, False), "key": (TEXT, False)}
_SHOWN = ("INVALID_VERSION", *_OF_A_SESSION)
_COUNTING = ("COLUMN_NOT_FOUND", "INVALID_FILTER", *_SHOWN)

COLUMNS: dict[tuple[str, str], Described] = {
    ("GET", "columns/"): Described(
        summary="What each column holds: enough to draw a filter panel",
        text="Of the session, or without one of the dataset. Measured once and kept. If there are "
        "too many columns for one answer, ask for a few at a time.",
        tag="Columns",
        query=fields_of(ColumnsFields) | PAST,
        answer=schema_of(ColumnsBody),
        refusals=_SHOWN,
    ),
    ("GET", "columns/{column}/values/"): Described(
        summary="A column's values that contain a text, with their counts",
        text="The name is percent-encoded, a slash as %2F. With `filter`, of the rows it finds.",
        tag="Columns",
        query=fields_of(SuggestionFields) | _AMONG | PAST,
        answer=schema_of(SuggestionsBody),
        example_path={"column": "carrier"},
        example_query={"q": "a", "limit": 2},
        refusals=_COUNTING,
    ),
    ("GET", "columns/values/"): Described(
        summary="The same for a column that no path can name: by `column` or by `key`",
        tag="Columns",
        query=_NAMED | fields_of(SuggestionFields) | _AMONG | PAST,
        answer=schema_of(SuggestionsBody),
        example_query={"key": "b1"},
        refusals=_COUNTING,
    ),
    ("GET", "columns/{column}/histogram/"): Described(
        summary="A column's histogram, counted among the rows that a filter finds",
        text="Its edges are those of all rows. Of numbers, dates and datetimes; columns of other "
        "types are refused.",
        tag="Columns",
        query=_AMONG | PAST,
        answer=schema_of(ColumnHistogramBody),
        example_path={"column": "delay"},
        example_query={"filter": _FILTER},
        refusals=_COUNTING,
    ),
    ("GET", "columns/histogram/"): Described(
        summary="The same for a column that no path can name: by `column` or by `key`",
        tag="Columns",
        query=_NAMED | _AMONG | PAST,
        answer=schema_of(ColumnHistogramBody),
        example_query={"key": "b2"},
        refusals=_COUNTING,
    ),
    ("GET", "session/column-statistics/"): Described(
        summary="The figures of the session's columns, as existing clients read them",
        tag="Columns",
        answer=schema_of(StatisticsBody),
        refusals=_OF_A_SESSION,
    ),
    ("GET", "nan/analysis/"): Described(
        summary="Where the session's values are missing",
        tag="Columns",
        answer=schema_of(MissingValuesBody),
        refusals=_OF_A_SESSION,
    ),
}
