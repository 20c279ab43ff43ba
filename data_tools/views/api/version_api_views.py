"""Endpoints for a session's versions: what changed between two, and a new session from one."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.history_answers import changes_body
from data_tools.answers.session_answers import forked_body
from data_tools.services import time_travel_service
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView
from data_tools.views.api.studio_view import (
    WrittenUUIDField,
    fields_of,
    query_fields_of,
    requested_rows,
    session_request,
)


class ChangesFields(serializers.Serializer[None]):
    """The two versions to compare; the second is by default the latest."""

    from_version = serializers.IntegerField(min_value=1)
    to_version = serializers.IntegerField(min_value=1, required=False)
    session_id = WrittenUUIDField(required=False)


class ChangesView(ApiView):
    """What changed between two versions of a session, given in any order. Never writes."""

    work = Work.LIGHT

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = query_fields_of(request, ChangesFields)
        changes = time_travel_service.changes(
            user_id=request.user.pk, datasource_id=datasource_id, **fields
        )
        return Response(changes_body(changes))


class ForkFields(serializers.Serializer[None]):
    """The version, and its session, that the new session begins with."""

    from_version = serializers.IntegerField(min_value=1)
    session_id = WrittenUUIDField(required=False, allow_null=True)


class ForkView(ApiView):
    """Begin a new session with the work of a version. The open session is closed, recoverable."""

    work = Work.LIGHT_OR_HEAVY

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        fields = fields_of(request, ForkFields)
        data, outcome = time_travel_service.fork(
            session_request(request, datasource_id, rows), **fields
        )
        return Response(
            forked_body(data, outcome.session, is_repeat=not outcome.recorded, paged=rows.is_paged)
        )
