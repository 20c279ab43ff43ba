"""Which entry of the catalogue an exception is; the entry has the status.

A domain error names its entry by its `code`. Errors of Django, of Django REST framework and of the
database know no codes: `error_from` maps them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import DatabaseError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf

from data_tools.http.error_catalogue import CATALOGUE, ErrorKind
from data_tools.http.throttling import RateLimitExceeded, Standing
from data_tools.sql.database_errors import Meaning, meaning_of
from session_events.recovery.verdicts import Action

_DATABASE_MESSAGES: dict[Meaning, str] = {
    "QUERY_TIMEOUT": "the database stopped the query",
    "SESSION_TOO_COMPLEX": "This takes a larger query than the database runs. Ask for fewer "
    "columns at once, or save the session as a dataset and go on there.",
    "DATABASE_UNAVAILABLE": "the database did not answer",
}

# The step that `validate` suggests, too, where only time helps.
_RETRY_LATER: dict[str, Any] = {
    "details": {"suggested_action": Action.RETRY_LATER.value},
    "headers": {"Retry-After": "5"},
}

NON_FIELD_ERRORS = "non_field_errors"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """One occurrence of an error of the catalogue: its message, and the details it names."""

    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    rate_limit_info: Mapping[str, Any] = field(default_factory=dict)
    own_user_message: str = ""
    """What people are told in place of the catalogue's message."""

    @property
    def kind(self) -> ErrorKind:
        return CATALOGUE[self.code]

    @property
    def user_message(self) -> str:
        return self.own_user_message or self.kind.user_message or self.message


def error_from(exc: Exception) -> ApiError:
    """Return the error that `exc` is. An unexpected exception becomes one that reveals nothing."""
    match exc:
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            headers = {"WWW-Authenticate": getattr(exc, "auth_header", None) or "Token"}
            return ApiError(code="NOT_AUTHENTICATED", message=str(exc.detail), headers=headers)
        case drf.MethodNotAllowed() | drf.NotAcceptable() | drf.UnsupportedMediaType():
            return ApiError(code=exc.default_code.upper(), message=str(exc.detail))
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
            own_user_message=getattr(exc, "user_message", ""),
        )
    return ApiError(code="INTERNAL_ERROR", message="an unexpected error; see the log by trace_id")


def _throttled(standing: Standing) -> ApiError:
    """Return the error with the `rate_limit_info` that existing clients read."""
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
