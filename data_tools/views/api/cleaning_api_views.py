"""Quick cleaning for the existing pages: a form or JSON in, an envelope out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.operation_answers import QUICK_CLEANING, cleaned_body
from data_tools.services.session_request import ShownRows
from data_tools.views.api.api_view import FormBodyParser, JSONBodyParser
from data_tools.views.api.operation_api_views import apply
from data_tools.views.api.studio_view import StudioView, body_of, requested_page

_WRITTEN_FLAGS = {"true": True, "false": False}
_FORM_TOKEN = "csrfmiddlewaretoken"


class QuickCleanView(StudioView):
    """Drop columns without any value, then rows with a missing one."""

    parser_classes = (JSONBodyParser, FormBodyParser, MultiPartParser)

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = ShownRows(page=requested_page(request))
        parameters = _parameters(body_of(request))
        applied = apply(request, datasource_id, QUICK_CLEANING, parameters, rows)
        return Response(cleaned_body(applied))


def _parameters(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields, with a form's texts as booleans. The operation rejects any other value."""
    return {
        name: _WRITTEN_FLAGS.get(value, value) if isinstance(value, str) else value
        for name, value in body.items()
        if name != _FORM_TOKEN
    }
