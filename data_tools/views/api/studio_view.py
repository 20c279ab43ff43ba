"""What the endpoints below a dataset share: reading a request before they call a service."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from data_tools.features import Feature, is_on
from data_tools.filtering import PageSpec, Selection, parse_page, parse_selection
from data_tools.http.observability import current_trace_id
from data_tools.operations.exceptions import InvalidParameter
from data_tools.services.session_data import PREVIEW
from data_tools.views.api.api_view import ApiView, object_of
from session_events.envelope import digest
from session_events.recording import Command

_PAGE_FIELDS = ("page_number", "page_size")
_QUERY_OF = {
    Feature.PAGINATION_PARAMETERS: (*_PAGE_FIELDS, "sort"),
    Feature.FILTERS: ("filter",),
}
_COMMAND_FIELDS = ("expected_version", "expected_session_id", "client_operation_id")
_CLIENT_KIND_LENGTH = 64


class WrittenUUIDField(serializers.UUIDField):
    """A UUID as text. A number is rejected, where the base class would convert it."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def choice_field(choices: Sequence[str], **more: Any) -> serializers.ChoiceField:
    """Return a field for one of the choices; its error message names them all."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAsked:
    """Which rows an answer shows.

    `paged` is false for a client that chose none: it gets the first rows, and no `pagination`.
    """

    page: PageSpec
    selection: Selection
    paged: bool


class StudioView(ApiView):
    """Base of the endpoints below ``/api/studio/<datasource_id>/``.

    For the two flags see Note [Two forms of an error] in `error_answers`.
    """

    is_existing_endpoint = True
    answers_200_when_refused = False


def body_of(request: Request) -> dict[str, Any]:
    """Return the request's own fields: the JSON object without page and command fields.

    Raises:
        InvalidBody: the body is JSON, but not an object.
    """
    return own_fields(object_of(request))


def own_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body without its page and command fields."""
    ours = {*_PAGE_FIELDS, *_COMMAND_FIELDS}
    return {name: value for name, value in body.items() if name not in ours}


def fields_of(request: Request, fields: type[serializers.Serializer[None]]) -> dict[str, Any]:
    """Return the body's own fields, checked. An unknown field is an error, not ignored.

    Raises:
        InvalidBody: the body is JSON, but not an object.
        InvalidParameter: it has an unknown field.
        ValidationError: a field has an invalid value.
    """
    checked = fields(data=body_of(request))
    for name in checked.initial_data:
        if name not in checked.fields:
            raise InvalidParameter(
                name, "is not a parameter of this request", known=sorted(checked.fields)
            )
    checked.is_valid(raise_exception=True)
    return checked.validated_data


def query_fields_of(request: Request, fields: type[serializers.Serializer[None]]) -> dict[str, Any]:
    """Return the query parameters that are among `fields`, checked, even those that are empty.

    Raises:
        ValidationError: a parameter has an invalid value.
    """
    checked = fields(data=request.query_params.dict())  # in a QueryDict, "" would count as missing
    checked.is_valid(raise_exception=True)
    return checked.validated_data


def past_of(request: Request) -> dict[str, Any] | None:
    """Return the `session_id` and the `at_version` of a read of the past; None without either.

    Raises:
        ValidationError: one of them has an invalid value.
    """
    if not {"at_version", "session_id"} & set(request.query_params):
        return None
    query = query_fields_of(request, PastFields)
    return {"at_version": query.get("at_version"), "session_id": query.get("session_id")}


def reader_of(request: Request) -> Command:
    """Return who reads, as a command without command fields."""
    return Command(
        actor_id=request.user.pk,
        trace_id=current_trace_id(),
        client_kind=request.headers.get("User-Agent", "")[:_CLIENT_KIND_LENGTH],
    )


def command_of(request: Request, datasource_id: uuid.UUID) -> Command:
    """Return who sends a command, what they know of the session, and the command's id.

    Without a `client_operation_id` in the body, one is derived from the header `Idempotency-Key`,
    which may be any text.

    Raises:
        ValidationError: a command field has an invalid value.
    """
    fields = CommandFields(data={name: object_of(request).get(name) for name in _COMMAND_FIELDS})
    fields.is_valid(raise_exception=True)
    client_operation_id = fields.validated_data["client_operation_id"]
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
        expected_version=fields.validated_data["expected_version"],
        expected_session_id=fields.validated_data["expected_session_id"],
    )


def requested_page(request: Request) -> PageSpec | None:
    """Return the page that the query or the body asks for by `page_number` or `page_size`.

    Without either it is None: existing clients send neither and get the first 100 rows. While the
    feature is off, everybody does.

    Raises:
        InvalidPagination: the values are not a page.
    """
    if not is_on(Feature.PAGINATION_PARAMETERS):
        return None
    page_fields: dict[str, list[str]] = {
        name: request.query_params.getlist(name)
        for name in _PAGE_FIELDS
        if name in request.query_params
    }
    if request.method != "GET":
        for name, value in object_of(request).items():
            if name in _PAGE_FIELDS and value is not None:
                page_fields.setdefault(name, []).append(str(value))
    return parse_page(page_fields) if page_fields else None


def selection_asked(request: Request) -> Selection:
    """Return the rows and the order that the query asks for by `filter` and `sort`.

    Raises:
        InvalidSort: `sort` is not a valid order.
        InvalidFilter: `filter` is not a valid filter.
    """
    query = query_of_rows(request)
    return parse_selection({name: query.get(name, []) for name in ("sort", "filter")})


def query_of_rows(request: Request) -> dict[str, list[str]]:
    """Return the query of a page read, without the parameters of features that are off."""
    ignored = {name for feature, names in _QUERY_OF.items() if not is_on(feature) for name in names}
    return {name: values for name, values in request.query_params.lists() if name not in ignored}


def rows_asked(request: Request) -> RowsAsked:
    """Return which rows to show: of those that `filter` and `sort` select, a page or the first 100.

    Raises:
        InvalidPagination, InvalidSort, InvalidFilter: as `requested_page`, `selection_asked`.
    """
    page, selection = requested_page(request), selection_asked(request)
    return RowsAsked(
        page=page or PREVIEW,
        selection=selection,
        paged=page is not None or not selection.is_everything,
    )
