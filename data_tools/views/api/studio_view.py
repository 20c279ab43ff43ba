"""What every endpoint below a dataset does with a request before it calls its service."""

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
    """A UUID as text; a number is no UUID, though Python could make one of it."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def choice_field(choices: Sequence[str], **more: Any) -> serializers.ChoiceField:
    """Return a field of one of the choices, which names them all where it is none of them."""
    said = f"must be one of {', '.join(choices)}"
    return serializers.ChoiceField(choices, error_messages={"invalid_choice": said}, **more)


class CommandFields(serializers.Serializer[None]):
    """The fields that any state-changing request may carry beside its own."""

    expected_version = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    expected_session_id = WrittenUUIDField(required=False, allow_null=True)
    client_operation_id = WrittenUUIDField(required=False, allow_null=True)


class PastFields(serializers.Serializer[None]):
    """The query parameters of a read that may look at an earlier version or session."""

    at_version = serializers.IntegerField(min_value=1, required=False)
    session_id = WrittenUUIDField(required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAsked:
    """Which rows an answer shows. `paged` is false for a client that did not say: it gets the first
    ones, and no `pagination`."""

    page: PageSpec
    selection: Selection
    paged: bool


class StudioView(ApiView):
    """Base of the endpoints below ``/api/studio/<datasource_id>/``.

    For the two flags see `errors` Note [Two forms of an error].
    """

    is_existing_endpoint = True
    answers_200_when_refused = False


def mount_of(datasource_id: uuid.UUID) -> str:
    return f"/api/studio/{datasource_id}/"


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
    """Return the body's own fields, checked; what is not a field is refused, not lost in silence.

    Raises:
        InvalidBody, InvalidParameter, ValidationError.
    """
    given = fields(data=body_of(request))
    for name in given.initial_data:
        if name not in given.fields:
            raise InvalidParameter(
                name, "is not a parameter of this request", known=sorted(given.fields)
            )
    given.is_valid(raise_exception=True)
    return given.validated_data


def query_fields_of(request: Request, fields: type[serializers.Serializer[None]]) -> dict[str, Any]:
    """Return those query parameters that are among `fields`, checked; an empty one is no value.

    Raises:
        ValidationError: one of them is not what it must be.
    """
    given = fields(data=request.query_params.dict())  # a QueryDict would let "" pass for nothing
    given.is_valid(raise_exception=True)
    return given.validated_data


def past_of(request: Request) -> dict[str, Any] | None:
    """Return the `session_id` and the `at_version` that a read asks for, None for neither.

    Raises:
        ValidationError: one of them is not what it must be.
    """
    if not {"at_version", "session_id"} & set(request.query_params):
        return None
    asked = query_fields_of(request, PastFields)
    return {"at_version": asked.get("at_version"), "session_id": asked.get("session_id")}


def reader_of(request: Request) -> Command:
    """Return who reads; a read carries no command fields."""
    return Command(
        actor_id=request.user.pk,
        trace_id=current_trace_id(),
        client_kind=request.headers.get("User-Agent", "")[:_CLIENT_KIND_LENGTH],
    )


def command_of(request: Request, datasource_id: uuid.UUID) -> Command:
    """Return who asks and what they know, from the body and the `Idempotency-Key` header.

    The header stands in for a `client_operation_id` that is not there; it may be any text.

    Raises:
        ValidationError: a command field is not what it must be.
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

    None when neither is there: existing clients do not ask, and get the first 100 rows. So does
    everybody while the feature is switched off.

    Raises:
        InvalidPagination: what is asked for is not a page.
    """
    if not is_on(Feature.PAGINATION_PARAMETERS):
        return None
    asked: dict[str, list[str]] = {
        name: request.query_params.getlist(name)
        for name in _PAGE_FIELDS
        if name in request.query_params
    }
    if request.method != "GET":
        for name, value in object_of(request).items():
            if name in _PAGE_FIELDS and value is not None:
                asked.setdefault(name, []).append(str(value))
    return parse_page(asked) if asked else None


def selection_asked(request: Request) -> Selection:
    """Return which rows the query asks for by `filter`, and in which order by `sort`.

    Raises: InvalidSort, InvalidFilter.
    """
    query = query_of_rows(request)
    return parse_selection({name: query.get(name, []) for name in ("sort", "filter")})


def query_of_rows(request: Request) -> dict[str, list[str]]:
    """Return the query of a page read, without the parameters of features that are off."""
    ignored = {name for feature, names in _QUERY_OF.items() if not is_on(feature) for name in names}
    return {name: values for name, values in request.query_params.lists() if name not in ignored}


def rows_asked(request: Request) -> RowsAsked:
    """Return which rows to show: of those that `filter` and `sort` say, a page or the first 100.

    Raises: InvalidPagination, InvalidSort, InvalidFilter.
    """
    page, selection = requested_page(request), selection_asked(request)
    return RowsAsked(
        page=page or PREVIEW,
        selection=selection,
        paged=page is not None or not selection.is_everything,
    )
