"""Endpoints of a user's own log: its events in sentences, and reports of client activity."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.history_answers import activity_body, events_body
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services import event_service
from data_tools.views.api import event_cursor
from data_tools.views.api.activity_fields import activity_of
from data_tools.views.api.api_view import JSONBodyParser, object_of
from data_tools.views.api.studio_view import (
    StudioView,
    WrittenUUIDField,
    body_of,
    query_fields_of,
    session_request,
)


class EventsFields(serializers.Serializer[None]):
    """The query parameters: which events of which session."""

    cursor = serializers.CharField(required=False, max_length=64)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=50)
    session_id = WrittenUUIDField(required=False)


class EventsView(StudioView):
    """What happened in the open session, or in the one with the given id; newest first."""

    is_existing_endpoint = False

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        query = query_fields_of(request, EventsFields)
        session_id, before = query.get("session_id"), None
        if "cursor" in query:
            cursor = event_cursor.from_text(query["cursor"])
            if session_id not in (None, cursor.session_id):
                raise InvalidParameter("cursor", "belongs to another session than session_id")
            session_id, before = cursor.session_id, cursor.before
        events = event_service.events(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            session_id=session_id,
            before=before,
            limit=query["limit"],
        )
        return Response(events_body(events, next_cursor=_next_cursor(events)))


def _next_cursor(page: event_service.EventPage) -> str | None:
    if page.older is None:
        return None
    return event_cursor.as_text(
        event_cursor.EventCursor(session_id=page.head.stream_id, before=page.older)
    )


class BeaconParser(JSONBodyParser):
    """Reads JSON that `navigator.sendBeacon` sent as text."""

    media_type = "text/plain"


class ActivityView(StudioView):
    """Record a batch of client activity, either all of it or nothing."""

    is_existing_endpoint = False
    parser_classes = (JSONBodyParser, BeaconParser)

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        body = body_of(request)
        for name in body:
            if name != "items":
                raise InvalidParameter(name, "is not a parameter of this request", known=["items"])
        reported = activity_of(body.get("items"))
        studio_request = session_request(request, datasource_id)
        if object_of(request).get("client_operation_id") is not None:
            raise InvalidParameter("client_operation_id", "belongs to each item, not to the batch")
        session, noted = event_service.report_activity(studio_request, reported=reported)
        return Response(activity_body(session, noted))
