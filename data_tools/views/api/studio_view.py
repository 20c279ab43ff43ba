"""Read the parts of a request that the endpoints below a dataset have in common."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from data_tools.features import Feature, is_on
from data_tools.filtering import PageSpec, parse_page, parse_selection
from data_tools.http.capabilities import wants_row_numbers
from data_tools.observing.trace import current_trace_id
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services.session_request import SessionRequest, ShownRows
from data_tools.views.api.api_view import object_of, validated
from session_events.envelope import digest
from session_events.recording import Command

_PAGE_FIELDS = ("page_number", "page_size")
_QUERY_OF = {
    Feature.PAGINATION_PARAMETERS: (*_PAGE_FIELDS, "sort"),
    Feature.FILTERS: ("filter",),
}
# Of requests that choose rows without their page; see `filtering.page_query` for the spellings.
ROW_PARAMETERS = ("filter", "sort", "sortField", "sortOrder", "sort_by", "sort_order")
_COMMAND_FIELDS = ("expected_version", "expected_session_id", "client_operation_id")
_CLIENT_KIND_LENGTH = 64


class WrittenUUIDField(serializers.UUIDField):
    """A UUID as text. A number is refused, although Python could make a UUID of it."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def choice_field(choices: Sequence[str], **more: Any) -> serializers.ChoiceField:
    """Return a field for one of the choices; its error message lists them all."""
    message = f"must be one of {', '.join(choices)}"
    return serializers.ChoiceField(choices, error_messages={"invalid_choice": message}, **more)


class CommandFields(serializers.Serializer[None]):
    """The fields that any state-changing request may carry in addition to its own."""

    expected_version = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    expected_session_id = WrittenUUIDField(required=False, allow_null=True)
    client_operation_id = WrittenUUIDField(required=False, allow_null=True)


class PastFields(serializers.Serializer[None]):
    """The query parameters of a read that may look at an earlier version or session."""

    at_version = serializers.IntegerField(min_value=1, required=False)
    session_id = WrittenUUIDField(required=False)


def body_of(request: Request) -> dict[str, Any]:
    """Return the fields of the body without page and command fields.

    Raises: as `object_of`.
    """
    return own_fields(object_of(request))


def own_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body without its page and command fields."""
    shared_fields = {*_PAGE_FIELDS, *_COMMAND_FIELDS}
    return {name: value for name, value in body.items() if name not in shared_fields}


def fields_of(request: Request, fields: type[serializers.Serializer[None]]) -> dict[str, Any]:
    """Return the validated fields of the body, without page and command fields.

    Raises:
        InvalidParameter: the body has an unknown field.
        And as `body_of` and `validated`.
    """
    serializer = fields(data=body_of(request))
    for name in serializer.initial_data:
        if name not in serializer.fields:
            raise InvalidParameter(
                name, "is not a parameter of this request", known=sorted(serializer.fields)
            )
    return validated(serializer)


def query_fields_of(request: Request, fields: type[serializers.Serializer[None]]) -> dict[str, Any]:
    """Return the validated query parameters that are among `fields`; "" is not a valid value.

    Raises: as `validated`.
    """
    parameters = request.query_params.dict()  # DRF takes "" in a QueryDict for a missing value
    return validated(fields(data=parameters))


def require_known_parameters(request: Request, known: Iterable[str]) -> None:
    """Raise for the first query parameter that is not among `known`.

    Raises:
        InvalidParameter: it is unknown; the message names it.
    """
    names = sorted(set(known))
    for name in request.query_params:
        if name not in names:
            raise InvalidParameter(name, "is not a parameter of this request", known=names)


def named_column(request: Request) -> tuple[str | None, str | None]:
    """Return the `column` or the `key` of a query; the other is None.

    Raises:
        InvalidParameter: the query has both or neither.
    """
    name, key = (request.query_params.get(field) for field in ("column", "key"))
    if (name is None) == (key is None):
        raise InvalidParameter("column", "or key must be given, but not both")
    return name, key


def past_of(request: Request) -> dict[str, Any] | None:
    """Return the `session_id` and the `at_version` of a read, None if it has neither.

    Raises: as `validated`.
    """
    if not {"at_version", "session_id"} & set(request.query_params):
        return None
    return query_fields_of(request, PastFields)


def reader_of(request: Request) -> Command:
    """Return who sends the request, without command fields, which a read does not have."""
    return Command(
        actor_id=request.user.pk,
        trace_id=current_trace_id(),
        client_kind=request.headers.get("User-Agent", "")[:_CLIENT_KIND_LENGTH],
    )


def command_of(request: Request, datasource_id: uuid.UUID) -> Command:
    """Return who sends the command and what they last saw.

    The `Idempotency-Key` header, which may be any text, stands in for a missing
    `client_operation_id`.

    Raises: as `validated`.
    """
    body = object_of(request)
    fields = validated(CommandFields(data={name: body.get(name) for name in _COMMAND_FIELDS}))
    client_operation_id = fields["client_operation_id"]
    key = request.headers.get("Idempotency-Key", "")
    if client_operation_id is None and key:
        client_operation_id = uuid.uuid5(datasource_id, key)
    endpoint = request.path.partition(str(datasource_id))[2]
    return replace(
        reader_of(request),
        client_operation_id=client_operation_id,
        request_digest=(
            digest([endpoint, body_of(request)]) if client_operation_id is not None else None
        ),
        expected_version=fields["expected_version"],
        expected_session_id=fields["expected_session_id"],
    )


def session_request(
    request: Request, datasource_id: uuid.UUID, rows: ShownRows | None = None
) -> SessionRequest:
    """Return the command in the request, with the rows that its answer shows.

    Raises: as `command_of`.
    """
    command = command_of(request, datasource_id)
    return SessionRequest(datasource_id=datasource_id, command=command, rows=rows or ShownRows())


def requested_page(request: Request) -> PageSpec | None:
    """Return the page that `page_number` and `page_size` in the query or the body ask for.

    None if neither is there, as existing clients send neither, and while the feature is switched
    off.

    Raises:
        InvalidPagination: there is no such page.
    """
    if not is_on(Feature.PAGINATION_PARAMETERS):
        return None
    values_of: dict[str, list[str]] = {
        name: request.query_params.getlist(name)
        for name in _PAGE_FIELDS
        if name in request.query_params
    }
    if request.method != "GET":
        for name, value in object_of(request).items():
            if name in _PAGE_FIELDS and value is not None:
                values_of.setdefault(name, []).append(str(value))
    return parse_page(values_of) if values_of else None


def rows_query(request: Request) -> dict[str, list[str]]:
    """Return the query parameters, without those of features that are switched off."""
    ignored = {name for feature, names in _QUERY_OF.items() if not is_on(feature) for name in names}
    return {name: values for name, values in request.query_params.lists() if name not in ignored}


def requested_rows(request: Request) -> ShownRows:
    """Return which rows to show: a page, or the first 100, of what `filter` and `sort` choose.

    Raises:
        InvalidPagination, InvalidSort, InvalidFilter: the parameters do not make sense.
    """
    page, query = requested_page(request), rows_query(request)
    chosen = {name: query.get(name, []) for name in ("sort", "filter")}
    return ShownRows(
        page=page, selection=parse_selection(chosen), numbered=wants_row_numbers(request)
    )
