"""`export/`: a session's rows as a file.

Note [A file that breaks off]
    A failure before the first piece is an error like any other. After it the status has been sent,
    so the connection is cut: a chunked answer without its last chunk is incomplete to every client
    of HTTP/1.1, and a Parquet file without its footer is to every reader. `X-Total-Rows` says how
    many rows the whole file has.
"""

from __future__ import annotations

import re
import uuid

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from data_tools.exporting.file_format import FileFormat
from data_tools.filtering import parse_selection
from data_tools.services import export_service
from data_tools.views.api.api_view import ApiView
from data_tools.views.api.negotiation import StudioContentNegotiation
from data_tools.views.api.studio_view import (
    PastFields,
    choice_field,
    query_fields_of,
    rows_query,
)

_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_MEDIA_TYPES = frozenset(f.media_type.partition(";")[0] for f in FileFormat)


class _Negotiation(StudioContentNegotiation):
    """Answers errors in JSON to a client that accepts a file format; `format` chooses the file."""

    def get_accept_list(self, request: Request) -> list[str]:
        return [
            "application/json" if accepted.partition(";")[0].strip() in _MEDIA_TYPES else accepted
            for accepted in super().get_accept_list(request)
        ]


class ExportFields(PastFields):
    """The query parameters: which file to send."""

    format = choice_field([f.extension for f in FileFormat])
    formulas = choice_field(["keep", "escape"], default="keep")


class ExportView(ApiView):
    """The rows of the session, or without one of the dataset, as a file.

    `filter` and `sort` select and order them as for `data/`. Records nothing in the log.
    """

    rate_class = "scans"
    content_negotiation_class = _Negotiation

    def get(self, request: Request, datasource_id: uuid.UUID) -> HttpResponseBase:
        fields = query_fields_of(request, ExportFields)
        export = export_service.export(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            file_format=FileFormat.named(fields["format"]),
            session_id=fields["session_id"],
            at_version=fields["at_version"],
            selection=parse_selection(rows_query(request)),
        )
        response: HttpResponseBase
        if request.method == "HEAD":
            response = HttpResponse()
        else:
            escape_formulas = fields["formulas"] == "escape"
            response = StreamingHttpResponse(export.pieces(escape_formulas=escape_formulas))
        response["Content-Type"] = export.file_format.media_type
        response["Content-Disposition"] = _disposition(export)
        response["Cache-Control"] = "private, no-store"
        response["X-Total-Rows"] = str(export.row_count)
        return response


def _disposition(export: export_service.Export) -> str:
    """Return the header with the dataset's name, without characters that file systems reject.

    Source: RFC 6266.
    """
    name = _NOT_IN_FILE_NAMES.sub("_", export.datasource.name).strip(" .") or "dataset"
    header = content_disposition_header(
        as_attachment=True, filename=f"{name}.{export.file_format.extension}"
    )
    assert header is not None  # an attachment always has one
    return header
