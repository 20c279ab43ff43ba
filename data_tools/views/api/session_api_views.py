"""Endpoints of a session's life: open, look, undo, redo, put away, validate, recover."""

from __future__ import annotations

import uuid
from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.features import Feature
from data_tools.services import recovery_service, session_service, time_travel_service
from data_tools.services.session_data import NotModified
from data_tools.services.session_request import SessionRequest
from data_tools.services.session_service import SessionCommand
from data_tools.views.api import presentation
from data_tools.views.api.conditional import known_tags, not_modified, tagged
from data_tools.views.api.pending_fields import pending_of
from data_tools.views.api.studio_view import (
    StudioView,
    WrittenUUIDField,
    choice_field,
    command_of,
    fields_of,
    mount_of,
    past_of,
    query_fields_of,
    requested_rows,
    session_request,
)
from session_events.recovery.attempt import RecoveryRequest
from session_events.recovery.verdicts import Strategy


class InitializeView(StudioView):
    """Open the session, or go on with the one that is there."""

    rate_class = "opens"
    tells_rate_limit = True
    tells_response_time = True

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        data, is_new = session_service.initialize(session_request(request, datasource_id, rows))
        message = "Session initialized successfully" if is_new else "Session already exists"
        return Response(presentation.full_body(data, message, paged=rows.is_paged))


class StatusView(StudioView):
    """The session as it stands, or with `at_version` as it stood, with the first rows."""

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        if (past := past_of(request)) is not None:
            past_data = time_travel_service.get_past_data(
                user_id=request.user.pk, datasource_id=datasource_id, shown=rows, **past
            )
            body = presentation.full_body(past_data.data, paged=rows.is_paged)
            return Response(presentation.as_of_then(body, past_data))
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
        return tagged(Response(presentation.full_body(data, paged=rows.is_paged)), data.tag)


class SessionCommandView(StudioView):
    """One command on the session, answered with the session after it."""

    command: ClassVar[SessionCommand]
    message: ClassVar[str]

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        data = session_service.run_command(
            self.command, session_request(request, datasource_id, rows)
        )
        return Response(presentation.full_body(data, self.message, paged=rows.is_paged))


class UndoView(SessionCommandView):
    """Take the last operation back."""

    command = SessionCommand.UNDO
    message = "Operation undone successfully"


class RedoView(SessionCommandView):
    """Put the operation undone last back."""

    command = SessionCommand.REDO
    message = "Operation redone successfully"


class ResetView(SessionCommandView):
    """Go back to the dataset's own columns and values."""

    is_existing_endpoint = False
    command = SessionCommand.RESET
    message = "Session reset successfully"


class ResumeView(SessionCommandView):
    """Take a paused session up again."""

    is_existing_endpoint = False
    command = SessionCommand.RESUME
    message = "Session resumed"


class PauseView(StudioView):
    """Put the session aside."""

    is_existing_endpoint = False

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        outcome = session_service.pause(session_request(request, datasource_id))
        return Response(
            {
                "success": True,
                "message": "Session paused",
                "session_info": presentation.session_info(outcome.session),
                **presentation.summary(outcome.session),
                **presentation.durable(outcome.session),
            }
        )


class ClearView(StudioView):
    """Put the session away; it stays recoverable for the retention time."""

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        outcome = session_service.clear(session_request(request, datasource_id))
        return Response(
            {
                "success": True,
                "message": "Session cleared successfully",
                **presentation.durable(None if outcome is None else outcome.session),
            }
        )


class ValidateFields(serializers.Serializer[None]):
    """What a client may tell of what it has."""

    session_id = WrittenUUIDField(required=False)
    known_version = serializers.IntegerField(min_value=0, required=False)


class ValidateView(StudioView):
    """Is the session valid, can it be recovered, what to do next. Never writes."""

    is_existing_endpoint = False
    feature = Feature.RECOVERY

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = query_fields_of(request, ValidateFields)
        validation = recovery_service.validate(
            user_id=request.user.pk, datasource_id=datasource_id, **fields
        )
        return Response(presentation.verdict(validation, mount=mount_of(datasource_id)))


class RecoverFields(serializers.Serializer[None]):
    """How the session is to be brought back."""

    strategy = choice_field([s.value for s in Strategy], default="auto")
    to_version = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    session_id = WrittenUUIDField(required=False, allow_null=True)
    pending_operations = serializers.JSONField(required=False, allow_null=True)


class RecoverView(StudioView):
    """Bring the session back, and answer all of it."""

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
        recovery, data = recovered.recovery, recovered.data
        message = "Session recovered" if recovery.recorded else "Nothing to recover"
        if recovery.is_repeat:
            message = "Already recovered"
        brought_back, state = recovery.session.state, data.session.state
        return Response(
            {
                "success": True,
                "message": message,
                "strategy": recovery.strategy.value,
                "recovered": recovery.recorded,
                "session_info": presentation.session_info(data.session, data.datasource.name),
                "columns": presentation.column_list(data.columns),
                "operations": presentation.operation_list(state.operations),
                "view": presentation.view_object(state),
                "data": presentation.records(data.page, data.columns),
                "pagination": presentation.pagination(data.page),
                **presentation.page_error(data),
                "restored": {
                    "operations": len(brought_back.operations),
                    "redo": len(brought_back.redo),
                },
                "pending_operations": presentation.pending_list(recovered.pending),
                "given_up": presentation.given_up_list(recovery.given_up),
                "events_replayed": recovery.events_replayed,
                "snapshot_version": recovery.snapshot_sequence,
                "duration_ms": round(recovery.duration_ms, 3),
                **presentation.summary(data.session),
                **presentation.durable(data.session),
            }
        )
