"""Endpoints that apply one operation to the session, and the catalogue of operations."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.operation_answers import (
    QUICK_CLEANING,
    catalogue_body,
    cleaned_body,
    operation_body,
)
from data_tools.operations import OPERATIONS
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services import session_service
from data_tools.services.session_lookup import find_dataset
from data_tools.services.session_request import ShownRows
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ApiView, ExistingView, FormBodyParser, JSONBodyParser
from data_tools.views.api.studio_view import (
    body_of,
    fields_of,
    requested_page,
    requested_rows,
    session_request,
)

_WRITTEN_FLAGS = {"true": True, "false": False}
_FORM_TOKEN = "csrfmiddlewaretoken"


class OperationView(ExistingView):
    """Apply `operation` with the body as its parameters; answer with the session after it."""

    work = Work.LIGHT_OR_HEAVY
    tells_response_time = True
    operation = ""

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        applied = session_service.apply_operation(
            session_request(request, datasource_id, rows),
            name=self.operation,
            parameters=body_of(request),
        )
        return Response(operation_body(applied, paged=rows.is_paged))


rename_column = OperationView.as_view(operation="rename_column")
change_column_type = OperationView.as_view(operation="change_column_type")
fill_missing_values = OperationView.as_view(operation="fill_missing_values")


class OperationFields(serializers.Serializer[None]):
    operation = serializers.JSONField()
    parameters = serializers.JSONField(default=dict)


class OperationsView(ApiView):
    """Answer the catalogue (GET), or apply an operation by its name in the log (POST)."""

    work = Work.LIGHT
    work_of_changes = Work.LIGHT_OR_HEAVY

    def get(self, request: Request, datasource_id: uuid.UUID) -> Response:
        find_dataset(request.user.pk, datasource_id, must_be_ready=False)
        return Response(catalogue_body(OPERATIONS.values()))

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        fields = fields_of(request, OperationFields)
        name, parameters = fields["operation"], fields["parameters"]
        if not isinstance(name, str):
            raise InvalidParameter("operation", "must be the name of an operation")
        if not isinstance(parameters, dict):
            raise InvalidParameter("parameters", "must be an object")
        applied = session_service.apply_operation(
            session_request(request, datasource_id, rows), name=name, parameters=parameters
        )
        return Response(operation_body(applied, paged=rows.is_paged))


class QuickCleanView(ExistingView):
    """Drop columns without any value, then rows with a missing one: a form or JSON in.

    A form's texts become booleans; the operation rejects any other value.
    """

    work = Work.LIGHT_OR_HEAVY
    parser_classes = (JSONBodyParser, FormBodyParser, MultiPartParser)

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = ShownRows(page=requested_page(request))
        parameters = {
            name: _WRITTEN_FLAGS.get(value, value) if isinstance(value, str) else value
            for name, value in body_of(request).items()
            if name != _FORM_TOKEN
        }
        applied = session_service.apply_operation(
            session_request(request, datasource_id, rows),
            name=QUICK_CLEANING,
            parameters=parameters,
        )
        return Response(cleaned_body(applied))
