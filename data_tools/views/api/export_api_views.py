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
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from data_tools.exporting.csv_form import DELIMITERS, ENCODINGS, UTF_8, UTF_16, CsvForm
from data_tools.exporting.file_format import FileFormat
from data_tools.filtering import parse_selection
from data_tools.http.capabilities import wants_exact_integers
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services import export_service
from data_tools.under_way.admission import HeldUntilRead
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView
from data_tools.views.api.negotiation import StudioContentNegotiation
from data_tools.views.api.studio_view import (
    ROW_PARAMETERS,
    PastFields,
    choice_field,
    query_fields_of,
    require_known_parameters,
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
    """The query parameters: which file to send. All but the first are for CSV alone."""

    format = choice_field([f.extension for f in FileFormat], help_text="What kind of file to send.")
    formulas = choice_field(
        ["keep", "escape"],
        required=False,
        help_text="Of CSV, `escape` puts an apostrophe before texts that a sheet would calculate; "
        "`keep`, the default, does not.",
    )
    delimiter = choice_field(
        [*DELIMITERS],
        required=False,
        help_text="Of CSV, what separates the fields: by default `,`.",
    )
    encoding = choice_field(
        [*ENCODINGS], required=False, help_text="Of CSV, the character encoding: by default UTF-8."
    )
    bom = choice_field(
        ["true", "false"],
        required=False,
        help_text="Of CSV, whether the file begins with a byte order mark, by which Excel knows "
        "UTF-8. UTF-16 always does.",
    )


_CSV_FIELDS = ("formulas", "delimiter", "encoding", "bom")


class ExportView(ApiView):
    """The rows of the session, or without one of the dataset, as a file.

    `filter` and `sort` select and order them as for `data/`. Records nothing in the log.
    """

    work = Work.LONG
    rate_class = "scans"
    content_negotiation_class = _Negotiation

    def get(self, request: Request, datasource_id: uuid.UUID) -> HttpResponseBase:
        fields = query_fields_of(request, ExportFields)
        require_known_parameters(request, [*ExportFields().fields, *ROW_PARAMETERS])
        csv_form = _csv_form(fields)
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
            pieces = export.pieces(
                csv_form=csv_form, integers_as_text=wants_exact_integers(request)
            )
            response = StreamingHttpResponse(HeldUntilRead(pieces))
        response["Content-Type"] = (
            csv_form.media_type if csv_form else export.file_format.media_type
        )
        response["Content-Disposition"] = _disposition(export)
        response["Cache-Control"] = "private, no-store"
        response["X-Total-Rows"] = str(export.row_count)
        return response


def _csv_form(fields: Mapping[str, Any]) -> CsvForm | None:
    """Return how to write the CSV file; None for another format.

    Raises:
        InvalidParameter: a parameter is not for this format, or not for this encoding.
    """
    file_format = fields["format"]
    if file_format != FileFormat.CSV.extension:
        for name in _CSV_FIELDS:
            if fields[name] is not None:
                raise InvalidParameter(name, f"is a parameter of csv, not of {file_format}")
        return None
    encoding, bom = fields["encoding"] or UTF_8, fields["bom"]
    if bom == "true" and encoding not in (UTF_8, UTF_16):
        raise InvalidParameter("bom", f"is a mark that {encoding} does not have")
    if bom == "false" and encoding == UTF_16:
        raise InvalidParameter("bom", "must be true for utf-16, which no reader knows without it")
    return CsvForm(
        delimiter=DELIMITERS[fields["delimiter"] or ","],
        encoding=encoding,
        has_bom=bom == "true",
        escapes_formulas=fields["formulas"] == "escape",
    )


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
