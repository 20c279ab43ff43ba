"""Endpoints of a user's own log: its events in sentences, and reports of client activity."""

from __future__ import annotations

import base64
import binascii
import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.history_answers import activity_body, events_body
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services import event_service
from data_tools.under_way.requests import Work
from data_tools.views.api.activity_fields import activity_of
from data_tools.views.api.api_view import ApiView, JSONBodyParser, object_of
from data_tools.views.api.studio_view import (
    WrittenUUIDField,
    body_of,
    query_fields_of,
    session_request,
)

_ID_BYTES, _SEQUENCE_BYTES = 16, 8  # of a cursor


class EventsFields(serializers.Serializer[None]):
    """The query parameters: which events of which session."""

    cursor = serializers.CharField(required=False, max_length=64)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=50)
    session_id = WrittenUUIDField(required=False)


class EventsView(ApiView):
    """What happened in the open session, or in the one with the given id; newest first."""

    work = Work.LIGHT

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        query = query_fields_of(request, EventsFields)
        session_id, before = query["session_id"], None
        if query["cursor"] is not None:
            cursor_session_id, before = _read_cursor(query["cursor"])
            if session_id not in (None, cursor_session_id):
                raise InvalidParameter("cursor", "belongs to another session than session_id")
            session_id = cursor_session_id
        events = event_service.events(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            session_id=session_id,
            before=before,
            limit=query["limit"],
        )
        return Response(events_body(events, next_cursor=_next_cursor(events)))


def _next_cursor(page: event_service.EventPage) -> str | None:
    """Return the end of the page as an opaque text that a client sends back for the next page.

    It names the session as well, so that paging continues in the same log, whichever session is
    open.
    """
    if page.older is None:
        return None
    content = page.head.stream_id.bytes + page.older.to_bytes(_SEQUENCE_BYTES, "big")
    return base64.urlsafe_b64encode(content).decode()


def _read_cursor(text: str) -> tuple[uuid.UUID, int]:
    """Return the session's id and the sequence that `_next_cursor` wrote.

    Raises:
        InvalidParameter: the text is no such cursor.
    """
    try:
        content = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        content = b""
    before = int.from_bytes(content[_ID_BYTES:], "big")
    if len(content) != _ID_BYTES + _SEQUENCE_BYTES or not 0 < before < 2**63:
        raise InvalidParameter("cursor", "is not the next_cursor of a page of events")
    return uuid.UUID(bytes=content[:_ID_BYTES]), before


class BeaconParser(JSONBodyParser):
    """Reads JSON that `navigator.sendBeacon` sent as text."""

    media_type = "text/plain"


class ActivityView(ApiView):
    """Record a batch of client activity, either all of it or nothing."""

    work = Work.LIGHT
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
