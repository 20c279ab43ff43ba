"""`session/save/`: saves a session's result as a new dataset."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.dataset_answers import saved_body
from data_tools.services import save_service
from data_tools.views.api.studio_view import StudioView, fields_of, session_request

_LONGEST_DESCRIPTION = 10_000


class TextField(serializers.CharField):
    """A text. A number is rejected, where the base class would convert it."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class SaveFields(serializers.Serializer[None]):
    """The new dataset's name and description. Null, as existing clients send it, is the default."""

    name = TextField(max_length=255, required=False, allow_null=True)
    description = TextField(
        max_length=_LONGEST_DESCRIPTION, required=False, allow_null=True, allow_blank=True
    )


class SaveView(StudioView):
    """Save the session's rows as a new dataset. The session ends and stays recoverable."""

    rate_class = "scans"

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = fields_of(request, SaveFields)
        saved = save_service.save(
            session_request(request, datasource_id),
            name=fields.get("name"),
            description=fields.get("description"),
        )
        return Response(saved_body(saved))
