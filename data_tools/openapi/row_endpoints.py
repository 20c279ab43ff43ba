"""The endpoints that read rows."""

from __future__ import annotations

from data_tools.answers.row_answers import PageBody
from data_tools.exporting.file_format import FileFormat
from data_tools.openapi.components import schema_of
from data_tools.openapi.description import Described
from data_tools.openapi.json_schema import fields_of
from data_tools.openapi.parameters import ORDER, PAGE, PAST, SELECTION
from data_tools.openapi.session_endpoints import CHOOSING, LOOKING
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
        refusals=(*CHOOSING, "COLUMN_NOT_FOUND", "QUERY_TIMEOUT", *LOOKING),
    ),
    ("GET", "export/"): Described(
        summary="The session's rows, or the dataset's where there is no session, as a file",
        text="Streamed. `X-Total-Rows` says how many rows the whole file has; what breaks off has "
        "no last chunk.",
        tag="Rows",
        query=fields_of(ExportFields) | SELECTION,
        answers_in=tuple(each.media_type.partition(";")[0] for each in FileFormat),
        example_query={"format": "csv"},
        refusals=(
            *(*CHOOSING, "COLUMN_NOT_FOUND", "QUERY_TIMEOUT"),
            *("SESSION_NOT_FOUND", *LOOKING),
        ),
    ),
}
