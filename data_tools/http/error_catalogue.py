"""The catalogue of errors: for each code its status, what to tell people, and the next steps.

Every error's status is set here; `answers.error_answers` says where clients without the capability
get 200 in its place. `errors` finds the entry of an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class RecoveryAction:
    """A next step that a client can offer as a button; `path` is below the dataset's mount."""

    label: str
    method: str
    path: str


RECOVERY_ACTIONS: dict[str, RecoveryAction] = {
    "reload": RecoveryAction("Load the latest version", "GET", "session/status/"),
    "initialize": RecoveryAction("Open the dataset", "POST", "session/initialize/"),
    "validate": RecoveryAction("See what can be recovered", "GET", "session/validate/"),
    "recover": RecoveryAction("Recover the session", "POST", "session/recover/"),
    "undo": RecoveryAction("Take the last step back", "POST", "session/undo/"),
    "resume": RecoveryAction("Resume the session", "POST", "session/resume/"),
}


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One entry of the catalogue.

    `user_message` is for people; without one, they are shown the error's own message.
    `retryable` says that the same request may succeed later.
    """

    status: HTTPStatus
    user_message: str | None = None
    recovery_actions: tuple[str, ...] = ()
    retryable: bool = False


_BAD = HTTPStatus.BAD_REQUEST
_CONFLICT = HTTPStatus.CONFLICT

CATALOGUE: dict[str, ErrorKind] = {
    "NOT_AUTHENTICATED": ErrorKind(HTTPStatus.UNAUTHORIZED, "Sign in to go on; nothing is lost."),
    "INVALID_CREDENTIALS": ErrorKind(_BAD, "The user name or the password is not right."),
    "CSRF_FAILED": ErrorKind(
        HTTPStatus.FORBIDDEN,
        "This request did not come from our page. Reload the page and try again.",
    ),
    "NOT_FOUND": ErrorKind(HTTPStatus.NOT_FOUND, "There is no such address."),
    "DATASOURCE_NOT_FOUND": ErrorKind(HTTPStatus.NOT_FOUND, "There is no such dataset."),
    "DATASOURCE_NOT_READY": ErrorKind(_CONFLICT, retryable=True),
    "DATASOURCE_FAILED": ErrorKind(_CONFLICT),
    "METHOD_NOT_ALLOWED": ErrorKind(
        HTTPStatus.METHOD_NOT_ALLOWED, "This address does not do that."
    ),
    "NOT_ACCEPTABLE": ErrorKind(HTTPStatus.NOT_ACCEPTABLE, "We can only answer in JSON."),
    "UNSUPPORTED_MEDIA_TYPE": ErrorKind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This address does not read that kind of content."
    ),
    "LENGTH_REQUIRED": ErrorKind(HTTPStatus.LENGTH_REQUIRED),
    "PAYLOAD_TOO_LARGE": ErrorKind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    "URI_TOO_LONG": ErrorKind(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long."),
    "HEADERS_TOO_LARGE": ErrorKind(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The request's headers are too large. Delete this site's cookies, try again.",
    ),
    "INVALID_REQUEST": ErrorKind(_BAD, "The request could not be read."),
    "INVALID_JSON": ErrorKind(_BAD, "The request is not valid JSON."),
    "INVALID_BODY": ErrorKind(_BAD),
    "INVALID_PARAMETER": ErrorKind(_BAD),
    "INVALID_PAGINATION": ErrorKind(_BAD),
    "INVALID_SORT": ErrorKind(_BAD),
    "INVALID_FILTER": ErrorKind(_BAD),
    "COLUMN_NOT_FOUND": ErrorKind(_BAD),
    "COLUMN_EXISTS": ErrorKind(_BAD),
    "OPERATION_UNKNOWN": ErrorKind(_BAD),
    "VALUES_DO_NOT_FIT": ErrorKind(_BAD),
    "NOTHING_TO_FIT": ErrorKind(_BAD),
    "SESSION_TOO_COMPLEX": ErrorKind(_BAD),
    "TOO_MANY_OPERATIONS": ErrorKind(_BAD),
    "INVALID_UPLOAD": ErrorKind(_BAD),
    "INVALID_RECIPE": ErrorKind(_BAD),
    "SESSION_NOT_FOUND": ErrorKind(
        _BAD, "No active session found", recovery_actions=("initialize", "validate")
    ),
    "SESSION_PAUSED": ErrorKind(_CONFLICT, recovery_actions=("resume",)),
    "SESSION_EXPIRED": ErrorKind(_CONFLICT, recovery_actions=("recover", "validate")),
    "SESSION_CONFLICT": ErrorKind(
        _CONFLICT, "This session was changed in another tab.", recovery_actions=("reload",)
    ),
    "SESSION_DAMAGED": ErrorKind(_CONFLICT, recovery_actions=("validate", "recover")),
    "SESSION_UNREADABLE": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE, recovery_actions=("validate",), retryable=True
    ),
    "ROWS_NOT_REPRODUCED": ErrorKind(_CONFLICT, recovery_actions=("validate", "undo")),
    "ROWS_GONE": ErrorKind(
        _CONFLICT,
        "The rows that this is about are not kept any more.",
        recovery_actions=("validate", "recover"),
    ),
    "CLIENT_OPERATION_ID_REUSED": ErrorKind(_CONFLICT),
    "NOTHING_TO_UNDO": ErrorKind(_BAD, recovery_actions=("reload",)),
    "NOTHING_TO_REDO": ErrorKind(_BAD, recovery_actions=("reload",)),
    "RECOVERY_IMPOSSIBLE": ErrorKind(_CONFLICT, recovery_actions=("validate", "initialize")),
    "INVALID_RECOVERY": ErrorKind(_BAD, recovery_actions=("validate",)),
    "INVALID_VERSION": ErrorKind(_BAD, recovery_actions=("reload",)),
    "THROTTLED": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; wait a moment.", retryable=True
    ),
    "QUERY_TIMEOUT": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "This took too long and was stopped; nothing was changed.",
        retryable=True,
    ),
    "DATABASE_UNAVAILABLE": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The service cannot reach its database. Nothing is lost; try again soon.",
        recovery_actions=("validate",),
        retryable=True,
    ),
    "INTERNAL_ERROR": ErrorKind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side. Your saved work is safe.",
        retryable=True,
    ),
}
