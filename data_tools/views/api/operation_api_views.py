"""Endpoints that apply one operation to the session."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.operation_answers import operation_body, transform_body
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services import session_service
from data_tools.services.session_request import ShownRows
from data_tools.services.session_service import Applied
from data_tools.views.api.studio_view import (
    StudioView,
    body_of,
    requested_page,
    requested_rows,
    session_request,
)


class OperationView(StudioView):
    """Apply `operation` with the body as its parameters; answer with the session after it."""

    operation: ClassVar[str] = ""

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = requested_rows(request)
        applied = apply(request, datasource_id, self.operation, body_of(request), rows)
        return Response(operation_body(applied, paged=rows.is_paged))


class RenameColumnView(OperationView):
    tells_response_time = True
    operation = "rename_column"


class ChangeColumnTypeView(OperationView):
    tells_response_time = True
    operation = "change_column_type"


class FillMissingValuesView(OperationView):
    tells_response_time = True
    operation = "fill_missing_values"


class TransformColumnsView(StudioView):
    """Rename, drop or duplicate columns. Older clients get 200 for a refused operation."""

    answers_200_when_refused = True

    _parameters: ClassVar[Mapping[str, str]] = {
        "rename": "new_names",
        "drop": "columns",
        "duplicate": "columns",
    }

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = ShownRows(page=requested_page(request))
        body = body_of(request)
        name, parameters = self._operation_of(body)
        applied = apply(request, datasource_id, name, parameters, rows)
        return Response(transform_body(applied, body.get("columns") or []))

    def _operation_of(self, body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the operation and its parameters; fields of the other operations are left out.

        Raises:
            InvalidParameter: the operation does not exist, or none of them takes a field.
        """
        operation = body.get("operation")
        if not isinstance(operation, str) or operation not in self._parameters:
            raise InvalidParameter(
                "operation", "must be rename, drop or duplicate", choices=list(self._parameters)
            )
        known = {"operation", *self._parameters.values()}
        for field in body:
            if field not in known:
                raise InvalidParameter(field, "is not a parameter of this operation")
        columns = body.get("columns")  # answered as `affected_columns`, so checked even for rename
        if columns is not None and not (
            isinstance(columns, list) and all(isinstance(name, str) for name in columns)
        ):
            raise InvalidParameter("columns", "must be a list of column names")
        taken = self._parameters[operation]
        return f"column_operation_{operation}", {
            field: value for field, value in body.items() if field == taken
        }


def apply(
    request: Request,
    datasource_id: uuid.UUID,
    name: str,
    parameters: Mapping[str, Any],
    rows: ShownRows,
) -> Applied:
    """Apply the operation of that name for the user who sends the request."""
    return session_service.apply_operation(
        session_request(request, datasource_id, rows), name=name, parameters=parameters
    )
