"""`transform/*`: applies what the body chooses to the named columns or to all suitable ones.

Older clients get 200 for a refused operation, as they always did.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Set
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.answers.operation_answers import transform_body
from data_tools.operations import OPERATIONS
from data_tools.operations.engineering import MATH_OPERATIONS, RELATIVE_OPERATIONS
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services import session_service
from data_tools.services.session_request import ShownRows
from data_tools.under_way.requests import Work
from data_tools.views.api.api_view import ExistingView
from data_tools.views.api.studio_view import body_of, requested_page, session_request


class TransformView(ExistingView):
    """Apply the operation of the body's `method`, with the fields that it takes.

    `methods` maps methods to operations; the first one is the default. `aliases` maps other
    spellings of fields, which some clients send, to ours. Fields of other methods are ignored,
    because clients send all fields of a form.
    """

    work = Work.LIGHT_OR_HEAVY
    answers_200_when_refused = True
    own_fields: ClassVar[Set[str]] = {"method"}  # those that choose the operation
    methods: ClassVar[Mapping[str, str]] = {}
    aliases: ClassVar[Mapping[str, str]] = {}

    def post(self, request: Request, datasource_id: uuid.UUID) -> Response:
        rows = ShownRows(page=requested_page(request))
        body = self._in_our_spelling(body_of(request))
        name = self.operation_of(body)
        parameters = self.parameters_of(name, body)
        applied = session_service.apply_operation(
            session_request(request, datasource_id, rows), name=name, parameters=parameters
        )
        return Response(transform_body(applied, body.get("columns") or []))

    def operation_of(self, body: Mapping[str, Any]) -> str:
        """Return the name of the operation.

        Raises:
            InvalidParameter: the method does not exist.
        """
        return self.methods[choice(body, "method", self.methods)]

    def _in_our_spelling(self, body: Mapping[str, Any]) -> dict[str, Any]:
        spelled: dict[str, Any] = {}
        for field, value in body.items():
            name = self.aliases.get(field, field)
            if name in spelled:
                raise InvalidParameter(name, "is given in two spellings")
            spelled[name] = value
        return spelled

    def parameters_of(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that the operation takes.

        Raises:
            InvalidParameter: no method of this endpoint takes a field.
        """
        takes = {
            name: {parameter.name for parameter in OPERATIONS[name].parameters}
            for name in self.methods.values()
        }
        known = self.own_fields.union(*takes.values())
        for field in body:
            if field not in known:
                raise InvalidParameter(
                    field, "is not a parameter of this operation", known=sorted(known)
                )
        taken = takes[operation] - self.own_fields
        return {field: value for field, value in body.items() if field in taken}


def _methods(prefix: str, *methods: str) -> dict[str, str]:
    return {method: f"{prefix}_{method}" for method in methods}


imputation = TransformView.as_view(
    methods=_methods("missing_data_imputation", "mean", "median", "mode", "constant"),
    aliases={"custom_value": "constant_value"},
)
encoding = TransformView.as_view(
    methods=_methods("feature_encoding", "ordinal", "onehot", "rare_label"),
    aliases={"encoding_type": "method"},
)
scaling = TransformView.as_view(
    methods=_methods("feature_scaling", "standard", "minmax", "robust", "maxabs", "log"),
    aliases={"scaler_type": "method"},
)
outliers = TransformView.as_view(methods=_methods("outlier_treatment", "winsorize", "trim"))


class TransformColumnsView(TransformView):
    """Rename, drop or duplicate columns."""

    _parameters: ClassVar[Mapping[str, str]] = {
        "rename": "new_names",
        "drop": "columns",
        "duplicate": "columns",
    }

    def operation_of(self, body: Mapping[str, Any]) -> str:
        operation = body.get("operation")
        if not isinstance(operation, str) or operation not in self._parameters:
            raise InvalidParameter(
                "operation", "must be rename, drop or duplicate", choices=list(self._parameters)
            )
        return f"column_operation_{operation}"

    def parameters_of(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the field that the operation takes; those of the other operations are left out.

        Raises:
            InvalidParameter: none of them takes a field.
        """
        known = {"operation", *self._parameters.values()}
        for field in body:
            if field not in known:
                raise InvalidParameter(field, "is not a parameter of this operation")
        columns = body.get("columns")  # answered as `affected_columns`, so checked even for rename
        if columns is not None and not (
            isinstance(columns, list) and all(isinstance(name, str) for name in columns)
        ):
            raise InvalidParameter("columns", "must be a list of column names")
        taken = self._parameters[body["operation"]]
        return {field: value for field, value in body.items() if field == taken}


class TransformEngineeringView(TransformView):
    """Two methods, each with its own operations: `method` and `operation` choose together."""

    own_fields = {"method", "operation"}
    _operations: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "math": _methods("feature_engineering_math", *dict.fromkeys(("add", *MATH_OPERATIONS))),
        "relative": _methods("feature_engineering_relative", *RELATIVE_OPERATIONS),
    }
    methods = {name: name for choices in _operations.values() for name in choices.values()}

    def operation_of(self, body: Mapping[str, Any]) -> str:
        operations = self._operations[choice(body, "method", self._operations)]
        return operations[choice(body, "operation", operations)]


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
