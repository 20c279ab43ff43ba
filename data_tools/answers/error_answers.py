"""The answer to a request that failed: the error object, and the three forms it is sent in.

Note [Two forms of an error]
    The error object is what new endpoints, and clients with the capability `structured-errors`,
    get as `error`. All existing clients put `error` into a sentence; on existing endpoints, clients
    without the capability therefore get the user's sentence there, in the words that they know if
    there are any, and the same object with this sentence as `error_detail`. To them, `transform/*`
    also still answers 200 for an operation that was refused.
    While the feature `structured_errors` is off, existing endpoints answer every client in this
    way, without `error_detail`.

Note [Problem details]
    A client that accepts `application/problem+json` gets every error in that form instead, on every
    endpoint: the error object's fields beside the five of RFC 9457. The `type` is a URN, not an
    address: nothing has to be fetched to know what it means. Source: RFC 9457, section 3.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal, NotRequired

from django.http import HttpRequest
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from data_tools.features import Feature, is_on
from data_tools.http.addresses import dataset_of, mount_of
from data_tools.http.capabilities import wants_structured_errors
from data_tools.http.error_kinds import RECOVERY_ACTIONS, ErrorKind
from data_tools.http.errors import ApiError, error_from
from data_tools.http.outage_lines import tell_outage
from data_tools.observing.activity import note
from data_tools.observing.trace import current_trace_id

logger = logging.getLogger("data_tools.errors")  # the name by which operators search these lines

# An answer names what was wrong; it does not send back a megabyte of it.
LONGEST_SENTENCE = 500
LONGEST_DETAIL = 200
MOST_DETAILS = 100

PROBLEM_MEDIA_TYPE = "application/problem+json"

# Next steps that are not offered while the feature is switched off.
_FEATURES = {
    "validate": Feature.RECOVERY,
    "recover": Feature.RECOVERY,
    "show_columns": Feature.FILTERS,
}


class OfferedAction(TypedDict):
    """A next step, ready to be a button."""

    action: str
    label: str
    method: str
    href: str


class ErrorObject(TypedDict):
    """An error: `message` is for developers, `user_message` for people."""

    code: str
    message: str
    user_message: str
    recovery_actions: list[OfferedAction]
    retryable: bool
    details: dict[str, Any]
    timestamp: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    trace_id: str


class Refusal(TypedDict):
    """Why one of several things in a request was refused, in an answer that is no error."""

    code: str
    message: str
    user_message: str
    details: dict[str, Any]


class ErrorAnswer(TypedDict):
    success: Literal[False]
    error: ErrorObject


class SentenceAnswer(TypedDict):
    """An error for existing clients, which read a sentence."""

    success: Literal[False]
    error: str
    error_detail: NotRequired[ErrorObject]
    rate_limit_info: NotRequired[dict[str, Any]]


class ProblemMembers(TypedDict):
    """The members of RFC 9457, and `code`. The error object's other fields stand beside them."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str


def error_object(error: ApiError, *, mount: str = "") -> ErrorObject:
    """Return `error` as clients get it, with the time now and the current request's trace id.

    `mount` is the address of the dataset it is about, "" if it is about none.
    """
    return {
        "code": error.code,
        "message": _shortened(error.message),
        "user_message": _shortened(error.user_message),
        "recovery_actions": _actions(error.kind, mount),
        "retryable": error.kind.retryable,
        "details": _bounded(dict(error.details)),
        "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        "trace_id": current_trace_id(),
    }


def refusal(exc: Exception) -> Refusal:
    error = error_from(exc)
    return {
        "code": error.code,
        "message": _shortened(error.message),
        "user_message": _shortened(error.user_message),
        "details": _bounded(dict(error.details)),
    }


