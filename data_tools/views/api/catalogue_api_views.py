"""`operations/`: the catalogue of operations, and applying any of them."""

from __future__ import annotations

import uuid

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.operation_answers import catalogue_body, operation_body
from data_tools.operations import OPERATIONS
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services.session_lookup import find_dataset
from data_tools.views.api.operation_api_views import apply
from data_tools.views.api.studio_view import StudioView, fields_of, requested_rows


class OperationFields(serializers.Serializer[None]):
    operation = serializers.JSONField()
    parameters = serializers.JSONField(default=dict)


class OperationsView(StudioView):
    """Answer the catalogue (GET), or apply an operation by its name in the log (POST)."""

    is_existing_endpoint = False

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
        applied = apply(request, datasource_id, name, parameters, rows)
        return Response(operation_body(applied, paged=rows.is_paged))
