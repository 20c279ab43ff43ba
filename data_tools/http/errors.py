"""Which entry of the catalogue an exception is; the entry has the status.

A domain error names its entry by its `code`. Errors of Django, of Django REST framework and of the
database know no codes: `error_from` maps them.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import DatabaseError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf

from data_tools.exceptions import ServiceBusy, TooMuchAtOnce
from data_tools.http.authentication import AnotherUserSignedIn, TokenExpired
from data_tools.http.error_catalogue import CATALOGUE
from data_tools.http.error_kinds import ErrorKind
from data_tools.http.throttling import RateLimitExceeded, Standing
from data_tools.sql.database_errors import Meaning, meaning_of
from session_events.recovery.verdicts import Action

_DATABASE_MESSAGES: dict[Meaning, str] = {
    "QUERY_TIMEOUT": "the database stopped the query, or the request took too long",
    "OUTCOME_UNKNOWN": "the database did not say whether this took effect; send the same request "
    "again with the same client_operation_id, or ask validate",
    "SESSION_TOO_COMPLEX": "This is more than the database can do at once. Ask for fewer columns, "
    "or save the result as a new dataset and go on there.",
    "DATABASE_UNAVAILABLE": "the database did not answer",
    "DATABASE_READ_ONLY": "the database is read-only: a standby, or set so",
    "DATABASE_FULL": "the database has no disk space left",
    "DATABASE_OVERLOADED": "the database lacks memory, connections or room for temporary files",
    "DATABASE_BUSY": "the database gave up this work for another's",
}

# In seconds. Where only time helps: a crash, a failover, somebody who makes room, other work.
_RETRY_AFTER: dict[Meaning, int] = {
    "OUTCOME_UNKNOWN": 5,
    "DATABASE_UNAVAILABLE": 5,
    "DATABASE_READ_ONLY": 5,
    "DATABASE_FULL": 60,
    "DATABASE_OVERLOADED": 5,
    "DATABASE_BUSY": 1,
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
    former_message: str = ""
    """What clients without `structured-errors` tell people, if not the same."""

    @property
    def kind(self) -> ErrorKind:
        return CATALOGUE[self.code]

    @property
    def user_message(self) -> str:
        return self.own_user_message or self.kind.user_message


def error_from(exc: Exception) -> ApiError:
    """Return the error that `exc` is. An unexpected exception becomes one that reveals nothing."""
    match exc:
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            code = "TOKEN_EXPIRED" if isinstance(exc, TokenExpired) else "NOT_AUTHENTICATED"
            headers = {"WWW-Authenticate": getattr(exc, "auth_header", None) or "Token"}
            message = str(exc.detail)
            told = message if isinstance(exc, AnotherUserSignedIn) else ""
            return ApiError(code=code, message=message, headers=headers, own_user_message=told)
        case drf.MethodNotAllowed() | drf.NotAcceptable() | drf.UnsupportedMediaType():
            return ApiError(code=exc.default_code.upper(), message=str(exc.detail))
        case drf.ParseError():
            return ApiError(code="INVALID_JSON", message=str(exc.detail))
        case drf.ValidationError():
            return _validation_error(exc)
        case RateLimitExceeded():
            return _throttled(exc.standing)
        case TooMuchAtOnce() | ServiceBusy():
            return _not_let_in(exc)
        case drf.PermissionDenied() | DjangoPermissionDenied():
            return ApiError(code="CSRF_FAILED", message=str(exc))
        case Http404() | drf.NotFound():
            return ApiError(code="NOT_FOUND", message="There is no such address.")
        case RequestDataTooBig():
            return ApiError(code="PAYLOAD_TOO_LARGE", message="The request is too large.")
        case SuspiciousOperation() | BadRequest() | MultiPartParserError():
            return ApiError(code="INVALID_REQUEST", message="The request could not be read.")
    if meaning := meaning_of(exc):
        message = _DATABASE_MESSAGES[meaning]
        return ApiError(
            code=meaning,
            message=message,
            own_user_message=message if CATALOGUE[meaning].speaks_for_itself else "",
            **_retry_later(_RETRY_AFTER[meaning]) if meaning in _RETRY_AFTER else {},
        )
    code = getattr(exc, "code", None)
    if isinstance(code, str) and code in CATALOGUE and not isinstance(exc, DatabaseError):
        return ApiError(
            code=code,
            message=str(exc),
            details=getattr(exc, "details", {}),
            own_user_message=getattr(exc, "user_message", "") or _own_words(exc, CATALOGUE[code]),
            former_message=getattr(exc, "former_message", ""),
        )
    return ApiError(code="INTERNAL_ERROR", message="an unexpected error; see the log by trace_id")


def _own_words(exc: Exception, kind: ErrorKind) -> str:
    """Return the error's own message if people are told it; "" if it is only the default one."""
    message = str(exc)
    return message if kind.speaks_for_itself and message != inspect.getdoc(type(exc)) else ""


def _retry_later(seconds: int) -> dict[str, Any]:
    """Return the step that `validate` suggests, too, where only time helps."""
    return {
        "details": {"suggested_action": Action.RETRY_LATER.value},
        "headers": {"Retry-After": str(seconds)},
    }


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


def _not_let_in(exc: TooMuchAtOnce | ServiceBusy) -> ApiError:
    """Return the error with `Retry-After`; a 429 also has what existing clients read from one."""
    seconds = exc.details["retry_after"]
    info = {
        "limit": exc.details["maximum"],
        "remaining": 0,
        "reset_time": math.ceil(time.time()) + seconds,
        "retry_after": seconds,
        "window_seconds": seconds,
    }
    return ApiError(
        code=exc.code,
        message=str(exc),
        details=exc.details,
        headers={"Retry-After": str(seconds)},
        rate_limit_info=info if isinstance(exc, TooMuchAtOnce) else {},
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