class StandardErrorResponse(Response):
    """The answer to a request that failed. See Note [Two forms of an error].

    `is_existing_endpoint` and `answers_200` are properties of the endpoint; `mount` is the address
    of the dataset that the request is about, "" if it is about none.
    """

    def __init__(
        self,
        error: ApiError,
        *,
        request: Request | HttpRequest,
        mount: str = "",
        is_existing_endpoint: bool = False,
        answers_200: bool = False,
    ) -> None:
        note(error_code=error.code)
        described = error_object(error, mount=mount)
        body: ErrorAnswer | SentenceAnswer | dict[str, Any] = {"success": False, "error": described}
        status = error.kind.status
        content_type = None
        if wants_problem_details(request):
            body = _problem(described, status, path=request.path)
            content_type = PROBLEM_MEDIA_TYPE
        elif is_existing_endpoint and not wants_structured_errors(request):
            body = _sentence(error, described)
            if answers_200 and status in (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT):
                status = HTTPStatus.OK
        super().__init__(
            body, status=status, headers=dict(error.headers), content_type=content_type
        )


def wants_problem_details(request: Request | HttpRequest) -> bool:
    """Tell whether the client accepts errors as in RFC 9457. See Note [Problem details]."""
    accepted = {f"{each.main_type}/{each.sub_type}" for each in request.accepted_types}
    return PROBLEM_MEDIA_TYPE in accepted and is_on(Feature.STRUCTURED_ERRORS)


def _sentence(error: ApiError, described: ErrorObject) -> SentenceAnswer:
    told = _shortened(error.former_message) or described["user_message"]
    body: SentenceAnswer = {"success": False, "error": told}
    if is_on(Feature.STRUCTURED_ERRORS):
        body["error_detail"] = {**described, "user_message": told}
    if error.rate_limit_info:
        body["rate_limit_info"] = dict(error.rate_limit_info)
    return body


def _problem(described: ErrorObject, status: HTTPStatus, *, path: str) -> dict[str, Any]:
    members: ProblemMembers = {
        "type": f"urn:hydroml:error:{described['code']}",
        "title": described["user_message"],
        "status": int(status),
        "detail": described["message"],
        "instance": _shortened(path, LONGEST_DETAIL),
        "code": described["code"],
    }
    return members | {name: value for name, value in described.items() if name != "message"}


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Answer an exception that a view raised. Django REST framework's `EXCEPTION_HANDLER`."""
    view, request = context["view"], context["request"]
    error = error_from(exc)
    if error.code == "INTERNAL_ERROR":
        logger.error("unexpected error", exc_info=exc, extra={"code": error.code})
    tell_outage(error.code, exc)
    datasource_id = context.get("kwargs", {}).get("datasource_id")
    return StandardErrorResponse(
        error,
        request=request,
        mount=mount_of(datasource_id) if datasource_id else "",
        is_existing_endpoint=getattr(view, "is_existing_endpoint", False),
        answers_200=getattr(view, "answers_200_when_refused", False),
    )


def _shortened(text: str, longest: int = LONGEST_SENTENCE) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _bounded(value: Any) -> Any:
    """Return `value` with its texts and collections cut to the limits above, at every depth."""
    match value:
        case str():
            return _shortened(value, LONGEST_DETAIL)
        case dict():
            items = list(value.items())[:MOST_DETAILS]
            return {_bounded(name): _bounded(inner) for name, inner in items}
        case list() | tuple():
            return [_bounded(inner) for inner in value[:MOST_DETAILS]]
    return value


def _actions(kind: ErrorKind, mount: str) -> list[OfferedAction]:
    """Return the next steps that there are an address for, of features that are on."""
    offered: list[OfferedAction] = []
    for name in kind.recovery_actions:
        action, feature = RECOVERY_ACTIONS[name], _FEATURES.get(name)
        if (mount or action.below == "root") and (feature is None or is_on(feature)):
            start = {"mount": mount, "dataset": dataset_of(mount), "root": ""}[action.below]
            offered.append(
                {
                    "action": name,
                    "label": action.label,
                    "method": action.method,
                    "href": start + action.path,
                }
            )
    return offered
