"""The only mapper from a domain error to an HTTP answer; `error_catalogue` says what each means.

Note [Two forms of an error]
    The error object is what new endpoints, and clients with the capability `structured-errors`,
    get as `error`. Every existing client concatenates `error` into a sentence, so on existing
    endpoints the others get the user's sentence there and the same object as `error_detail`.
    `transform/*` also keeps answering 200 for a refused operation to those clients. While the
    feature `structured_errors` is switched off, existing endpoints answer every client so, and
    without `error_detail`.

Note [Problem details]
    Who asks for `application/problem+json` by `Accept` gets every error in that form instead, on
    every endpoint: the error object's fields stand beside the five of RFC 9457. Its `type` is a
    URN and not an address: nothing has to be fetched to know what it means. Source: RFC 9457,
    section 3.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response

from data_tools.features import Feature, is_on
from data_tools.http.capabilities import wants_structured_errors
from data_tools.http.error_catalogue import CATALOGUE, RECOVERY_ACTIONS, ErrorKind
from data_tools.http.observability import current_trace_id
from data_tools.http.throttling import RateLimitExceeded, Standing
from data_tools.sql.database_errors import Meaning, meaning_of
from session_events.recovery.verdicts import Action

logger = logging.getLogger(__name__)

# An answer names what was wrong; it does not send a megabyte of it back.
LONGEST_SENTENCE = 500
LONGEST_DETAIL = 200
MOST_DETAILS = 100

_DATABASE_MESSAGES: dict[Meaning, str] = {
    "QUERY_TIMEOUT": "the database stopped the query",
    "SESSION_TOO_COMPLEX": "This takes a larger query than the database runs. Ask for fewer "
    "columns at once, or save the session as a dataset and go on there.",
    "DATABASE_UNAVAILABLE": "the database did not answer",
}

PROBLEM_MEDIA_TYPE = "application/problem+json"

# The same step that `validate` suggests where only time helps.
_RETRY_LATER: dict[str, Any] = {
    "details": {"suggested_action": Action.RETRY_LATER.value},
    "headers": {"Retry-After": "5"},
}

_OF_RECOVERY = frozenset({"validate", "recover"})  # the actions that go with its addresses

NON_FIELD_ERRORS = "non_field_errors"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """An error of the catalogue as it happened: what it said and what it names."""

    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    rate_limit_info: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    """What people are told in place of the catalogue's words."""

    @property
    def kind(self) -> ErrorKind:
        return CATALOGUE[self.code]

    @property
    def user_message(self) -> str:
        return self.said or self.kind.user_message or self.message


def error_object(error: ApiError, *, mount: str = "") -> dict[str, Any]:
    """Return `error` as clients get it. `mount` is the address of the dataset it is about, if any.

    The time is now, the trace id the current request's.
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


class StandardErrorResponse(Response):
    """The answer to a request that failed. See Note [Two forms of an error].

    `is_existing_endpoint` and `answers_200` are properties of the endpoint that failed; `mount` is
    the address of the dataset it is about, "" when it is about none.
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
        described = error_object(error, mount=mount)
        body: dict[str, Any] = {"success": False, "error": described}
        status = error.kind.status
        content_type = None
        if wants_problem_details(request):
            body = _problem(described, status, path=request.path)
            content_type = PROBLEM_MEDIA_TYPE
        elif is_existing_endpoint and not wants_structured_errors(request):
            body = {"success": False, "error": described["user_message"]}
            if is_on(Feature.STRUCTURED_ERRORS):
                body["error_detail"] = described
            if error.rate_limit_info:
                body["rate_limit_info"] = dict(error.rate_limit_info)
            if answers_200 and status in (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT):
                status = HTTPStatus.OK
        super().__init__(
            body, status=status, headers=dict(error.headers), content_type=content_type
        )


def wants_problem_details(request: Request | HttpRequest) -> bool:
    """Tell whether the client asks for errors by RFC 9457. See Note [Problem details]."""
    accepted = {f"{one.main_type}/{one.sub_type}" for one in request.accepted_types}
    return PROBLEM_MEDIA_TYPE in accepted and is_on(Feature.STRUCTURED_ERRORS)


def _problem(described: dict[str, Any], status: HTTPStatus, *, path: str) -> dict[str, Any]:
    members = {name: value for name, value in described.items() if name != "message"}
    return {
        "type": f"urn:hydroml:error:{described['code']}",
        "title": described["user_message"],
        "status": int(status),
        "detail": described["message"],
        "instance": _shortened(path, LONGEST_DETAIL),
        **members,
    }


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Answer for any exception that a view let go. Django REST framework's `EXCEPTION_HANDLER`."""
    view, request = context["view"], context["request"]
    error = error_from(exc)
    if error.code == "INTERNAL_ERROR":
        logger.error("unexpected error", exc_info=exc)
    datasource_id = context.get("kwargs", {}).get("datasource_id")
    return StandardErrorResponse(
        error,
        request=request,
        mount=f"/api/studio/{datasource_id}/" if datasource_id else "",
        is_existing_endpoint=getattr(view, "is_existing_endpoint", False),
        answers_200=getattr(view, "answers_200_when_refused", False),
    )


