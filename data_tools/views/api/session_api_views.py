"""Endpoints of a session's life: open, read, undo, redo, close, save, validate, recover."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.dataset_answers import saved_body
from data_tools.answers.recovery_answers import recovered_body, verdict
from data_tools.answers.session_answers import cleared_body, paused_body, session_body
from data_tools.answers.status_answers import past_status_body, status_body
from data_tools.features import Feature
from data_tools.http.addresses import mount_of
from data_tools.services import recovery_service, save_service, session_service, time_travel_service
from data_tools.services.session_data import NotModified
from data_tools.services.session_request import SessionRequest
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView, ExistingView
from data_tools.views.api.conditional import known_tags, tagged
from data_tools.views.api.pending_fields import pending_of
from data_tools.views.api.studio_view import (
    WrittenUUIDField,
    choice_field,
    command_of,
    fields_of,
    past_of,
    query_fields_of,
    requested_rows,
    session_request,
)
from data_tools.views.api.text_field import TextField
from session_events import services
from session_events.recording import Outcome
from session_events.recovery.attempt import RecoveryRequest
from session_events.recovery.verdicts import Strategy


class InitializeView(ExistingView):
    """Open a session, or continue the existing one."""

    work = Work.LIGHT_OR_HEAVY
    rate_class = "opens"
    tells_rate_limit = True
    tells_response_time = True

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        data, is_new = session_service.initialize(session_request(request, datasource_id, rows))
        message = "Session initialized successfully" if is_new else "Session already exists"
        return Response(session_body(data, message, paged=rows.is_paged))


class StatusView(ExistingView):
    """The session and its first rows: now, or with `at_version` as they were then."""

    work = Work.LIGHT_OR_HEAVY

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        if (past := past_of(request)) is not None:
            past_data = time_travel_service.get_past_data(
                user_id=request.user.pk, datasource_id=datasource_id, shown=rows, **past
            )
            return Response(past_status_body(past_data, paged=rows.is_paged))
        data = session_service.get_session_data(
            user_id=request.user.pk,
            datasource_id=datasource_id,
            page=rows.page,
            selection=rows.selection,
            numbered=rows.numbered,
            known_tags=known_tags(request),
        )
        if isinstance(data, NotModified):
            return tagged(request, Response(status=304), data.tag)
        return tagged(request, Response(status_body(data, paged=rows.is_paged)), data.tag)


class SessionCommandView(ExistingView):
    """Run the command that `record` records, and answer with the session after it."""

    work = Work.LIGHT_OR_HEAVY
    record: ClassVar[Callable[..., Outcome] | None] = None
    message = ""

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        data = session_service.run_command(
            self.record, session_request(request, datasource_id, rows)
        )
        return Response(session_body(data, self.message, paged=rows.is_paged))


undo = SessionCommandView.as_view(record=services.undo, message="Operation undone successfully")
redo = SessionCommandView.as_view(record=services.redo, message="Operation redone successfully")
reset = SessionCommandView.as_view(
    record=services.reset, message="Session reset successfully", is_existing_endpoint=False
)
resume = SessionCommandView.as_view(
    record=services.resume, message="Session resumed", is_existing_endpoint=False
)


class PauseView(ApiView):
    """Pause the session; it does not expire then."""

    work = Work.LIGHT

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        outcome = session_service.pause(session_request(request, datasource_id))
        return Response(paused_body(outcome.session))


class ClearView(ExistingView):
    """Close the session; it stays recoverable for the retention time."""

    work = Work.LIGHT

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        outcome = session_service.clear(session_request(request, datasource_id))
        return Response(cleared_body(None if outcome is None else outcome.session))


class SaveFields(serializers.Serializer[None]):
    """The new dataset's name and description. Null, as existing clients send it, is the default."""

    name = TextField(max_length=255, required=False, allow_null=True)
    description = TextField(max_length=10_000, required=False, allow_null=True, allow_blank=True)


class SaveView(ExistingView):
    """Save the session's rows as a new dataset. The session ends and stays recoverable."""

    work = Work.LIGHT_OR_HEAVY
    rate_class = "scans"

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = fields_of(request, SaveFields)
        saved = save_service.save(session_request(request, datasource_id), **fields)
        return Response(saved_body(saved))


class ValidateFields(serializers.Serializer[None]):
    """What a client may tell about the session it knows."""

    session_id = WrittenUUIDField(required=False)
    known_version = serializers.IntegerField(min_value=0, required=False)


class ValidateView(ApiView):
    """Tell whether the session is valid, what can be recovered, what to do next. Never writes."""

    work = Work.LIGHT
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
    stop_at_refused = serializers.BooleanField(default=False)


class RecoverView(ApiView):
    """Recover the session, and answer with all of it."""

    work = Work.LIGHT_OR_HEAVY
    feature = Feature.RECOVERY

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        fields = fields_of(request, RecoverFields)
        strategy = Strategy(fields["strategy"])
        command = command_of(request, datasource_id)
        rows = requested_rows(request)
        pending = pending_of(fields["pending_operations"], strategy=strategy, command=command)
        recovered = recovery_service.recover(
            SessionRequest(datasource_id=datasource_id, command=command, rows=rows),
            recovery=RecoveryRequest(
                strategy=strategy, to_version=fields["to_version"], session_id=fields["session_id"]
            ),
            pending=pending,
            stops_at_refused=fields["stop_at_refused"],
        )
        return Response(recovered_body(recovered))
