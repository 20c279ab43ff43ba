"""`transform/*`: applies a method, chosen by name, to the named columns or to all suitable ones.

Older clients get 200 for a refused operation, as they always did.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.operation_answers import transform_body
from data_tools.operations import OPERATIONS
from data_tools.operations.engineering import MATH_OPERATIONS, RELATIVE_OPERATIONS
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services.session_request import ShownRows
from data_tools.views.api.operation_api_views import apply
from data_tools.views.api.studio_view import StudioView, body_of, requested_page


class TransformView(StudioView):
    """Apply the operation of the body's `method`, with the fields that it takes.

    `methods` maps methods to operations; the first one is the default. `aliases` maps other
    spellings of fields, which some clients send, to ours. Fields of other methods are ignored,
    because clients send all fields of a form.
    """

    answers_200_when_refused = True
    methods: ClassVar[Mapping[str, str]] = {}
    aliases: ClassVar[Mapping[str, str]] = {}

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = ShownRows(page=requested_page(request))
        body = self._in_our_spelling(body_of(request))
        name, parameters = self.operation_of(body), self._parameters_of(body)
        applied = apply(request, datasource_id, name, parameters, rows)
        return Response(transform_body(applied, body.get("columns") or []))

    def operation_of(self, body: Mapping[str, Any]) -> str:
        """Return the name of the operation.

        Raises:
            InvalidParameter: the method does not exist.
        """
        return self.methods[choice(body, "method", self.methods)]

    def known_operations(self) -> list[str]:
        return list(self.methods.values())

    def own_fields(self) -> set[str]:
        """Return the fields that choose the operation."""
        return {"method"}

    def _in_our_spelling(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body with its fields in our spelling.

        Raises:
            InvalidParameter: a field is given in two spellings.
        """
        spelled: dict[str, Any] = {}
        for field, value in body.items():
            name = self.aliases.get(field, field)
            if name in spelled:
                raise InvalidParameter(name, "is given in two spellings")
            spelled[name] = value
        return spelled

    def _parameters_of(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that the chosen operation takes.

        Raises:
            InvalidParameter: no method of this endpoint takes a field.
        """
        takes = {name: _parameters(name) for name in self.known_operations()}
        known = self.own_fields().union(*takes.values())
        for field in body:
            if field not in known:
                raise InvalidParameter(
                    field, "is not a parameter of this operation", known=sorted(known)
                )
        taken = takes.get(self.operation_of(body), known) - self.own_fields()
        return {field: value for field, value in body.items() if field in taken}


class TransformImputationView(TransformView):
    methods = {
        method: f"missing_data_imputation_{method}"
        for method in ("mean", "median", "mode", "constant")
    }
    aliases = {"custom_value": "constant_value"}


class TransformEncodingView(TransformView):
    methods = {
        method: f"feature_encoding_{method}" for method in ("ordinal", "onehot", "rare_label")
    }
    aliases = {"encoding_type": "method"}


class TransformScalingView(TransformView):
    methods = {
        method: f"feature_scaling_{method}"
        for method in ("standard", "minmax", "robust", "maxabs", "log")
    }
    aliases = {"scaler_type": "method"}


class TransformOutliersView(TransformView):
    methods = {method: f"outlier_treatment_{method}" for method in ("winsorize", "trim")}


class TransformEngineeringView(TransformView):
    """Two methods, each with its own operations: `method` and `operation` choose together."""

    _operations: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "math": ("add", *(name for name in MATH_OPERATIONS if name != "add")),
        "relative": tuple(RELATIVE_OPERATIONS),
    }

    def operation_of(self, body: Mapping[str, Any]) -> str:
        method = choice(body, "method", self._operations)
        operation = choice(body, "operation", dict.fromkeys(self._operations[method]))
        return f"feature_engineering_{method}_{operation}"

    def known_operations(self) -> list[str]:
        return [
            f"feature_engineering_{method}_{operation}"
            for method, operations in self._operations.items()
            for operation in operations
        ]

    def own_fields(self) -> set[str]:
        return {"method", "operation"}


def choice(body: Mapping[str, Any], field: str, choices: Mapping[str, Any]) -> str:
    """Return the body's choice, by default the first one.

    Raises:
        InvalidParameter: it is none of the choices.
    """
    chosen = body.get(field)
    if chosen is None:
        return next(iter(choices))
    if not isinstance(chosen, str) or chosen not in choices:
        raise InvalidParameter(field, f"must be one of {', '.join(choices)}", choices=list(choices))
    return chosen


def _parameters(operation: str) -> set[str]:
    return {parameter.name for parameter in OPERATIONS[operation].parameters}
