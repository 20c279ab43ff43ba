"""Endpoints of a session's life: open, read, undo, redo, close, validate, recover."""

from __future__ import annotations

import uuid
from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.recovery_answers import recovered_body, verdict
from data_tools.answers.session_answers import (
    cleared_body,
    past_session_body,
    paused_body,
    session_body,
)
from data_tools.features import Feature
from data_tools.http.addresses import mount_of
from data_tools.services import recovery_service, session_service, time_travel_service
from data_tools.services.session_data import NotModified
from data_tools.services.session_request import SessionRequest
from data_tools.services.session_service import SessionCommand
from data_tools.views.api.conditional import known_tags, not_modified, tagged
from data_tools.views.api.pending_fields import pending_of
from data_tools.views.api.studio_view import (
    StudioView,
    WrittenUUIDField,
    choice_field,
    command_of,
    fields_of,
    past_of,
    query_fields_of,
    requested_rows,
    session_request,
)
from session_events.recovery.attempt import RecoveryRequest
from session_events.recovery.verdicts import Strategy


class InitializeView(StudioView):
    """Open a session, or continue the existing one."""

    rate_class = "opens"
    tells_rate_limit = True
    tells_response_time = True

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        data, is_new = session_service.initialize(session_request(request, datasource_id, rows))
        message = "Session initialized successfully" if is_new else "Session already exists"
        return Response(session_body(data, message, paged=rows.is_paged))


class StatusView(StudioView):
    """The session and its first rows: now, or with `at_version` as they were then."""

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        if (past := past_of(request)) is not None:
            past_data = time_travel_service.get_past_data(
                user_id=request.user.pk, datasource_id=datasource_id, shown=rows, **past
            )
            return Response(past_session_body(past_data, paged=rows.is_paged))
        data = session_service.get_session_data(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            page=rows.page_or_preview,
            selection=rows.selection,
            paged=rows.is_paged,
            known_tags=known_tags(request),
        )
        if isinstance(data, NotModified):
            return not_modified(data.tag)
        return tagged(Response(session_body(data, paged=rows.is_paged)), data.tag)


class SessionCommandView(StudioView):
    """Runs one command and answers with the session after it."""

    command: ClassVar[SessionCommand]
    message: ClassVar[str]

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        data = session_service.run_command(
            self.command, session_request(request, datasource_id, rows)
        )
        return Response(session_body(data, self.message, paged=rows.is_paged))


class UndoView(SessionCommandView):
    """Undo the last operation."""

    command = SessionCommand.UNDO
    message = "Operation undone successfully"


class RedoView(SessionCommandView):
    """Redo the operation that was undone last."""

    command = SessionCommand.REDO
    message = "Operation redone successfully"


class ResetView(SessionCommandView):
    """Go back to the dataset's own columns and values."""

    is_existing_endpoint = False
    command = SessionCommand.RESET
    message = "Session reset successfully"


class ResumeView(SessionCommandView):
    """Continue a paused session."""

    is_existing_endpoint = False
    command = SessionCommand.RESUME
    message = "Session resumed"


class PauseView(StudioView):
    """Pause the session; it does not expire then."""

    is_existing_endpoint = False

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        outcome = session_service.pause(session_request(request, datasource_id))
        return Response(paused_body(outcome.session))


class ClearView(StudioView):
    """Close the session; it stays recoverable for the retention time."""

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        outcome = session_service.clear(session_request(request, datasource_id))
        return Response(cleared_body(None if outcome is None else outcome.session))


class ValidateFields(serializers.Serializer[None]):
    """What a client may tell about the session it knows."""

    session_id = WrittenUUIDField(required=False)
    known_version = serializers.IntegerField(min_value=0, required=False)


class ValidateView(StudioView):
    """Tell whether the session is valid, what can be recovered, what to do next. Never writes."""

    is_existing_endpoint = False
    feature = Feature.RECOVERY

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = query_fields_of(request, ValidateFields)
        validation = recovery_service.validate(
            user_id=request.user.pk, datasource_id=datasource_id, **fields
        )
        return Response(verdict(validation, mount=mount_of(datasource_id)))


class RecoverFields(serializers.Serializer[None]):
    """How to recover the session, and the operations to apply after that."""

    strategy = choice_field([s.value for s in Strategy], default="auto")
    to_version = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    session_id = WrittenUUIDField(required=False, allow_null=True)
    pending_operations = serializers.JSONField(required=False, allow_null=True)


class RecoverView(StudioView):
    """Recover the session, and answer with all of it."""

    is_existing_endpoint = False
    feature = Feature.RECOVERY

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = fields_of(request, RecoverFields)
        strategy = Strategy(fields["strategy"])
        command = command_of(request, datasource_id)
        rows = requested_rows(request)
        pending = fields.get("pending_operations")
        recovered = recovery_service.recover(
            SessionRequest(datasource_id=datasource_id, command=command, rows=rows),
            recovery=RecoveryRequest(
                strategy=strategy,
                to_version=fields.get("to_version"),
                session_id=fields.get("session_id"),
            ),
            pending=pending_of(pending, strategy=strategy, command=command),
        )
        return Response(recovered_body(recovered))
