"""The endpoint that makes a session's result a dataset of its own."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.services import save_service
from data_tools.views.api import presentation
from data_tools.views.api.datasource_api_views import datasource_object
from data_tools.views.api.studio_view import StudioView, fields_of, session_request

_LONGEST_DESCRIPTION = 10_000
_SHOWN = ("id", "name", "description", "created_at", "status", "progress", "row_count", "parent")


class TextField(serializers.CharField):
    """Text; a number is none, though Python could make one of it."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class SaveFields(serializers.Serializer[None]):
    """What the new dataset is called; null, as existing clients send it, is the default."""

    name = TextField(max_length=255, required=False, allow_null=True)
    description = TextField(
        max_length=_LONGEST_DESCRIPTION, required=False, allow_null=True, allow_blank=True
    )


class SaveView(StudioView):
    """Save the session's rows as a new dataset; the session ends, and stays recoverable."""

    rate_class = "scans"

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = fields_of(request, SaveFields)
        saved = save_service.save(
            session_request(request, datasource_id),
            name=fields.get("name"),
            description=fields.get("description"),
        )
        shown = datasource_object(saved.datasource)
        return Response(
            {
                "success": True,
                "message": "Data saved successfully as new datasource",
                "new_datasource": {name: shown[name] for name in _SHOWN},
                "session_id": str(saved.session.head.stream_id),
                "repeated": saved.is_repeat,
                **presentation.durable(saved.session),
            }
        )