def error_from(exc: Exception) -> ApiError:
    """Return the entry of the catalogue that `exc` is; what is not expected says nothing."""
    match exc:
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            headers = {"WWW-Authenticate": getattr(exc, "auth_header", None) or "Token"}
            return ApiError(code="NOT_AUTHENTICATED", message=str(exc.detail), headers=headers)
        case drf.MethodNotAllowed():
            return ApiError(code="METHOD_NOT_ALLOWED", message=str(exc.detail))
        case drf.NotAcceptable():
            return ApiError(code="NOT_ACCEPTABLE", message=str(exc.detail))
        case drf.UnsupportedMediaType():
            return ApiError(code="UNSUPPORTED_MEDIA_TYPE", message=str(exc.detail))
        case drf.ParseError():
            return ApiError(code="INVALID_JSON", message=str(exc.detail))
        case drf.ValidationError():
            return _validation_error(exc)
        case RateLimitExceeded():
            return _throttled(exc.standing)
        case drf.PermissionDenied() | DjangoPermissionDenied():
            return ApiError(code="CSRF_FAILED", message=str(exc))
        case Http404() | drf.NotFound():
            return ApiError(code="NOT_FOUND", message="There is no such address.")
        case RequestDataTooBig():
            return ApiError(code="PAYLOAD_TOO_LARGE", message="The request is too large.")
        case SuspiciousOperation() | BadRequest() | MultiPartParserError():
            return ApiError(code="INVALID_REQUEST", message="The request could not be read.")
    if meaning := meaning_of(exc):
        return ApiError(
            code=meaning,
            message=_DATABASE_MESSAGES[meaning],
            **_RETRY_LATER if meaning == "DATABASE_UNAVAILABLE" else {},
        )
    code = getattr(exc, "code", None)
    if isinstance(code, str) and code in CATALOGUE and not isinstance(exc, DatabaseError):
        return ApiError(
            code=code,
            message=str(exc),
            details=getattr(exc, "details", {}),
            said=getattr(exc, "user_message", ""),
        )
    return ApiError(code="INTERNAL_ERROR", message="an unexpected error; see the log by trace_id")


def _throttled(standing: Standing) -> ApiError:
    """Return the refusal with what existing clients read of it, `rate_limit_info`."""
    info = {
        "limit": standing.limit,
        "remaining": standing.remaining,
        "reset_time": math.ceil(standing.reset_at),
        "retry_after": standing.retry_after_seconds,
        "window_seconds": standing.window_seconds,
    }
    return ApiError(
        code="THROTTLED",
        message=f"{standing.limit} {standing.rate_class} in {standing.window_seconds} s are "
        f"allowed; try again in {standing.retry_after_seconds} s",
        details=info,
        headers={"Retry-After": str(standing.retry_after_seconds), **standing.headers},
        rate_limit_info=info,
    )


def refusal(exc: Exception) -> dict[str, Any]:
    """Return why one of several things in a request was refused, for an answer that is no error."""
    error = error_from(exc)
    return {
        "code": error.code,
        "message": _shortened(error.message),
        "user_message": _shortened(error.user_message),
        "details": _bounded(dict(error.details)),
    }


def _validation_error(exc: drf.ValidationError) -> ApiError:
    fields = exc.detail if isinstance(exc.detail, dict) else {"": exc.detail}
    messages = {
        str(name): [str(item) for item in items] if isinstance(items, list) else [str(items)]
        for name, items in fields.items()
    }
    name, sentences = next(iter(messages.items()))
    return ApiError(
        code="INVALID_PARAMETER",
        message=sentences[0] if name in ("", NON_FIELD_ERRORS) else f"{name}: {sentences[0]}",
        details={"fields": messages},
    )


def _shortened(text: str, longest: int = LONGEST_SENTENCE) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _bounded(value: Any) -> Any:
    """Return `value` without the bulk of what a request may have put into it."""
    match value:
        case str():
            return _shortened(value, LONGEST_DETAIL)
        case dict():
            items = list(value.items())[:MOST_DETAILS]
            return {_bounded(name): _bounded(inner) for name, inner in items}
        case list() | tuple():
            return [_bounded(inner) for inner in value[:MOST_DETAILS]]
    return value


def _actions(kind: ErrorKind, mount: str) -> list[dict[str, str]]:
    if not mount:
        return []
    return [
        {
            "action": name,
            "label": RECOVERY_ACTIONS[name].label,
            "method": RECOVERY_ACTIONS[name].method,
            "href": mount + RECOVERY_ACTIONS[name].path,
        }
        for name in kind.recovery_actions
        if name not in _OF_RECOVERY or is_on(Feature.RECOVERY)
    ]
