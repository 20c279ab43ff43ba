"""Quick cleaning as the existing pages ask for it: a form or JSON, the answer in an envelope."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.services.session_request import ShownRows
from data_tools.services.session_service import Applied
from data_tools.views.api import presentation
from data_tools.views.api.api_view import FormBodyParser, JSONBodyParser
from data_tools.views.api.operation_api_views import apply
from data_tools.views.api.studio_view import StudioView, body_of, requested_page
from session_events.events import Operation
from session_events.state import columns_after

_OPERATION = "quick_nan_cleaning"
_WRITTEN_FLAGS = {"true": True, "false": False}
_FORM_TOKEN = "csrfmiddlewaretoken"


class QuickCleanView(StudioView):
    """Drop columns without any value, then rows with a missing one."""

    parser_classes = (JSONBodyParser, FormBodyParser, MultiPartParser)

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = ShownRows(page=requested_page(request))
        parameters = _parameters(body_of(request))
        applied = apply(request, datasource_id, _OPERATION, parameters, rows)
        return Response(
            {
                "success": True,
                "data": _report(applied),
                **presentation.summary(applied.data.session),
                **presentation.durable(applied.data.session),
                "repeated": applied.is_repeat,
            }
        )


def _parameters(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with a form's texts as flags; what is neither is for the operation to refuse."""
    return {
        name: _WRITTEN_FLAGS.get(value, value) if isinstance(value, str) else value
        for name, value in body.items()
        if name != _FORM_TOKEN
    }


def _report(applied: Applied) -> dict[str, Any]:
    """What the cleaning did, in the existing contract's words; of a repeated one what it did."""
    session = applied.data.session
    assert session is not None  # an operation was just applied to it
    operations = session.state.operations
    found = [at for at, operation in enumerate(operations) if operation.operation == _OPERATION]
    if not found:  # repeated, and undone since
        return {"message": applied.message, "data_changed": False}
    operation = operations[found[-1]]
    before = columns_after(session.state.base_columns, operations[: found[-1]])
    dropped = {change.key for change in operation.column_changes}
    names = [column.name for column in before if column.key in dropped]
    removed = operation.rows_before - operation.rows_after
    shapes = {
        "new_shape": [operation.rows_after, len(before) - len(names)],
        "original_shape": [operation.rows_before, len(before)],
    }
    has_changed = bool(removed or names)
    return {
        "message": applied.message,
        "summary": {
            "original_rows": operation.rows_before,
            "original_columns": len(before),
            "rows_removed": removed,
            "columns_removed": len(names),
            "columns_dropped": names,
            "operations_performed": _performed(operation, names, removed),
            "final_rows": operation.rows_after,
            "final_columns": len(before) - len(names),
        },
        "data_changed": has_changed,
        **(shapes if has_changed else {}),
    }


def _performed(operation: Operation, names: list[str], removed: int) -> list[dict[str, Any]]:
    performed: list[dict[str, Any]] = []
    if operation.parameters["remove_nan_columns"]:
        performed.append(
            {
                "operation": "remove_nan_columns",
                "columns_removed": len(names),
                "column_names": names,
            }
        )
    if operation.parameters["remove_nan_rows"]:
        performed.append({"operation": "remove_nan_rows", "rows_removed": removed})
    return performed
